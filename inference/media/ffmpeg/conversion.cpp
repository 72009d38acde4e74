// SPDX-License-Identifier: GPL-2.0-or-later
#include "conversion.hpp"

extern "C" {
#include <libavutil/display.h>
#include <libavutil/pixdesc.h>
}

#include <array>
#include <cmath>

#include <fmt/format.h>

namespace matting {
namespace {

const uint8_t *display_matrix_of(const AVStream &stream)
{
#if LIBAVFORMAT_VERSION_MAJOR >= 61 // FFmpeg 7; since 8 there is no other way
	const AVCodecParameters &parameters = *stream.codecpar;
	const AVPacketSideData *data = av_packet_side_data_get(
		parameters.coded_side_data, parameters.nb_coded_side_data, AV_PKT_DATA_DISPLAYMATRIX);
	return data ? data->data : nullptr;
#else
	return av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr);
#endif
}

const int32_t *display_matrix(const AVFrame &frame, const AVStream &stream)
{
	if (const AVFrameSideData *data = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX))
		return reinterpret_cast<const int32_t *>(data->data);
	return reinterpret_cast<const int32_t *>(display_matrix_of(stream));
}

// As the ffmpeg program turns pictures upright (fftools/ffmpeg_filter.c); ends with a comma unless empty.
std::string upright_filters(const int32_t *matrix)
{
	double angle = -std::round(av_display_rotation_get(matrix));
	angle -= 360 * std::floor(angle / 360 + 0.9 / 360);
	const auto is_about = [&](double value) {
		return std::abs(angle - value) < 1;
	};
	if (is_about(90))
		return matrix[3] > 0 ? "transpose=cclock_flip," : "transpose=clock,";
	if (is_about(180))
		return std::string(matrix[0] < 0 ? "hflip," : "") + (matrix[4] < 0 ? "vflip," : "");
	if (is_about(270))
		return matrix[3] < 0 ? "transpose=clock_flip," : "transpose=cclock,";
	if (is_about(0))
		return matrix[4] < 0 ? "vflip," : "";
	return fmt::format("rotate={}*PI/180,", angle);
}

std::string upright_filters(const int32_t *matrix, int orientation)
{
	constexpr std::array<const char *, 8> filters{"",
						      "hflip,",
						      "hflip,vflip,",
						      "vflip,",
						      "transpose=cclock_flip,",
						      "transpose=clock,",
						      "transpose=clock_flip,",
						      "transpose=cclock,"};
	return matrix ? upright_filters(matrix) : filters.at(orientation - 1);
}

bool is_interlaced(const AVFrame &frame, const AVStream &stream)
{
	const AVFieldOrder order = stream.codecpar->field_order;
#ifdef AV_FRAME_FLAG_INTERLACED // FFmpeg 6.1
	const bool has_fields = frame.flags & AV_FRAME_FLAG_INTERLACED;
#else
	const bool has_fields = frame.interlaced_frame;
#endif
	return has_fields || (order != AV_FIELD_UNKNOWN && order != AV_FIELD_PROGRESSIVE);
}

bool has_wide_primaries(const AVFrame &frame)
{
	return frame.color_primaries == AVCOL_PRI_BT2020 || frame.color_primaries == AVCOL_PRI_SMPTE431 ||
	       frame.color_primaries == AVCOL_PRI_SMPTE432;
}

// Of primaries, transfer or matrix, whose numbers (ITU-T H.273) are alike in this.
template<typename Colours> bool is_unsaid(Colours colours)
{
	return colours == 2 || colours == 3;
}

// In one of its tags that tell UHD from HD.
bool has_uhd_colours(const AVFrame &frame)
{
	return is_hdr(frame) || frame.color_primaries == AVCOL_PRI_BT2020 || frame.color_trc == AVCOL_TRC_BT2020_10 ||
	       frame.color_trc == AVCOL_TRC_BT2020_12 || frame.colorspace == AVCOL_SPC_BT2020_NCL ||
	       frame.colorspace == AVCOL_SPC_BT2020_CL;
}

// FFmpeg takes chroma of half the width to lie between two pixels. H.264 and its like have it on the left one.
bool is_sited_left(const AVFrame &frame)
{
	return frame.chroma_location == AVCHROMA_LOC_LEFT &&
	       av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format))->log2_chroma_w == 1;
}

