// SPDX-License-Identifier: GPL-2.0-or-later
// Opens any model file, says what is in it, and writes our own.
#pragma once

#include "checkpoint.hpp"

#include <filesystem>
#include <string>
#include <string_view>

namespace matting {

/// A file recognised as BackgroundMattingV2: a checkpoint, the published TorchScript, or an export of ours. Of all of
/// them only the weights are taken; no code of the file runs.
struct ModelFile {
	Checkpoint checkpoint;
	Backbone backbone;
	std::string precision; ///< of its floating tensors: fp32, fp16, or the names of what it mixes
	int64_t parameters;    ///< how many numbers are learnt
	uintmax_t bytes;
	std::string sha256;
};

/// Throws Error: unreadable, not ours, or weights that do not fit or are not finite.
ModelFile open_model_file(const InputFile &input);

/// Of the whole file, as 64 hexadecimal digits. Throws Error.
std::string sha256_of(const InputFile &file);
/// The same of what is in memory.
std::string sha256_of_bytes(std::string_view bytes);

/// The network with the file's weights, fp32, on the CPU, in evaluation mode.
torch::jit::Module make_network(const ModelFile &file);

/// Rounds every floating tensor of the module to half precision. Throws Error: it cannot hold one of its numbers.
void convert_to_half(torch::jit::Module &network);

/// Saves as TorchScript, whole or not at all. Throws Error.
void save_network(const torch::jit::Module &network, const std::filesystem::path &path);

} // namespace matting
