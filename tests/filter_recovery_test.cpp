// SPDX-License-Identifier: GPL-2.0-or-later
// What comes at the wrong moment: deaths of engines that have just been started, models and sizes chosen in a hurry; and files and
// folders that are not what they were.
#include "filter_test.hpp"

#include <chrono>
#include <csignal>
#include <ctime>

#include <sys/stat.h>

namespace matting {
namespace {

using testing::HasSubstr;
using testing::Not;
using Clock = std::chrono::steady_clock;

class Recovery : public Filter {
protected:
	void choose_model(obs_source_t *filter, const std::string &model)
	{
		update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, "model", model.c_str()); });
		wait_frames(3);
	}
};

// Then the next pause is no longer than the first one.
TEST_F(Recovery, TakesLessThanTwoSecondsAfterManyDeathsBeforeTheFirstMatte)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	int killed = -1;
	for (int i = 0; i < 8; i++) {
		int next = -1;
		ASSERT_TRUE(wait_until([&] { return (next = engine_id()) > 0 && next != killed; })) << status(filter);
		killed = next;
		kill(killed, SIGKILL);
	}
	const auto begin = Clock::now();
	EXPECT_TRUE(wait_until([&] { return engine_id() > 0 && engine_id() != killed; })) << status(filter);
	EXPECT_LT(std::chrono::duration<double>(Clock::now() - begin).count(), 1.5);
	EXPECT_TRUE(wait_until([&] { return is_matted_now(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

// The engine tries them all, and only the last one is of interest.
TEST_F(Recovery, NamesTheLastOfThreeModelsAndTriesItAgain)
{
	const std::string good = config_folder / "good.pth", gone = config_folder / "gone.pth",
			  late = config_folder / "late.pth";
	const OBSSource filter = add_difference_filter(); // which makes the model
	std::filesystem::create_directories(config_folder);
	std::filesystem::copy_file(difference_model(), good);
	ASSERT_TRUE(wait_until([&] { return word(filter, "state") == "no_background"; })) << status(filter);
	const int engine = engine_id();
	kill(engine, SIGSTOP); // so that all three wait for it
	for (const std::string &model : {good, gone, late})
		choose_model(filter, model);
	kill(engine, SIGCONT);
	EXPECT_TRUE(wait_until([&] { return status(filter).find("late.pth") != std::string::npos; })) << status(filter);
	EXPECT_EQ(word(filter, "state"), "failed");
	std::filesystem::copy_file(good, late + ".part");
	std::filesystem::rename(late + ".part", late);
	EXPECT_TRUE(wait_until([&] { return word(filter, "state") == "no_background"; })) << status(filter);
	EXPECT_EQ(engine_id(), engine);
}

TEST_F(Recovery, DoesNotSayThatItMattesAPictureOfANewSizeBeforeItDoes)
{
	const OBSSource filter = matting_filter();
	EXPECT_EQ(word(filter, "state"), "matting");
	wait_frames(20);
	frames_with_room = 0;
	const int engine = engine_id();
	kill(engine, SIGSTOP); // as one that is busy with another filter
	set_camera({.width = 640, .height = 360, .has_person = true});
	EXPECT_TRUE(wait_until([&] { return word(filter, "state") == "starting"; }, 1.5)) << status(filter);
	EXPECT_THAT(status(filter), Not(HasSubstr("is removed")));
	set_camera({.has_person = true});
	kill(engine, SIGCONT);
	EXPECT_TRUE(wait_until([&] { return is_matted() && word(filter, "state") == "matting"; })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Recovery, LeavesNoCaptureThatCannotGetItsName)
{
	const OBSSource filter = matting_filter();
	const std::filesystem::path before = background(filter);
	frames_with_room = 0;
	// In its place there is a folder, in whichever of the next seconds that is: DATE_SERIES-NUMBER-FINGERPRINT.png
	constexpr size_t date_length = 19, series_length = 18;
	const std::string name = before.filename();
	const auto number = std::stoll(name.substr(date_length + series_length)) + 1;
	const std::string rest =
		name.substr(date_length, series_length) + std::to_string(number) + name.substr(name.rfind('-'));
	const std::time_t now = std::time(nullptr);
	for (std::time_t second = now; second < now + 30; second++) {
		char date[date_length + 1];
		std::strftime(date, sizeof date, "%Y-%m-%d_%H-%M-%S", std::localtime(&second));
		std::filesystem::create_directory(before.parent_path() / (date + rest));
	}
	press(filter, "capture_background");
	EXPECT_TRUE(wait_until([&] { return status(filter).find("was not captured") != std::string::npos; }))
		<< status(filter);
	EXPECT_TRUE(wait_until([&] {
		return std::ranges::none_of(
			std::filesystem::directory_iterator(before.parent_path()),
			[](const auto &file) { return file.path().filename().string().starts_with('.'); });
	}));
	EXPECT_EQ(background(filter), before);
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_EQ(frames_with_room, 0);
}

// The panel says of what size it is: on the thread of OBS's window.
TEST_F(Recovery, DoesNotWaitForACaptureThatHasBecomeAPipe)
{
	const OBSSource filter = matting_filter();
	const std::string file = background(filter);
	frames_with_room = 0;
	std::filesystem::remove(file);
	ASSERT_EQ(mkfifo(file.c_str(), 0600), 0);
	EXPECT_THAT(status(filter), HasSubstr("is removed"));
	wait_frames(60);
	EXPECT_TRUE(is_matted());
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Recovery, StartsAnEngineWhereTheFolderThatObsWasStartedInIsDeleted)
{
	const std::filesystem::path before = std::filesystem::current_path(), folder = config_folder / "deleted";
	std::filesystem::create_directories(folder);
	std::filesystem::current_path(folder);
	std::filesystem::remove(folder);
	matting_filter();
	std::filesystem::current_path(before);
}

} // namespace
} // namespace matting
