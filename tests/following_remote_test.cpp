// SPDX-License-Identifier: GPL-2.0-or-later
// A plate that follows a camera whose pictures are not in the processor's memory.
#include "inference/pixels.hpp"
#include "inference/plate_follower.hpp"
#include "wall.hpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace matting {
namespace {

// Frames that stay in a graphics card's memory: only what is needed is read from there.
TEST(Follower, SeesRemotePicturesAsThoseThatAreHere)
{
	const auto large = [](Bitmap original) { // of smaller ones each row is looked at
		Bitmap bitmap(2 * width, 2 * height);
		bitmap.pixels = scale(original.picture(), bitmap.width, bitmap.height);
		return bitmap;
	};
	const auto remote = [](Bitmap &bitmap) {
		Picture picture = bitmap.picture();
		picture.device = Device::cuda;
		return picture;
	};
	int rows_read = 0, written = 0, pinned = 0;
	PlateFollower here, elsewhere;
	elsewhere.set_remote({[&](const Picture &from, int first, int every, const Picture &to) {
				      EXPECT_EQ(from.device, Device::cuda);
				      for (int y = first; y < from.height; y += every, rows_read++)
					      std::copy_n(from.pixels + y * from.pitch, 4 * from.width,
							  to.pixels + y * to.pitch);
			      },
			      [&](const Picture &from, const Picture &to) {
				      std::copy_n(from.pixels, size_t{4} * from.width * from.height, to.pixels);
				      written++;
			      },
			      [&](const Picture &picture) {
				      EXPECT_EQ(picture.pitch, 4 * picture.width);
				      pinned++;
				      return nullptr; // it cannot be had
			      }});
	Bitmap plate = large(draw()), still = large(draw({}, {1, 1, 1}, 4)),
	       moved = large(draw({{1, 0, 0.05, 0, 1, 0.02, 0, 0, 1}}));
	here.set_plate(plate.picture());
	elsewhere.set_plate(plate.picture());
	for (Bitmap *frame : {&still, &still, &moved})
		EXPECT_EQ(elsewhere.look(remote(*frame)), here.look(frame->picture()));
	EXPECT_GT(elsewhere.movement(), 30);
	EXPECT_EQ(Bitmap(elsewhere.plate()).pixels, Bitmap(here.plate()).pixels);
	rows_read = 0;
	elsewhere.look(remote(moved));
	EXPECT_GT(rows_read, 0);
	EXPECT_LE(rows_read, moved.height / 2) << "one that fits is only glanced at";
	Bitmap result(moved.width, moved.height); // opaque where the plate does not reach, and only there
	for (int y = 0; y < result.height; y++)
		std::fill_n(&result.pixels[size_t{4} * result.width * y], 4 * 20, uint8_t{255});
	Bitmap copy = result;
	here.clear_unknown(result.picture());
	elsewhere.clear_unknown(remote(copy));
	EXPECT_EQ(copy.pixels[size_t{4} * result.width * result.height / 2], 0);
	EXPECT_EQ(copy.pixels, result.pixels);
	EXPECT_EQ(written, 1);
	EXPECT_EQ(pinned, 1) << "of so many pictures of one size";
	rows_read = 0;
	EXPECT_EQ(elsewhere.figures_of(remote(moved)).opaque, here.figures_of(moved.picture()).opaque);
	EXPECT_EQ(rows_read, moved.height / 4);
}

} // namespace
} // namespace matting
