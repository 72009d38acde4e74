// SPDX-License-Identifier: GPL-2.0-or-later
// Backgrounds of several sizes, and those that are not empty.
#include "filter_test.hpp"

namespace matting {
namespace {

TEST_F(Filter, HasABackgroundForEachSizeOfTheCamera)
{
	const OBSSource filter = matting_filter();
	const std::string wide = background(filter);
	set_camera({.width = 320, .height = 320});
	EXPECT_TRUE(wait_until([&] {
		return status(filter).find("capture the background again") != std::string::npos;
	})) << status(filter);
	press(filter, "capture_background");
	ASSERT_TRUE(wait_until([&] { return background(filter) != wide; })) << status(filter);
	const std::string square = background(filter);
	frames_with_room = 0;
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted() && background(filter) == wide; })) << status(filter);
	set_camera({.width = 320, .height = 320, .has_person = true});
	EXPECT_TRUE(wait_until([&] { return background(filter) == square; })) << status(filter);
	EXPECT_TRUE(wait_until([&] { return status(filter).find("is removed") != std::string::npos; }))
		<< status(filter);
	// The one before is the one before of this size, of which there is none.
	obs_properties_t *properties = obs_source_properties(filter);
	EXPECT_FALSE(obs_property_enabled(obs_properties_get(properties, "use_previous_background")));
	obs_properties_destroy(properties);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, LeavesAChosenPictureInForceWhateverTheSize)
{
	const OBSSource filter = matting_filter();
	const std::string chosen = config_folder / "mine.png";
	set_camera({.width = 640, .height = 360});
	capture(filter);
	std::filesystem::copy_file(background(filter), chosen);
	update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "background", chosen.c_str()); });
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(background(filter), chosen);
}

TEST_F(Filter, CleansUpAfterFiltersThatHaveLongBeenGone)
{
	const OBSSource filter = add_difference_filter();
	capture(filter);
	const auto folder = std::filesystem::path(background(filter)).parent_path();
	const auto make = [&](const std::string &name, int days) {
		const auto file = folder / name;
		std::filesystem::copy_file(background(filter), file);
		std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() -
							       std::chrono::hours(24 * days));
		return file;
	};
	const auto old = make("2020-01-01_00-00-00_00112233445566ff-7-0011aabb.png", 40),
		   older = make("2019-01-01_00-00-00_00112233445566fe-1.png", 400), // as they were called before
		young = make("2020-01-02_00-00-00_00112233445566ff-8-0011aabb.png", 3), own = make("my_room.png", 400);
	const OBSSource other = add_difference_filter(); // which uses one of them
	const std::string used = make("2020-01-01_00-00-00_00112233445566ff-6-0011aabb.png", 50);
	update(other, [&](obs_data_t *settings) { obs_data_set_string(settings, "background", used.c_str()); });
	wait_frames(10);
	capture(filter);
	EXPECT_TRUE(wait_until([&] { return !std::filesystem::exists(old) && !std::filesystem::exists(older); }));
	EXPECT_TRUE(std::filesystem::exists(young));
	EXPECT_TRUE(std::filesystem::exists(own));
	EXPECT_TRUE(std::filesystem::exists(used));
}

TEST_F(Filter, NoticesWhoSatStillDuringTheCaptureAndHasGone)
{
	const Colour light{220, 240, 210}; // lighter than the person, as the model of these tests wants it
	const OBSSource filter = add_difference_filter();
	set_camera({.room = light, .has_person = true});
	wait_frames(5);
	capture(filter);
	EXPECT_EQ(status(filter).find("has somebody in it"), std::string::npos) << status(filter);
	set_camera({.room = light});
	EXPECT_TRUE(wait_until([&] { return status(filter).find("has somebody in it") != std::string::npos; }))
		<< status(filter) << figure(filter, "gone");
	capture(filter);
	EXPECT_TRUE(wait_until([&] { return status(filter).find("has somebody in it") == std::string::npos; }))
		<< status(filter);
}

} // namespace
} // namespace matting
