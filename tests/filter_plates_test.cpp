// SPDX-License-Identifier: GPL-2.0-or-later
// Backgrounds of several sizes, and those that are not empty; which files are kept; files that cannot be read.
#include "filter_test.hpp"

#include <fstream>

namespace matting {
namespace {

/// OBS's scene collections lie beside the folder of its plugins' files, which is one for temporary files.
class OwnTemporaryFolder {
protected:
	OwnTemporaryFolder() : before_(std::filesystem::temp_directory_path())
	{
		difference_model(); // lies where all tests find it
		std::filesystem::create_directories(own_ / "basic" / "scenes");
		setenv("TMPDIR", own_.c_str(), 1);
	}
	~OwnTemporaryFolder()
	{
		setenv("TMPDIR", before_.c_str(), 1);
		std::filesystem::remove_all(own_);
	}

	const std::filesystem::path before_, own_ = before_ / ("matting-plates-test-" + std::to_string(getpid()));
};

class Plates : OwnTemporaryFolder, public Filter {
protected:
	std::filesystem::path scenes() const { return own_ / "basic" / "scenes"; }

	/// A scene collection with what is saved of that filter, and what `more` adds; without one, with nothing of ours.
	void save(const std::string &name, obs_source_t *filter = nullptr, const std::string &more = {})
	{
		OBSDataAutoRelease settings = filter ? obs_source_get_settings(filter) : obs_data_create();
		std::ofstream(scenes() / name) << obs_data_get_json(settings) << more;
	}

	std::filesystem::path copy(obs_source_t *filter, const std::string &name, int days_old)
	{
		const std::filesystem::path original = background(filter), file = original.parent_path() / name;
		std::filesystem::copy_file(original, file);
		std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() -
							       std::chrono::hours(24 * days_old));
		return file;
	}

	static std::string saved_settings(obs_source_t *filter)
	{
		return obs_data_get_json(OBSDataAutoRelease(obs_source_get_settings(filter)));
	}

	/// As at OBS's next start, with what was saved before.
	void load_again(OBSSource &filter, const std::string &saved)
	{
		obs_source_filter_remove(camera, filter);
		filter = nullptr;
		while (obs_wait_for_destroy_queue())
			;
		OBSDataAutoRelease settings = obs_data_create_from_json(saved.c_str());
		filter = add_filter([&](obs_data_t *all) { obs_data_apply(all, settings); });
		wait_frames(10);
	}

