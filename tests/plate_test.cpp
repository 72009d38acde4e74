// SPDX-License-Identifier: GPL-2.0-or-later
// Background plates, which the filter's engine reads and writes without FFmpeg: compared with what FFmpeg makes of them.
#include "inference/plate.hpp"
#include "media_files.hpp"
#include "program.hpp"

#include "inference/error.hpp"

#include <array>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <turbojpeg.h>

namespace matting {
namespace {

using testing::HasSubstr;
using testing::Not;

class Plates : public FolderTest {
protected:
	static constexpr int width = 37, height = 22;

	/// Smooth, with every colour; no two corners are alike.
	static TestPicture colours()
	{
		return {width, height, [](int x, int y) {
				return Pixel{static_cast<uint8_t>(255 * x / (width - 1)),
					     static_cast<uint8_t>(255 * y / (height - 1)),
					     static_cast<uint8_t>(255 * (x + y) / (width + height - 2)), 255};
			}};
	}

	static TestPicture as_test_picture(const Bitmap &bitmap)
	{
		return {bitmap.width, bitmap.height, [&](int x, int y) {
				Pixel pixel;
				std::memcpy(pixel.data(),
					    &bitmap.pixels[size_t{4} * (size_t{1} * y * bitmap.width + x)],
					    pixel.size());
				return pixel;
			}};
	}

	TestPicture read(const std::string &name) const { return as_test_picture(read_plate(path(name))); }

	std::string bytes_of(const std::string &name) const
	{
		std::ifstream stream(path(name), std::ios::binary);
		return {std::istreambuf_iterator<char>(stream), {}};
	}
	void write_bytes(const std::string &name, const std::string &bytes) const
	{
		std::ofstream(path(name), std::ios::binary) << bytes;
	}

