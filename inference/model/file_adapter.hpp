// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include "inference/input_file.hpp"

#include <caffe2/serialize/read_adapter_interface.h>

namespace matting {

/// How LibTorch reads an opened file.
class FileAdapter : public caffe2::serialize::ReadAdapterInterface {
public:
	explicit FileAdapter(InputFile file) : file_(std::move(file)) {}

	size_t size() const override { return file_.size(); }
	size_t read(uint64_t position, void *bytes, size_t count, const char * /*what*/) const override
	{
		return file_.read(position, bytes, count);
	}

private:
	const InputFile file_;
};

} // namespace matting
