// SPDX-License-Identifier: GPL-2.0-or-later
#include "media_files.hpp"

#include "program.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <zlib.h>

namespace matting {
namespace {

std::string quoted(const std::string &text)
{
	return "'" + text + "'"; // no test has a quote in a name
}

} // namespace

TestPicture::TestPicture(int width, int height, const std::function<Pixel(int x, int y)> &colour)
	: width(width), height(height)
{
	for (int y = 0; y < height; y++)
		for (int x = 0; x < width; x++)
			pixels.push_back(colour(x, y));
}

bool ffmpeg(const std::string &arguments)
{
	const int status = std::system(("ffmpeg -nostdin -v error -y " + arguments).c_str());
	EXPECT_EQ(status, 0) << "ffmpeg " << arguments;
	return status == 0;
}

std::string probe(const std::string &path, const std::string &entries, const std::string &stream)
{
	const std::string command = fmt::format(
		"ffprobe -v error -select_streams {} -show_entries {} -of default=noprint_wrappers=1:nokey=1 {}",
		stream, entries, quoted("file:" + path));
	std::FILE *pipe = popen(command.c_str(), "r");
	std::string text;
	for (int letter; (letter = std::fgetc(pipe)) != EOF;)
		text += static_cast<char>(letter);
	EXPECT_EQ(pclose(pipe), 0) << command;
	return text;
}

void write_media(const std::string &path, const std::vector<TestPicture> &pictures, const std::string &encoding)
{
	const std::string raw = path + ".raw";
	std::ofstream stream(raw, std::ios::binary);
	for (const TestPicture &picture : pictures)
		stream.write(reinterpret_cast<const char *>(picture.pixels.data()),
			     static_cast<std::streamsize>(sizeof(Pixel) * picture.pixels.size()));
	stream.close();
	ffmpeg(fmt::format("-f rawvideo -pix_fmt rgba -s {}x{} -r 25 -i {} {} {}", pictures.front().width,
			   pictures.front().height, quoted("file:" + raw), encoding, quoted("file:" + path)));
	std::filesystem::remove(raw);
}

std::vector<TestPicture> read_media(const std::string &path, const std::string &input)
{
	// PAM has its size, after rotation, in front of each frame.
	const std::string pam = path + ".pam";
	ffmpeg(fmt::format(
		"{} -i {} -sws_flags bicubic+accurate_rnd+full_chroma_int+full_chroma_inp -fps_mode passthrough "
		"-f image2pipe -c:v pam -pix_fmt rgba {}",
		input, quoted("file:" + path), quoted("file:" + pam)));
	std::istringstream stream(read_file(pam));
	std::filesystem::remove(pam);
	std::vector<TestPicture> pictures;
	TestPicture picture;
	for (std::string word; stream >> word;) {
		if (word == "WIDTH")
			stream >> picture.width;
		if (word == "HEIGHT")
			stream >> picture.height;
		if (word != "ENDHDR")
			continue;
		stream.ignore(); // the line's end
		picture.pixels.resize(static_cast<size_t>(picture.width) * picture.height);
		stream.read(reinterpret_cast<char *>(picture.pixels.data()),
			    static_cast<std::streamsize>(sizeof(Pixel) * picture.pixels.size()));
		EXPECT_TRUE(stream) << path << " ends within a frame";
		pictures.push_back(picture);
	}
	return pictures;
}

std::string png_with_exif(const std::string &png, const std::string &tiff)
{
	const auto number = [](size_t value) {
		std::string bytes;
		for (int shift = 24; shift >= 0; shift -= 8)
			bytes += static_cast<char>(value >> shift);
		return bytes;
	};
	constexpr size_t end_of_header = 8 + 25;
	const std::string data = "eXIf" + tiff;
	const auto checksum = crc32_z(0, reinterpret_cast<const Bytef *>(data.data()), data.size());
	return png.substr(0, end_of_header) + number(tiff.size()) + data + number(checksum) + png.substr(end_of_header);
}

int greatest_difference(const TestPicture &a, const TestPicture &b)
{
	if (a.width != b.width || a.height != b.height)
		return 255;
	int greatest = 0;
	for (size_t i = 0; i < a.pixels.size(); i++)
		for (size_t channel = 0; channel < a.pixels[i].size(); channel++)
			greatest = std::max(greatest, std::abs(a.pixels[i][channel] - b.pixels[i][channel]));
	return greatest;
}

testing::Matcher<const Pixel &> is_pixel(const Pixel &expected, int tolerance)
{
	using namespace testing;
	const auto channel = [&](size_t i) {
		return AllOf(Ge(expected[i] - tolerance), Le(expected[i] + tolerance));
	};
	return ElementsAre(channel(0), channel(1), channel(2), channel(3));
}

} // namespace matting
