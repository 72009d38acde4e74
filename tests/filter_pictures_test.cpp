// SPDX-License-Identifier: GPL-2.0-or-later
// Files of pictures that are drawn, and change.
#include "filter_test.hpp"

#include <array>
#include <cstring>
#include <fstream>
#include <map>
#include <thread>

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace {

std::atomic<bool> disk_is_silent = false;
std::atomic<int> silent_reads = 0;

} // namespace

// In libobs's place: on a computer that was switched off, a file is never read.
uint8_t *gs_create_texture_file_data(const char *file, gs_color_format *format, uint32_t *width, uint32_t *height)
{
	static const auto read = reinterpret_cast<decltype(&gs_create_texture_file_data)>(
		dlsym(RTLD_NEXT, "gs_create_texture_file_data"));
	const bool is_on_disk = std::strstr(file, "silent");
	silent_reads += is_on_disk;
	while (is_on_disk && disk_is_silent)
		std::this_thread::sleep_for(std::chrono::milliseconds(5));
	return read(file, format, width, height);
}

namespace matting {
namespace {

// Of one colour, as PPM.
void write_picture(const std::filesystem::path &path, const Colour &colour)
{
	std::filesystem::create_directories(path.parent_path());
	std::ofstream stream(path, std::ios::binary);
	stream << "P6 4 4 255\n";
	for (int i = 0; i < 16; i++)
		stream << static_cast<char>(colour.red) << static_cast<char>(colour.green)
		       << static_cast<char>(colour.blue);
}

constexpr Colour beach{40, 120, 220}, wood{30, 90, 20};

class Pictures : public Filter {
protected:
	void TearDown() override { disk_is_silent = false; }

	void choose(obs_source_t *filter, const char *where, const std::string &path)
	{
		update(filter, [&](obs_data_t *settings) {
			obs_data_set_string(settings, where, path.empty() ? "nothing" : "picture");
			obs_data_set_string(settings, (std::string(where) + "_picture").c_str(), path.c_str());
		});
	}
	OBSSource filter_with_picture(const char *where)
	{
		const OBSSource filter = matting_filter();
		choose(filter, where, path_);
		return filter;
	}
	bool says_that_it_lacks_one(obs_source_t *filter)
	{
		return status(filter).find("cannot be read: choose one") != std::string::npos;
	}

	const std::filesystem::path path_ = config_folder / "drive" / "picture.ppm";
};

TEST_F(Pictures, AreReadWhenTheirDriveIsThereAtLast)
{
	const OBSSource filter = filter_with_picture("behind");
	EXPECT_TRUE(wait_until([&] { return says_that_it_lacks_one(filter); })) << status(filter);
	wait_frames(60);
	EXPECT_TRUE(says_that_it_lacks_one(filter)) << "as long as it is not there";
	write_picture(path_, beach);
	EXPECT_TRUE(wait_until([&] { return near(room_pixel(), beach); }));
	EXPECT_TRUE(wait_until([&] { return !says_that_it_lacks_one(filter); })) << status(filter);
}

// What is drawn in an emergency is known to be missing before there is one.
TEST_F(Pictures, AreLookedForBeforeTheyAreDrawn)
{
	const OBSSource filter = filter_with_picture("not_ready");
	EXPECT_TRUE(wait_until([&] { return says_that_it_lacks_one(filter); })) << status(filter);
	write_picture(path_, beach);
	EXPECT_TRUE(wait_until([&] { return !says_that_it_lacks_one(filter); })) << status(filter);
	EXPECT_TRUE(is_matted());
}

TEST_F(Pictures, AreReadAgainWhenTheyAreWrittenAnew)
{
	write_picture(path_, beach);
	const OBSSource filter = filter_with_picture("behind");
	EXPECT_TRUE(wait_until([&] { return near(room_pixel(), beach); }));
	write_picture(path_, wood);
	EXPECT_TRUE(wait_until([&] { return near(room_pixel(), wood); }));
	std::filesystem::remove_all(path_.parent_path());
	wait_frames(90);
	EXPECT_TRUE(near(room_pixel(), wood)) << "a drive that was pulled out";
	EXPECT_FALSE(says_that_it_lacks_one(filter));
}

TEST_F(Pictures, AreNotWaitedForWhereTheyAreNeverRead)
{
	OBSSource filter = matting_filter();
	const auto silent = config_folder / "silent" / "picture.ppm";
	write_picture(silent, beach);
	disk_is_silent = true;
	choose(filter, "behind", silent);
	EXPECT_TRUE(wait_until([] { return silent_reads > 0; }));
	EXPECT_TRUE(wait_until([&] { return is_matted(); })) << "with nothing behind";
	choose(filter, "behind", background(filter));
	EXPECT_TRUE(wait_until([&] { return near(room_pixel(), room_colour) && near(person_pixel(), person_colour); }));
	choose(filter, "behind", silent);
	wait_frames(3);
	obs_source_filter_remove(camera, filter);
	filter = nullptr;
	while (obs_wait_for_destroy_queue())
		;
	wait_frames(3);
	disk_is_silent = false; // now they are read, for nobody
	std::this_thread::sleep_for(std::chrono::milliseconds(200));
}

// A pipe, which is read when somebody writes into it, a device, which has no end, and a folder.
class NoFiles : public Pictures {
protected:
	NoFiles()
	{
		std::filesystem::create_directories(config_folder);
		EXPECT_EQ(mkfifo(pipe_.c_str(), 0600), 0);
	}

