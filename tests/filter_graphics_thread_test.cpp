// SPDX-License-Identifier: GPL-2.0-or-later
// What OBS's graphics thread is spared.
#include "filter_test.hpp"

#include <atomic>
#include <cerrno>

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace {

thread_local bool is_graphics_thread = false;
std::atomic<int> reserved = 0, reserved_on_graphics_thread = 0;

} // namespace

/// The one that the module calls, too.
extern "C" [[gnu::visibility("default")]] int posix_fallocate(int file, off_t offset, off_t size)
{
	reserved++;
	reserved_on_graphics_thread += is_graphics_thread;
	return syscall(SYS_fallocate, file, 0, offset, size) == 0 ? 0 : errno;
}

namespace matting {
namespace {

// It is cleared first, which takes longer than drawing a frame.
TEST_F(Filter, TakesMemoryForFramesOnAnotherThreadThanOBSs)
{
	const auto mark = [](void *, float) {
		is_graphics_thread = true;
	};
	obs_add_tick_callback(mark, nullptr);
	wait_frames(3);
	reserved = reserved_on_graphics_thread = 0;
	const OBSSource filter = matting_filter();
	set_camera({.width = 640, .height = 360, .has_person = true});
	EXPECT_TRUE(wait_until([&] { return reserved >= 2 && word(filter, "state") == "matting"; })) << status(filter);
	EXPECT_EQ(reserved_on_graphics_thread, 0);
	obs_remove_tick_callback(mark, nullptr);
}

} // namespace
} // namespace matting
