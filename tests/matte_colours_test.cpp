// SPDX-License-Identifier: GPL-2.0-or-later
// `matte` and what frames look like: pixels that are not square, matrices, HDR, fields.
#include "matte_test.hpp"

#include <fmt/format.h>

namespace matting {
namespace {

using testing::HasSubstr;

class MatteColours : public MatteTest {
protected:
	/// The foreground as matte sees it, of a model that finds it everywhere.
	TestPicture seen(const std::string &source, const TestPicture &size) const
	{
		write_media(path("plate.png"), {TestPicture(size.width, size.height, [](int, int) { return room; })});
		EXPECT_THAT(run_program({"matte", "-i", path(source), "-b", path("plate.png"), "-o", path("seen.png"),
					 "-y", "--view", "foreground", "--frames", "1", "--model", constant_model(1)}),
			    succeeds_quietly());
		return read_media(path("seen.png")).at(0);
	}
	static TestPicture plain(int width, int height, const Pixel &colour)
	{
		return {width, height, [&](int, int) {
				return colour;
			}};
	}
};

TEST_F(MatteColours, OfVideosWithoutTagsAreThoseOfTelevisionOfTheirSize)
{
	const Pixel green{32, 128, 32, 255};
	for (const auto &[height, matrix] : {std::pair{720, "bt709"}, std::pair{480, "bt601"}}) {
		const TestPicture source = plain(height * 16 / 9 / 2 * 2, height, green);
		write_media(path("source.mkv"), {source},
			    fmt::format("-vf scale=out_color_matrix={},format=yuv420p -c:v ffv1 -colorspace unknown",
					matrix));
		ASSERT_EQ(probe(path("source.mkv"), "stream=color_space"), "unknown\n");
		EXPECT_THAT(seen("source.mkv", source).at(20, 20), is_pixel(green, 2)) << height;
	}
	const TestPicture photograph = plain(1280, 720, green); // JPEG has a matrix of its own
	write_media(path("source.jpg"), {photograph}, "-pix_fmt yuvj444p -q:v 1");
	EXPECT_THAT(seen("source.jpg", photograph).at(20, 20), is_pixel(green, 3));
	write_media(path("source.webp"), {photograph}, "-c:v libwebp -pix_fmt yuv420p -quality 100");
	EXPECT_THAT(seen("source.webp", photograph).at(20, 20), is_pixel(green, 3));
}

TEST_F(MatteColours, OfHdrAreThoseOfTheSameInSdr)
{
	const Pixel skin{190, 140, 115, 255}; // below where highlights are squeezed
	const TestPicture source = plain(width, height, skin);
	for (const char *transfer : {"arib-std-b67", "smpte2084", "2020_10"}) {
		SCOPED_TRACE(transfer);
		const char *name = std::string_view(transfer) == "2020_10" ? "bt2020-10" : transfer;
		write_media(
			path("source.mkv"), {source},
			fmt::format(
				"-vf format=gbrp10le,zscale=tin=bt709:min=gbr:pin=bt709:rin=full:t={}:m=2020_ncl:p=2020:npl=203:"
				"r=limited,format=yuv420p10le -c:v ffv1 -color_primaries bt2020 -color_trc {} "
				"-colorspace bt2020nc -color_range tv",
				transfer, name));
		EXPECT_THAT(seen("source.mkv", source).at(20, 20), is_pixel(skin, 4));
	}
}

std::string big_endian(uint32_t number)
{
	return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
		static_cast<char>(number)};
}

// An ICC profile of these colorants, in a JPEG's own segment.
std::string with_profile(const std::string &jpeg, const std::array<std::array<double, 3>, 3> &colorants,
			 const std::string &name)
{
	std::vector<std::pair<std::string, std::string>> tags{
		{"desc", std::string("desc\0\0\0\0", 8) + big_endian(static_cast<uint32_t>(name.size())) + name}};
	for (int i = 0; i < 3; i++) {
		std::string body("XYZ \0\0\0\0", 8);
		for (const double value : colorants[i])
			body += big_endian(static_cast<uint32_t>(static_cast<int32_t>(value * 65536)));
		tags.emplace_back(std::string(1, "rgb"[i]) + "XYZ", body);
	}
	std::string header(128, '\0'), table = big_endian(static_cast<uint32_t>(tags.size())), data;
	header.replace(16, 4, "RGB ");
	header.replace(36, 4, "acsp");
	for (const auto &[tag, body] : tags) {
		const size_t offset = header.size() + 4 + 12 * tags.size() + data.size();
		table += tag + big_endian(static_cast<uint32_t>(offset)) +
			 big_endian(static_cast<uint32_t>(body.size()));
		data += body;
	}
	const std::string segment = std::string("ICC_PROFILE\0\1\1", 14) + header + table + data;
	const size_t length = segment.size() + 2;
	return jpeg.substr(0, 2) + "\xff\xe2" + static_cast<char>(length >> 8) + static_cast<char>(length) + segment +
	       jpeg.substr(2);
}

TEST_F(MatteColours, OfDisplayP3AreThoseOfSrgb)
{
	const Pixel skin{190, 140, 115, 255};
	const TestPicture source = plain(width, height, skin);
	write_media(
		path("p3.jpg"), {source},
		"-vf format=gbrp,zscale=min=gbr:m=gbr:tin=iec61966-2-1:pin=bt709:t=iec61966-2-1:p=smpte432,format=yuvj444p -q:v 1");
	const std::string jpeg = read_file(path("p3.jpg"));
	ASSERT_THAT(seen("p3.jpg", source).at(20, 20), testing::Not(is_pixel(skin, 5)));
	write_file(path("p3.jpg"),
		   with_profile(jpeg, {{{.5151, .2412, -.0011}, {.2919, .6922, .0419}, {.1572, .0666, .7841}}},
				"Display P3"));
	EXPECT_THAT(seen("p3.jpg", source).at(20, 20), is_pixel(skin, 3));

	write_media(path("srgb.jpg"), {source}, "-pix_fmt yuvj444p -q:v 1");
	write_file(path("srgb.jpg"),
		   with_profile(read_file(path("srgb.jpg")),
				{{{.4361, .2225, .0139}, {.3851, .7169, .0971}, {.1431, .0606, .7141}}}, "sRGB"));
	EXPECT_THAT(seen("srgb.jpg", source).at(20, 20), is_pixel(skin, 2));

	write_file(path("adobe.jpg"),
		   with_profile(jpeg, {{{.6097, .3111, .0195}, {.2053, .6257, .0609}, {.1492, .0632, .7446}}},
				"Adobe RGB (1998)"));
	EXPECT_THAT(matte("adobe.jpg", "matte.png").errors,
		    HasSubstr("its colour profile, Adobe RGB (1998), is left out"));
}

TEST_F(MatteColours, OfFieldsAreMadeIntoFrames)
{
	// A thing that has moved between the fields: combed.
	const auto at = [](int left) {
		return TestPicture(width, height, [left](int x, int) {
			return x >= left && x < left + 25 ? Pixel{30, 220, 120, 255} : room;
		});
	};
	const auto combed = [&](int left) {
		TestPicture picture = at(left);
		const TestPicture later = at(left + 15);
		for (int y = 1; y < height; y += 2)
			for (int x = 0; x < width; x++)
				picture.pixels[static_cast<size_t>(y) * width + x] = later.at(x, y);
		return picture;
	};
	write_media(path("source.mkv"), {combed(5), combed(35), combed(65)},
		    "-vf setfield=tff -c:v libx264 -qp 1 -pix_fmt yuv444p -x264-params tff=1 -flags +ilme+ildct");
	const auto comb = [](const TestPicture &picture) {
		return std::abs(picture.at(65, 20)[1] - picture.at(65, 21)[1]);
	};
	ASSERT_GT(comb(combed(35)), 150);
	ASSERT_THAT(matte("source.mkv", "frame_%d.png", {"--over", "black"}), succeeds_quietly());
	EXPECT_LT(comb(read_media(path("frame_2.png")).at(0)), 60);
	ASSERT_THAT(matte("source.mkv", "matte.mov"), succeeds_quietly());
	EXPECT_EQ(probe(path("matte.mov"), "stream=nb_frames,avg_frame_rate"), "25/1\n3\n");
}

TEST_F(MatteColours, AndPixelsThatAreNotSquareStaySo)
{
	write_media(path("source.mkv"), {person()}, "-c:v ffv1 -vf setsar=4/3");
	// The plate shows the same in square pixels: the same shape on a screen, another in the file.
	write_media(path("plate.png"), {TestPicture(width * 4 / 3, height, [](int, int) { return room; })});
	for (const char *output : {"matte.mov", "matte.webm"}) {
		ASSERT_THAT(matte("source.mkv", output), succeeds_quietly());
		EXPECT_EQ(probe(path(output), "stream=width,height,sample_aspect_ratio"), "96\n48\n4:3\n");
	}
	ASSERT_THAT(matte("source.mkv", "matte.png"), succeeds_quietly());
	expect_person(read_media(path("matte.png")).at(0));
	// A backdrop covers what is seen: a circle stays one.
	const TestPicture backdrop(128, 48, [](int x, int) {
		return x < 64 ? Pixel{200, 0, 0, 255} : Pixel{0, 0, 200, 255};
	});
	write_media(path("backdrop.png"), {backdrop});
	write_media(path("empty.mkv"), {plate()}, "-c:v ffv1 -vf setsar=4/3");
	ASSERT_THAT(matte("empty.mkv", "over.png", {"--over", path("backdrop.png")}), succeeds_quietly());
	EXPECT_THAT(read_media(path("over.png")).at(0).at(2, 20), is_pixel({200, 0, 0, 255}, 3));
	EXPECT_THAT(read_media(path("over.png")).at(0).at(93, 20), is_pixel({0, 0, 200, 255}, 3));
}

} // namespace
} // namespace matting
