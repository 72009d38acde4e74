// SPDX-License-Identifier: GPL-2.0-or-later
#include "device_choice.hpp"

#include "engine_process.hpp"

#include "inference/wire/protocol.hpp"
#include "plugin/frames/cuda_devices.hpp"
#include "plugin/graphics.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace matting {

bool is_cuda_engine_installed()
{
	static const bool is_installed = [] {
		std::error_code ignored;
		return std::filesystem::exists(engine_folder() / cuda_library_name, ignored);
	}();
	return is_installed;
}

std::optional<DeviceChoice> choose_device(const std::string &setting)
{
	if (setting != "auto")
		return DeviceChoice{setting, setting, {}};
	if (!is_cuda_engine_installed())
		return DeviceChoice{setting, "cpu", {}};
	const GraphicsLock lock;
	const RenderDevice *device = render_device();
	if (!device)
		return std::nullopt;
	if (!device->context)
		return DeviceChoice{setting, "cpu", device->problem};
	return DeviceChoice{setting, fmt::format("cuda:{}", device->index), {}};
}

} // namespace matting