// Note [HDR as SDR]
// White on paper is 203 nits in HDR (ITU-R BT.2408) and 1 in SDR; so what was SDR before it became HDR comes back as it was,
// up to 0.8, and what is brighter is squeezed into the rest. Both, source and background, go the same way.
std::string colour_filters(const AVFrame &frame)
{
	const std::string planes = has_alpha(frame) ? "gbrap" : "gbrp";
	const bool is_picture = frame.color_trc == AVCOL_TRC_GAMMA22 || frame.color_trc == AVCOL_TRC_IEC61966_2_1;
	const std::string to_sdr = fmt::format("zscale=p=bt709:t={}:m=gbr:r=full,format={},",
					       is_picture ? "iec61966-2-1" : "bt709", planes);
	if (!is_hdr(frame))
		return to_sdr;
	return fmt::format("zscale=t=linear:npl=203:m=gbr:r=full,format={}f32le,zscale=p=bt709,"
			   "tonemap=mobius:param=0.8:desat=0,{}",
			   planes, to_sdr);
}

} // namespace

bool has_alpha(const AVFrame &frame)
{
	return av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format))->flags & AV_PIX_FMT_FLAG_ALPHA;
}

std::string colours_of(const AVFrame &frame)
{
	const auto word = [](const char *name) {
		return name ? name : "unknown";
	};
	return fmt::format("{}, {}, {}", word(av_color_primaries_name(frame.color_primaries)),
			   word(av_color_transfer_name(frame.color_trc)), word(av_color_space_name(frame.colorspace)));
}

bool is_grey(const AVFrame &frame)
{
	return av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format))->nb_components <= 2; // and alpha
}

bool is_hdr(const AVFrame &frame)
{
	return frame.color_trc == AVCOL_TRC_SMPTE2084 || frame.color_trc == AVCOL_TRC_ARIB_STD_B67;
}

void complete(AVFrame &frame, const Input &input, AVStream &stream)
{
	frame.sample_aspect_ratio = av_guess_sample_aspect_ratio(input.get(), &stream, &frame);
	// What players take: that which goes with the others, or that of television of this size.
	const bool is_uhd = has_uhd_colours(frame);
	if (is_uhd && is_unsaid(frame.color_primaries))
		frame.color_primaries = AVCOL_PRI_BT2020;
	if (has_wide_primaries(frame) && is_unsaid(frame.color_trc))
		frame.color_trc = input.is_picture() ? AVCOL_TRC_IEC61966_2_1 : AVCOL_TRC_BT709;
	const bool is_rgb = av_pix_fmt_desc_get(static_cast<AVPixelFormat>(frame.format))->flags & AV_PIX_FMT_FLAG_RGB;
	const bool is_wide = is_uhd || has_wide_primaries(frame);
	if (is_rgb || !is_unsaid(frame.colorspace) || (input.is_picture() && !is_wide))
		return;
	if (is_uhd)
		frame.colorspace = AVCOL_SPC_BT2020_NCL;
	else if (is_wide || frame.width >= 1280 || frame.height > 576)
		frame.colorspace = AVCOL_SPC_BT709;
}

Conversion conversion_of(const AVFrame &frame, const Input &input, const AVStream &stream, int orientation)
{
	Conversion conversion;
	if (!input.is_picture() && is_interlaced(frame, stream)) {
		conversion.filters += "bwdif=mode=send_frame:deint=interlaced,";
		conversion.note = "its fields are made into frames (bwdif)";
	}
	if (is_hdr(frame) || has_wide_primaries(frame)) {
		const std::string what = frame.color_trc == AVCOL_TRC_SMPTE2084      ? "HDR (PQ)"
					 : frame.color_trc == AVCOL_TRC_ARIB_STD_B67 ? "HDR (HLG)"
										     : "wide-gamut";
		if (!avfilter_get_by_name("zscale"))
			throw Error(fmt::format(
				"its colours are {}, and this FFmpeg cannot convert them: it was built without libzimg",
				what));
		conversion.filters += colour_filters(frame);
		conversion.note += fmt::format("{}its {} colours are converted to BT.709",
					       conversion.note.empty() ? "" : "; ", what);
	}
	const std::string upright = upright_filters(display_matrix(frame, stream), orientation);
	const bool is_on_the_left = upright.empty() && is_sited_left(frame); // still
	conversion.filters +=
		fmt::format("{}scale=flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp{},format=rgba", upright,
			    is_on_the_left ? ":in_h_chr_pos=0" : "");
	return conversion;
}

} // namespace matting
