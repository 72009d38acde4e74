// SPDX-License-Identifier: GPL-2.0-or-later
// `matte` on sources that are damaged, have gaps, stall, or are nothing it can read.
#include "matte_test.hpp"

#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace matting {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class MatteFaults : public MatteTest {
protected:
	// Moving noise, of which every frame has as many bytes.
	void write_film(const std::string &name, const std::string &encoding) const
	{
		ffmpeg(fmt::format(
			"-f lavfi -i \"testsrc2=s=96x48:r=25,noise=alls=60:allf=t\" -frames:v 24 -pix_fmt yuv420p {} '{}'",
			encoding, path(name)));
	}
};

TEST_F(MatteFaults, KeepWhatWasGoodAndNameTheFrame)
{
	write_film("whole.mp4", "-c:v libx264 -g 4 -bf 0 -movflags +faststart");
	const std::string whole = read_file(path("whole.mp4"));
	std::string holed = whole;
	for (size_t i = 0; i < 2000; i++)
		holed[whole.size() / 2 + i] = static_cast<char>(i * 37);
	write_file(path("holed.mp4"), holed);
	write_file(path("cut.mp4"), whole.substr(0, whole.size() / 2));
	// Between two frames.
	const std::string place = probe(path("whole.mp4"), "packet=pos");
	const size_t line = place.find('\n', place.size() / 2) + 1;
	write_file(path("short.mp4"), whole.substr(0, std::stoul(place.substr(line))));
	for (const char *source : {"holed.mp4", "cut.mp4", "short.mp4"}) {
		SCOPED_TRACE(source);
		const ProgramRun run = matte(source, "matte.mov");
		EXPECT_THAT(run, fails_saying("cannot read frame "));
		const int frames = std::stoi(probe(path("matte.mov"), "stream=nb_frames"));
		EXPECT_GT(frames, 5);
		EXPECT_LT(frames, 20);
		EXPECT_THAT(run, fails_saying(fmt::format("frame {} of {}", frames + 1, path(source))));
		EXPECT_THAT(run, fails_saying(fmt::format("the {} frames before it are written to {}", frames,
							  path("matte.mov"))));
		std::filesystem::remove(path("matte.mov"));
	}
}

TEST_F(MatteFaults, AreCutOffRecordingsWhoseHeaderSaysTheirLength)
{
	for (const auto &[name, encoding] :
	     {std::pair{"film.mkv", "-c:v libx264"}, std::pair{"film.webm", "-c:v libvpx -b:v 2M"},
	      std::pair{"film.flv", "-c:v flv1 -q:v 3"}, std::pair{"film.avi", "-c:v mjpeg"}}) {
		SCOPED_TRACE(name);
		ffmpeg(fmt::format("-f lavfi -i testsrc2=s=96x48:r=25:d=4 -pix_fmt yuv420p {} {} '{}'",
				   std::string_view(encoding).ends_with("mjpeg") ? "-strict -1" : "", encoding,
				   path(name)));
		EXPECT_THAT(matte(name, "matte.mov"), succeeds_quietly());
		const std::string whole = read_file(path(name)), cut = std::string("cut_") + name;
		write_file(path(cut), whole.substr(0, whole.size() / 2));
		std::filesystem::remove(path("matte.mov"));
		EXPECT_THAT(matte(cut, "matte.mov"), fails_saying("cannot read frame "));
		EXPECT_GT(std::stoi(probe(path("matte.mov"), "stream=nb_frames")), 20);
	}
	ffmpeg(fmt::format("-f lavfi -i testsrc2=s=96x48:r=25:d=1 -f lavfi -i sine=d=5 -pix_fmt yuv420p '{}'",
			   path("sound.mkv"))); // lasts longer than the pictures
	EXPECT_THAT(matte("sound.mkv", "matte.mov"), succeeds_quietly());
}

