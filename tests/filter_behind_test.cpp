// SPDX-License-Identifier: GPL-2.0-or-later
// What is drawn behind the person, instead of it, and over it.
#include "filter_test.hpp"

#include <csignal>
#include <fstream>

#include <dlfcn.h>

namespace matting {

std::atomic<uint32_t> unreadable_width = 0; // of pictures that the card does not give back

} // namespace matting

/// The one that the plugin calls, and libobs.
extern "C" __attribute__((visibility("default"))) bool gs_stagesurface_map(gs_stagesurf_t *surface, uint8_t **pixels,
									   uint32_t *pitch)
{
	static const auto map =
		reinterpret_cast<decltype(&gs_stagesurface_map)>(dlsym(RTLD_NEXT, "gs_stagesurface_map"));
	return gs_stagesurface_get_width(surface) != matting::unreadable_width && map(surface, pixels, pitch);
}

namespace matting {
namespace {

// A picture of one colour, as PPM, which OBS reads as well.
std::filesystem::path picture(const std::filesystem::path &folder, const Colour &colour)
{
	std::filesystem::create_directories(folder);
	const auto path = folder / "picture.ppm";
	std::ofstream stream(path, std::ios::binary);
	stream << "P6 4 4 255\n";
	for (int i = 0; i < 16; i++)
		stream << static_cast<char>(colour.red) << static_cast<char>(colour.green)
		       << static_cast<char>(colour.blue);
	return path;
}

constexpr Colour beach{40, 120, 220};

TEST_F(Filter, DrawsAColourBehindThePerson)
{
	const OBSSource filter = matting_filter();
	update(filter, [](obs_data_t *settings) {
		obs_data_set_string(settings, "behind", "colour");
		obs_data_set_int(settings, "behind_colour", 0xFFDC7828);
	});
	EXPECT_TRUE(wait_until([&] { return near(room_pixel(), beach) && near(person_pixel(), person_colour); }));
}

TEST_F(Filter, DrawsAPictureBehindThePerson)
{
	const OBSSource filter = matting_filter();
	const auto path = picture(config_folder, beach);
	update(filter, [&](obs_data_t *settings) {
		obs_data_set_string(settings, "behind", "picture");
		obs_data_set_string(settings, "behind_picture", path.c_str());
	});
	EXPECT_TRUE(wait_until([&] { return near(room_pixel(), beach) && near(person_pixel(), person_colour); }));
	update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "behind_picture", "/nowhere.png"); });
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << "the scene, and never the room";
	EXPECT_TRUE(wait_until([&] { return status(filter).find("cannot be read") != std::string::npos; }))
		<< status(filter);
}

// The plate and not the live picture: the room's light has changed since.
TEST_F(Filter, DrawsTheBlurredPlateBehindThePerson)
{
	const OBSSource filter = matting_filter();
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "behind", "blurred"); });
	EXPECT_TRUE(wait_until([&] { return near(room_pixel(), room_colour) && near(person_pixel(), person_colour); }));
	kill(engine_id(), SIGSTOP);
	set_camera({.room = {90, 10, 10}, .has_person = true});
	wait_frames(5);
	EXPECT_TRUE(near(room_pixel(), room_colour));
	kill(engine_id(), SIGCONT);
}

// Whoever sits in the plate has an edge, which can be seen to be soft.
TEST_F(Filter, BlursThePlateHoweverLittleAScriptAsksFor)
{
	const OBSSource filter = add_difference_filter();
	set_camera({.has_person = true});
	capture(filter);
	update(filter, [](obs_data_t *settings) {
		obs_data_set_double(settings, "behind_blur", 0);
		obs_data_set_string(settings, "not_ready", "blurred");
		obs_data_set_string(settings, "model", "/nowhere.pth");
	});
	EXPECT_TRUE(wait_until([&] {
		return near(person_pixel(), person_colour) && near(room_pixel(), room_colour) &&
		       !near(pixel(77, 100), room_colour, 8);
	})) << status(filter);
}

// As when the graphics card was reset.
TEST_F(Filter, SaysSoWhileNoPictureCanBeReadBackFromTheCard)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	const auto is_matted = [&] {
		return near(room_pixel(), backdrop_colour) && near(pixel(300, 170), person_colour);
	};
	set_camera({.width = 640, .height = 360, .has_person = true});
	EXPECT_TRUE(wait_until(is_matted)) << status(filter);
	unreadable_width = 640;
	EXPECT_TRUE(wait_until([&] { return word(filter, "state") == "failed"; })) << status(filter);
	EXPECT_TRUE(near(pixel(300, 170), backdrop_colour));
	unreadable_width = 0;
	EXPECT_TRUE(wait_until(is_matted)) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
	log_errors = 0; // it is said there, too
}

TEST_F(Filter, DrawsAPictureWhileItIsNotReady)
{
	const auto path = picture(config_folder, beach);
	const OBSSource filter = matting_filter();
	update(filter, [&](obs_data_t *settings) {
		obs_data_set_string(settings, "not_ready", "picture");
		obs_data_set_string(settings, "not_ready_picture", path.c_str());
	});
	wait_frames(10);
	EXPECT_TRUE(is_matted());
	frames_with_room = 0;
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "model", "/nowhere.pth"); });
	EXPECT_TRUE(wait_until([&] { return near(room_pixel(), beach) && near(person_pixel(), beach); }))
		<< status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, KeepsRunningWhileHiddenIfThatIsWanted)
{
	const OBSSource filter = matting_filter();
	update(filter, [](obs_data_t *settings) { obs_data_set_bool(settings, "keep_running", true); });
	wait_frames(3);
	const auto wait_for_mattes = [&] {
		const int64_t before = mattes(filter);
		EXPECT_TRUE(wait_until([&] { return mattes(filter) > before + 3; })) << status(filter);
	};
	obs_sceneitem_set_visible(camera_item, false);
	set_camera({});
	wait_for_mattes();
	frames_with_room = 0;
	const int engine = engine_id();
	kill(engine, SIGSTOP); // no matte is made from now on
	obs_sceneitem_set_visible(camera_item, true);
	wait_frames(4);
	EXPECT_TRUE(is_empty_now()) << "the person has left meanwhile";
	kill(engine, SIGCONT);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); }));
	obs_sceneitem_set_visible(camera_item, false);
	wait_for_mattes();
	kill(engine, SIGSTOP);
	obs_sceneitem_set_visible(camera_item, true);
	wait_frames(4);
	EXPECT_TRUE(is_matted_now()) << "at once";
	kill(engine, SIGCONT);
	EXPECT_EQ(frames_with_room, 0);
}

// From the chair one sees no panel.
TEST_F(Filter, CountsDownOverThePictureAndMarksTheCapture)
{
	const OBSSource filter = add_difference_filter();
	ASSERT_TRUE(wait_until([&] { return status(filter).find("Leave the picture") != std::string::npos; }));
	update(filter, [](obs_data_t *settings) { obs_data_set_int(settings, "capture_countdown", 1); });
	wait_frames(2);
	press(filter, "capture_background");
	// A digit: the right bars of a "1".
	EXPECT_TRUE(wait_until([&] { return near(last_pixel(169, 30), {255, 255, 255}, 10); }));
	EXPECT_TRUE(wait_until([&] { return near(last_pixel(1, 90), {64, 200, 80}, 30); })) << "green: it is done";
	EXPECT_TRUE(wait_until([&] { return is_empty(); })) << "nothing is left of that";
}

} // namespace
} // namespace matting
