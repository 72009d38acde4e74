// SPDX-License-Identifier: GPL-2.0-or-later
// `matte` in time: rates, starts, and parts of a film.
#include "matte_test.hpp"

#include <set>
#include <sstream>

#include <fmt/format.h>

namespace matting {
namespace {

using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class MatteTimes : public MatteTest {
protected:
	/// `count` frames, each of a grey of its own.
	static std::vector<TestPicture> greys(int count)
	{
		std::vector<TestPicture> pictures;
		for (int i = 0; i < count; i++) {
			const auto level = static_cast<uint8_t>(20 + 10 * i);
			pictures.emplace_back(width, height, [level](int, int) {
				return Pixel{level, level, level, 255};
			});
		}
		return pictures;
	}

	static std::set<std::string> lines(const std::string &text)
	{
		std::istringstream stream(text);
		std::set<std::string> lines;
		for (std::string line; std::getline(stream, line);)
			lines.insert(line);
		return lines;
	}

	/// Which of `greys` the frames are.
	static std::vector<int> numbers(const std::vector<TestPicture> &frames)
	{
		std::vector<int> numbers;
		for (const TestPicture &frame : frames)
			numbers.push_back((frame.at(width / 2, height / 2)[1] - 15) / 10);
		return numbers;
	}
};

TEST_F(MatteTimes, ThatAreConstantStaySo)
{
	// Both containers count milliseconds.
	for (const auto &[source, rate] : {std::pair{"source.mkv", "60/1"}, std::pair{"source.flv", "30000/1001"}}) {
		SCOPED_TRACE(source);
		ffmpeg(fmt::format("-f lavfi -i color=gray:s=96x48:r={} -frames:v 12 -c:v libx264 '{}'", rate,
				   path(source)));
		ASSERT_GT(lines(probe(path(source), "packet=pts_time")).size(), 11u);
		ASSERT_THAT(matte(source, "matte.mov"), succeeds_quietly());
		EXPECT_THAT(lines(probe(path("matte.mov"), "packet=duration")), SizeIs(1));
		EXPECT_EQ(probe(path("matte.mov"), "stream=avg_frame_rate"), fmt::format("{}\n", rate));
	}
}

TEST_F(MatteTimes, StartAtZero)
{
	write_media(path("source.ts"), greys(5), "-c:v libx264 -pix_fmt yuv420p -output_ts_offset 36000");
	ASSERT_GT(std::stod(probe(path("source.ts"), "format=start_time")), 36000);
	for (const char *output : {"matte.mov", "matte.webm"}) {
		ASSERT_THAT(matte("source.ts", output), succeeds_quietly());
		EXPECT_EQ(std::stod(probe(path(output), "format=start_time")), 0) << output;
		EXPECT_NEAR(std::stod(probe(path(output), "format=duration")), 0.2, 0.002) << output;
	}
}

TEST_F(MatteTimes, OfALastFrameThatLastsAreKeptAndTheSoundWithThem)
{
	write_media(path("short.mp4"), greys(5), "-c:v libx264 -pix_fmt yuv420p -bf 0");
	ffmpeg(fmt::format("-i '{}' -f lavfi -i sine=d=3 -c:v copy -c:a aac "
			   "-bsf:v \"setts=duration=if(eq(N\\,4)\\,0.3/TB\\,DURATION)\" '{}'",
			   path("short.mp4"), path("source.mp4")));
	ASSERT_NEAR(std::stod(probe(path("source.mp4"), "stream=duration")), 0.46, 0.01);
	for (const char *output : {"matte.mov", "matte.mp4", "matte.mkv"}) {
		SCOPED_TRACE(output);
		ASSERT_THAT(matte("source.mp4", output, {"--over", "black"}), succeeds_quietly());
		EXPECT_NEAR(std::stod(probe(path(output), "format=duration")), 0.46, 0.05);
		ffmpeg(fmt::format("-i '{}' -c:a pcm_s16le '{}'", path(output), path("sound.wav")));
		EXPECT_NEAR(std::stod(probe(path("sound.wav"), "format=duration", "a")), 0.46, 0.1);
	}
	// A backdrop that ends so begins again when that frame has been seen.
	write_media(path("still.mkv"), {11, plate()}, "-c:v ffv1");
	ASSERT_THAT(matte("still.mkv", "over_%d.png", {"--over", path("source.mp4")}), succeeds_quietly());
	EXPECT_THAT(numbers(read_media(path("over_%d.png"))), ElementsAre(0, 1, 2, 3, 4, 4, 4, 4, 4, 4, 4));
}

TEST_F(MatteTimes, AreMadeFromTheRateWhereThereAreNone)
{
	write_media(path("source.h264"), greys(10), "-c:v libx264 -bf 0 -pix_fmt yuv420p -x264-params no-vui-timing=1");
	ASSERT_THAT(matte("source.h264", "matte.mov"), succeeds_quietly());
	EXPECT_NEAR(std::stod(probe(path("matte.mov"), "format=duration")), 0.4, 0.001);
	write_media(path("frame_%d.png"), greys(6));
	ASSERT_THAT(matte("frame_%d.png", "film.mov", {"--fps", "23.976"}), succeeds_quietly());
	EXPECT_EQ(probe(path("film.mov"), "stream=avg_frame_rate"), "24000/1001\n");
	write_media(path("source.mkv"), greys(2), "-c:v ffv1");
	EXPECT_THAT(matte("source.mkv", "matte.mov", {"--fps", "50"}), fails_saying("has times of its own"));
}

TEST_F(MatteTimes, OfABrowsersRecordingGiveASaneRate)
{
	// As MediaRecorder leaves it: a clock of milliseconds, frames now and then, and no rate.
	write_media(
		path("source.webm"), greys(20),
		"-vf \"setpts='(N*33+mod(N*7,5)*2)/1000/TB'\" -fps_mode passthrough -enc_time_base 1/1000 -c:v libvpx -pix_fmt yuv420p");
	ASSERT_THAT(matte("source.webm", "matte.mp4", {"--over", "black"}), succeeds_quietly());
	EXPECT_LE(std::stoi(probe(path("matte.mp4"), "stream=level")), 31);
	EXPECT_THAT(numbers(read_media(path("source.webm"))), SizeIs(20));
}

TEST_F(MatteTimes, CutAFilmIntoPartsThatMeet)
{
	write_media(path("source.mkv"), greys(20), "-c:v libx264 -pix_fmt yuv444p -qp 1 -g 6 -bf 2");
	const auto part = [&](const std::vector<std::string> &range) {
		std::vector<std::string> more{"--view", "foreground"};
		more.insert(more.end(), range.begin(), range.end());
		EXPECT_THAT(matte("source.mkv", "part_%02d.png", more), succeeds_quietly());
		auto found = numbers(read_media(path("part_%02d.png")));
		for (const std::string &file : files())
			if (file.starts_with("part_"))
				std::filesystem::remove(path(file));
		return found;
	};
	EXPECT_THAT(part({"--duration", "0.28"}), ElementsAre(0, 1, 2, 3, 4, 5, 6));
	EXPECT_THAT(part({"--start", "0.28", "--duration", "0.28"}), ElementsAre(7, 8, 9, 10, 11, 12, 13));
	EXPECT_THAT(part({"--start", "0:00.56"}), ElementsAre(14, 15, 16, 17, 18, 19));
	EXPECT_THAT(part({"--start", "0.3", "--frames", "2"}), ElementsAre(8, 9)); // the next, where none begins
	EXPECT_THAT(matte("source.mkv", "part.mov", {"--start", "5"}), fails_saying("it ends before 5 s"));
	EXPECT_FALSE(exists("part.mov"));
	ASSERT_THAT(matte("source.mkv", "part.mov", {"--start", "0.4", "--duration", "0.2"}), succeeds_quietly());
	EXPECT_EQ(probe(path("part.mov"), "stream=start_time,nb_frames"), "0.000000\n5\n");
}

// Also where a part is no whole number of frames.
TEST_F(MatteTimes, CutASequenceIntoPartsThatMeet)
{
	write_media(path("in_%04d.png"), greys(9));
	for (const auto &[rate, length] : {std::pair{"5", 0.25}, std::pair{"25", 0.1}, std::pair{"30000/1001", 0.07}}) {
		for (int part = 0; part < 8; part++) {
			const std::string output = fmt::format("part{}_%d.png", part);
			const ProgramRun run =
				matte("in_%04d.png", output,
				      {"--view", "foreground", "--fps", rate, "--duration", fmt::format("{}", length),
				       "--start", fmt::format("{}", part * length)});
			EXPECT_THAT(run.errors,
				    AnyOf("", HasSubstr("it ends before"), HasSubstr("no frame begins within")));
		}
		std::multiset<std::string> numbers;
		for (const std::string &file : files())
			if (file.starts_with("part")) {
				numbers.insert(file.substr(file.find('_') + 1));
				std::filesystem::remove(path(file));
			}
		EXPECT_EQ(numbers.size(), 9) << rate;
		EXPECT_EQ(std::set<std::string>(numbers.begin(), numbers.end()).size(), 9) << rate;
	}
	for (const char *nothing : {"0", "0.01"})
		EXPECT_THAT(matte("in_%04d.png", "part.mov", {"--duration", nothing, "--start", "0.06"}),
			    fails_saying("no frame begins within"));
	EXPECT_THAT(matte("in_%04d.png", "part.mov", {"--start", "100000000"}), fails_saying("it ends before"));
}

TEST_F(MatteTimes, CutASequenceByItsNumbers)
{
	write_media(path("in_%04d.png"), greys(8), "-start_number 1001");
	const std::vector<std::string> view{"--view", "foreground"};
	const auto outputs = [&] {
		std::vector<std::string> names;
		for (const std::string &file : files())
			if (file.starts_with("out_"))
				names.push_back(file);
		return names;
	};
	ASSERT_THAT(matte("in_%04d.png", "out_%04d.png",
			  {"--view", "foreground", "--start-number", "1004", "--frames", "3"}),
		    succeeds_quietly());
	EXPECT_THAT(outputs(), ElementsAre("out_1004.png", "out_1005.png", "out_1006.png"));
	EXPECT_THAT(numbers(read_media(path("out_1005.png"))), ElementsAre(4));
	ASSERT_THAT(matte("in_%04d.png", "out_%04d.png", view), succeeds_quietly());
	EXPECT_THAT(outputs(), SizeIs(8));
	EXPECT_THAT(outputs().back(), "out_1008.png");
	ASSERT_THAT(matte("in_%04d.png", "film.mov", {"--start", "0.2"}), succeeds_quietly());
	EXPECT_EQ(probe(path("film.mov"), "stream=nb_frames"), "3\n");
	write_media(path("source.mkv"), greys(2), "-c:v ffv1");
	ASSERT_THAT(matte("source.mkv", "later_%d.png", {"--start-number", "7"}), succeeds_quietly());
	EXPECT_TRUE(exists("later_8.png"));
}

} // namespace
} // namespace matting
