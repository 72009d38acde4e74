// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame_bridge.hpp"

#include "inference/wire/protocol.hpp"

#include <fmt/format.h>

namespace matting {
namespace {

std::unique_ptr<FrameBridge> try_cuda(const RenderDevice &render, const std::string &device, uint32_t width,
				      uint32_t height)
{
	if (!render.context)
		throw Error(render.problem);
	if (device != fmt::format("cuda:{}", render.index) && !(device == "cuda" && render.index == 0))
		throw Error("card.two", "OBS renders on cuda:{}, the model runs on {}", render.index, device);
	return make_cuda_bridge(render.context, width, height);
}

} // namespace

BridgeChoice choose_bridge(const std::string &device, uint32_t width, uint32_t height, const std::string &objection)
{
	if (device.empty())
		return {};
	if (!device.starts_with("cuda"))
		return {make_cpu_bridge(width, height), {}};
	if (!objection.empty())
		return {make_cpu_bridge(width, height), objection};
	const RenderDevice *render = render_device();
	if (!render)
		return {};
	try {
		return {try_cuda(*render, device, width, height), {}};
	} catch (const std::exception &error) {
		blog(LOG_INFO, "[background-matting] frames take the way of the CPU: %s", error.what());
		return {make_cpu_bridge(width, height), words_of(error)};
	}
}

} // namespace matting
