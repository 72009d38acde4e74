// SPDX-License-Identifier: GPL-2.0-or-later
// `matte` and what videos are written with.
#include "matte_test.hpp"

#include <fmt/format.h>

namespace matting {
namespace {

class MatteCodecs : public MatteTest {
protected:
	MatteCodecs() { write_media(path("plate.png"), {plate()}); }
};

TEST_F(MatteCodecs, AreThoseThatAreAskedFor)
{
	write_media(path("source.mkv"), {3, person()}, "-c:v ffv1");
	struct Case {
		const char *codec, *output, *name;
		bool has_alpha;
	};
	for (const Case &wanted : {Case{"png", "matte.mov", "png", true},
				   {"ffv1", "matte.mkv", "ffv1", true},
				   {"auto", "matte.mkv", "vp9", true},
				   {"prores422", "matte.mov", "prores", false},
				   {"h265", "matte.mp4", "hevc", false},
				   {"av1", "matte.mp4", "av1", false}}) {
		SCOPED_TRACE(wanted.codec);
		std::vector<std::string> more{"--codec", wanted.codec};
		if (!wanted.has_alpha)
			more.insert(more.end(), {"--over", "black"});
		ASSERT_THAT(matte("source.mkv", wanted.output, more), succeeds_quietly());
		EXPECT_EQ(probe(path(wanted.output), "stream=codec_name"), fmt::format("{}\n", wanted.name));
		const auto frames = read_media(path(wanted.output),
					       std::string_view(wanted.name) == "vp9" ? "-c:v libvpx-vp9" : "");
		ASSERT_EQ(frames.size(), 3u);
		if (wanted.has_alpha)
			expect_person(frames[1], std::string_view(wanted.name) == "vp9" ? 12 : 0);
	}
	const TestPicture noise(96, 48, [](int x, int y) -> Pixel {
		const uint32_t bits = static_cast<uint32_t>(97 * y + x) * 2654435761u;
		return {static_cast<uint8_t>(bits >> 24), static_cast<uint8_t>(bits >> 16),
			static_cast<uint8_t>(bits >> 8), 255};
	});
	write_media(path("noise.png"), {noise});
	const auto size = [&](const char *crf) {
		EXPECT_THAT(matte("source.mkv", "matte.mp4", {"--over", path("noise.png"), "--crf", crf}),
			    succeeds_quietly());
		return std::filesystem::file_size(path("matte.mp4"));
	};
	EXPECT_LT(size("50"), size("0"));
	EXPECT_THAT(matte("source.mkv", "matte.mov", {"--crf", "20"}), fails_saying("prores has no --crf"));
}

// Fewer than an encoder would reorder.
TEST_F(MatteCodecs, TakeFilmsOfAFrameOrTwo)
{
	write_media(path("source.mkv"), {person(), plate(), person()}, "-c:v ffv1");
	for (const char *codec : {"h264", "h265", "av1"})
		for (const char *frames : {"1", "2", "3"}) {
			const ProgramRun run = matte("source.mkv", "matte.mp4",
						     {"--over", "red", "--codec", codec, "--frames", frames});
			if (run.errors.find("it was built without") != std::string::npos)
				continue;
			EXPECT_THAT(run, succeeds_quietly()) << codec << ", " << frames;
			EXPECT_EQ(probe(path("matte.mp4"), "stream=nb_frames"), fmt::format("{}\n", frames)) << codec;
		}
}

} // namespace
} // namespace matting
