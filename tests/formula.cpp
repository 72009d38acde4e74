// SPDX-License-Identifier: GPL-2.0-or-later
#include "formula.hpp"

#include <cmath>

namespace matting {
namespace {

uint32_t fnv1a32(const std::string &key)
{
	uint32_t hash = 0x811C9DC5;
	for (const char byte : key)
		hash = (hash ^ static_cast<unsigned char>(byte)) * 0x01000193u;
	return hash;
}

uint32_t mix(uint32_t x)
{
	x = (x ^ x >> 16) * 0x7FEB352Du;
	x = (x ^ x >> 15) * 0x846CA68Bu;
	return x ^ x >> 16;
}

at::Tensor formula_weight(const std::string &name, const at::Tensor &like)
{
	if (!like.is_floating_point())
		return at::zeros_like(like);
	const at::Tensor u = formula_uniform(name, like.sizes());
	if (like.dim() == 1) {
		if (name.ends_with(".weight") || name.ends_with(".running_var"))
			return u + 0.5f;
		return (u - 0.5f) * 0.5f;
	}
	const auto fan_in = static_cast<float>(like.numel() / like.size(0));
	return (u * 2.0f - 1.0f) * std::sqrt(6.0f / fan_in);
}

} // namespace

at::Tensor formula_uniform(const std::string &key, at::IntArrayRef shape)
{
	at::Tensor tensor = at::empty(shape, at::kFloat);
	const uint32_t start = fnv1a32(key);
	float *values = tensor.mutable_data_ptr<float>();
	for (uint32_t i = 0; i < static_cast<uint32_t>(tensor.numel()); i++)
		values[i] = static_cast<float>(mix(start + i * 0x9E3779B9u) >> 8) / 16777216.0f;
	return tensor;
}

StateDict formula_weights(Backbone backbone)
{
	StateDict weights = state_dict(make_network(backbone));
	for (auto &[name, tensor] : weights) {
		tensor = formula_weight(name, tensor);
		if (name.starts_with("backbone.") && name.ends_with(".bn3.weight"))
			tensor.mul_(0.25f);
	}
	for (const char *name : {"decoder.conv4.weight", "refiner.conv4.weight"})
		weights.at(name).mul_(0.03125f);
	at::Tensor &decoder_bias = weights.at("decoder.conv4.bias");
	decoder_bias.slice(0, 0, 5).copy_(at::tensor({0.5f, 0.0f, 0.0f, 0.0f, 0.25f}));
	weights.at("refiner.conv4.bias").copy_(at::tensor({0.5f, 0.0f, 0.0f, 0.0f}));
	return weights;
}

at::Tensor formula_picture(const std::string &key, int64_t height, int64_t width)
{
	const at::Tensor blocks = 0.25f + 0.5f * formula_uniform(key, {1, 3, height / 8, width / 8});
	return blocks.repeat_interleave(8, 2).repeat_interleave(8, 3).contiguous();
}

} // namespace matting
