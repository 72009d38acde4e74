// SPDX-License-Identifier: GPL-2.0-or-later
// What comes back: by undo and redo, after a crash, and with a camera's size.
#include "filter_test.hpp"

#include <fstream>

#include <unistd.h>

namespace matting {

std::atomic<int> saves = 0;

} // namespace matting

/// OBS's own is in its program, and not in this one: the plugin finds this in its place.
extern "C" __attribute__((visibility("default"), used)) void obs_frontend_save()
{
	matting::saves++;
}

namespace matting {
namespace {

class Kept : public Filter {
protected:
	/// As OBS does, and without settings if it is that of libobs 29.
	OBSSource add(const char *name, obs_data_t *settings = nullptr, obs_source_t *parent = nullptr)
	{
		const OBSSourceAutoRelease filter = obs_source_create("background_matting", name, settings, nullptr);
		obs_source_filter_add(parent ? parent : camera.Get(), filter);
		update(filter, [](obs_data_t *all) {
			obs_data_set_string(all, "model", difference_model().c_str());
			obs_data_set_int(all, "capture_countdown", 0);
		});
		return filter.Get();
	}

	void remove(OBSSource &filter)
	{
		obs_source_filter_remove(camera, filter);
		filter = nullptr;
		while (obs_wait_for_destroy_queue())
			;
		wait_frames(3);
	}

	static OBSDataAutoRelease settings(obs_source_t *filter)
	{
		const OBSDataAutoRelease all = obs_source_get_settings(filter);
		return obs_data_create_from_json(obs_data_get_json(all));
	}

	static std::string series(obs_source_t *filter)
	{
		const OBSDataAutoRelease all = obs_source_get_settings(filter);
		return obs_data_get_string(all, "background_series");
	}
};

// ---- A redo

TEST_F(Kept, ARedoOfAddingWithoutSettingsFindsWhatWasCapturedMeanwhile)
{
	OBSSource filter = add("redone");
	capture(filter);
	const OBSDataAutoRelease step = settings(filter);
	capture(filter);
	const std::string file = background(filter), name = series(filter);
	set_camera({.has_person = true});
	obs_sceneitem_set_visible(camera_item, false); // while there is no filter
	remove(filter);
	frames_with_room = 0;
	filter = add("redone");
	obs_sceneitem_set_visible(camera_item, true);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(background(filter), file);
	EXPECT_EQ(series(filter), name);
	obs_source_reset_settings(filter, step); // the next redo
	wait_frames(20);
	EXPECT_EQ(background(filter), file) << "an older one";
	EXPECT_EQ(frames_with_room, 0);
}

class KeptWhileHeld : public Kept, public testing::WithParamInterface<bool> {};

// OBS destroys filters on a thread that may be busy, and who else has a reference is not ours to say.
TEST_P(KeptWhileHeld, ARedoFindsWhatTheRemovedFilterHas)
{
	const OBSSource removed = add("held");
	const OBSDataAutoRelease step = GetParam() ? settings(removed) : OBSDataAutoRelease();
	capture(removed);
	const std::string file = background(removed);
	set_camera({.has_person = true});
	obs_sceneitem_set_visible(camera_item, false); // while there is no filter
	obs_source_filter_remove(camera, removed);
	wait_frames(3);
	frames_with_room = 0;
	const OBSSource filter = add("held", step);
	obs_sceneitem_set_visible(camera_item, true);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(background(filter), file);
	EXPECT_NE(series(filter), series(removed));
	EXPECT_EQ(frames_with_room, 0);
}

INSTANTIATE_TEST_SUITE_P(WithSettings, KeptWhileHeld, testing::Bool());

TEST_F(Kept, ARedoOfAddingFindsThePictureThatWasChosenMeanwhile)
{
	OBSSource other = add_difference_filter();
	capture(other);
	const std::string chosen = config_folder / "mine.png";
	std::filesystem::copy_file(background(other), chosen);
	remove(other);
	OBSSource filter = add("redone too");
	wait_frames(3);
	const OBSDataAutoRelease saved = settings(filter);
	update(filter, [&](obs_data_t *all) { obs_data_set_string(all, "background", chosen.c_str()); });
	EXPECT_TRUE(wait_until([&] { return status(filter).find("is removed") != std::string::npos; }))
		<< status(filter);
	remove(filter);
	filter = add("redone too", saved);
	EXPECT_TRUE(wait_until([&] { return background(filter) == chosen; })) << status(filter);
}

TEST_F(Kept, AFilterHasNothingOfOneThatWasRemovedElsewhere)
{
	OBSSource filter = add("elsewhere");
	capture(filter);
	remove(filter);
	const OBSSourceAutoRelease source = obs_source_create("test_camera", "another camera", nullptr, nullptr);
	obs_scene_add(scene, source);
	filter = add("elsewhere", nullptr, source);
	EXPECT_TRUE(wait_until([&] { return shows_room(); }));
	EXPECT_EQ(background(filter), "");
	obs_source_remove(source);
}

TEST_F(Kept, AFilterHasNothingOfOneThatHadForgottenIt)
{
	OBSSource filter = add("forgetful");
	capture(filter);
	call(filter, "forget_background");
	EXPECT_TRUE(wait_until([&] { return background(filter).empty(); }));
	remove(filter);
	filter = add("forgetful");
	wait_frames(10);
	EXPECT_TRUE(shows_room());
	EXPECT_EQ(background(filter), "");
}

// ---- A crash

TEST_F(Kept, IsInOBSsFileAsSoonAsACaptureIsDone)
{
	saves = 0;
	OBSSource filter = add_difference_filter();
	EXPECT_TRUE(wait_until([&] { return saves == 1; })) << "by its series the captures are found";
	capture(filter);
	EXPECT_EQ(saves, 2);
	update(filter, [](obs_data_t *all) { obs_data_set_double(all, "edge_shift", 0.5); });
	wait_frames(10);
	EXPECT_EQ(saves, 2) << "what OBS asks for by itself";
	const OBSDataAutoRelease saved = settings(filter);
	remove(filter);
	filter = add_filter([&](obs_data_t *all) { obs_data_apply(all, saved); });
	EXPECT_TRUE(wait_until([&] { return status(filter).find("is removed") != std::string::npos; }))
		<< status(filter);
	EXPECT_EQ(saves, 2) << "it is all there";
}

/// What an OBS that has crashed left of a capture.
class LeftOver {
protected:
	LeftOver()
	{
		std::filesystem::create_directories(left.parent_path());
		std::ofstream(left) << "the room";
		std::filesystem::last_write_time(left,
						 std::filesystem::file_time_type::clock::now() - std::chrono::hours(2));
	}

