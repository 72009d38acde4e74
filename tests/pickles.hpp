// SPDX-License-Identifier: GPL-2.0-or-later
// Writes the files that torch.save writes, and, piece by piece, such as it never would.
#pragma once

#include "inference/model/network.hpp"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace matting::pickles {

/// Bytes of a program for the pickle machine, protocol 2, that leave one value on its stack.
using Code = std::string;

inline const Code none = "N", no = "\x89", empty_dictionary = "}";

template<typename Number> std::string raw(Number number)
{
	return {reinterpret_cast<const char *>(&number), sizeof number};
}

Code text(const std::string &text);
Code integer(int64_t number);
Code integers(const std::vector<int64_t> &numbers); ///< a tuple
Code global(const std::string &module, const std::string &name);
Code tuple(const std::vector<Code> &items);
Code call(const Code &target, const std::vector<Code> &arguments);
Code dictionary(const std::vector<std::pair<std::string, Code>> &entries);

/// torch._utils._rebuild_tensor_v2
extern const Code rebuild_tensor;
/// Its arguments, for a tensor in the storage with that key and class; `view` is the storage's, in old files.
std::vector<Code> tensor_arguments(const std::string &storage_class, const std::string &key, int64_t count,
				   int64_t offset, const std::vector<int64_t> &sizes,
				   const std::vector<int64_t> &strides, const Code &view = "");

/// The whole pickle that makes this value.
std::string pickle(const Code &value);

struct Record {
	std::string name, bytes;
	bool is_compressed = false;
};

/// A zip archive as torch.save and torch.jit.save make them.
void write_archive(const std::filesystem::path &path, const std::vector<Record> &records);

/// A state_dict of 32-bit floats and 64-bit integers, saved from a CUDA device; in dictionaries under these keys, the outermost
/// first; in the innermost once more as `twin`, if that is given.
void write_checkpoint(const std::filesystem::path &path, const StateDict &weights,
		      const std::vector<std::string> &keys = {}, const std::string &twin = {});

} // namespace matting::pickles
