// SPDX-License-Identifier: GPL-2.0-or-later
// Formats: torch/serialization.py (_save, _legacy_save) and torch/csrc/jit/serialization/export_module.cpp.
#include "checkpoint.hpp"

#include "checkpoint_tensors.hpp"
#include "file_adapter.hpp"
#include "foreign_files.hpp"
#include "safetensors.hpp"
#include "saved_weights.hpp"
#include "weight_names.hpp"
#include "zip_directory.hpp"

#include "inference/error.hpp"

#include <cstring>

#include <caffe2/serialize/inline_container.h>
#include <fmt/format.h>

namespace matting {
namespace {

using Kind = PickleValue::Kind;

constexpr uintmax_t max_file_bytes = uintmax_t{4} << 30;
constexpr size_t max_pickle_bytes = 16 << 20;

template<typename Row> void read_attribute(const Row &row, const PickleValue &value, Options &options)
{
	if constexpr (requires { row.choices; }) {
		for (size_t i = 0; i < row.choices.size(); i++)
			if (value.kind == Kind::text && value.text == row.choices[i])
				options.*row.field = static_cast<std::decay_t<decltype(row.initial)>>(i);
	} else if (value.kind == Kind::real || value.kind == Kind::integer || value.kind == Kind::boolean) {
		using Value = std::decay_t<decltype(row.initial)>;
		const double number = value.kind == Kind::real ? value.real : static_cast<double>(value.integer);
		if constexpr (requires { row.minimum; })
			if (!(number >= static_cast<double>(row.minimum) && number <= static_cast<double>(row.maximum)))
				return; // no value of ours
		options.*row.field = static_cast<Value>(number);
	}
}

Options read_attributes(const PickleValue &module)
{
	Options options;
	for_each_option([&](const auto &row) {
		const PickleValue *value = module.state ? module.state->find(row.name) : nullptr;
		if (row.attribute && value)
			read_attribute(row, *value, options);
	});
	return options;
}

std::string_view view_of(const at::DataPtr &data, size_t size)
{
	return {static_cast<const char *>(data.get()), size};
}

Checkpoint read_zip(const InputFile &file)
{
	const auto file_size = file.size();
	require_small_preamble(file);
	caffe2::serialize::PyTorchStreamReader archive(std::make_shared<FileAdapter>(file));
	uintmax_t left = 2 * file_size;
	const auto read = [&](const std::string &name, size_t least, size_t most) {
		// Records are stored apart and uncompressed, or squeezed a little: much more than the file is a trap.
		const size_t size = archive.getRecordSize(name);
		if (size < least || size > std::min<uintmax_t>(most, left))
			throw_damaged(fmt::format("{} has {} bytes", name, size));
		left -= size;
		return archive.getRecord(name);
	};
	if (archive.hasRecord("byteorder")) {
		const auto [order, size] = read("byteorder", 0, 16);
		if (view_of(order, size) != "little")
			throw Error("engine.big_endian",
				    "the file was written by a big-endian machine; save it again on another one");
	}
	if (!archive.hasRecord("data.pkl"))
		throw Error(
			"engine.other_zip",
			"it is a zip archive without data.pkl, and no file of torch.save or torch.jit.save (exported "
			"programs, .pt2, are none either): save the model's state_dict");
	TensorReader reader(
		[&](const std::string &key, size_t size) {
			auto [data, actual] = read("data/" + key, size, std::numeric_limits<size_t>::max());
			auto owner = std::make_shared<at::DataPtr>(std::move(data));
			return at::from_blob(
				owner->get(), static_cast<int64_t>(actual), [owner](void *) {}, at::kByte);
		},
		file_size);
	const auto [data, size] = read("data.pkl", 1, max_pickle_bytes);
	auto bytes = view_of(data, size);
	const Pickle pickle(bytes);

	Checkpoint checkpoint;
	checkpoint.is_torchscript = archive.hasRecord("constants.pkl");
	if (checkpoint.is_torchscript) {
		checkpoint.weights = read_modules(pickle.root(), reader);
		checkpoint.attributes = read_attributes(pickle.root());
	} else {
		checkpoint.weights = read_state_dict(pickle.root(), reader);
	}
	return checkpoint;
}

Checkpoint read_flat(const InputFile &file)
{
	const auto mapped = file.map();
	return {.weights = read_safetensors(*mapped)};
}

// Before torch 1.6: pickles of a magic number, a version, the machine, the object, the keys of the storages; then, in
// the order of the keys, each storage as a 64-bit count and its numbers.
Checkpoint read_legacy(const InputFile &file)
{
	const auto mapped = file.map();
	std::string_view bytes = *mapped;
	const size_t file_size = bytes.size();
	for (int preamble = 0; preamble < 3; preamble++)
		Pickle{bytes};
	const Pickle object(bytes);
	const Pickle keys(bytes);

	std::map<std::string, size_t> widths; // of a number in each storage
	for (const PickleValue &value : object.values())
		if (value.kind == Kind::persistent)
			if (const auto type = scalar_type(argument(*value.target, 1, Kind::global).text))
				widths[argument(*value.target, 2, Kind::text).text] = c10::elementSize(*type);

	std::map<std::string, at::Tensor> storages;
	for (size_t i = 0; i < keys.root().items.size(); i++) {
		const std::string &key = argument(keys.root(), i, Kind::text).text;
		uint64_t count, size;
		if (bytes.size() < sizeof count)
			throw_damaged("it ends before its last storage");
		std::memcpy(&count, bytes.data(), sizeof count);
		bytes.remove_prefix(sizeof count);
		if (storages.contains(key))
			throw_damaged("storage " + key + " comes twice");
		if (!widths.contains(key) || __builtin_mul_overflow(count, widths[key], &size) || size > bytes.size())
			throw_damaged(fmt::format("storage {} claims {} numbers", key, count));
		storages[key] =
			at::from_blob(const_cast<char *>(bytes.data()), static_cast<int64_t>(size), at::kByte).clone();
		bytes.remove_prefix(size);
	}
	TensorReader reader(
		[&](const std::string &key, size_t) {
			if (!storages.contains(key))
				throw_damaged("storage " + key + " is missing");
			return storages[key];
		},
		file_size);
	Checkpoint checkpoint;
	checkpoint.weights = read_state_dict(object.root(), reader);
	return checkpoint;
}

Checkpoint read_any(const InputFile &file)
{
	if (file.size() > max_file_bytes)
		throw Error("engine.too_large", "it is larger than any model");
	std::array<char, 32> bytes{};
	const std::string_view start(bytes.data(), file.read(0, bytes.data(), bytes.size()));
	if (start.starts_with("PK\x03\x04"))
		return read_zip(file);
	// The first pickle is a magic number, behind what depends on the pickle protocol.
	if (start.starts_with('\x80') && start.find("\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19") < start.size())
		return read_legacy(file);
	if (is_safetensors(start))
		return read_flat(file);
	throw Error(describe_foreign_file(start));
}

} // namespace

Checkpoint read_checkpoint(const InputFile &file)
{
	const std::string path = file.path().string();
	try {
		Checkpoint checkpoint = read_any(file);
		checkpoint.weights = find_network(std::move(checkpoint.weights));
		return checkpoint;
	} catch (const c10::Error &) { // of the archive; it speaks to programmers
		throw Error("engine.cut_off_file",
			    "cannot read {}: the file is damaged or cut off: save or download it again", path);
	} catch (const std::bad_alloc &) {
		throw Error("engine.memory_for_file", "cannot read {}: there is not enough memory for it", path);
	} catch (const std::exception &error) {
		throw Error("engine.cannot_read", "cannot read {}: {}", path, error);
	}
}

} // namespace matting
