// SPDX-License-Identifier: GPL-2.0-or-later
// What happens to backgrounds while something else is under way.
#include "filter_test.hpp"

#include <fstream>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace matting {
namespace {

using testing::HasSubstr;

void call(obs_source_t *filter, const char *procedure)
{
	calldata_t data = {};
	EXPECT_TRUE(proc_handler_call(obs_source_get_proc_handler(filter), procedure, &data)) << procedure;
	calldata_free(&data);
}

// A script may, on its own thread. The file that is looked at is a pipe, and what is there to see comes once all is forgotten.
TEST_F(Filter, ChoosesNoPlateOfThisSizeThatIsForgottenMeanwhile)
{
	const OBSSource filter = matting_filter();
	const std::filesystem::path wide = background(filter);
	set_camera({.width = 320, .height = 320});
	EXPECT_TRUE(wait_until([&] {
		return status(filter).find("capture the background again") != std::string::npos;
	})) << status(filter);
	press(filter, "capture_background");
	ASSERT_TRUE(wait_until([&] { return background(filter) != wide; })) << status(filter);
	OBSDataAutoRelease settings = obs_source_get_settings(filter);
	const std::string series = obs_data_get_string(settings, "background_series");
	const std::string newest = wide.parent_path() / ("2100-01-01_00-00-00_" + series + "-9-0011aabb.png");
	ASSERT_EQ(mkfifo(newest.c_str(), 0600), 0);
	std::thread script([&] {
		std::string header(24, 0);
		std::ifstream(wide, std::ios::binary).read(header.data(), 24);
		int writer = -1; // can be opened once somebody reads
		for (int i = 0; i < 2000 && writer < 0; i++) {
			std::this_thread::sleep_for(std::chrono::milliseconds(5));
			writer = open(newest.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		}
		call(filter, "forget_background");
		EXPECT_EQ(write(writer, header.data(), header.size()), 24);
		close(writer);
	});
	set_camera({.has_person = true});
	EXPECT_TRUE(wait_until([&] { return background(filter).empty(); })) << background(filter);
	script.join();
	wait_frames(10);
	EXPECT_EQ(background(filter), "");
	EXPECT_THAT(status(filter), HasSubstr("Leave the picture"));
}

} // namespace
} // namespace matting
