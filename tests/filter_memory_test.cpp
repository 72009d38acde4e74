// SPDX-License-Identifier: GPL-2.0-or-later
// The thread that starts engines has no memory, or one that makes a filter: OBS must not end for it, no room is shown, and there is a
// matte again when there is memory.
#include "filter_test.hpp"

#include <array>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <new>
#include <string_view>

#include <dlfcn.h>
#include <sys/prctl.h>

namespace {

std::atomic<int> allocations_left = INT_MAX;   // of the thread that starts engines; then each one fails
thread_local int makers_allocations = INT_MAX; // of the module, on a thread that makes a filter

// Not the C++ library, whose file functions end a program that has no memory.
bool is_module(const void *caller)
{
	Dl_info found{};
	return dladdr(caller, &found) != 0 && std::string_view(found.dli_fname).ends_with("obs-background-matting.so");
}

bool is_engines_thread()
{
	std::array<char, 16> name{};
	prctl(PR_GET_NAME, name.data());
	return std::string_view(name.data()) == "background-matt";
}

} // namespace

/// The one that the module calls, too.
void *operator new(std::size_t size)
{
	if (allocations_left != INT_MAX && is_engines_thread() && --allocations_left < 0)
		throw std::bad_alloc();
	if (makers_allocations != INT_MAX && is_module(__builtin_return_address(0)) && --makers_allocations < 0)
		throw std::bad_alloc();
	if (void *memory = std::malloc(size))
		return memory;
	throw std::bad_alloc();
}

// Inlined, GCC would take it for the one of another `new`.
[[gnu::noinline]] void operator delete(void *memory) noexcept
{
	std::free(memory);
}

[[gnu::noinline]] void operator delete(void *memory, std::size_t) noexcept
{
	std::free(memory);
}

namespace matting {
namespace {

class FilterWithoutMemory : public Filter, public testing::WithParamInterface<int> {
protected:
	~FilterWithoutMemory() override { allocations_left = INT_MAX; }
};

// In the midst of what the engine's death makes it do, too: the next engine is a good one.
TEST_P(FilterWithoutMemory, MattesAgainWhenThereIsSome)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	const int engine = engine_id();
	allocations_left = GetParam();
	kill(engine, SIGKILL);
	EXPECT_TRUE(wait_until([&] { return log_errors > 0; })) << "it has not noticed";
	EXPECT_TRUE(wait_until([&] { return is_empty(); }));
	EXPECT_NE(word(filter, "state"), "matting");
	allocations_left = INT_MAX;
	int next = -1;
	EXPECT_TRUE(wait_until([&] { return (next = engine_id()) > 0 && next != engine; }));
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(engine_id(), next) << "it was not well";
	EXPECT_EQ(frames_with_room, 0);
	log_errors = 0;
}

INSTANTIATE_TEST_SUITE_P(After, FilterWithoutMemory, testing::Values(0, 7, 20));

// libobs draws the source without a filter that could not be made.
TEST_F(Filter, IsMadeAndHasItsBackgroundWithoutMemory)
{
	OBSSource filter = matting_filter();
	const std::string file = background(filter);
	const OBSDataAutoRelease settings = obs_source_get_settings(filter);
	const std::string saved = obs_data_get_json(settings);
	obs_sceneitem_set_visible(camera_item, false); // while there is no filter
	obs_source_filter_remove(camera, filter);
	filter = nullptr;
	while (obs_wait_for_destroy_queue())
		;
	for (int memory = 4; memory < 60; memory++) { // the first are the filter itself, and the background
		makers_allocations = memory;
		const OBSSourceAutoRelease made_now = obs_source_create_private(
			"background_matting", "poor", OBSDataAutoRelease(obs_data_create_from_json(saved.c_str())));
		makers_allocations = INT_MAX;
		EXPECT_TRUE(obs_obj_get_data(made_now)) << "with " << memory << " allocations";
		if (!filter)
			filter = made_now.Get();
	}
	obs_source_filter_add(camera, filter);
	wait_frames(3);
	frames_with_room = 0;
	obs_sceneitem_set_visible(camera_item, true);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(background(filter), file);
	EXPECT_EQ(frames_with_room, 0);
	log_errors = 0;
}

} // namespace
} // namespace matting
