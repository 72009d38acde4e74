// SPDX-License-Identifier: GPL-2.0-or-later
// `matte` on pictures: formats, alpha, depth, orientation, views, backdrops.
#include "matte_test.hpp"

#include <fmt/format.h>

namespace matting {
namespace {

using testing::HasSubstr;

class MattePictures : public MatteTest {};

TEST_F(MattePictures, AreReadFromPngWebpAndJpeg)
{
	write_media(path("source.png"), {person()});
	write_media(path("source.webp"), {person()}, "-c:v libwebp -lossless 1");
	write_media(path("source.jpg"), {person()}, "-pix_fmt yuvj444p -q:v 1");
	for (const char *source : {"source.png", "source.webp", "source.jpg"}) {
		SCOPED_TRACE(source);
		ASSERT_THAT(matte(source, "matte.png"), succeeds_quietly());
		EXPECT_EQ(probe(path("matte.png"), "stream=pix_fmt"), "rgba\n");
		expect_person(read_media(path("matte.png")).at(0), std::string_view(source) == "source.jpg" ? 2 : 0);
	}
}

TEST_F(MattePictures, AreTheSameInPngAndWebp)
{
	write_media(path("source.png"), {person()});
	ASSERT_THAT(matte("source.png", "matte.png"), succeeds_quietly());
	ASSERT_THAT(matte("source.png", "matte.WEBP"), succeeds_quietly()); // an extension in any case
	const TestPicture png = read_media(path("matte.png")).at(0), webp = read_media(path("matte.WEBP")).at(0);
	ASSERT_EQ(png.pixels.size(), webp.pixels.size());
	for (size_t i = 0; i < png.pixels.size(); i++) {
		ASSERT_EQ(png.pixels[i][3], webp.pixels[i][3]) << i;
		if (png.pixels[i][3] > 0) { // lossless WebP keeps no colour where nothing is seen
			ASSERT_EQ(png.pixels[i], webp.pixels[i]) << i;
		}
	}
}

TEST_F(MattePictures, GoIntoJpegOnlyOverABackdrop)
{
	write_media(path("source.png"), {person()});
	EXPECT_THAT(matte("source.png", "matte.jpg"), fails_saying("matte.jpg cannot hold alpha"));
	EXPECT_FALSE(exists("matte.jpg"));
	ASSERT_THAT(matte("source.png", "matte.jpg", {"--over", "#102030"}), succeeds_quietly());
	EXPECT_THAT(read_media(path("matte.jpg")).at(0).at(centres[0], height / 2), is_pixel({16, 32, 48, 255}, 3));
}

TEST_F(MattePictures, LieOverAColour)
{
	write_media(path("source.png"), {person()});
	ASSERT_THAT(matte("source.png", "matte.png", {"--over", "#2080fF"}), succeeds_quietly());
	const TestPicture matte = read_media(path("matte.png")).at(0);
	EXPECT_EQ(matte.at(centres[0], 20), (Pixel{0x20, 0x80, 0xff, 255}));
	EXPECT_EQ(matte.at(centres[2], 20), (Pixel{30, 220, 120, 255}));
	const auto half = [](int front, int back) { // to the nearest: no sum here lies between two
		return static_cast<uint8_t>((2 * (front * 128 + back * 127) + 255) / 510);
	};
	EXPECT_EQ(matte.at(centres[1], 20), (Pixel{half(200, 0x20), half(56, 0x80), half(10, 0xff), 255}));
}

TEST_F(MattePictures, LieOverAPictureThatCoversThem)
{
	write_media(path("source.png"), {plate()}); // nothing but room: all is backdrop
	// Twice as wide as the picture is: a quarter is cut off on each side, and what remains is scaled up.
	const TestPicture backdrop(48, 12, [](int x, int) {
		return x < 12 || x >= 36 ? Pixel{0, 255, 0, 255}
		       : x < 24          ? Pixel{200, 0, 0, 255}
					 : Pixel{0, 0, 200, 255};
	});
	write_media(path("backdrop.png"), {backdrop});
	ASSERT_THAT(matte("source.png", "matte.png", {"--over", path("backdrop.png")}), succeeds_quietly());
	const TestPicture matte = read_media(path("matte.png")).at(0);
	ASSERT_EQ(matte.width, width);
	for (const int y : {0, height - 1}) {
		EXPECT_THAT(matte.at(8, y), is_pixel({200, 0, 0, 255}, 3)) << y;
		EXPECT_THAT(matte.at(width / 2 - 8, y), is_pixel({200, 0, 0, 255}, 3)) << y;
		EXPECT_THAT(matte.at(width / 2 + 8, y), is_pixel({0, 0, 200, 255}, 3)) << y;
		EXPECT_THAT(matte.at(width - 9, y), is_pixel({0, 0, 200, 255}, 3)) << y;
	}
}

TEST_F(MattePictures, ShowHowTheyCameAbout)
{
	write_media(path("source.png"), {person()});
	const auto view = [&](const char *name, const char *mode) {
		EXPECT_THAT(matte("source.png", "view.png", {"--view", name, "--refine-mode", mode}),
			    succeeds_quietly());
		return read_media(path("view.png")).at(0);
	};
	const TestPicture alpha = view("alpha", "sampling");
	EXPECT_EQ(alpha.at(centres[0], 20), (Pixel{0, 0, 0, 255}));
	EXPECT_EQ(alpha.at(centres[1], 20), (Pixel{128, 128, 128, 255}));
	EXPECT_EQ(alpha.at(centres[2], 20), (Pixel{255, 255, 255, 255}));
	EXPECT_EQ(greatest_difference(view("foreground", "sampling"), person()), 0);
	EXPECT_EQ(view("error", "sampling").at(centres[2], 20), (Pixel{0, 0, 0, 255}));
	EXPECT_EQ(view("refined", "sampling").at(centres[2], 20), (Pixel{0, 0, 0, 255}));
	EXPECT_EQ(view("refined", "full").at(centres[2], 20), (Pixel{255, 255, 255, 255}));
}

TEST_F(MattePictures, KeepTheAlphaOfTheSource)
{
	TestPicture source = person();
	for (Pixel &pixel : source.pixels)
		pixel[3] = 100;
	write_media(path("source.png"), {source});
	ASSERT_THAT(matte("source.png", "matte.png"), succeeds_quietly());
	const TestPicture matte = read_media(path("matte.png")).at(0);
	EXPECT_EQ(matte.at(centres[0], 20)[3], 0);
	EXPECT_EQ(matte.at(centres[1], 20), (Pixel{200, 56, 10, 50}));
	EXPECT_EQ(matte.at(centres[2], 20), (Pixel{30, 220, 120, 100}));
}

TEST_F(MattePictures, OfSixteenBitsAreReadAsTheFfmpegProgramReadsThem)
{
	// A ramp over all 16 bits, in three different directions.
	ffmpeg("-f lavfi -i \"nullsrc=s=96x48,format=rgb48le,geq="
	       "r='65535*X/95':g='65535*(X+Y)/142':b='65535*Y/47'\" -frames:v 1 -pix_fmt rgb48be '" +
	       path("deep.png") + "'");
	ASSERT_EQ(probe(path("deep.png"), "stream=pix_fmt"), "rgb48be\n");
	ASSERT_THAT(matte("deep.png", "shallow.png", {"--view", "foreground"}), succeeds_quietly());
	const TestPicture ours = read_media(path("shallow.png")).at(0), theirs = read_media(path("deep.png")).at(0);
	EXPECT_LE(greatest_difference(ours, theirs), 1);
	EXPECT_EQ(ours.at(95, 0)[0], 255);
}

std::string exif_of(char orientation)
{
	const std::string tiff("II*\0\x08\0\0\0" // little-endian; the first directory follows
			       "\x01\0"          // of one entry
			       "\x12\x01\x03\0\x01\0\0\0",
			       18);
	return tiff + orientation + std::string("\0\0\0\0\0\0\0", 7);
}

// Each says in its own way how the camera was held.
std::string png_with_orientation(const std::string &png, char orientation)
{
	return png_with_exif(png, exif_of(orientation));
}

std::string webp_with_orientation(const std::string &webp, char orientation)
{
	const auto number = [](size_t value) {
		std::string bytes;
		for (int shift = 0; shift < 32; shift += 8)
			bytes += static_cast<char>(value >> shift);
		return bytes;
	};
	const std::string exif = exif_of(orientation);
	const std::string chunks = webp.substr(8) + "EXIF" + number(exif.size()) + exif;
	return "RIFF" + number(chunks.size()) + chunks;
}

// Instead of the name of the program that wrote it. Tags go upwards.
std::string tiff_with_orientation(std::string tiff, char orientation)
{
	const size_t samples_per_pixel = tiff.find(std::string("\x15\x01\x03\0", 4)),
		     software = tiff.find(std::string("\x31\x01\x02\0", 4));
	EXPECT_LT(samples_per_pixel, software);
	const std::string entry = std::string("\x12\x01\x03\0\x01\0\0\0", 8) + orientation + std::string(3, '\0');
	return tiff.erase(software, entry.size()).insert(samples_per_pixel, entry);
}

std::string jpeg_with_orientation(const std::string &jpeg, char orientation)
{
	const std::string exif = std::string("Exif\0\0", 6) + exif_of(orientation);
	return jpeg.substr(0, 2) + "\xff\xe1" + '\0' + static_cast<char>(exif.size() + 2) + exif + jpeg.substr(2);
}

TEST_F(MattePictures, AreTurnedUprightByTheirExif)
{
	const std::array<Pixel, 4> stored{
		Pixel{220, 30, 30, 255}, {30, 220, 30, 255}, {30, 30, 220, 255}, {220, 220, 220, 255}}; // a b / c d
	const TestPicture plain(96, 48, [&](int x, int y) { return stored[x / 48 + y / 24 * 2]; });
	const struct {
		std::string extension, encoding;
		std::string (*turn)(const std::string &, char);
	} kinds[]{{".jpg", "-pix_fmt yuvj444p -q:v 1", jpeg_with_orientation},
		  {".png", "", png_with_orientation},
		  {".webp", "-c:v libwebp -lossless 1", webp_with_orientation},
		  {".tif", "-compression_algo raw -pix_fmt rgb24", [](const std::string &file, char orientation) {
			   return tiff_with_orientation(file, orientation);
		   }}};
	write_media(path("tall.png"), {TestPicture(48, 96, [](int, int) { return room; })});
	write_media(path("wide.png"), {plate()});
	// Exif 2.3, section 4.6.4 A: where the stored corners appear, row by row.
	const std::array<const char *, 8> shown{"abcd", "badc", "dcba", "cdab", "acbd", "cadb", "dbca", "bdac"};
	for (const auto &[extension, encoding, turn] : kinds)
		for (const std::string shape :
		     {"wide", "tall"}) { // each a sequence, in which every picture lies differently
			const int first = shape == "wide" ? 1 : 5;
			write_media(path("plain" + extension), {plain}, encoding);
			for (int i = 0; i < 4; i++)
				write_file(path(fmt::format("{}_{}{}", shape, i, extension)),
					   turn(read_file(path("plain" + extension)), static_cast<char>(first + i)));
			ASSERT_THAT(
				run_program({"matte", "-y", "--source", path(shape + "_%d" + extension), "--background",
					     path(shape + ".png"), "--output", path("upright_%d.png"), "--view",
					     "foreground", "--model", constant_model(1)}),
				succeeds_quietly());
			for (int i = 0; i < 4; i++) {
				SCOPED_TRACE(extension + std::to_string(first + i));
				const TestPicture upright = read_media(path(fmt::format("upright_{}.png", i))).at(0);
				ASSERT_EQ(upright.width, shape == "wide" ? 96 : 48);
				for (int corner = 0; corner < 4; corner++)
					EXPECT_THAT(upright.at(corner % 2 * (upright.width - 1),
							       corner / 2 * (upright.height - 1)),
						    is_pixel(stored[shown[first + i - 1][corner] - 'a'], 6))
						<< corner;
			}
		}
}

TEST_F(MattePictures, OfAvifLoseAlphaOfTheirOwnNotWithoutAWord)
{
	write_media(path("source.avif"), {person()}, "-c:v libaom-av1 -still-picture 1 -crf 5");
	EXPECT_THAT(matte("source.avif", "matte.png"), succeeds_quietly());
	const std::string alpha("\0\0\0\x38"
				"auxC\0\0\0\0urn:mpeg:mpegB:cicp:systems:auxiliary:alpha\0",
				56);
	write_file(path("source.avif"), read_file(path("source.avif")) + alpha);
	EXPECT_THAT(matte("source.avif", "matte.png").errors, HasSubstr("its own alpha is not read"));
}

// As OpenCV writes them.
TEST_F(MattePictures, MayHaveTagsThatFfmpegDoesNotKnow)
{
	write_media(path("source.tif"), {person()}, "-compression_algo raw -pix_fmt rgb24");
	std::string bytes = read_file(path("source.tif"));
	// Little-endian, by FFmpeg: the program's name (305), the last tag, becomes the format of samples (339), unsigned.
	const size_t tag = bytes.rfind(std::string("\x31\x01\x02\x00", 4));
	ASSERT_NE(tag, std::string::npos);
	bytes.replace(tag, 12, std::string("\x53\x01\x03\x00\x01\x00\x00\x00\x01\x00\x00\x00", 12));
	write_file(path("source.tif"), bytes);
	EXPECT_THAT(matte("source.tif", "matte.png"), succeeds_quietly());
	expect_person(read_media(path("matte.png")).at(0));
}

TEST_F(MattePictures, TakeABackgroundOfAnotherSizeButNotOfAnotherShape)
{
	write_media(path("source.png"), {person()});
	write_media(path("plate.png"), {TestPicture(2 * width, 2 * height, [](int, int) { return room; })});
	ASSERT_THAT(matte("source.png", "matte.png"), succeeds_quietly());
	expect_person(read_media(path("matte.png")).at(0));
	std::filesystem::remove(path("matte.png"));
	write_media(path("plate.png"), {TestPicture(width, height + 16, [](int, int) { return room; })});
	EXPECT_THAT(matte("source.png", "matte.png"), fails_saying("the background is 96x64, the picture is 96x48"));
	EXPECT_FALSE(exists("matte.png"));
}

TEST_F(MattePictures, MayHaveOddSizesAndNames)
{
	write_media(path("plate.png"), {TestPicture(67, 33, [](int, int) { return room; })});
	const TestPicture source(67, 33, [](int x, int) { return x < 34 ? room : Pixel{30, 220, 120, 255}; });
	write_media(path("at 12:30, 100% [a].png"), {source});
	ASSERT_THAT(matte("at 12:30, 100% [a].png", "c:out 50%.png"), succeeds_quietly());
	const TestPicture matte = read_media(path("c:out 50%.png")).at(0);
	ASSERT_EQ(matte.width, 67);
	ASSERT_EQ(matte.height, 33);
	EXPECT_EQ(matte.at(5, 32)[3], 0);
	EXPECT_EQ(matte.at(66, 32), (Pixel{30, 220, 120, 255}));
}

} // namespace
} // namespace matting
