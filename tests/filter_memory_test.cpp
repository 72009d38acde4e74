// SPDX-License-Identifier: GPL-2.0-or-later
// The thread that starts engines has no memory: OBS must not end for it, and there is a matte again when there is memory.
#include "filter_test.hpp"

#include <array>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <new>
#include <string_view>

#include <sys/prctl.h>

namespace {

std::atomic<int> allocations_left = INT_MAX; // of that thread; then each one fails

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

} // namespace
} // namespace matting