	const std::filesystem::path left = std::filesystem::temp_directory_path() /
					   ("matting-obs-test-" + std::to_string(getpid())) / "obs-background-matting" /
					   "backgrounds" /
					   ".2020-01-01_00-00-00_00112233445566ff-9-0011aabb.a1B2c3.png";
};

class AfterACrash : protected LeftOver, public Filter {};

TEST_F(AfterACrash, NothingIsLeftOfAnUnfinishedCapture)
{
	EXPECT_EQ(left.parent_path().parent_path().parent_path(), config_folder);
	EXPECT_FALSE(std::filesystem::exists(left));
}

// ---- A size

TEST_F(Kept, NoOlderPlateComesBackWithACamerasSize)
{
	const OBSSource filter = add_difference_filter();
	capture(filter);
	const std::string older = background(filter);
	set_camera({.width = 640, .height = 360});
	EXPECT_TRUE(wait_until([&] { return status(filter).find("640x360") != std::string::npos; })) << status(filter);
	capture(filter);
	const std::string newer = background(filter);
	set_camera({.has_person = true});
	wait_frames(30);
	EXPECT_EQ(background(filter), newer) << "it has the same shape";
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	capture_square(filter);
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return background(filter) != older && is_matted(); })) << status(filter);
	EXPECT_EQ(background(filter), newer) << "the newest of that shape";
	// The user may, as long as there is no newer one of just that size.
	update(filter, [&](obs_data_t *all) { obs_data_set_string(all, "background", older.c_str()); });
	EXPECT_TRUE(wait_until([&] { return background(filter) == older && is_matted(); })) << status(filter);
	set_camera({.width = 640, .height = 360});
	EXPECT_TRUE(wait_until([&] { return background(filter) == newer; })) << status(filter);
}

} // namespace
} // namespace matting
