// SPDX-License-Identifier: GPL-2.0-or-later
#include "frame_bridge.hpp"

#include "plugin/text.hpp"

#include <stdexcept>
#include <system_error>
#include <utility>

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

// Nothing: it is the CPU's way, because of `detour_`.
std::optional<BridgeChoice> BridgeMaker::without_cpu(const Request &request)
{
	detour_.clear();
	if (!request.device.starts_with("cuda"))
		return std::nullopt;
	detour_ = request.objection;
	if (!detour_.empty())
		return std::nullopt;
	const RenderDevice *render = render_device();
	if (!render)
		return BridgeChoice();
	try {
		return BridgeChoice{try_cuda(*render, request.device, request.width, request.height), {}};
	} catch (const std::exception &error) {
		blog(LOG_INFO, "[background-matting] frames take the way of the CPU: %s", error.what());
		detour_ = words_of(error);
		return std::nullopt;
	}
}

BridgeChoice BridgeMaker::by_way_of_cpu(uint32_t width, uint32_t height)
try {
	if (auto frames = host_frames_.make(width, height))
		return {make_cpu_bridge(std::move(*frames)), detour_};
	return {};
} catch (const std::system_error &error) {
	throw std::runtime_error(text("error.no_memory", width, height, error.what()));
}

BridgeChoice BridgeMaker::make(const std::string &device, uint32_t width, uint32_t height, const std::string &objection)
{
	if (device.empty())
		return {};
	const Request request{device, width, height, objection};
	const bool is_decided = std::exchange(request_, request) == request && host_frames_.is_making();
	if (!is_decided) {
		if (auto choice = without_cpu(request)) {
			host_frames_ = {};
			return std::move(*choice);
		}
	}
	return by_way_of_cpu(width, height);
}

} // namespace matting
