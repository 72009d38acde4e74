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
	explicit TensorReader(StorageReader read_storage) : read_storage_(std::move(read_storage)) {}

	/// The tensor that a call describes, contiguous, with memory of its own; an undefined one if the call
	/// describes something else. Throws Error when it reaches beyond its storage.
	at::Tensor tensor(const PickleValue &call);

private:
	at::Tensor rebuild(const PickleValue &call);
	at::Tensor storage(const PickleValue &id, at::ScalarType type);

	StorageReader read_storage_;
	std::map<std::string, at::Tensor> storages_;
};

} // namespace matting
