// SPDX-License-Identifier: GPL-2.0-or-later
#include "cuda_library.hpp"

#include "platform.hpp"
#include "program_part.hpp"

#include <algorithm>
#include <charconv>
#include <mutex>

#include <fmt/format.h>

namespace matting {
namespace {

// N of cuda:N, or -1.
int device_number(const std::string &device)
{
	if (device == "cuda")
		return 0;
	int number = -1;
	const char *begin = device.data() + std::min<size_t>(device.size(), 5), *end = device.data() + device.size();
	const auto [parsed, error] = std::from_chars(begin, end, number);
	return error == std::errc() && parsed == end && number >= 0 ? number : -1;
}

CudaChoice choose_automatically()
{
	try {
		const auto devices = cuda_backend().devices();
		for (const CudaDevice &candidate : devices)
			if (candidate.is_supported())
				return {candidate.index, {}};
		return {-1, in_english(devices.front().objection())};
	} catch (const Error &error) {
		return {-1, has_cuda_driver() ? error.what() : ""}; // without one, nobody expects a card to be used
	}
}

} // namespace

const CudaBackend &cuda_backend()
{
	static std::mutex mutex;
	static const CudaBackend *backend = nullptr; // never closed: CUDA does not survive that
	const std::lock_guard lock(mutex);
	if (!backend)
		backend = static_cast<const CudaBackend *>(
			load_part({.name = Error::sentence("engine.cuda_part", "the CUDA part of the engine"),
				   .file = cuda_library_name,
				   .entry = "background_matting_cuda",
				   .interface = cuda_interface,
				   .way_out = Error::sentence("engine.use_cpu", "use the device cpu")}));
	return *backend;
}

bool is_cuda(const std::string &device)
{
	return device == "cuda" || device.starts_with("cuda:");
}

CudaDevice find_cuda_device(const std::string &device)
{
	const int number = device_number(device);
	const auto devices = cuda_backend().devices();
	for (const CudaDevice &candidate : devices)
		if (candidate.index == number)
			return candidate;
	std::string list;
	for (const CudaDevice &candidate : devices)
		list += fmt::format("{}cuda:{} ({})", list.empty() ? "" : ", ", candidate.index, candidate.name);
	throw Error("engine.no_such_device", "there is no device {}: this machine has {}", device, list);
}

void start_cuda_device(int index)
{
	uint8_t pixel[4] = {};
	cuda_backend().upload(index, {pixel, 1, 1, sizeof pixel, Device::cpu});
}

void tell_fallback(const std::string &reason)
{
	if (!reason.empty())
		fmt::print(stderr, "background-matting: the CPU is used and not a graphics card: {}\n", reason);
}

CudaChoice choose_cuda_device(const std::string &device)
{
	if (is_cuda(device))
		return {find_cuda_device(device).index, {}};
	if (device == "cpu")
		return {};
	if (device != "auto")
		throw Error("engine.no_device", "there is no device {}: use auto, cpu, cuda or cuda:N", device);
	return choose_automatically();
}

} // namespace matting
