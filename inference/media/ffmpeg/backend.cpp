// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend.hpp"

#include "ffmpeg.hpp"

#include "inference/program_part.hpp"

extern "C" {
#include <libavutil/parseutils.h>
}

#include <string_view>

#include <fmt/format.h>

namespace matting {
namespace {

class FfmpegBackend : public MediaBackend {
public:
	std::unique_ptr<MediaReader> open(const std::filesystem::path &path,
					  const ReadSettings &settings) const override
	{
		return open_reader(path, settings);
	}
	std::unique_ptr<MediaWriter> create(const std::filesystem::path &path,
					    const WriteSettings &settings) const override
	{
		return create_writer(path, settings);
	}
	Bitmap scale_to_cover(const Picture &picture, int width, int height, Fraction pixel_aspect) const override
	{
		FramePointer frame = frame_of(picture, 0);
		const double shape = pixel_aspect.value() * width / height;
		constexpr int most = 1024; // times as large; beyond some thousand FFmpeg has no filter
		FrameFilter filter(*frame, {1, 1},
				   fmt::format("crop=max(1\\,min(iw\\,ih*{0})):max(1\\,min(ih\\,iw/{0})):exact=1,"
					       "scale=max(iw\\,{1}/{3}):max(ih\\,{2}/{3}):flags=bicubic+accurate_rnd,"
					       "scale={1}:{2}:flags=bicubic+accurate_rnd,setsar=1",
					       shape, width, height, most));
		return bitmap_of(*filter.apply(std::move(frame)));
	}
	std::optional<std::array<uint8_t, 4>> colour_named(const std::string &name) const override
	{
		std::array<uint8_t, 4> rgba{};
		av_log_set_level(AV_LOG_QUIET); // the words for what is none are ours
		const bool is_known = name != "random" && name != "bikeshed";
		if (is_known && av_parse_color(rgba.data(), name.c_str(), -1, nullptr) >= 0)
			return rgba;
		return std::nullopt;
	}
	std::string version() const override { return av_version_info(); }
};

} // namespace
} // namespace matting

MATTING_PART_ENTRY const void *background_matting_media(const char *version)
{
	static const matting::FfmpegBackend backend;
	const matting::MediaBackend &part = backend;
	return std::string_view(version) == matting::media_interface ? &part : nullptr;
}
