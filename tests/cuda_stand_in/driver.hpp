// SPDX-License-Identifier: GPL-2.0-or-later
// A stand-in for the driver of NVIDIA's cards: a library of the driver's name, for the plugin, and a library of the engine's
// CUDA part, both for machines without a device. Device memory is memory that processes share; OpenGL copies textures; the
// engine computes on the CPU. So the whole way of a frame can be gone, in real libobs and in two processes. It looks for
// mistakes: a texture of the wrong format, a copy outside of mapping, calls without a context, a frame without its event, a
// texture that dies registered, memory that is freed while the engine has it open.
//
// What it cannot show: whether the real driver does the same; whether copies are ordered; speed.
#pragma once

#include <atomic>
#include <cstdint>

namespace cuda_stand_in {

/// What is in the 64 bytes of a handle, of memory as of an event.
struct Handle {
	int32_t process;
	int32_t file; ///< descriptor there
	uint64_t size;
};

/// At the beginning of an event's memory, and behind the bytes of each allocation.
struct Shared {
	std::atomic<uint32_t> count; ///< how often an event was recorded
};

/// What a test can set, and see; the driver exports it as `stand_in`.
struct Switches {
	std::atomic<bool> is_held = false;    ///< starting the driver takes that long
	std::atomic<int> start_result = 0;    ///< of starting the driver
	std::atomic<int> graphics_result = 0; ///< of asking for the device that draws
	std::atomic<int> copy_result = 0;     ///< of copying
	std::atomic<int> allocations = 0;     ///< that live
	std::atomic<int> copies = 0;
	std::atomic<int> mistakes = 0; ///< see above; each is a line on stderr
};

} // namespace cuda_stand_in
