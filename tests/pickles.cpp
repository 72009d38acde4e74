// SPDX-License-Identifier: GPL-2.0-or-later
#include "pickles.hpp"

#include <fstream>

#include <caffe2/serialize/inline_container.h>

namespace matting::pickles {

Code text(const std::string &text)
{
	return Code("X").append(raw(static_cast<uint32_t>(text.size()))).append(text);
}

Code integer(int64_t number)
{
	return Code("\x8a\x08").append(raw(number));
}

Code integers(const std::vector<int64_t> &numbers)
{
	std::vector<Code> items;
	for (const int64_t number : numbers)
		items.push_back(integer(number));
	return tuple(items);
}

Code global(const std::string &module, const std::string &name)
{
	return "c" + module + "\n" + name + "\n";
}

Code tuple(const std::vector<Code> &items)
{
	Code code = "(";
	for (const Code &item : items)
		code += item;
	return code += "t";
}

Code call(const Code &target, const std::vector<Code> &arguments)
{
	return target + tuple(arguments) + "R";
}

Code dictionary(const std::vector<std::pair<std::string, Code>> &entries)
{
	Code code = "}(";
	for (const auto &[key, value] : entries)
		code += text(key) + value;
	return code += "u";
}

const Code rebuild_tensor = global("torch._utils", "_rebuild_tensor_v2");

std::vector<Code> tensor_arguments(const std::string &storage_class, const std::string &key, int64_t count,
				   int64_t offset, const std::vector<int64_t> &sizes,
				   const std::vector<int64_t> &strides, const Code &view)
{
	const Code storage = tuple({text("storage"), global("torch", storage_class), text(key), text("cuda:0"),
				    integer(count), view}) +
			     "Q";
	return {storage, integer(offset), integers(sizes), integers(strides), no, empty_dictionary};
}

std::string pickle(const Code &value)
{
	return "\x80\x02" + value + ".";
}

void write_archive(const std::filesystem::path &path, const std::vector<Record> &records)
{
	std::ofstream stream(path, std::ios::binary);
	caffe2::serialize::PyTorchStreamWriter writer([&](const void *bytes, size_t size) {
		stream.write(static_cast<const char *>(bytes), static_cast<std::streamsize>(size));
		return size;
	});
	for (const Record &record : records)
		writer.writeRecord(record.name, record.bytes.data(), record.bytes.size(), record.is_compressed);
	writer.writeEndOfFile();
}

void write_checkpoint(const std::filesystem::path &path, const StateDict &weights, const std::vector<std::string> &keys,
		      const std::string &twin)
{
	std::vector<std::pair<std::string, Code>> entries;
	std::vector<Record> records;
	for (const auto &[name, tensor] : weights) {
		const std::string key = std::to_string(records.size());
		const at::Tensor values = tensor.contiguous();
		const char *type = values.scalar_type() == at::kFloat ? "FloatStorage" : "LongStorage";
		entries.emplace_back(
			name, call(rebuild_tensor, tensor_arguments(type, key, values.numel(), 0, values.sizes().vec(),
								    values.strides().vec())));
		records.push_back(
			{"data/" + key, {static_cast<const char *>(values.const_data_ptr()), values.nbytes()}});
	}
	Code state = dictionary(entries);
	for (auto key = keys.rbegin(); key != keys.rend(); key++) {
		std::vector<std::pair<std::string, Code>> members{{"epoch", integer(3)}, {*key, state}};
		if (!twin.empty() && key == keys.rbegin())
			members.emplace_back(twin, state);
		state = dictionary(members);
	}
	records.push_back({"data.pkl", pickle(state)});
	write_archive(path, records);
}

} // namespace matting::pickles
