// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuda_devices.hpp"
#include "frame_bridge_cuda.hpp"

#include "inference/wire/protocol.hpp"

#include <array>

namespace matting {

cuda::Device current_graphics_device(const CudaDriver &driver)
{
	if (gs_get_device_type() != GS_DEVICE_OPENGL || !driver.cuGLGetDevices_v2)
		throw Error("card.no_opengl", "OBS does not render with OpenGL");
	unsigned count = 0;
	std::array<cuda::Device, 2> devices{};
	const cuda::Result result =
		driver.cuGLGetDevices_v2(&count, devices.data(), devices.size(), cuda::all_gl_devices);
	if (result == cuda::invalid_graphics_context || (result == cuda::success && count == 0))
		throw Error("card.other", "OBS renders on another graphics card than NVIDIA's");
	driver.check(result, "asking for the graphics card that OBS renders on");
	return devices[0];
}

CudaTexture register_texture(const CudaContextPointer &context, gs_texture_t *texture, unsigned flags)
{
	constexpr unsigned gl_texture_2d = 0x0DE1;
	const CudaDriver &driver = context->driver();
	const auto name = *static_cast<const unsigned *>(gs_texture_get_obj(texture));
	cuda::Resource resource = nullptr;
	driver.check(driver.cuGraphicsGLRegisterImage(&resource, name, gl_texture_2d, flags),
		     "sharing a texture with CUDA");
	return {context, resource};
}

} // namespace matting
