// SPDX-License-Identifier: GPL-2.0-or-later
#include "model_file.hpp"

#include "zip_directory.hpp"

#include "inference/atomic_file.hpp"
#include "inference/error.hpp"

#include <array>
#include <set>
#include <sstream>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#define OPENSSL_SUPPRESS_DEPRECATED // linked statically, what is recommended instead would bring the whole library
#include <openssl/sha.h>

namespace matting {
namespace {

std::string precision_of(const StateDict &weights)
{
	std::set<std::string> names;
	for (const auto &[name, tensor] : weights)
		if (tensor.is_floating_point())
			names.insert(tensor.scalar_type() == at::kFloat ? "fp32"
				     : tensor.scalar_type() == at::kHalf
					     ? "fp16"
					     : std::string(c10::toString(tensor.scalar_type())));
	return fmt::format("{}", fmt::join(names, " and "));
}

bool is_finite(const at::Tensor &tensor)
{
	return at::isfinite(tensor).all().item<bool>();
}

// Such weights matte to nothing, without a word.
void require_finite(const StateDict &weights)
{
	for (const auto &[name, tensor] : weights)
		if (tensor.is_floating_point() && !is_finite(tensor.to(at::kFloat)))
			throw Error(
				"engine.not_finite",
				"{} has numbers that are not finite: the training that made it went wrong, or it was "
				"converted to a type that is too small",
				name);
}

} // namespace

static std::string end_hash(SHA256_CTX &context)
{
	std::array<unsigned char, SHA256_DIGEST_LENGTH> digest;
	SHA256_Final(digest.data(), &context);
	return fmt::format("{:02x}", fmt::join(digest, ""));
}

std::string sha256_of_bytes(std::string_view bytes)
{
	SHA256_CTX context;
	SHA256_Init(&context);
	SHA256_Update(&context, bytes.data(), bytes.size());
	return end_hash(context);
}

std::string sha256_of(const InputFile &file)
{
	SHA256_CTX context;
	SHA256_Init(&context);
	std::vector<char> block(1 << 20);
	uintmax_t position = 0;
	while (const size_t count = file.read(position, block.data(), block.size())) {
		SHA256_Update(&context, block.data(), count);
		position += count;
	}
	return end_hash(context);
}

ModelFile open_model_file(const InputFile &input)
{
	ModelFile file;
	file.checkpoint = read_checkpoint(input);
	const StateDict &weights = file.checkpoint.weights;
	try {
		require_whole_records(input);
		file.backbone = recognise_backbone(weights);
		require_fit(matting::state_dict(make_network(file.backbone)), weights);
		require_finite(weights);
	} catch (const Error &error) {
		throw Error("engine.cannot_use", "cannot use {}: {}", input.path().string(), error);
	}
	file.precision = precision_of(weights);
	file.parameters = 0;
	for (const auto &[name, tensor] : weights)
		if (name.ends_with(".weight") || name.ends_with(".bias"))
			file.parameters += tensor.numel();
	file.bytes = input.size();
	file.sha256 = sha256_of(input);
	return file;
}

torch::jit::Module make_network(const ModelFile &file)
{
	torch::jit::Module network = make_network(file.backbone);
	load_state_dict(network, file.checkpoint.weights);
	return network;
}

void convert_to_half(torch::jit::Module &network)
{
	const torch::NoGradGuard no_grad;
	for (auto &[name, tensor] : state_dict(network)) {
		if (!tensor.is_floating_point())
			continue;
		const at::Tensor half = tensor.to(at::kHalf);
		if (!is_finite(half))
			throw Error("engine.not_half",
				    "{} has numbers that half precision cannot hold: keep the model in fp32", name);
		at::Tensor(tensor).set_data(half);
	}
}

void save_network(const torch::jit::Module &network, const std::filesystem::path &path)
{
	// Into memory first: LibTorch ends the program when it cannot write all of a file.
	std::ostringstream archive;
	network.save(archive);
	write_whole_file(path, archive.view());
}

} // namespace matting
