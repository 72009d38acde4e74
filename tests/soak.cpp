// SPDX-License-Identifier: GPL-2.0-or-later
// An hour of a streamer's life at ten times the speed, in real libobs with the real engine, and a hundred deaths of the engine:
// not part of the suite. With MATTING_SOAK_MINUTES (6) and MATTING_SOAK_SEED (the time) in the environment;
// --gtest_filter=Soak.* or Deaths.* for one of them.
#include "filter_test.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <random>

#include <sys/wait.h>

namespace matting {
namespace {

using Clock = std::chrono::steady_clock;

/// What a process holds.
struct Holdings {
	double megabytes = 0;
	int descriptors = 0, threads = 0;

	static Holdings of(const std::string &process)
	{
		const std::filesystem::path folder = "/proc/" + process;
		Holdings holdings;
		std::ifstream status(folder / "status");
		for (std::string line; std::getline(status, line);) {
			if (line.starts_with("VmRSS:"))
				holdings.megabytes = std::atof(line.c_str() + 6) / 1024;
			if (line.starts_with("Threads:"))
				holdings.threads = std::atoi(line.c_str() + 8);
		}
		std::error_code error;
		for (std::filesystem::directory_iterator entry(folder / "fd", error), end; !error && entry != end;
		     entry.increment(error))
			holdings.descriptors++;
		return holdings;
	}
};

unsigned seed()
{
	static const char *given = std::getenv("MATTING_SOAK_SEED");
	static const auto seed = static_cast<unsigned>(given ? std::atol(given) : std::time(nullptr));
	return seed;
}

class Soak : public Filter {
protected:
	Soak() : random_(seed())
	{
		std::printf("soak: seed %u\n", seed());
		other_scene_ = obs_scene_create("another scene");
		obs_scene_release(other_scene_);
		obs_scene_add(other_scene_, camera);
		filter_ = matting_filter();
		frames_with_room = 0;
	}
	~Soak() override
	{
		extra_ = nullptr;
		filter_ = nullptr;
		obs_source_remove(obs_scene_get_source(other_scene_));
		other_scene_ = nullptr;
	}

	int roll(int sides) { return std::uniform_int_distribution(0, sides - 1)(random_); }

	void step(int action)
	{
		static constexpr uint32_t sizes[][2] = {{320, 180}, {640, 360}, {1280, 720}, {160, 90}};
		switch (action) {
		case 0:
		case 1:
			picture_.has_person = !picture_.has_person;
			return set_camera(picture_);
		case 2: {
			const auto [width, height] = sizes[roll(4)];
			picture_.width = width;
			picture_.height = height;
			return set_camera(picture_);
		}
		case 3:
			return void(obs_sceneitem_set_visible(camera_item, !obs_sceneitem_visible(camera_item)));
		case 4:
			is_elsewhere_ = !is_elsewhere_;
			return obs_set_output_source(0, obs_scene_get_source(is_elsewhere_ ? other_scene_ : scene));
		case 5:
			return update(filter_, [this](obs_data_t *settings) {
				obs_data_set_double(settings, "backbone_scale", 0.25 + 0.25 * roll(3));
				obs_data_set_double(settings, "refine_threshold", 0.1 * roll(10));
			});
		case 6:
			return capture_again();
		case 7:
			return signal_engine(SIGKILL);
		case 8:
			return signal_engine(SIGSTOP);
		case 9:
			return add_or_remove_another();
		case 10:
			return obs_source_set_name(filter_, ("matting " + std::to_string(roll(1000))).c_str());
		default:
			status(filter_); // the panel is looked at
		}
	}

	// There may be none at the moment, and -1 would be everybody.
	void signal_engine(int signal) const
	{
		if (const int id = engine_id(); id > 0)
			kill(id, signal);
	}

	void capture_again()
	{
		picture_.has_person = false;
		set_camera(picture_);
		obs_sceneitem_set_visible(camera_item, true);
		wait_frames(3);
		press(filter_, "capture_background");
	}

	void add_or_remove_another()
	{
		if (!extra_) {
			extra_ = add_difference_filter(backdrop());
			return;
		}
		obs_source_filter_remove(backdrop(), extra_);
		extra_ = nullptr;
	}

	obs_source_t *backdrop()
	{
		const OBSSourceAutoRelease source = obs_get_source_by_name("backdrop");
		return source; // the scene keeps it
	}

	void report(const char *when) const
	{
		const Holdings obs = Holdings::of("self"), engine = Holdings::of(std::to_string(engine_id()));
		std::printf(
			"soak: %s: %d frames, %d with the room; OBS %.0f MB, %d descriptors, %d threads; engine %.0f MB, "
			"%d descriptors, %d threads\n",
			when, frames.load(), frames_with_room.load(), obs.megabytes, obs.descriptors, obs.threads,
			engine.megabytes, engine.descriptors, engine.threads);
		std::fflush(stdout);
	}

