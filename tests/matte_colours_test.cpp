// SPDX-License-Identifier: GPL-2.0-or-later
// `matte` and what frames look like: pixels that are not square, matrices, HDR, fields.
#include "matte_test.hpp"

#include <cmath>

#include <fmt/format.h>
#include <zlib.h>

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
		write_media(path("source.avi"), {source}, // which has no place for tags
			    fmt::format("-vf scale=out_color_matrix={},format=yuv420p -c:v ffv1", matrix));
		ASSERT_EQ(probe(path("source.avi"), "stream=color_space"), "unknown\n");
		EXPECT_THAT(seen("source.avi", source).at(20, 20), is_pixel(green, 2)) << height;
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

// Of two pixels that share one, H.264 has it on the left.
TEST_F(MatteColours, LieWhereTheyAreSeen)
{
	const TestPicture edge(width, height, [](int x, int) {
		return x < 49 ? Pixel{180, 60, 60, 255} : Pixel{60, 60, 180, 255};
	});
	write_media(path("source.mp4"), {edge},
		    "-vf scale=out_color_matrix=bt709:out_h_chr_pos=0:flags=bicubic+accurate_rnd+full_chroma_int,"
		    "format=yuv420p -c:v libx264 -qp 1 -colorspace bt709");
	const TestPicture read = seen("source.mp4", edge);
	const auto red = [&](int x) {
		return static_cast<int>(read.at(x, 20)[0]);
	};
	EXPECT_NEAR(red(48) + red(49), 180 + 60, 24); // the edge lies between them
}

// Files say primaries, transfer and matrix each by itself, or not.
TEST_F(MatteColours, OfWideGamutsAreCompletedByThoseThatAreSaid)
{
	const Pixel skin{190, 140, 115, 255};
	const TestPicture source = plain(width, height, skin);
	const auto seen_with = [&](const char *transfer, const char *tags) {
		write_media(
			path("source.mkv"), {source},
			fmt::format(
				"-vf format=gbrp10le,zscale=tin=bt709:min=gbr:pin=bt709:rin=full:t={}:m=2020_ncl:p=2020:npl=203:"
				"r=limited,format=yuv420p10le,setparams=color_primaries=unknown:color_trc=unknown:"
				"colorspace=unknown -c:v ffv1 -color_range tv {}",
				transfer, tags));
		return seen("source.mkv", source).at(20, 20);
	};
	for (const char *tags : {"-color_trc smpte2084 -colorspace bt2020nc", "-color_trc smpte2084",
				 "-color_trc smpte2084 -color_primaries bt2020"})
		EXPECT_THAT(seen_with("smpte2084", tags), is_pixel(skin, 4)) << tags;
	for (const char *tags :
	     {"-colorspace bt2020nc", "-color_primaries bt2020", "-color_primaries bt2020 -colorspace bt2020nc"})
		EXPECT_THAT(seen_with("2020_10", tags), is_pixel(skin, 4)) << tags;
	write_media(path("source.mkv"), {source}, "-pix_fmt yuv420p -c:v ffv1 -color_primaries smpte432");
	EXPECT_THAT(seen("source.mkv", source).at(20, 20), is_pixel(skin, 60)); // read, without a word
	write_media(path("strange.mkv"), {source},
		    "-pix_fmt yuv420p -c:v ffv1 -color_primaries bt2020 -color_trc bt709 -colorspace smpte2085");
	EXPECT_THAT(matte("strange.mkv", "matte.mov"), fails_saying("frame 1 of " + path("strange.mkv")));
}

std::string big_endian(uint32_t number)
{
	return {static_cast<char>(number >> 24), static_cast<char>(number >> 16), static_cast<char>(number >> 8),
		static_cast<char>(number)};
}

using Colorants = std::array<std::array<double, 3>, 3>; // XYZ of red, green and blue, seen under D50
constexpr Colorants srgb{{{.4361, .2225, .0139}, {.3851, .7169, .0971}, {.1431, .0606, .7141}}};
constexpr Colorants display_p3{{{.5151, .2412, -.0011}, {.2919, .6922, .0419}, {.1572, .0666, .7841}}};
constexpr Colorants adobe_rgb{{{.6097, .3111, .0195}, {.2053, .6257, .0609}, {.1492, .0632, .7446}}};

std::string fixed_points(const char *type, std::initializer_list<double> values)
{
	std::string text = type + std::string(4, '\0');
	for (const double value : values)
		text += big_endian(static_cast<uint32_t>(static_cast<int32_t>(std::lround(value * 65536))));
	return text;
}

std::string srgb_curve()
{
	std::string curve = fixed_points("para", {0, 2.4, 1 / 1.055, .055 / 1.055, 1 / 12.92, .04045});
	curve[9] = 3; // which of the kinds
	return curve;
}

std::string power_curve(double exponent)
{
	const auto number = static_cast<uint32_t>(std::lround(exponent * 256));
	return std::string("curv\0\0\0\0", 8) + big_endian(1) + static_cast<char>(number >> 8) +
	       static_cast<char>(number) + std::string(2, '\0');
}

