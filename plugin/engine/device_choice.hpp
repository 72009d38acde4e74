// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <optional>
#include <string>

namespace matting {

struct DeviceChoice {
	std::string setting; ///< cpu, cuda:N or auto
	std::string device;  ///< cpu, cuda or cuda:N: what it stands for
	std::string reason;  ///< why `auto` is the CPU although there is the engine for CUDA; or empty
};

/// Beside the engine.
bool is_cuda_engine_installed();

/// What a device setting stands for; nothing while that is being found out. `auto` is the device that OBS renders on, if
/// the engine for CUDA is installed beside it, or else the CPU. Graphics thread.
std::optional<DeviceChoice> choose_device(const std::string &setting);

} // namespace matting
