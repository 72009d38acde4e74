// SPDX-License-Identifier: GPL-2.0-or-later
// Filters, and what they are on, that go away while OBS renders.
#include "filter_test.hpp"

namespace matting {
namespace {

// Ticks are close together and a removal comes at any moment of a filter's first frames.
class Removal : public Filter {
protected:
	Removal() : Filter(MODULE_FOLDER, {.frames_per_second = 240}) {}

	static void wait_milliseconds(int milliseconds)
	{
		std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
	}
};

TEST_F(Removal, OfAFilterInItsFirstFrames)
{
	for (int round = 0; round < 300; round++) {
		const OBSSource filter = add_difference_filter();
		wait_milliseconds(round % 10);
		obs_source_filter_remove(camera, filter);
	}
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
}

TEST_F(Removal, OfTheSourceWithAFilterInItsFirstFrames)
{
	for (int round = 0; round < 100; round++) {
		const OBSSourceAutoRelease other = obs_source_create("test_camera", "another camera", nullptr, nullptr);
		obs_scene_add(scene, other);
		const OBSSource filter = add_difference_filter(other);
		wait_milliseconds(round % 10);
		obs_source_remove(other);
	}
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
}

} // namespace
} // namespace matting