// `space`: four letters.
std::string profile(const char *space, const std::string &name, const std::string &curve,
		    const Colorants &colorants = srgb)
{
	std::vector<std::pair<std::string, std::string>> tags{
		{"desc", std::string("desc\0\0\0\0", 8) + big_endian(static_cast<uint32_t>(name.size() + 1)) + name +
				 std::string(79, '\0')},
		{"wtpt", fixed_points("XYZ ", {.9642, 1, .8249})},
		{"kTRC", curve}};
	for (int i = 0; i < 3; i++) {
		const auto &[x, y, z] = colorants[i];
		tags.emplace_back(std::string(1, "rgb"[i]) + "XYZ", fixed_points("XYZ ", {x, y, z}));
		tags.emplace_back(std::string(1, "rgb"[i]) + "TRC", curve);
	}
	std::string header(128, '\0'), table = big_endian(static_cast<uint32_t>(tags.size())), data;
	header.replace(8, 2, "\x02\x40");
	header.replace(12, 12, std::string("mntr") + space + "XYZ ");
	header.replace(36, 4, "acsp");
	for (auto &[tag, body] : tags) {
		const size_t offset = header.size() + 4 + 12 * tags.size() + data.size();
		table += tag + big_endian(static_cast<uint32_t>(offset)) +
			 big_endian(static_cast<uint32_t>(body.size()));
		data += body + std::string((4 - body.size() % 4) % 4, '\0');
	}
	header.replace(0, 4, big_endian(static_cast<uint32_t>(header.size() + table.size() + data.size())));
	return header + table + data;
}

std::string with_profile(const std::string &picture, const std::string &profile)
{
	if (picture.starts_with("\xff\xd8")) { // JPEG
		const std::string segment = std::string("ICC_PROFILE\0\1\1", 14) + profile;
		const size_t length = segment.size() + 2;
		return picture.substr(0, 2) + "\xff\xe2" + static_cast<char>(length >> 8) + static_cast<char>(length) +
		       segment + picture.substr(2);
	}
	constexpr size_t header = 33; // PNG's, before all others
	uLongf size = compressBound(profile.size());
	std::string packed(size, '\0');
	compress(reinterpret_cast<Bytef *>(packed.data()), &size, reinterpret_cast<const Bytef *>(profile.data()),
		 profile.size());
	const std::string chunk = std::string("iCCPname\0\0", 10) + packed.substr(0, size);
	const uLong sum = crc32(0, reinterpret_cast<const Bytef *>(chunk.data()), static_cast<uInt>(chunk.size()));
	return picture.substr(0, header) + big_endian(static_cast<uint32_t>(chunk.size() - 4)) + chunk +
	       big_endian(static_cast<uint32_t>(sum)) + picture.substr(header);
}

TEST_F(MatteColours, OfProfilesAreThoseOfSrgb)
{
	const auto seen_with = [&](const Pixel &stored, const char *name, const std::string &profile) {
		const TestPicture source = plain(width, height, stored);
		write_media(path(name), {source},
			    std::string_view(name).ends_with("jpg") ? "-pix_fmt yuvj444p -q:v 1" : "-pix_fmt gray");
		write_file(path(name), with_profile(read_file(path(name)), profile));
		return seen(name, source).at(20, 20);
	};
	const Pixel skin{190, 140, 115, 255}, green{100, 180, 80, 255};
	EXPECT_THAT(seen_with(skin, "a.jpg", profile("RGB ", "sRGB", srgb_curve())), is_pixel(skin, 2));
	EXPECT_THAT(seen_with({182, 142, 119, 255}, "b.jpg", profile("RGB ", "Display P3", srgb_curve(), display_p3)),
		    is_pixel(skin, 3));
	EXPECT_THAT(seen_with({128, 178, 88, 255}, "c.jpg", profile("RGB ", "Adobe RGB", power_curve(2.2), adobe_rgb)),
		    is_pixel(green, 3));
	EXPECT_THAT(seen_with({100, 100, 100, 255}, "d.png", profile("GRAY", "Gamma 1.8", power_curve(1.8))),
		    is_pixel({119, 119, 119, 255}, 2));
}

TEST_F(MatteColours, OfAProfileThatCannotBeUsedAreLeftAsTheyAreAndALineSaysSo)
{
	write_media(path("source.jpg"), {person()}, "-pix_fmt yuvj444p -q:v 1");
	const std::string jpeg = read_file(path("source.jpg"));
	write_file(path("source.jpg"), with_profile(jpeg, profile("CMYK", "Coated paper", srgb_curve())));
	const ProgramRun run = matte("source.jpg", "matte.png");
	EXPECT_EQ(run.status, 0);
	EXPECT_THAT(run.errors, HasSubstr("source.jpg: its colour profile, Coated paper, cannot be used"));
	expect_person(read_media(path("matte.png")).at(0), 2);
	write_file(path("source.jpg"), with_profile(jpeg, "no profile"));
	EXPECT_THAT(matte("source.jpg", "matte.png").errors, HasSubstr("its colour profile, which is damaged, cannot"));
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
