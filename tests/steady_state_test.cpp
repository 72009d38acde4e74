// SPDX-License-Identifier: GPL-2.0-or-later
// What a frame takes once there have been others.
#include "models.hpp"

#include "inference/bitmap.hpp"
#include "inference/matting.hpp"

#include <atomic>
#include <cerrno>

#include <gtest/gtest.h>

namespace {

std::atomic<int> allocations = 0; // of all threads

} // namespace

extern "C" {
void *__libc_malloc(size_t size);
void *__libc_memalign(size_t alignment, size_t size);

/// Those that all libraries call, `new` too.
void *malloc(size_t size)
{
	allocations++;
	return __libc_malloc(size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
	allocations++;
	*memory = __libc_memalign(alignment, size);
	return *memory ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t size)
{
	allocations++;
	return __libc_memalign(alignment, size);
}
}

namespace matting {
namespace {

class SteadyState : public testing::TestWithParam<const char *> {};

TEST_P(SteadyState, OfTheEngineAllocatesNearlyNothing)
{
	Engine engine({.model = formula_model(GetParam()), .device = "cpu"});
	Bitmap plate(256, 144), source(256, 144), result(256, 144);
	for (size_t i = 0; i < source.pixels.size(); i++) {
		plate.pixels[i] = static_cast<uint8_t>(i % 4 == 3 ? 255 : i % 251);
		source.pixels[i] = static_cast<uint8_t>(i % 4 == 3 ? 255 : i % 241);
	}
	engine.set_background(plate.picture());
	constexpr int warm_up = 3, frames = 5, most = 100;
	for (int i = 0; i < warm_up; i++)
		engine.matte(source.picture(), result.picture());
	const int before = allocations;
	EXPECT_GT(before, 0) << "they are not counted";
	for (int i = 0; i < frames; i++)
		engine.matte(source.picture(), result.picture());
	EXPECT_LE((allocations - before) / frames, most);
}

INSTANTIATE_TEST_SUITE_P(With, SteadyState, testing::Values("mobilenetv2", "resnet50"));

} // namespace
} // namespace matting
