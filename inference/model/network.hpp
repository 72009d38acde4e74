// SPDX-License-Identifier: GPL-2.0-or-later
// BackgroundMattingV2 (Lin et al., "Real-Time High-Resolution Background Matting", arXiv 2012.07810) as TorchScript
// modules. The names of parameters and buffers are those of the published code (github.com/PeterL1n/
// BackgroundMattingV2, model/), so that weights are exchanged both ways.
#pragma once

#include "inference/options.hpp"

#include <array>
#include <map>
#include <string>

#include <torch/script.h>

namespace matting {

enum class Backbone { mobilenetv2, resnet50, resnet101 };
inline constexpr std::array backbone_names{"mobilenetv2", "resnet50", "resnet101"};

constexpr const char *backbone_name(Backbone backbone)
{
	return backbone_names[static_cast<size_t>(backbone)];
}

/// Parameters and buffers by their published names, without the `model.` of the wrapper.
using StateDict = std::map<std::string, at::Tensor>;

/// The network inside the wrapper that hoists the five attributes of options.hpp to the top level, at their defaults;
/// fp32, on the CPU, in evaluation mode, all weights zero. Saved, plain `torch.jit.load` opens it.
///
///     forward(src, bgr) -> (pha, fgr, pha_sm, fgr_sm, err_sm, ref_sm)
///
/// src, bgr: (B, 3, H, W), RGB in 0..1, sRGB-encoded, H and W divisible by 4. pha (B, 1, H, W) and fgr (B, 3, H, W):
/// alpha and foreground in 0..1. pha_sm, fgr_sm, err_sm: the coarse ones and the expected error, at
/// backbone_scale. ref_sm (B, 1, H/4, W/4): 1 where the refiner worked. Wrong shapes raise an error in words.
torch::jit::Module make_network(Backbone backbone);

/// The value of one option as the module's attribute of that name takes it.
template<typename Row> c10::IValue attribute_value(const Row &row, const Options &options)
{
	if constexpr (requires { row.choices; })
		return std::string(row.choices[static_cast<size_t>(options.*row.field)]);
	else
		return options.*row.field;
}

/// The parameters and buffers of a module from `make_network`. They share memory with the module.
StateDict state_dict(const torch::jit::Module &network);

/// Which backbone's weights these are, by their names. Throws Error when they are none of ours.
Backbone recognise_backbone(const StateDict &weights);

/// Throws Error that lists what of `weights` is missing, too many, or of another shape or kind than the network's `own`.
void require_fit(const StateDict &own, const StateDict &weights);

/// Copies all weights into the module, converting between floating types. Throws as `require_fit` does, before it
/// changes anything.
void load_state_dict(torch::jit::Module &network, const StateDict &weights);

} // namespace matting
