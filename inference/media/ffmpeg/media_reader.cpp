// SPDX-License-Identifier: GPL-2.0-or-later
#include "backend.hpp"
#include "ffmpeg.hpp"

#include "inference/media/file_names.hpp"

extern "C" {
#include <libavutil/display.h>
}

#include <cmath>

#include <fmt/format.h>

namespace matting {
namespace {

// As the ffmpeg program turns pictures upright (fftools/ffmpeg_filter.c); ends with a comma unless empty.
std::string upright_filters(const int32_t *matrix)
{
	if (!matrix)
		return "";
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

// FFmpeg's own decoders leave out the alpha of VP8 and VP9, libvpx's do not.
const AVCodec *decoder_for(const AVStream &stream, const AVCodec *usual)
{
	const AVDictionaryEntry *alpha = av_dict_get(stream.metadata, "alpha_mode", nullptr, 0);
	if (!alpha || std::string_view(alpha->value) != "1")
		return usual;
	const AVCodec *special = usual->id == AV_CODEC_ID_VP9   ? avcodec_find_decoder_by_name("libvpx-vp9")
				 : usual->id == AV_CODEC_ID_VP8 ? avcodec_find_decoder_by_name("libvpx")
								: nullptr;
	return special ? special : usual;
}

// One, or a sequence of them.
bool is_picture(const AVFormatContext &input)
{
	const std::string_view name = input.iformat->name;
	return name == "image2" || name.ends_with("_pipe");
}

InputContext open_input(const std::string &name, const std::string &problem)
{
	AVDictionary *options = nullptr;
	av_dict_set(&options, "start_number_range", "100000", 0); // sequences start anywhere
	AVFormatContext *context = nullptr;
	const int opened = avformat_open_input(&context, name.c_str(), nullptr, &options);
	av_dict_free(&options);
	check(opened, problem);
	InputContext input(context);
	check(avformat_find_stream_info(context, nullptr), problem);
	return input;
}

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

class FfmpegReader : public MediaReader {
public:
	explicit FfmpegReader(const std::filesystem::path &path) : name_(path.string()) { open(path); }

	std::optional<TimedBitmap> read() override;
	const FrameTiming &timing() const override { return timing_; }
	std::optional<int64_t> frames() const override;

private:
	void open(const std::filesystem::path &path);
	FramePointer decode();
	Bitmap convert(FramePointer frame);
	int64_t time_of(const AVFrame &frame);

	std::string name_;
	InputContext input_;
	CodecContext decoder_;
	AVStream *stream_ = nullptr;
	PacketPointer packet_{av_packet_alloc()};
	std::optional<FrameFilter> filter_;
	std::string filter_kind_; // of frames, that it is for
	FrameTiming timing_;
	int64_t count_ = 0;
	int64_t last_time_ = -1;
};

void FfmpegReader::open(const std::filesystem::path &path)
{
	const std::string problem = "cannot read " + name_;
	av_log_set_level(AV_LOG_QUIET); // its words come with our errors
	input_ = open_input(local_url(path), problem);
	const AVCodec *codec = nullptr;
	const int index = av_find_best_stream(input_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
	if (index < 0 || !codec)
		throw Error(problem + ": there is no picture in it");
	stream_ = input_->streams[index];
	codec = decoder_for(*stream_, codec);
	decoder_.reset(avcodec_alloc_context3(codec));
	check(avcodec_parameters_to_context(decoder_.get(), stream_->codecpar), problem);
	decoder_->thread_count = 0; // as many as pay
	decoder_->pkt_timebase = stream_->time_base;
	if (is_picture(*input_)) // half a picture is none; of a video, decoders mark the frames that are damaged
		decoder_->err_recognition |= AV_EF_EXPLODE;
	check(avcodec_open2(decoder_.get(), codec, nullptr), problem);

	const AVRational rate = av_guess_frame_rate(input_.get(), stream_, nullptr);
	timing_.unit_numerator = stream_->time_base.num;
	timing_.unit_denominator = stream_->time_base.den;
	if (rate.num > 0 && rate.den > 0) {
		timing_.rate_numerator = rate.num;
		timing_.rate_denominator = rate.den;
	}
}

// The next frame as it is stored; null at the end.
FramePointer FfmpegReader::decode()
{
	FramePointer frame(av_frame_alloc());
	const auto problem = [this] {
		return fmt::format("cannot read frame {} of {}", count_ + 1, name_);
	};
	while (true) {
		const int received = avcodec_receive_frame(decoder_.get(), frame.get());
		if (received == AVERROR_EOF)
			return nullptr;
		if (received != AVERROR(EAGAIN)) {
			check(received, problem());
			if ((frame->flags & AV_FRAME_FLAG_CORRUPT) || frame->decode_error_flags)
				throw Error(problem() + ": it is damaged");
			return frame;
		}
		const int read = av_read_frame(input_.get(), packet_.get());
		if (read == AVERROR_EOF) {
			avcodec_send_packet(decoder_.get(), nullptr);
			continue;
		}
		check(read, problem());
		const bool is_ours = packet_->stream_index == stream_->index;
		const int sent = is_ours ? avcodec_send_packet(decoder_.get(), packet_.get()) : 0;
		av_packet_unref(packet_.get());
		check(sent, problem());
	}
}

Bitmap FfmpegReader::convert(FramePointer frame)
{
	const std::string upright = upright_filters(display_matrix(*frame, *stream_));
	const std::string kind = fmt::format("{}x{} {} {}", frame->width, frame->height, frame->format, upright);
	if (!filter_ || kind != filter_kind_) {
		filter_.emplace(*frame, stream_->time_base,
				upright +
					"scale=flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp,format=rgba");
		filter_kind_ = kind;
	}
	return bitmap_of(*filter_->apply(std::move(frame)));
}

// Times grow, whatever the file says.
int64_t FfmpegReader::time_of(const AVFrame &frame)
{
	const int64_t time = frame.best_effort_timestamp;
	last_time_ = time == AV_NOPTS_VALUE ? last_time_ + 1 : std::max(time, last_time_ + 1);
	return last_time_;
}

std::optional<TimedBitmap> FfmpegReader::read()
{
	FramePointer frame = decode();
	if (!frame && count_ == 0)
		throw Error(fmt::format("cannot read {}: there is no picture in it", name_));
	if (!frame)
		return std::nullopt;
	count_++;
	const int64_t time = time_of(*frame);
	return TimedBitmap{convert(std::move(frame)), time};
}

std::optional<int64_t> FfmpegReader::frames() const
{
	if (stream_->nb_frames > 0)
		return stream_->nb_frames;
	const AVRational period{timing_.rate_denominator, timing_.rate_numerator};
	if (stream_->duration > 0)
		return av_rescale_q(stream_->duration, stream_->time_base, period);
	if (input_->duration > 0)
		return av_rescale_q(input_->duration, AV_TIME_BASE_Q, period);
	return std::nullopt;
}

} // namespace

std::unique_ptr<MediaReader> open_reader(const std::filesystem::path &path)
{
	return std::make_unique<FfmpegReader>(path);
}

} // namespace matting
