// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuda_devices.hpp"

#include "inference/wire/apart.hpp"
#include "inference/wire/protocol.hpp"
#include "plugin/graphics.hpp"

#include <array>
#include <chrono>
#include <future>
#include <mutex>
#include <optional>
#include <utility>

namespace matting {
namespace {

constexpr auto patience = std::chrono::seconds(10);     // with a driver, when somebody waits for it to begin
constexpr auto last_patience = std::chrono::seconds(5); // with a driver, when OBS ends

std::mutex &search_mutex()
{
	static std::mutex mutex;
	return mutex;
}

struct Search {
	// Guarded by search_mutex.
	std::shared_future<CudaMachine> machine;
	bool is_allowed = false;
	std::chrono::steady_clock::time_point asked; // for it
	// With the graphics context held.
	std::future<RenderDevice> opening;
	std::optional<RenderDevice> render_device;
};

// Never destroyed: OBS may end without unloading the plugin, and the driver be gone by then.
Search &search()
{
	static auto &search = *new Search;
	return search;
}

template<typename Future> void wait_a_little(const Future &future)
{
	if (future.valid())
		future.wait_for(last_patience);
}

std::vector<std::string> device_names(const CudaDriver &driver)
{
	int count = 0;
	driver.check(driver.cuDeviceGetCount(&count), "looking for graphics cards");
	std::vector<std::string> names;
	for (int i = 0; i < count; i++) {
		cuda::Device device;
		std::array<char, 256> name{};
		driver.check(driver.cuDeviceGet(&device, i), "looking for graphics cards");
		driver.check(driver.cuDeviceGetName(name.data(), name.size() - 1, device), "naming the graphics card");
		names.emplace_back(name.data());
	}
	return names;
}

CudaMachine look()
try {
	CudaMachine machine;
	const auto driver = std::make_shared<const CudaDriver>();
	machine.devices = device_names(*driver);
	if (machine.devices.empty())
		machine.problem = Error::sentence("card.none", "there is no NVIDIA graphics card");
	else
		machine.driver = driver;
	return machine;
} catch (const std::exception &error) {
	return {.problem = words_of(error)};
}

int index_of(const CudaDriver &driver, size_t count, cuda::Device device)
{
	for (int i = 0; i < static_cast<int>(count); i++) {
		cuda::Device candidate;
		if (driver.cuDeviceGet(&candidate, i) == cuda::success && candidate == device)
			return i;
	}
	throw Error("card.unlisted", "OBS renders on a graphics card that the driver does not list");
}

RenderDevice open_device(const std::shared_ptr<const CudaDriver> &driver, cuda::Device device, int index)
try {
	return {index, std::make_shared<const CudaContext>(driver, device), {}};
} catch (const std::exception &error) {
	return {.problem = words_of(error)};
}

std::future<RenderDevice> begin_opening(const CudaMachine &machine)
{
	const cuda::Device device = current_graphics_device(*machine.driver);
	const int index = index_of(*machine.driver, machine.devices.size(), device);
	return begin_apart([driver = machine.driver, device, index] { return open_device(driver, device, index); });
}

// Nothing while it is being opened.
std::optional<RenderDevice> find_render_device(const CudaMachine &machine)
try {
	std::future<RenderDevice> &opening = search().opening;
	if (!machine.driver)
		return RenderDevice{.problem = machine.problem};
	if (!opening.valid())
		opening = begin_opening(machine);
	if (!is_ready(opening))
		return std::nullopt;
	return opening.get();
} catch (const std::exception &error) {
	return RenderDevice{.problem = words_of(error)};
}

} // namespace

void allow_cuda()
{
	const std::lock_guard lock(search_mutex());
	search().is_allowed = true;
}

void find_cuda()
{
	const std::lock_guard lock(search_mutex());
	if (search().is_allowed && !search().machine.valid()) {
		search().machine = begin_apart(look).share();
		search().asked = std::chrono::steady_clock::now();
	}
}

const CudaMachine *cuda_machine()
{
	const std::lock_guard lock(search_mutex());
	return is_ready(search().machine) ? &search().machine.get() : nullptr;
}

// Hung, as may be after a sleep: who has left the choice to us is not to wait for that.
static const RenderDevice *silent_device()
{
	static const RenderDevice silent{
		.problem = Error::sentence("card.silent", "the driver of the graphics card does not answer")};
	const std::lock_guard lock(search_mutex());
	const bool is_silent = search().machine.valid() && std::chrono::steady_clock::now() - search().asked > patience;
	return is_silent ? &silent : nullptr;
}

const RenderDevice *render_device()
{
	Search &found = search();
	if (found.render_device)
		return &*found.render_device;
	find_cuda();
	if (const CudaMachine *machine = cuda_machine())
		found.render_device = find_render_device(*machine);
	if (!found.render_device)
		return silent_device();
	const RenderDevice &device = *found.render_device;
	if (device.context)
		blog(LOG_INFO, "[background-matting] OBS renders on cuda:%d", device.index);
	else
		blog(LOG_INFO, "[background-matting] frames cannot stay on the graphics card: %s",
		     in_english(device.problem).c_str());
	return &device;
}

void forget_cuda()
{
	Search found;
	{
		const GraphicsLock graphics; // filters may still tick
		const std::lock_guard lock(search_mutex());
		std::swap(found, search());
	}
	wait_a_little(found.opening);
	wait_a_little(found.machine);
}

} // namespace matting
