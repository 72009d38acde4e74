// SPDX-License-Identifier: GPL-2.0-or-later
#include "checkpoint_tensors.hpp"

#include "inference/error.hpp"

#include <fmt/format.h>

namespace matting {

using Kind = PickleValue::Kind;

void throw_damaged(const std::string &what)
{
	throw Error("engine.damaged", "the file is damaged: {}", what);
}

std::optional<at::ScalarType> scalar_type(const std::string &global)
{
	static const std::map<std::string, at::ScalarType> types{{"torch.FloatStorage", at::kFloat},
								 {"torch.DoubleStorage", at::kDouble},
								 {"torch.HalfStorage", at::kHalf},
								 {"torch.BFloat16Storage", at::kBFloat16},
								 {"torch.LongStorage", at::kLong},
								 {"torch.IntStorage", at::kInt},
								 {"torch.ShortStorage", at::kShort},
								 {"torch.CharStorage", at::kChar},
								 {"torch.ByteStorage", at::kByte},
								 {"torch.BoolStorage", at::kBool},
								 {"torch.float8_e4m3fn", at::kFloat8_e4m3fn},
								 {"torch.float8_e5m2", at::kFloat8_e5m2},
								 {"torch.uint16", at::kUInt16},
								 {"torch.uint32", at::kUInt32},
								 {"torch.uint64", at::kUInt64}};
	const auto name = global.starts_with("torch.cuda.") ? "torch." + global.substr(11) : global;
	const auto found = types.find(name);
	return found == types.end() ? std::nullopt : std::optional(found->second);
}

const PickleValue &argument(const PickleValue &value, size_t index, Kind kind)
{
	if (index >= value.items.size() || value.items[index]->kind != kind)
		throw_damaged("the description of a tensor is incomplete");
	return *value.items[index];
}

namespace {

constexpr size_t max_dimensions = 8;

std::vector<int64_t> integers(const PickleValue &sequence)
{
	if (sequence.items.size() > max_dimensions)
		throw_damaged(fmt::format("a tensor has {} dimensions", sequence.items.size()));
	std::vector<int64_t> numbers;
	for (size_t i = 0; i < sequence.items.size(); i++)
		numbers.push_back(argument(sequence, i, Kind::integer).integer);
	return numbers;
}

// How many elements of its storage a tensor reaches; nothing if that cannot be.
std::optional<int64_t> extent(int64_t offset, const std::vector<int64_t> &sizes, const std::vector<int64_t> &strides)
{
	if (offset < 0 || sizes.size() != strides.size())
		return std::nullopt;
	int64_t last = offset;
	bool is_empty = false;
	for (size_t i = 0; i < sizes.size(); i++) {
		int64_t step;
		if (sizes[i] < 0 || strides[i] < 0 ||
		    __builtin_mul_overflow(std::max<int64_t>(sizes[i] - 1, 0), strides[i], &step) ||
		    __builtin_add_overflow(last, step, &last))
			return std::nullopt;
		is_empty = is_empty || sizes[i] == 0;
	}
	if (is_empty)
		return offset;
	return last < std::numeric_limits<int64_t>::max() ? std::optional(last + 1) : std::nullopt;
}

} // namespace

at::Tensor TensorReader::tensor(const PickleValue &call)
{
	if (call.calls("torch._utils._rebuild_parameter") || call.calls("torch._utils._rebuild_parameter_with_state"))
		return tensor_itself(argument(call, 0, Kind::call));
	return tensor_itself(call);
}

at::Tensor TensorReader::tensor_itself(const PickleValue &call)
{
	// A tensor that was given attributes in Python: what is called, its type, the arguments, the attributes.
	if (call.calls("torch._tensor._rebuild_from_type_v2"))
		return rebuild(argument(call, 0, Kind::global).text, argument(call, 2, Kind::sequence));
	return rebuild(call.target->text, call);
}

at::Tensor TensorReader::rebuild(const std::string &function, const PickleValue &arguments)
{
	const bool names_type = function == "torch._utils._rebuild_tensor_v3";
	if (!names_type && function != "torch._utils._rebuild_tensor_v2" && function != "torch._utils._rebuild_tensor")
		return {};
	const PickleValue &id = *argument(arguments, 0, Kind::persistent).target;
	const std::string &type_name =
		names_type ? argument(arguments, 6, Kind::global).text : argument(id, 1, Kind::global).text;
	const auto type = scalar_type(type_name);
	if (!type)
		throw Error("engine.tensor_type", "the file holds a tensor of a type that weights do not have: {}",
			    type_name);
	return view(storage(id, *type), argument(arguments, 1, Kind::integer).integer,
		    integers(argument(arguments, 2, Kind::sequence)), integers(argument(arguments, 3, Kind::sequence)));
}

at::Tensor TensorReader::view(const at::Tensor &storage, int64_t offset, const std::vector<int64_t> &sizes,
			      const std::vector<int64_t> &strides)
{
	const auto needed = extent(offset, sizes, strides);
	if (!needed || *needed > storage.numel())
		throw_damaged(fmt::format("a tensor reaches beyond its {} stored numbers", storage.numel()));
	uint64_t bytes = storage.element_size();
	for (const int64_t size : sizes)
		if (__builtin_mul_overflow(bytes, static_cast<uint64_t>(size), &bytes))
			throw_damaged("a tensor has an impossible size");
	if (bytes > bytes_left_)
		throw_damaged("its tensors repeat what it stores too often");
	bytes_left_ -= bytes;
	return at::as_strided(storage, sizes, strides, storage.storage_offset() + offset)
		.clone(at::MemoryFormat::Contiguous);
}

// A storage's id: ("storage", type, key, device, number of elements[, (view key, offset, length)]).
at::Tensor TensorReader::storage(const PickleValue &id, at::ScalarType type)
{
	const std::string &key = argument(id, 2, Kind::text).text;
	const bool counts_bytes = argument(id, 1, Kind::global).text == "torch.storage.UntypedStorage";
	int64_t count = argument(id, 4, Kind::integer).integer;
	int64_t first = 0;
	const auto width = static_cast<int64_t>(c10::elementSize(type));
	int64_t bytes;
	if (counts_bytes)
		count /= width;
	if (count < 0 || __builtin_mul_overflow(count, width, &bytes))
		throw_damaged("a storage has an impossible size");
	at::Tensor all = storages_.try_emplace(key).first->second;
	if (!all.defined())
		all = storages_[key] = read_storage_(key, static_cast<size_t>(bytes));
	if (id.items.size() > 5 && id.items[5]->kind == Kind::sequence) {
		const PickleValue &part = *id.items[5];
		first = argument(part, 1, Kind::integer).integer;
		count = argument(part, 2, Kind::integer).integer;
	}
	const int64_t held = all.numel() / width;
	if (first < 0 || count < 0 || first > held || count > held - first)
		throw_damaged(fmt::format("storage {} holds {} numbers instead of {}", key, held, count));
	return all.slice(0, first * width, (first + count) * width).view(type);
}

} // namespace matting