TEST_F(MatteFaults, AreNoPacketsThatAreEmpty)
{
	// So AVI keeps the place of frames that are not there.
	write_film("gap.avi", "-vf \"setpts='(N+5*gte(N,12))/25/TB'\" -fps_mode passthrough -c:v mjpeg -strict -1");
	ASSERT_THAT(matte("gap.avi", "matte.mov"), succeeds_quietly());
	EXPECT_EQ(probe(path("matte.mov"), "stream=nb_frames"), "24\n");
	write_film("film.mov", "-c:v libx264 -bf 0");
	std::string bytes = read_file(path("film.mov"));
	const size_t sizes = bytes.rfind("stsz") + 4 + 4 + 4 + 4; // after version, size of all, count
	for (size_t i = 0; i < 4; i++)
		bytes[sizes + 4 * 23 + i] = 0; // of the last frame
	write_file(path("empty.mov"), bytes);
	ASSERT_THAT(matte("empty.mov", "matte.mov"), succeeds_quietly());
	EXPECT_EQ(probe(path("matte.mov"), "stream=nb_frames"), "23\n");
}

TEST_F(MatteFaults, AreFramesOfAnotherSize)
{
	write_film("small.m2v", "-c:v mpeg2video -g 4 -bf 0");
	ffmpeg(fmt::format("-i '{}' -vf scale=128:64 -c:v mpeg2video -g 4 -bf 0 '{}'", path("small.m2v"),
			   path("large.m2v")));
	write_file(path("mixed.m2v"), read_file(path("small.m2v")) + read_file(path("large.m2v")));
	const ProgramRun run = matte("mixed.m2v", "matte.mov");
	const int frames = std::stoi(probe(path("matte.mov"), "stream=nb_frames"));
	EXPECT_GE(frames, 23); // FFmpeg's decoder gives away the last one
	EXPECT_THAT(run, fails_saying(fmt::format("frame {} of {} has another size than those before it, 128x64 and "
						  "not 96x48; the {} frames before it are written to {}",
						  frames + 1, path("mixed.m2v"), frames, path("matte.mov"))));
	write_media(path("frame_%d.png"), {3, person()});
	write_media(path("frame_3.png"), {{48, 48, [](int, int) {
						   return room;
					   }}});
	EXPECT_THAT(matte("frame_%d.png", "out_%d.png"), fails_saying(path("frame_3.png") + " has another size"));
	EXPECT_TRUE(exists("out_2.png"));
}

