// SPDX-License-Identifier: GPL-2.0-or-later
// OBS's dialog for missing files: what it does to a filter whose background or model is gone.
#include "filter_test.hpp"

namespace matting {
namespace {

class MissingFiles : public Filter {
protected:
	// As the dialog does: "" is its "Clear".
	void replace_the_missing_file(obs_source_t *filter, const std::string &path)
	{
		obs_missing_files_t *missing = obs_source_get_missing_files(filter);
		ASSERT_EQ(obs_missing_files_count(missing), 1u);
		obs_missing_file_issue_callback(obs_missing_files_get_file(missing, 0), path.c_str());
		obs_missing_files_destroy(missing);
	}

	std::string captured_file()
	{
		const OBSSource filter = matting_filter();
		const std::string file = background(filter);
		obs_source_filter_remove(camera, filter);
		return file;
	}

	OBSSource filter_with(const std::string &model, const std::string &background)
	{
		const OBSSource filter = add_filter([&](obs_data_t *settings) {
			obs_data_set_string(settings, "model", model.c_str());
			obs_data_set_string(settings, "background", background.c_str());
		});
		wait_frames(3);
		frames_with_room = 0;
		EXPECT_TRUE(wait_until([&] { return status(filter).find("/nowhere/") != std::string::npos; }))
			<< status(filter);
		return filter;
	}
};

TEST_F(MissingFiles, AReplacedBackgroundIsUsed)
{
	const std::string file = captured_file();
	const OBSSource filter = filter_with(difference_model(), "/nowhere/plate.png");
	replace_the_missing_file(filter, file);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(background(filter), file);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(MissingFiles, AClearedBackgroundDoesNotShowTheRoom)
{
	const OBSSource filter = filter_with(difference_model(), "/nowhere/plate.png");
	replace_the_missing_file(filter, "");
	wait_frames(20);
	EXPECT_TRUE(is_empty());
	EXPECT_EQ(frames_with_room, 0);
	EXPECT_TRUE(wait_until([&] { return background(filter) == "/nowhere/plate.png"; }));
}

TEST_F(MissingFiles, AReplacedModelIsUsed)
{
	const std::string file = captured_file();
	const OBSSource filter = filter_with("/nowhere/model.pth", file);
	replace_the_missing_file(filter, difference_model());
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(MissingFiles, AClearedModelIsTheBundledOne)
{
	const std::string file = captured_file();
	const OBSSource filter = filter_with("/nowhere/model.pth", file);
	replace_the_missing_file(filter, "");
	EXPECT_TRUE(wait_until([&] { return status(filter).find("Matting") != std::string::npos; })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(MissingFiles, ACaptureIsFoundWhereTheCapturesAreNow)
{
	const std::string file = captured_file();
	const std::string before = "/nowhere/of/before/" + std::filesystem::path(file).filename().string();
	const OBSSource filter = add_filter([&](obs_data_t *settings) {
		obs_data_set_string(settings, "model", difference_model().c_str());
		obs_data_set_string(settings, "background", before.c_str());
	});
	frames_with_room = 0;
	EXPECT_TRUE(wait_until([&] { return is_matted() && background(filter) == file; })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(MissingFiles, APictureThatNothingUsesIsNotMissed)
{
	const OBSSource filter = add_difference_filter();
	const auto missing = [&] {
		obs_missing_files_t *files = obs_source_get_missing_files(filter);
		const size_t count = obs_missing_files_count(files);
		obs_missing_files_destroy(files);
		return count;
	};
	update(filter, [](obs_data_t *settings) {
		obs_data_set_string(settings, "behind_picture", "/nowhere/behind.png");
		obs_data_set_string(settings, "not_ready_picture", "/nowhere/not_ready.png");
	});
	EXPECT_EQ(missing(), 0u);
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "behind", "picture"); });
	EXPECT_EQ(missing(), 1u);
	update(filter, [](obs_data_t *settings) { obs_data_set_string(settings, "not_ready", "picture"); });
	EXPECT_EQ(missing(), 2u);
}

// OBS saves a new filter at once, and makes it anew from that.
TEST_F(MissingFiles, ARedoOfAddingFindsWhatWasCapturedMeanwhile)
{
	OBSSource filter = add_difference_filter();
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	OBSDataAutoRelease saved = obs_data_create_from_json(obs_data_get_json(settings));
	capture(filter);
	const std::string file = background(filter);
	obs_source_filter_remove(camera, filter);
	filter = nullptr;
	while (obs_wait_for_destroy_queue())
		;
	frames_with_room = 0;
	set_camera({.has_person = true});
	filter = add_filter([&](obs_data_t *all) { obs_data_apply(all, saved); });
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(background(filter), file);
}

} // namespace
} // namespace matting
