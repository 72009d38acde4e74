// SPDX-License-Identifier: GPL-2.0-or-later
// Reads weights from files of torch.save and torch.jit.save, without running anything in them.
#pragma once

#include "network.hpp"

#include "inference/input_file.hpp"
#include "inference/options.hpp"

namespace matting {

struct Checkpoint {
	/// All tensors by name, on the CPU, contiguous, each with memory of its own, in the file's types. A prefix
	/// that all names share because the network was wrapped (`module.`, `model.`) is gone.
	StateDict weights;
	bool is_torchscript = false;
	/// TorchScript: the hoisted attributes that the file holds. Else the defaults.
	Options attributes;
};

/// Reads a state_dict (dict or OrderedDict, alone or under the key `state_dict`) as torch.save writes it since
/// version 0.4, zip or older, from any device; or the parameters, buffers and attributes of a TorchScript module.
/// Throws Error when the file is none of these, is damaged, or claims more than it holds.
Checkpoint read_checkpoint(const InputFile &file);

} // namespace matting
