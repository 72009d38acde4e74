// SPDX-License-Identifier: GPL-2.0-or-later
// Weights in and out of the network, by their published names.
#include "network.hpp"
#include "weight_names.hpp"

#include "inference/error.hpp"

#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace matting {
namespace {

constexpr std::string_view wrapper_prefix = "model.";

std::string shape_text(const at::Tensor &tensor)
{
	return fmt::format("[{}]", fmt::join(tensor.sizes(), ", "));
}

// "what: a, b, c and 7 more"; nothing for an empty list.
void append_list(std::string &text, const char *what, const std::vector<std::string> &names)
{
	constexpr size_t shown = 8;
	if (names.empty())
		return;
	const size_t count = std::min(names.size(), shown);
	text += fmt::format("; {} {}: {}", names.size(), what, fmt::join(names.begin(), names.begin() + count, ", "));
	if (names.size() > shown)
		text += fmt::format(" and {} more", names.size() - shown);
}

// How often a layer has been trained, which nothing here asks for.
bool is_counter(const std::string &name)
{
	return name.ends_with("num_batches_tracked");
}

// Beside the network, a training keeps what it likes; within it, what is not ours makes it another network.
bool is_within(const std::string &name)
{
	return name.starts_with("backbone.") || name.starts_with("aspp.") || name.starts_with("decoder.") ||
	       name.starts_with("refiner.");
}

} // namespace

StateDict state_dict(const torch::jit::Module &network)
{
	StateDict weights;
	const auto add = [&](const auto &named) {
		weights.emplace(named.name.substr(wrapper_prefix.size()), named.value);
	};
	for (const auto &parameter : network.named_parameters())
		add(parameter);
	for (const auto &buffer : network.named_buffers())
		add(buffer);
	return weights;
}

Backbone recognise_backbone(const StateDict &weights)
{
	if (weights.contains("backbone.features.0.0.weight"))
		return Backbone::mobilenetv2;
	if (weights.contains("backbone.layer3.22.conv1.weight"))
		return Backbone::resnet101;
	if (weights.contains("backbone.layer3.5.conv1.weight"))
		return Backbone::resnet50;
	if (weights.empty())
		throw Error("engine.no_weights", "it holds no weights");
	throw Error(
		"engine.other_weights",
		"these are not the weights of BackgroundMattingV2 with a mobilenetv2, resnet50 or resnet101 backbone; "
		"their names begin with {}",
		prefixes_of(weights));
}

void require_fit(const StateDict &own, const StateDict &weights)
{
	std::vector<std::string> missing, misshapen, extra;
	for (const auto &[name, tensor] : own) {
		if (is_counter(name))
			continue;
		const auto found = weights.find(name);
		if (found == weights.end())
			missing.push_back(name);
		else if (found->second.sizes() != tensor.sizes())
			misshapen.push_back(fmt::format("{} {} instead of {}", name, shape_text(found->second),
							shape_text(tensor)));
		else if (found->second.is_floating_point() != tensor.is_floating_point())
			misshapen.push_back(fmt::format("{} holds {}", name, found->second.dtype().name()));
	}
	for (const auto &[name, tensor] : weights)
		if (!own.contains(name) && is_within(name))
			extra.push_back(name);

	std::string problems;
	append_list(problems, "missing", missing);
	append_list(problems, "of another shape or type", misshapen);
	append_list(problems, "too many", extra);
	if (!problems.empty())
		throw Error("engine.weights_do_not_fit", "the weights do not fit BackgroundMattingV2{}", problems);
}

void load_state_dict(torch::jit::Module &network, const StateDict &weights)
{
	const StateDict own = state_dict(network);
	require_fit(own, weights);
	const torch::NoGradGuard no_grad;
	for (const auto &[name, tensor] : own)
		if (const auto found = weights.find(name);
		    found != weights.end() && found->second.sizes() == tensor.sizes())
			tensor.copy_(found->second);
}

} // namespace matting