	std::string error_of(const std::string &name) const
	{
		try {
			read(name);
		} catch (const Error &error) {
			return error.what();
		}
		return "";
	}
};

TEST_F(Plates, AreWhatWasWritten)
{
	Bitmap bitmap(width, height);
	for (size_t i = 0; i < bitmap.pixels.size(); i++)
		bitmap.pixels[i] = static_cast<uint8_t>(i * 31);
	write_plate(path("plate.png"), bitmap.picture());
	EXPECT_EQ(read_plate(path("plate.png")).pixels, bitmap.pixels);
	EXPECT_EQ(greatest_difference(read_media(path("plate.png")).at(0), as_test_picture(bitmap)), 0);
	EXPECT_THAT(files(), testing::ElementsAre("plate.png"));

	const Picture part{bitmap.pixels.data(), width - 5, height, std::ptrdiff_t{4} * width};
	write_plate(path("plate.png"), part);
	const TestPicture written = read("plate.png");
	EXPECT_EQ(written.width, width - 5);
	EXPECT_EQ(written.at(3, 7), as_test_picture(bitmap).at(3, 7));
}

TEST_F(Plates, OfEveryKindOfPngAreWhatFfmpegMakesOfThem)
{
	const std::map<std::string, int> roundings{{"rgb24", 0},   {"rgba", 0},     {"gray", 0},
						   {"ya8", 0},     {"pal8", 0},     {"monob", 0},
						   {"rgb48be", 1}, {"rgba64be", 1}, {"gray16be", 1}};
	for (const auto &[pixels, rounding] : roundings) {
		SCOPED_TRACE(pixels);
		write_media(path("plate.png"), {colours()}, "-pix_fmt " + pixels);
		EXPECT_LE(greatest_difference(read("plate.png"), read_media(path("plate.png")).at(0)), rounding);
	}
	write_media(path("plate.png"), {colours()}, "-pix_fmt rgb24 -pred mixed -flags +ildct"); // interlaced
	EXPECT_EQ(greatest_difference(read("plate.png"), colours()), 0);
}

TEST_F(Plates, OfJpegAndWebpAreAsNearToTheTruthAsFfmpegs)
{
	const TestPicture truth = colours();
	for (const auto &[name, encoding] : {std::pair{"a.jpg", "-pix_fmt yuvj444p -q:v 1"},
					     {"b.jpg", "-pix_fmt yuvj422p -q:v 1"},
					     {"c.jpg", "-pix_fmt yuvj420p -q:v 1"},
					     {"d.webp", "-c:v libwebp -q:v 95"}}) {
		SCOPED_TRACE(encoding);
		write_media(path(name), {truth}, encoding);
		EXPECT_LE(greatest_difference(read(name), truth),
			  greatest_difference(read_media(path(name)).at(0), truth) + 3);
	}
	write_media(path("grey.jpg"), {truth}, "-pix_fmt gray -q:v 1");
	EXPECT_LE(greatest_difference(read("grey.jpg"), read_media(path("grey.jpg")).at(0)), 3);
	write_media(path("exact.webp"), {truth}, "-c:v libwebp -lossless 1");
	EXPECT_EQ(greatest_difference(read("exact.webp"), truth), 0);
}

TEST_F(Plates, AreKnownByWhatIsInThem)
{
	write_media(path("plate.png"), {colours()});
	std::filesystem::rename(path("plate.png"), path("plate.jpg"));
	EXPECT_EQ(greatest_difference(read("plate.jpg"), colours()), 0);
}

// APP1 of a camera that holds nothing but the orientation.
std::string exif(int orientation)
{
	std::string tiff{"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0", 26};
	tiff[19] = static_cast<char>(orientation);
	const std::string body = std::string("Exif\0\0", 6) + tiff;
	return std::string("\xff\xe1\0", 3) + static_cast<char>(body.size() + 2) + body;
}

TEST_F(Plates, OfJpegStandUprightAsFfmpegTurnsThem)
{
	write_media(path("plain.jpg"), {colours()}, "-pix_fmt yuvj444p -q:v 1");
	const std::string plain = bytes_of("plain.jpg");
	for (int orientation = 1; orientation <= 8; orientation++) {
		SCOPED_TRACE(orientation);
		// At once, or after the 18 bytes of JFIF and a fill byte.
		const size_t place = orientation % 2 == 0 ? 2 : 20;
		write_bytes("plate.jpg", plain.substr(0, place) + (place > 2 ? "\xff" : "") + exif(orientation) +
						 plain.substr(place));
		const TestPicture shown = read("plate.jpg"), expected = read_media(path("plate.jpg")).at(0);
		EXPECT_EQ(shown.width, orientation > 4 ? height : width);
		EXPECT_LE(greatest_difference(shown, expected), 6);
	}
	write_bytes("plate.jpg", plain.substr(0, 2) + exif(9) + plain.substr(2)); // there is no ninth
	EXPECT_EQ(read("plate.jpg").width, width);
}

TEST_F(Plates, OfPngStandUpright)
{
	write_media(path("plain.png"), {colours()});
	const std::string plain = bytes_of("plain.png");
	for (int orientation = 1; orientation <= 8; orientation++) {
		write_bytes("plate.png", png_with_exif(plain, exif(orientation).substr(10)));
		const TestPicture shown = read("plate.png");
		EXPECT_EQ(shown.width, orientation > 4 ? height : width) << orientation;
		const auto corner = colours().at(0, 0);
		const bool is_right = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
		const bool is_low = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
		EXPECT_EQ(shown.at(is_right ? shown.width - 1 : 0, is_low ? shown.height - 1 : 0), corner)
			<< orientation;
	}
}

TEST_F(Plates, OfCmykJpegHaveTheirColours)
{
	std::vector<uint8_t> ink; // as Adobe writes it: 255 is none
	const TestPicture picture = colours();
	for (const Pixel &pixel : picture.pixels)
		ink.insert(ink.end(), {pixel[0], pixel[1], pixel[2], 255});
	const std::unique_ptr<void, int (*)(void *)> compressor(tjInitCompress(), tjDestroy);
	uint8_t *data = nullptr;
	unsigned long size = 0;
	ASSERT_EQ(tjCompress2(compressor.get(), ink.data(), width, 0, height, TJPF_CMYK, &data, &size, TJSAMP_444, 100,
			      0),
		  0);
	write_bytes("plate.jpg", std::string(reinterpret_cast<char *>(data), size));
	tjFree(data);
	EXPECT_LE(greatest_difference(read("plate.jpg"), picture), 6);
}

TEST_F(Plates, ThatAreDamagedAreNamed)
{
	EXPECT_THAT(error_of("missing.png"), HasSubstr("missing.png: there is no such file"));
	std::filesystem::create_directory(path("folder.png"));
	EXPECT_THAT(error_of("folder.png"), HasSubstr("it is a folder"));
	write_bytes("empty.png", "");
	EXPECT_THAT(error_of("empty.png"), HasSubstr("no PNG, JPEG or WebP"));
	write_bytes("text.png", "RIFF, but only in a text");
	EXPECT_THAT(error_of("text.png"), HasSubstr("no PNG, JPEG or WebP"));
	for (const auto &[name, encoding] : {std::pair{"plate.png", ""},
					     {"plate.jpg", "-pix_fmt yuvj420p"},
					     {"plate.webp", "-c:v libwebp -lossless 1"}}) {
		SCOPED_TRACE(name);
		write_media(path(name), {colours()}, encoding);
		const std::string whole = bytes_of(name);
		for (const size_t part : {whole.size() / 8, whole.size() / 2, whole.size() * 9 / 10}) {
			write_bytes(name, whole.substr(0, part));
			EXPECT_THAT(error_of(name), HasSubstr("damaged")) << part;
		}
	}
	// 2^31 pixels each way, and not a byte of them.
	write_bytes(
		"huge.png",
		std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x7f\xff\0\0\x7f\xff\x08\x06\0\0\0\xf2\x73\xe3\x5a", 33));
	EXPECT_THAT(error_of("huge.png"), testing::AnyOf(HasSubstr("32767x32767"), HasSubstr("damaged")));
}

TEST(Program, NeedsNoFfmpegUntilItIsAskedForPictures)
{
	const std::unique_ptr<std::FILE, int (*)(std::FILE *)> pipe(popen("ldd " MATTING_PROGRAM, "r"), pclose);
	std::string needed;
	std::array<char, 4096> block;
	while (const size_t size = std::fread(block.data(), 1, block.size(), pipe.get()))
		needed.append(block.data(), size);
	EXPECT_THAT(needed, HasSubstr("libtorch_cpu.so"));
	for (const char *library : {"libav", "libsw", "libpostproc"})
		EXPECT_THAT(needed, Not(HasSubstr(library)));
}

} // namespace
} // namespace matting
