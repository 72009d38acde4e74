// SPDX-License-Identifier: GPL-2.0-or-later
#include "safetensors.hpp"

#include "checkpoint_tensors.hpp"

#include "inference/error.hpp"

#include <cstring>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace matting {
namespace {

using Json = nlohmann::json;

constexpr size_t length_bytes = 8;
constexpr uint64_t max_header = 1 << 20; // ten times what the largest of our networks needs

uint64_t header_length(std::string_view bytes)
{
	uint64_t length = 0;
	std::memcpy(&length, bytes.data(), length_bytes);
	return length;
}

at::ScalarType type_of(const std::string &name)
{
	static const std::map<std::string, at::ScalarType> types{
		{"F64", at::kDouble}, {"F32", at::kFloat}, {"F16", at::kHalf},  {"BF16", at::kBFloat16},
		{"I64", at::kLong},   {"I32", at::kInt},   {"I16", at::kShort}, {"I8", at::kChar},
		{"U8", at::kByte},    {"BOOL", at::kBool}};
	const auto found = types.find(name);
	if (found == types.end())
		throw Error("engine.tensor_type", "the file holds a tensor of a type that weights do not have: {}",
			    name);
	return found->second;
}

// Checks each number before it is used; copies, since the numbers may lie anywhere.
at::Tensor read_tensor(const Json &description, std::string_view numbers, uint64_t &left)
{
	const at::ScalarType type = type_of(description.at("dtype").get<std::string>());
	const auto shape = description.at("shape").get<std::vector<int64_t>>();
	const auto [begin, end] = description.at("data_offsets").get<std::pair<uint64_t, uint64_t>>();
	uint64_t size = c10::elementSize(type);
	constexpr size_t max_dimensions = 8;
	if (shape.size() > max_dimensions)
		throw_damaged("a tensor has too many dimensions");
	for (const int64_t length : shape)
		if (length < 0 || __builtin_mul_overflow(size, static_cast<uint64_t>(length), &size))
			throw_damaged("a tensor has an impossible size");
	if (begin > end || end > numbers.size() || end - begin != size)
		throw_damaged("a tensor reaches beyond its stored numbers");
	if (size > left)
		throw_damaged("its tensors repeat what it stores");
	left -= size;
	at::Tensor tensor = at::empty(shape, at::TensorOptions().dtype(type));
	numbers.substr(begin, size).copy(static_cast<char *>(tensor.mutable_data_ptr()), size);
	return tensor;
}

} // namespace

bool is_safetensors(std::string_view start)
{
	constexpr char json = '{';
	return start.size() > length_bytes && start[length_bytes] == json && header_length(start) < uint64_t{1} << 32;
}

StateDict read_safetensors(std::string_view bytes)
{
	if (bytes.size() < length_bytes || header_length(bytes) > std::min(max_header, bytes.size() - length_bytes))
		throw_damaged("its header is too long, or cut off");
	const std::string_view header = bytes.substr(length_bytes, header_length(bytes));
	const std::string_view numbers = bytes.substr(length_bytes + header.size());
	StateDict weights;
	try {
		uint64_t left = numbers.size();
		const Json tensors = Json::parse(header);
		for (const auto &[name, description] : tensors.items())
			if (name != "__metadata__")
				weights.insert_or_assign(name, read_tensor(description, numbers, left));
	} catch (const Json::exception &) {
		throw_damaged("its header cannot be understood");
	}
	return weights;
}

} // namespace matting