	// Somebody may have stood in the last one.
	void capture_empty_room()
	{
		picture_ = {};
		set_camera(picture_);
		const std::string before = background(filter_);
		const auto ends_with_a_capture = [&] {
			if (background(filter_) != before)
				return true;
			const std::string now = status(filter_);
			if (now.find("The room is removed") != std::string::npos ||
			    now.find("You are not shown") != std::string::npos)
				press(filter_, "capture_background");
			wait_frames(30);
			return false;
		};
		EXPECT_TRUE(wait_until(ends_with_a_capture, 90)) << status(filter_);
	}

	// As at the beginning: so that what is held can be compared.
	void come_home()
	{
		if (extra_)
			add_or_remove_another();
		is_elsewhere_ = false;
		obs_set_output_source(0, obs_scene_get_source(scene));
		obs_sceneitem_set_visible(camera_item, true);
		capture_empty_room();
		picture_ = {.has_person = true};
		set_camera(picture_);
		EXPECT_TRUE(wait_until([&] { return is_matted(); }, 90)) << status(filter_);
		wait_frames(30);
	}

	std::mt19937 random_;
	CameraPicture picture_{.has_person = true};
	OBSScene other_scene_;
	OBSSource filter_, extra_;
	bool is_elsewhere_ = false;
};

TEST_F(Soak, ShowsNoRoomAndKeepsNothing)
{
	constexpr int actions = 14;
	const char *given = std::getenv("MATTING_SOAK_MINUTES");
	const std::chrono::duration<double> length = std::chrono::minutes(1) * (given ? std::atof(given) : 6);
	const auto begin = Clock::now();
	Holdings before;
	std::array<int, actions> counts{};
	for (auto next_report = begin; Clock::now() - begin < length;) {
		const int action = roll(actions);
		counts[static_cast<size_t>(action)]++;
		step(action);
		wait_frames(1 + roll(40));
		EXPECT_EQ(frames_with_room, 0) << "after action " << action;
		frames_with_room = 0;
		if (before.descriptors == 0 && Clock::now() - begin > length / 4) {
			come_home();
			before = Holdings::of("self");
			report("a quarter");
		}
		if (Clock::now() >= next_report) {
			report("so far");
			next_report = Clock::now() + std::chrono::seconds(30);
		}
	}
	come_home();
	report("at the end");
	std::printf("soak: %d kills, %d stops, %d captures, %d sizes, %d settings\n", counts[7], counts[8], counts[6],
		    counts[2], counts[5]);
	const Holdings after = Holdings::of("self");
	EXPECT_LE(after.descriptors, before.descriptors + 2);
	EXPECT_LE(after.threads, before.threads + 1);
	EXPECT_LE(after.megabytes, 1.1 * before.megabytes + 20);
}

class Deaths : public Filter {
protected:
	// One after the other, at any moment; says how many seconds passed until nothing was drawn, and until all was well again.
	void die(int signal, int times, double most_until_nothing, double most_until_matted)
	{
		std::mt19937 random(seed());
		const OBSSource filter = matting_filter();
		frames_with_room = 0;
		for (int i = 0; i < times; i++) {
			wait_frames(5 + static_cast<int>(random() % 40));
			const int engine = engine_id();
			ASSERT_GT(engine, 0);
			kill(engine, signal);
			const auto begin = Clock::now();
			const auto wait_for = [&](auto condition, std::vector<double> &times_taken) {
				ASSERT_TRUE(wait_until(condition)) << status(filter);
				times_taken.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
			};
			wait_for([&] { return is_empty_now(); }, until_nothing_);
			wait_for([&] { return is_matted_now() && engine_id() != engine; }, until_matted_);
		}
		EXPECT_EQ(frames_with_room, 0);
		EXPECT_LT(report("nothing is drawn", until_nothing_), most_until_nothing);
		EXPECT_LT(report("matted again", until_matted_), most_until_matted);
	}

private:
	// Returns the longest.
	static double report(const char *what, std::vector<double> &seconds)
	{
		std::ranges::sort(seconds);
		const double longest = seconds.back();
		std::printf("soak: %zu times, %s after %.2f s at least, %.2f (median), %.2f at most\n", seconds.size(),
			    what, seconds.front(), seconds[seconds.size() / 2], longest);
		return longest;
	}

	std::vector<double> until_nothing_, until_matted_;
};

TEST_F(Deaths, OfAnEngineThatIsKilledTakeLessThanTwoSeconds)
{
	die(SIGKILL, 100, 1, 2);
}

TEST_F(Deaths, OfAnEngineThatStopsShowNothingWithinTwoSeconds)
{
	die(SIGSTOP, 10, 2.1, 4.5);
}

} // namespace
} // namespace matting
