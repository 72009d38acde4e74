// SPDX-License-Identifier: GPL-2.0-or-later
// Before anything of OBS's: it brings headers that redefine what windows.h declares.
#include <windows.h>

#include <d3d11.h>

#include "cuda_devices.hpp"
#include "frame_bridge_cuda.hpp"

#include "inference/wire/protocol.hpp"

#include <memory>

namespace matting {
namespace {

struct Release {
	void operator()(IUnknown *object) const noexcept { object->Release(); }
};
template<typename Interface> using ComPointer = std::unique_ptr<Interface, Release>;

ComPointer<IDXGIAdapter> current_adapter()
{
	auto *device = static_cast<ID3D11Device *>(gs_get_device_obj());
	void *dxgi_device = nullptr;
	if (!device || FAILED(device->QueryInterface(__uuidof(IDXGIDevice), &dxgi_device)))
		throw Error("card.unsaid", "Direct3D does not say what OBS renders on");
	const ComPointer<IDXGIDevice> owner(static_cast<IDXGIDevice *>(dxgi_device));
	IDXGIAdapter *adapter = nullptr;
	if (FAILED(owner->GetAdapter(&adapter)))
		throw Error("card.unsaid", "Direct3D does not say what OBS renders on");
	return ComPointer<IDXGIAdapter>(adapter);
}

} // namespace

cuda::Device current_graphics_device(const CudaDriver &driver)
{
	if (gs_get_device_type() != GS_DEVICE_DIRECT3D_11 || !driver.cuD3D11GetDevice)
		throw Error("card.no_direct3d", "OBS does not render with Direct3D 11");
	cuda::Device device = 0;
	const auto adapter = current_adapter();
	if (driver.cuD3D11GetDevice(&device, adapter.get()) != cuda::success)
		throw Error("card.other", "OBS renders on another graphics card than NVIDIA's");
	return device;
}

CudaTexture register_texture(const CudaContextPointer &context, gs_texture_t *texture, unsigned)
{
	constexpr unsigned no_flags = 0; // the only ones that there are for Direct3D
	const CudaDriver &driver = context->driver();
	auto *object = static_cast<ID3D11Texture2D *>(gs_texture_get_obj(texture));
	cuda::Resource resource = nullptr;
	driver.check(driver.cuGraphicsD3D11RegisterResource(&resource, object, no_flags),
		     "sharing a texture with CUDA");
	return {context, resource};
}

} // namespace matting
