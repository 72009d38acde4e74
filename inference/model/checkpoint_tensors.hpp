// SPDX-License-Identifier: GPL-2.0-or-later
// Tensors out of what a pickle describes: torch/_utils.py (_rebuild_tensor*), torch/serialization.py (persistent_id).
#pragma once

#include "pickle.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <torch/script.h>

namespace matting {

/// Throws Error: "the file is damaged: ...".
[[noreturn]] void throw_damaged(const std::string &what);

/// The element type that a storage class (torch.HalfStorage) or a dtype (torch.float8_e5m2) names.
std::optional<at::ScalarType> scalar_type(const std::string &global);

/// The item at `index`, of that kind, or an Error.
const PickleValue &argument(const PickleValue &value, size_t index, PickleValue::Kind kind);

/// Gives the bytes of a storage by its key, at least `size` of them, as a one-dimensional uint8 tensor.
using StorageReader = std::function<at::Tensor(const std::string &key, size_t size)>;

/// Thread-safety: none.
class TensorReader {
public:
	/// `file_size` limits what all tensors together may take: views can repeat what is stored once.
	TensorReader(StorageReader read_storage, uintmax_t file_size)
		: read_storage_(std::move(read_storage)), bytes_left_(4 * file_size)
	{
	}

	/// The tensor that a call describes, contiguous, with memory of its own; an undefined one if the call
	/// describes something else. Throws Error when it reaches beyond its storage.
	at::Tensor tensor(const PickleValue &call);

private:
	at::Tensor tensor_itself(const PickleValue &call);
	at::Tensor rebuild(const std::string &function, const PickleValue &arguments);
	at::Tensor storage(const PickleValue &id, at::ScalarType type);
	at::Tensor view(const at::Tensor &storage, int64_t offset, const std::vector<int64_t> &sizes,
			const std::vector<int64_t> &strides);

	StorageReader read_storage_;
	std::map<std::string, at::Tensor> storages_;
	uintmax_t bytes_left_;
};

} // namespace matting
