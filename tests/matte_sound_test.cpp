// SPDX-License-Identifier: GPL-2.0-or-later
// What `matte` keeps of a video beside its pictures.
#include "matte_test.hpp"

#include <cstdlib>

#include <fmt/format.h>

namespace matting {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::Field;
using testing::HasSubstr;
using testing::StartsWith;

class MatteSound : public MatteTest {
protected:
	/// Two seconds; silent in the first, a tone in the second. In Spanish, from ten o'clock on.
	void write_source(const std::string &name, const std::string &sound = "-c:a aac") const
	{
		ffmpeg(fmt::format(
			"-f lavfi -i color=0x3C285A:s=96x48:r=25:d=2 "
			"-f lavfi -i \"sine=f=440:d=2,volume='gte(t,1)':eval=frame\" -map 0 -map 1 "
			"-c:v libx264 -g 10 {} -metadata creation_time=2024-05-06T07:08:09Z -metadata title=Take "
			"-metadata:s:a:0 language=spa -timecode 10:00:00:00 '{}'",
			sound, path(name)));
	}

	/// In decibels, of a tenth of a second.
	double loudness(const std::string &name, double start) const
	{
		const std::string raw = path("sound.raw");
		ffmpeg(fmt::format("-i '{}' -vn -af atrim={}:{} -ac 1 -f s16le '{}'", path(name), start, start + 0.1,
				   raw));
		const std::string bytes = read_file(raw);
		std::filesystem::remove(raw);
		int16_t greatest = 0;
		for (size_t i = 0; i + 1 < bytes.size(); i += 2)
			greatest = std::max<int16_t>(greatest,
						     static_cast<int16_t>(std::abs(static_cast<int16_t>(
							     static_cast<uint8_t>(bytes[i]) | bytes[i + 1] << 8))));
		return greatest;
	}
};

TEST_F(MatteSound, IsKeptWhereTheContainerCanHoldIt)
{
	write_source("source.mp4");
	for (const char *output : {"matte.mov", "matte.mp4", "matte.mkv"}) {
		SCOPED_TRACE(output);
		const bool is_mp4 = std::string_view(output) == "matte.mp4";
		ASSERT_THAT(matte("source.mp4", output,
				  is_mp4 ? std::vector<std::string>{"--over", "black"} : std::vector<std::string>{}),
			    succeeds_quietly());
		EXPECT_EQ(probe(path(output), "stream=codec_name", "a"), "aac\n");
		EXPECT_THAT(probe(path(output), "stream_tags=language", "a"), "spa\n");
		EXPECT_THAT(probe(path(output), "format_tags=title", "a"), "Take\n");
		EXPECT_THAT(probe(path(output), "format_tags=creation_time", "a"), StartsWith("2024-05-06T07:08:09"));
		EXPECT_EQ(std::stod(probe(path(output), "stream=start_time")), 0);
		EXPECT_NEAR(std::stod(probe(path(output), "format=duration")), 2, 0.05);
		EXPECT_LT(loudness(output, 0.8), 100);
		EXPECT_GT(loudness(output, 1.1), 1000);
	}
	EXPECT_EQ(probe(path("matte.mov"), "stream_tags=timecode"), "10:00:00:00\n");
}

TEST_F(MatteSound, GoesWithThePartThatIsWritten)
{
	write_source("source.mp4");
	ASSERT_THAT(matte("source.mp4", "part.mov", {"--start", "0.8", "--duration", "0.6"}), succeeds_quietly());
	EXPECT_NEAR(std::stod(probe(path("part.mov"), "format=duration")), 0.6, 0.05);
	EXPECT_LT(loudness("part.mov", 0.05), 100);
	EXPECT_GT(loudness("part.mov", 0.3), 1000);
	EXPECT_EQ(probe(path("part.mov"), "stream_tags=timecode"), "10:00:00:20\n");
	write_source("source.ts"); // begins at 1.4 s
	ASSERT_THAT(matte("source.ts", "late.mov"), succeeds_quietly());
	EXPECT_LT(loudness("late.mov", 0.8), 100);
	EXPECT_GT(loudness("late.mov", 1.1), 1000);
}

// Its pictures begin a little later than 0, so that there is nothing to seek before them.
TEST_F(MatteSound, IsKeptWherePicturesAreReordered)
{
	for (const auto &[source, encoding] :
	     {std::pair{"source.flv", "-bf 2 -c:a aac"}, std::pair{"source.avi", "-c:v mpeg4 -bf 2 -c:a libmp3lame"}}) {
		SCOPED_TRACE(source);
		write_source(source, encoding);
		ASSERT_THAT(matte(source, "matte.mov"), succeeds_quietly());
		EXPECT_LT(loudness("matte.mov", 0.8), 100);
		EXPECT_GT(loudness("matte.mov", 1.2), 1000);
		EXPECT_GT(loudness("matte.mov", 1.8), 1000);
	}
}

// As `cat` does it.
TEST_F(MatteSound, OfJoinedRecordingsEndsWhereTheClockIsSetBack)
{
	write_source("part.ts");
	write_file(path("joined.ts"), read_file(path("part.ts")) + read_file(path("part.ts")));
	const ProgramRun run = matte("joined.ts", "matte.mov");
	EXPECT_EQ(run.status, 0);
	EXPECT_THAT(run.errors, HasSubstr("the sound ends after 2.0 s: the file's clock is set back there"));
	EXPECT_EQ(probe(path("matte.mov"), "stream=nb_frames"), "100\n");
	EXPECT_NEAR(std::stod(probe(path("matte.mov"), "stream=duration")), 4, 0.01);
	EXPECT_GT(loudness("matte.mov", 1.8), 1000);
	ASSERT_EQ(matte("joined.ts", "late.mov", {"--start", "3"}).status, 0);
	EXPECT_EQ(probe(path("late.mov"), "stream=nb_frames"), "25\n");
}

TEST_F(MatteSound, OfAnOddClockCostsNoPictures)
{
	write_source("source.mpg", "-c:v mpeg2video -c:a mp2");
	EXPECT_EQ(matte("source.mpg", "part.mov", {"--start", "0.8"}).status, 0);
	EXPECT_GT(loudness("part.mov", 0.4), 1000);
	write_source("source.mp4");
	// Every tenth packet lies where the one before it does.
	ffmpeg(fmt::format("-i '{}' -c copy -bsf:a \"setts=ts=if(mod(N\\,10)\\,TS\\,TS-0.04/TB)\" '{}'",
			   path("source.mp4"), path("odd.mkv")));
	ASSERT_THAT(matte("odd.mkv", "matte.mov"), succeeds_quietly());
	EXPECT_EQ(probe(path("matte.mov"), "stream=nb_frames"), "50\n");
	EXPECT_GT(loudness("matte.mov", 1.8), 1000);
	write_source("first.ts");
	write_source("second.ts", "-c:a aac -output_ts_offset 1.95");
	write_file(path("over.ts"), read_file(path("first.ts")) + read_file(path("second.ts")));
	const ProgramRun run = matte("over.ts", "matte.mov");
	EXPECT_EQ(run.status, 0);
	EXPECT_THAT(run.errors, HasSubstr("sound that lies over other sound is left out"));
	EXPECT_EQ(probe(path("matte.mov"), "stream=nb_frames"), "100\n");
	EXPECT_GT(loudness("matte.mov", 1.8), 1000);
	EXPECT_GT(loudness("matte.mov", 3.7), 1000);
}

TEST_F(MatteSound, ThatCannotBeKeptIsNamed)
{
	write_source("source.mp4");
	EXPECT_THAT(matte("source.mp4", "matte.webm"),
		    AllOf(Field("status", &ProgramRun::status, 0),
			  Field("errors", &ProgramRun::errors,
				AllOf(StartsWith("background-matting: "), HasSubstr("the sound (aac) is left out"),
				      EndsWith("\n")))));
	EXPECT_THAT(matte("source.mp4", "matte.webm", {"--no-sound"}), succeeds_quietly());
	EXPECT_THAT(matte("source.mp4", "matte.mov", {"--no-sound"}), succeeds_quietly());
	EXPECT_EQ(probe(path("matte.mov"), "stream=codec_name", "a"), "");

	write_source("opus.mkv", "-c:a libopus"); // which MOV seems to hold
	EXPECT_THAT(matte("opus.mkv", "matte.mov").errors,
		    EndsWith("matte.mov: the sound (opus) is left out: this container cannot hold it; write .mkv\n"));
	ASSERT_THAT(matte("opus.mkv", "matte.webm"), succeeds_quietly());
	EXPECT_EQ(probe(path("matte.webm"), "stream=codec_name", "a"), "opus\n");

	const std::string piped = fmt::format("cat '{}' | '{}' matte -i - -b '{}' -o '{}' --model '{}' 2>'{}'",
					      path("source.mp4"), MATTING_PROGRAM, path("plate.png"), path("piped.mov"),
					      difference_model().string(), path("errors"));
	ffmpeg(fmt::format("-i '{}' -c copy -movflags faststart '{}'", path("source.mp4"), path("streamed.mp4")));
	std::filesystem::rename(path("streamed.mp4"), path("source.mp4")); // what a pipe can bring
	EXPECT_EQ(std::system(piped.c_str()), 0);
	EXPECT_THAT(read_file(path("errors")), HasSubstr("the sound is left out: a pipe is read only once"));

	write_file(path("words.srt"), "1\n00:00:00,000 --> 00:00:01,000\nHello\n");
	write_file(path("marks.txt"), ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1\nSTART=0\nEND=1\ntitle=One\n");
	ffmpeg(fmt::format("-i '{}' -i '{}' -i '{}' -map 0:v -map 1 -map_chapters 2 -c:v copy -c:s srt '{}'",
			   path("source.mp4"), path("words.srt"), path("marks.txt"), path("marked.mkv")));
	EXPECT_THAT(matte("marked.mkv", "matte.mov").errors,
		    AllOf(HasSubstr("the subtitles are left out"), HasSubstr("the chapters are left out")));
}

} // namespace
} // namespace matting
