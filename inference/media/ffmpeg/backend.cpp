// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend.hpp"

#include "ffmpeg.hpp"

#include <string_view>

#include <fmt/format.h>

namespace matting {
namespace {

class FfmpegBackend : public MediaBackend {
public:
	std::unique_ptr<MediaReader> open(const std::filesystem::path &path) const override
	{
		return open_reader(path);
	}
	std::unique_ptr<MediaWriter> create(const std::filesystem::path &path, const std::string &codec,
					    const FrameTiming &timing) const override
	{
		return create_writer(path, codec, timing);
	}
	Bitmap scale_to_cover(const Picture &picture, int width, int height) const override
	{
		FramePointer frame = frame_of(picture, 0);
		FrameFilter filter(*frame, {1, 1},
				   fmt::format("scale={0}:{1}:flags=bicubic+accurate_rnd:"
					       "force_original_aspect_ratio=increase,crop={0}:{1}",
					       width, height));
		return bitmap_of(*filter.apply(std::move(frame)));
	}
};

} // namespace
} // namespace matting

extern "C" __attribute__((visibility("default"))) const void *background_matting_media(const char *version)
{
	static const matting::FfmpegBackend backend;
	const matting::MediaBackend &part = backend;
	return std::string_view(version) == matting::media_interface ? &part : nullptr;
}
