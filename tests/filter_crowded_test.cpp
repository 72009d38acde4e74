// SPDX-License-Identifier: GPL-2.0-or-later
// Much at once: many filters, a camera whose size changes all the time; and what outlives a mistake.
#include "filter_test.hpp"

#include <csignal>
#include <fstream>

namespace matting {
namespace {

using testing::HasSubstr;
using testing::Not;

// Each has four things to say to an engine that starts, which does not listen yet.
TEST_F(Filter, IsOneOfTwelveOfWhichAllMatteAgainAfterAnEnginesDeath)
{
	std::vector<OBSSource> filters;
	for (int i = 0; i < 12; i++)
		filters.push_back(add_difference_filter());
	const auto are_all = [&](const char *state) {
		return std::ranges::all_of(filters,
					   [&](obs_source_t *filter) { return word(filter, "state") == state; });
	};
	const auto states = [&] {
		std::string states;
		for (const OBSSource &filter : filters)
			states += word(filter, "state") + ": " + status(filter) + "\n";
		return states;
	};
	EXPECT_TRUE(wait_until([&] { return are_all("no_background"); }, 30)) << states();
	const int first = engine_id();
	kill(first, SIGKILL);
	EXPECT_TRUE(wait_until([&] { return engine_id() > 0 && engine_id() != first; }));
	const int second = engine_id();
	EXPECT_TRUE(wait_until([&] { return are_all("no_background"); }, 30)) << states();
	EXPECT_EQ(engine_id(), second) << "the first one that was started mattes";
}

// In this process.
size_t memories_for_frames()
{
	std::ifstream maps("/proc/self/maps");
	size_t count = 0;
	for (std::string line; std::getline(maps, line);)
		count += line.find("background-matting frames") != std::string::npos;
	return count;
}

TEST_F(Filter, KeepsLittleMemoryWhileTheCamerasSizeChangesAllTheTime)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	size_t most = 0;
	for (uint32_t i = 0; i < 60; i++) {
		const uint32_t height = 1080 - 9 * (i % 20);
		set_camera({.width = height * 16 / 9, .height = height, .has_person = true});
		wait_frames(2);
		most = std::max(most, memories_for_frames());
	}
	EXPECT_LE(most, 3) << "the one in use, the one that the engine opens, the one that it closes";
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
	EXPECT_TRUE(wait_until([&] { return memories_for_frames() == 1; }));
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(Filter, GetsOverABackgroundThatIsTooSmall)
{
	const OBSSource filter = matting_filter();
	const std::string good = background(filter);
	const auto tiny = config_folder / "tiny.png";
	{ // 1x1, grey
		std::ofstream(tiny, std::ios::binary) << std::string(
			"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\nIDAT"
			"\x78\x9c\x63\x60\0\0\0\2\0\1\x48\xaf\xa4\x71\0\0\0\0IEND\xae\x42\x60\x82",
			67);
	}
	const auto choose = [&](const char *setting, const std::string &file) {
		update(filter, [&](obs_data_t *settings) { obs_data_set_string(settings, setting, file.c_str()); });
	};
	choose("background", tiny.string());
	EXPECT_TRUE(wait_until([&] { return word(filter, "state") == "failed"; })) << status(filter);
	EXPECT_THAT(status(filter), HasSubstr("1x1"));
	choose("model", formula_model("resnet50").string());
	EXPECT_TRUE(wait_until([&] { return word(filter, "model").starts_with("resnet50"); })) << status(filter);
	EXPECT_THAT(status(filter), Not(HasSubstr("he model"))) << "it is the background's fault";
	choose("background", good);
	choose("model", difference_model().string());
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

TEST_F(Filter, CapturesAgainWhenTheFolderOfBackgroundsWasDeleted)
{
	const OBSSource filter = matting_filter();
	set_camera({});
	const std::string before = background(filter);
	const int engine = engine_id();
	std::filesystem::remove_all(std::filesystem::path(before).parent_path());
	press(filter, "capture_background");
	EXPECT_TRUE(wait_until([&] { return engine_id() > 0 && engine_id() != engine; })) << status(filter);
	EXPECT_TRUE(wait_until([&] { return word(filter, "state") == "failed"; })) << "the background is gone, too";
	press(filter, "capture_background");
	EXPECT_TRUE(wait_until([&] { return background(filter) != before; })) << status(filter);
	EXPECT_TRUE(std::filesystem::exists(background(filter)));
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << status(filter);
}

} // namespace
} // namespace matting
