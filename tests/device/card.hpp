// SPDX-License-Identifier: GPL-2.0-or-later
// What the programs that try a card's ways out and in share: the plugin's driver, and copies between host and device.
#pragma once

#include "plugin/frames/cuda_driver.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace matting {

[[noreturn]] inline void fail(const std::string &what)
{
	std::printf("FAILED: %s\n", what.c_str());
	std::exit(1);
}

/// A first device's context, current for as long as this lives.
class Card {
public:
	explicit Card(int index = 0) : driver(std::make_shared<CudaDriver>())
	{
		cuda::Device device;
		driver->check(driver->cuDeviceGet(&device, index), "looking for the card");
		context = std::make_shared<CudaContext>(driver, device);
		current_.reset(new CurrentContext(*context));
		cuda::Stream stream_handle;
		driver->check(driver->cuStreamCreate(&stream_handle, cuda::stream_non_blocking), "making a stream");
		stream = {context, stream_handle};
	}

	cuda::Address allocate(size_t bytes)
	{
		cuda::Address address;
		driver->check(driver->cuMemAlloc_v2(&address, bytes), "getting memory");
		memory_.emplace_back(context, address);
		return address;
	}
	/// Asynchronous on `stream`.
	void copy(const cuda::Place &from, const cuda::Place &to, size_t width_bytes, size_t height) const
	{
		const cuda::Copy2D copy{from, to, width_bytes, height};
		driver->check(driver->cuMemcpy2DAsync_v2(&copy, stream.get()), "copying");
	}
	static cuda::Place at(cuda::Address address, size_t pitch)
	{
		return {.type = cuda::MemoryType::device, .device = address, .pitch = pitch};
	}
	static cuda::Place at(void *host, size_t pitch)
	{
		return {.type = cuda::MemoryType::host, .host = host, .pitch = pitch};
	}

	std::shared_ptr<CudaDriver> driver;
	CudaContextPointer context;
	CudaStream stream;

private:
	std::unique_ptr<CurrentContext> current_;
	std::vector<CudaMemory> memory_;
};

} // namespace matting
