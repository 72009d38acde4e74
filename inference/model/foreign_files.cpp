// SPDX-License-Identifier: GPL-2.0-or-later
#include "foreign_files.hpp"

namespace matting {
namespace {

// A message of Protocol Buffers that begins with the version of ONNX (field 1) and goes on with one of its texts.
bool is_onnx(std::string_view start)
{
	constexpr unsigned char version = 0x08, producer = 0x12, producer_version = 0x1a, graph = 0x3a, opsets = 0x42;
	if (start.size() < 3 || static_cast<unsigned char>(start[0]) != version)
		return false;
	const auto next = static_cast<unsigned char>(start[2]);
	return next == producer || next == producer_version || next == graph || next == opsets;
}

} // namespace

std::string describe_foreign_file(std::string_view start)
{
	constexpr auto way_out = "; a model is a file of torch.save(model.state_dict()), torch.jit.save or safetensors";
	if (start.empty())
		return "it is empty";
	if (is_onnx(start))
		return std::string("it is an ONNX model, which has no weights by name") + way_out;
	if (start.starts_with("version https://git-lfs"))
		return "it is a pointer of Git LFS and not the file: run git lfs pull";
	if (start.starts_with("<"))
		return "it is a web page and not the file: download it again";
	if (start.starts_with("\x89HDF"))
		return std::string("it is a file of HDF5 (Keras)") + way_out;
	if (start.starts_with("\x1f\x8b") || start.starts_with("7z\xbc\xaf") || start.starts_with("Rar!"))
		return "it is packed: unpack it first";
	return std::string("it is no file of torch.save or torch.jit.save") + way_out;
}

} // namespace matting
