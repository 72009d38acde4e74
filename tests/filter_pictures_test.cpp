// SPDX-License-Identifier: GPL-2.0-or-later
// Files of pictures that are drawn, and change.
#include "filter_test.hpp"

#include <fstream>

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
	OBSSource filter_with_picture(const char *where)
	{
		const OBSSource filter = matting_filter();
		update(filter, [&](obs_data_t *settings) {
			obs_data_set_string(settings, where, "picture");
			obs_data_set_string(settings, (std::string(where) + "_picture").c_str(), path_.c_str());
		});
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
