// SPDX-License-Identifier: GPL-2.0-or-later
#include "inference/atomic_file.hpp"

#include <climits>
#include <fstream>
#include <iterator>
#include <string>

#include <gmock/gmock.h>
#include <unistd.h>

namespace matting {
namespace {

class AtomicFiles : public testing::Test {
protected:
	AtomicFiles() { std::filesystem::create_directories(folder_); }
	~AtomicFiles() override { std::filesystem::remove_all(folder_); }

	const std::filesystem::path folder_ =
		std::filesystem::temp_directory_path() / ("atomic-file-test-" + std::to_string(getpid()));
};

// By that the plugin finds what an engine that was killed has left of a picture of the room.
TEST_F(AtomicFiles, HaveTheirWholeNameWhileTheyAreWritten)
{
	const AtomicFile file(folder_ / "a.capture-7.png");
	const std::string name = file.temporary().filename();
	EXPECT_THAT(name, testing::StartsWith(".a.capture-7."));
	EXPECT_THAT(name, testing::EndsWith(".png"));
}

TEST_F(AtomicFiles, MayHaveTheLongestNames)
{
	const std::string extension = ".png";
	for (const size_t length : {NAME_MAX, NAME_MAX - 1}) {
		const auto path = folder_ / (std::string(length - extension.size(), 'a') + extension);
		write_whole_file(path, "all");
		std::ifstream stream(path);
		EXPECT_EQ(std::string(std::istreambuf_iterator(stream), {}), "all") << length;
		EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1) << "nothing is left";
		std::filesystem::remove(path);
	}
}

} // namespace
} // namespace matting