	std::vector<std::string> capture_times(obs_source_t *filter, int count)
	{
		std::vector<std::string> files;
		for (int i = 0; i < count; i++) {
			capture(filter);
			files.push_back(background(filter));
			wait_frames(3);
		}
		return files;
	}
};

TEST_F(Filter, HasABackgroundForEachSizeOfTheCamera)
{
	const OBSSource filter = matting_filter();
	const std::string wide = background(filter);
	const std::string square = capture_square(filter);
	ASSERT_NE(square, wide) << status(filter);
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

TEST_F(Plates, CleansUpAfterFiltersThatHaveLongBeenGone)
{
	const OBSSource filter = add_difference_filter();
	capture(filter);
	const auto old = copy(filter, "2020-01-01_00-00-00_00112233445566ff-7-0011aabb.png", 40),
		   older = copy(filter, "2019-01-01_00-00-00_00112233445566fe-1.png",
				400), // as they were called before
		young = copy(filter, "2020-01-02_00-00-00_00112233445566ff-8-0011aabb.png", 3),
		   own = copy(filter, "my_room.png", 400),
		   of_others = copy(filter, "2020-01-01_00-00-00_00112233445566fd-3-0011aabb.png", 40),
		   left_over = copy(filter, ".2020-01-01_00-00-00_00112233445566ff-9-0011aabb.a1B2c3.png", 1),
		   at_work = copy(filter, ".2020-01-01_00-00-00_00112233445566ff-9-0011aabb.a1B2c4.png", 0);
	const OBSSource other = add_difference_filter(); // which uses one of them
	const std::string used = copy(filter, "2020-01-01_00-00-00_00112233445566ff-6-0011aabb.png", 50);
	update(other, [&](obs_data_t *settings) { obs_data_set_string(settings, "background", used.c_str()); });
	wait_frames(10);
	capture(filter);
	EXPECT_TRUE(std::filesystem::exists(old)) << "where the scene collections are is not known";
	EXPECT_FALSE(std::filesystem::exists(left_over));
	save("other.json", nullptr, "00112233445566fd");
	save("before.json.bak", nullptr, "00112233445566ff 00112233445566fe");
	capture(filter);
	EXPECT_FALSE(std::filesystem::exists(old));
	EXPECT_FALSE(std::filesystem::exists(older));
	for (const std::filesystem::path &kept : {young, own, of_others, at_work, std::filesystem::path(used)})
		EXPECT_TRUE(std::filesystem::exists(kept)) << kept;
}

TEST_F(Plates, KeepsThatOfAFilterWhoseRemovalCanBeUndone)
{
	OBSSource removed = add_difference_filter();
	const OBSSource filter = add_difference_filter();
	capture(removed);
	const std::string file = background(removed);
	std::filesystem::last_write_time(file,
					 std::filesystem::file_time_type::clock::now() - std::chrono::hours(24 * 40));
	const std::string settings = obs_data_get_json(OBSDataAutoRelease(obs_source_get_settings(removed)));
	obs_source_filter_remove(camera, removed);
	removed = nullptr;
	while (obs_wait_for_destroy_queue())
		;
	save("scenes.json");
	capture(filter);
	EXPECT_TRUE(std::filesystem::exists(file));
	const OBSSource again = add_filter([&](obs_data_t *all) {
		obs_data_apply(all, OBSDataAutoRelease(obs_data_create_from_json(settings.c_str())));
	});
	wait_frames(3);
	EXPECT_EQ(background(again), file);
}

TEST_F(Plates, KeepsTheBackgroundBeforeAndDeletesOlderOnes)
{
	const OBSSource filter = add_difference_filter();
	save("scenes.json");
	const auto files = capture_times(filter, 3);
	EXPECT_FALSE(std::filesystem::exists(files[0]));
	EXPECT_TRUE(std::filesystem::exists(files[1]));
	EXPECT_TRUE(std::filesystem::exists(files[2]));
}

TEST_F(Plates, ForgetsAllPicturesOfTheRoom)
{
	const OBSSource filter = add_difference_filter();
	const auto files = capture_times(filter, 3);
	save("scenes.json", filter); // names the last one until OBS saves again
	forget(filter);
	for (const std::string &file : files)
		EXPECT_FALSE(std::filesystem::exists(file));
}

TEST_F(Plates, ForgetsNothingThatAnotherSceneCollectionHas)
{
	const OBSSource filter = add_difference_filter();
	const auto files = capture_times(filter, 2);
	save("scenes.json", filter);
	save("copy of scenes.json", filter);
	forget(filter);
	for (const std::string &file : files)
		EXPECT_TRUE(std::filesystem::exists(file));
}

// Of which one cannot be read, or which has a filter whose background ours has chosen.
TEST_F(Plates, ForgetsNothingThatAnotherSceneCollectionMayHave)
{
	const OBSSource filter = add_difference_filter();
	const auto files = capture_times(filter, 2);
	save("scenes.json", filter);
	std::ofstream(scenes() / "empty.json").close();
	forget(filter);
	for (const std::string &file : files)
		EXPECT_TRUE(std::filesystem::exists(file));
	std::filesystem::remove(scenes() / "empty.json");
	EXPECT_TRUE(wait_until([&] { return background(filter).empty(); }));

	capture(filter);
	const std::string theirs = copy(filter, "2020-01-01_00-00-00_00112233445566fd-3-0011aabb.png", 1);
	save("other.json", nullptr, "00112233445566fd");
	update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "background", theirs.c_str()); });
	EXPECT_TRUE(wait_until([&] { return background(filter) == theirs; }));
	save("scenes.json", filter);
	forget(filter);
	EXPECT_TRUE(std::filesystem::exists(theirs));
}

TEST_F(Plates, TakesNoCaptureOfACopyOfItsSceneCollection)
{
	OBSSource filter = add_difference_filter();
	capture(filter);
	save("scenes.json", filter);
	const std::string saved = saved_settings(filter), own = background(filter);
	capture(filter);
	const std::string newer = background(filter);
	save("copy of scenes.json", filter);
	load_again(filter, saved);
	EXPECT_EQ(background(filter), own);
	std::filesystem::remove(scenes() / "copy of scenes.json");
	load_again(filter, saved);
	EXPECT_EQ(background(filter), newer) << "OBS ended before it could save that";
}

// The room would be shown if it had no other.
TEST_F(Plates, TakesItsNewestCaptureWhereASceneCollectionCannotBeRead)
{
	OBSSource filter = add_difference_filter();
	save("scenes.json", filter);
	const std::string saved = saved_settings(filter);
	capture(filter);
	const std::string newest = background(filter);
	std::ofstream(scenes() / "empty.json").close();
	load_again(filter, saved);
	EXPECT_EQ(background(filter), newest);
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
