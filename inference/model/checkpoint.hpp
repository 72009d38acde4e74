// SPDX-License-Identifier: GPL-2.0-or-later
// Reads weights from files of torch.save and torch.jit.save, without running anything in them.
#pragma once

#include "network.hpp"

#include "inference/input_file.hpp"
#include "inference/options.hpp"

namespace matting {

struct Checkpoint {
	/// All tensors by name, on the CPU, contiguous, each with memory of its own, in the file's types. Where a network lies
	/// under a prefix (`module.`, `ema.model.`), only it, without the prefix.
	StateDict weights;
	bool is_torchscript = false;
	/// TorchScript: the hoisted attributes that the file holds. Else the defaults.
	Options attributes;
};

/// Reads a state_dict (dict or OrderedDict, alone or under the key `state_dict`, `model` or one beside which there is no other
/// network) as torch.save writes it since version 0.4, zip or older, from any device; a file of safetensors; or the parameters,
/// buffers and attributes of a TorchScript module. Throws Error when the file is none of these, is damaged, claims more than
/// it holds, or holds several networks.
Checkpoint read_checkpoint(const InputFile &file);

} // namespace matting
