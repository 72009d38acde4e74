// SPDX-License-Identifier: GPL-2.0-or-later
// What this machine has of CUDA, found out without ever making a thread of libobs or of the dialog wait.
#pragma once

#include "cuda_driver.hpp"

#include <memory>
#include <string>
#include <vector>

namespace matting {

struct CudaMachine {
	std::shared_ptr<const CudaDriver> driver; ///< null: there is none that works
	std::vector<std::string> devices;         ///< names; the index is the N of cuda:N
	std::string problem;                      ///< why there is no driver or no device
};

/// The device that OBS renders on.
struct RenderDevice {
	int index = -1;             ///< the N of cuda:N
	CudaContextPointer context; ///< null: see `problem`
	std::string problem;        ///< why OBS's textures cannot be reached by CUDA
};

/// From now on cards are looked for, until `forget_cuda`. Thread-safety: safe, as the next two.
void allow_cuda();
/// Begins to look, if nobody has.
void find_cuda();
/// What was found; nothing while it is still looked for. Valid until `forget_cuda`.
const CudaMachine *cuda_machine();

/// Nothing while it is still looked for; after ten seconds of that, that the driver does not answer, until it does. Valid until
/// `forget_cuda`. Graphics thread, context held.
const RenderDevice *render_device();

/// Before the module is unloaded: gives everything back, and finds nothing from now on, whoever still asks. Waits for what still
/// looks, but not for long: Note [Who does not answer]. Takes the graphics context.
void forget_cuda();

/// The CUDA device that draws in the current graphics context. Throws std::runtime_error saying why there is none.
/// One for each kind of graphics: frame_bridge_cuda_*.cpp.
cuda::Device current_graphics_device(const CudaDriver &driver);

} // namespace matting
