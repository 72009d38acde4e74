// SPDX-License-Identifier: GPL-2.0-or-later
#include "foreign_files.hpp"

#include "inference/error.hpp"

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
	if (start.empty())
		return Error::sentence("engine.empty_file", "it is empty");
	if (start.starts_with("version https://git-lfs"))
		return Error::sentence("engine.git_lfs",
				       "it is a pointer of Git LFS and not the file: run git lfs pull");
	if (start.starts_with("<"))
		return Error::sentence("engine.web_page", "it is a web page and not the file: download it again");
	if (start.starts_with("\x1f\x8b") || start.starts_with("7z\xbc\xaf") || start.starts_with("Rar!"))
		return Error::sentence("engine.packed", "it is packed: unpack it first");
	const std::string way_out =
		Error::sentence("engine.what_models_are",
				"a model is a file of torch.save(model.state_dict()), torch.jit.save or safetensors");
	if (is_onnx(start))
		return Error::sentence("engine.onnx", "it is an ONNX model, which has no weights by name; {}", way_out);
	if (start.starts_with("\x89HDF"))
		return Error::sentence("engine.hdf5", "it is a file of HDF5 (Keras); {}", way_out);
	return Error::sentence("engine.no_model_file", "it is no file of torch.save or torch.jit.save; {}", way_out);
}

} // namespace matting