TEST_F(MatteFaults, OfAnOutputEndTheWaitForASource)
{
	ffmpeg(fmt::format("-f lavfi -i testsrc2=s=96x48:r=25 -frames:v 60 -c:v mpeg2video -f mpegts '{}'",
			   path("film.ts")));
	ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
	const std::string film = read_file(path("film.ts"));
	int writer = -1;
	const auto started = std::chrono::steady_clock::now();
	EXPECT_THAT(matte("pipe", "matte.mov", {},
			  {.max_file_bytes = 3000,
			   .meanwhile =
				   [&](int) { // writes, and does not close
					   writer = open(path("pipe").c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
					   for (size_t done = 0; done < film.size();) {
						   const ssize_t count = write(writer, &film[done], film.size() - done);
						   done += count > 0 ? static_cast<size_t>(count) : 0;
						   if (std::chrono::steady_clock::now() - started >
						       std::chrono::seconds(20))
							   break;
						   usleep(1000);
					   }
				   }}),
		    fails_saying("File too large"));
	EXPECT_LT(std::chrono::steady_clock::now() - started, std::chrono::seconds(60));
	close(writer);
}

TEST_F(MatteFaults, AreTheSameEveryTime)
{
	write_film("whole.mp4", "-c:v libx264 -bf 2");
	std::string holed = read_file(path("whole.mp4"));
	const size_t data = holed.find("mdat"), end = holed.rfind("moov");
	ASSERT_LT(data, end);
	for (size_t i = 0; i < 24; i++)
		holed[data + (end - data) * 6 / 10 + i] = static_cast<char>(i * 37);
	write_file(path("holed.mp4"), holed);
	const ProgramRun first = matte("holed.mp4", "matte.mov");
	for (int i = 0; i < 3; i++) {
		const ProgramRun again = matte("holed.mp4", "matte.mov");
		EXPECT_EQ(again.status, first.status);
		EXPECT_EQ(again.errors, first.errors);
	}
}

TEST_F(MatteFaults, InRecordingsThatBeginOrEndAnywhereAreNone)
{
	write_film("whole.ts", "-c:v libx264 -g 5 -bf 0");
	const std::string whole = read_file(path("whole.ts"));
	constexpr size_t packet = 188;
	write_file(path("late.ts"), whole.substr(0, packet * 3) + whole.substr(whole.size() / packet / 3 * packet));
	EXPECT_THAT(matte("late.ts", "matte.mov"), succeeds_quietly());
	EXPECT_GT(std::stoi(probe(path("matte.mov"), "stream=nb_frames")), 8);
}

TEST_F(MatteFaults, OfSequencesAreGapsWithTheirNumbers)
{
	write_media(path("frame_%04d.png"), {9, person()}, "-start_number 1");
	std::filesystem::remove(path("frame_0006.png"));
	for (const char *output : {"out_%04d.png", "out.mov"})
		EXPECT_THAT(matte("frame_%04d.png", output), fails_saying(path("frame_0006.png") + " is missing"));
	EXPECT_FALSE(exists("out_0001.png"));
	EXPECT_THAT(matte("frame_%04d.png", "out_%04d.png", {"--frames", "5"}), succeeds_quietly());
	EXPECT_THAT(matte("frame_%04d.png", "out_%04d.png", {"--start-number", "7"}), succeeds_quietly());
	EXPECT_THAT(matte("frame_%04d.png", "out_%04d.png", {"--start-number", "6"}),
		    fails_saying("frame_0006.png is missing"));
	write_file(path("frame_0008.png"), read_file(path("frame_0008.png")).substr(0, 60));
	EXPECT_THAT(matte("frame_%04d.png", "out_%04d.png", {"--start-number", "7"}),
		    fails_saying(path("frame_0008.png")));
}

TEST_F(MatteFaults, OfStalledSourcesEndWithTheFirstCtrlC)
{
	write_media(path("plate.png"), {plate()});
	ASSERT_EQ(mkfifo(path("pipe").c_str(), 0600), 0);
	for (const bool is_held : {false, true}) {
		SCOPED_TRACE(is_held);
		const int holder = is_held ? open(path("pipe").c_str(), O_RDWR | O_CLOEXEC) : -1;
		EXPECT_THAT(matte("pipe", "matte.mov", {},
				  {.meanwhile =
					   [](int process) {
						   usleep(1'500'000);
						   kill(process, SIGINT);
					   }}),
			    fails_saying("interrupted"));
		if (is_held)
			close(holder);
	}
	EXPECT_THAT(files(), ElementsAre("pipe", "plate.png"));
}

TEST_F(MatteFaults, CannotKeepTheSecondCtrlCFromEndingIt)
{
	ffmpeg("-f lavfi -i testsrc=s=1280x720 -frames:v 200 -c:v libx264 -preset ultrafast '" + path("long.mp4") +
	       "'");
	ffmpeg("-f lavfi -i testsrc=s=1280x720 -frames:v 1 '" + path("plate.png") + "'");
	const ProgramRun run = matte("long.mp4", "matte.mov", {"--refine-mode", "full"}, {.meanwhile = [](int process) {
					     usleep(2'000'000);
					     kill(process, SIGSTOP); // so that both come before it has looked
					     kill(process, SIGINT);
					     kill(process, SIGCONT);
					     usleep(1'000);
					     kill(process, SIGINT);
				     }});
	EXPECT_TRUE(run.status == 128 + SIGINT || run.status == 1) << run.status;
	EXPECT_FALSE(exists("matte.mov"));
}

TEST_F(MatteFaults, AreWordsForWhatCannotBeRead)
{
	write_file(path("photo.heic"), std::string("\0\0\0\x18", 4) + "ftypheic" + std::string(400, '\0'));
	EXPECT_THAT(matte("photo.heic", "matte.png"),
		    fails_saying("HEIC pictures are not read; save it as JPEG or PNG"));
	write_file(path("cat.webp"), std::string("RIFF\x60\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0\x5f\0\0\x2f\0\0", 30) +
					     "ANIM" + std::string(60, '\0'));
	EXPECT_THAT(matte("cat.webp", "matte.png"), fails_saying("animated WebP is not read; convert it"));
	EXPECT_THAT(matte("in*.png", "matte.png"), fails_saying("leave the quotes out, or name their folder"));
}

} // namespace
} // namespace matting