	bool is_read() const
	{
		const int writer = open(pipe_.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
		return writer >= 0 && close(writer) == 0;
	}
	bool says(obs_source_t *filter, const char *words) { return status(filter).find(words) != std::string::npos; }

	const std::string pipe_ = config_folder / "pipe.png";
	const std::array<std::string, 3> paths_{pipe_, "/dev/zero", config_folder};
};

TEST_F(NoFiles, AreNotReadAsPictures)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	for (const char *where : {"behind", "not_ready"})
		for (const std::string &path : paths_) {
			choose(filter, where, path);
			ASSERT_TRUE(wait_until([&] { return says(filter, "not a file: choose one"); }))
				<< where << path << status(filter);
			EXPECT_FALSE(is_read());
			choose(filter, where, "");
			EXPECT_TRUE(wait_until([&] { return !says(filter, "not a file"); })) << status(filter);
		}
	EXPECT_TRUE(is_matted());
	EXPECT_EQ(frames_with_room, 0);
}

TEST_F(NoFiles, AreNotReadAsABackgroundOrAModel)
{
	const OBSSource filter = matting_filter();
	frames_with_room = 0;
	for (const auto &[setting, file] :
	     std::map<std::string, std::string>{{"background", background(filter)}, {"model", difference_model()}}) {
		const auto use = [&, name = setting.c_str()](const std::string &path) {
			update(filter,
			       [&](obs_data_t *settings) { obs_data_set_string(settings, name, path.c_str()); });
		};
		for (const std::string &path : paths_) {
			use(path);
			EXPECT_TRUE(wait_until([&] {
				return says(filter,
					    path == config_folder ? "it is a folder" : "it is no ordinary file");
			})) << setting
			    << path << status(filter);
			EXPECT_FALSE(is_read());
		}
		use(file);
		EXPECT_TRUE(wait_until([&] { return is_matted(); })) << setting << status(filter);
	}
	EXPECT_EQ(frames_with_room, 0);
}

// The blurred background's, too.
TEST_F(Filter, BlursABackgroundThatWasWrittenAnew)
{
	const OBSSource filter = matting_filter();
	const auto room = config_folder / "room.ppm", other = config_folder / "other.ppm";
	write_picture(room, beach);
	update(filter, [&](obs_data_t *settings) {
		obs_data_set_string(settings, "behind", "blurred");
		obs_data_set_string(settings, "background", room.c_str());
		obs_data_set_string(settings, "not_ready", "blurred");
	});
	EXPECT_TRUE(wait_until([&] { return near(room_pixel(), beach, 6); })) << status(filter);
	write_picture(other, wood);
	std::filesystem::rename(other, room);
	EXPECT_TRUE(wait_until([&] { return near(room_pixel(), wood, 6); })) << status(filter);
}

} // namespace
} // namespace matting
