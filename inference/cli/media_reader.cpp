// SPDX-License-Identifier: GPL-2.0-or-later
#include "ffmpeg.hpp"
#include "file_names.hpp"
#include "media.hpp"

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

const int32_t *display_matrix(const AVFrame &frame, const AVStream &stream)
{
	if (const AVFrameSideData *data = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX))
		return reinterpret_cast<const int32_t *>(data->data);
	return reinterpret_cast<const int32_t *>(av_stream_get_side_data(&stream, AV_PKT_DATA_DISPLAYMATRIX, nullptr));
}

} // namespace

struct MediaReader::State {
	std::string name;
	InputContext input;
	CodecContext decoder;
	AVStream *stream = nullptr;
	PacketPointer packet{av_packet_alloc()};
	std::optional<FrameFilter> filter;
	std::string filter_kind; // of frames, that it is for
	FrameTiming timing;
	int64_t count = 0;
	int64_t last_time = -1;

	void open(const std::filesystem::path &path);
	FramePointer decode();
	Bitmap convert(FramePointer frame);
	int64_t time_of(const AVFrame &frame);
};

void MediaReader::State::open(const std::filesystem::path &path)
{
	name = path.string();
	const std::string problem = "cannot read " + name;
	av_log_set_level(AV_LOG_QUIET); // its words come with our errors
	input = open_input(local_url(path), problem);
	const AVCodec *codec = nullptr;
	const int index = av_find_best_stream(input.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
	if (index < 0 || !codec)
		throw Error(problem + ": there is no picture in it");
	stream = input->streams[index];
	codec = decoder_for(*stream, codec);
	decoder.reset(avcodec_alloc_context3(codec));
	check(avcodec_parameters_to_context(decoder.get(), stream->codecpar), problem);
	decoder->thread_count = 0; // as many as pay
	decoder->pkt_timebase = stream->time_base;
	if (is_picture(*input)) // half a picture is none; of a video, decoders mark the frames that are damaged
		decoder->err_recognition |= AV_EF_EXPLODE;
	check(avcodec_open2(decoder.get(), codec, nullptr), problem);

	const AVRational rate = av_guess_frame_rate(input.get(), stream, nullptr);
	timing.unit_numerator = stream->time_base.num;
	timing.unit_denominator = stream->time_base.den;
	if (rate.num > 0 && rate.den > 0) {
		timing.rate_numerator = rate.num;
		timing.rate_denominator = rate.den;
	}
}

// The next frame as it is stored; null at the end.
FramePointer MediaReader::State::decode()
{
	FramePointer frame(av_frame_alloc());
	const auto problem = [this] {
		return fmt::format("cannot read frame {} of {}", count + 1, name);
	};
	while (true) {
		const int received = avcodec_receive_frame(decoder.get(), frame.get());
		if (received == AVERROR_EOF)
			return nullptr;
		if (received != AVERROR(EAGAIN)) {
			check(received, problem());
			if ((frame->flags & AV_FRAME_FLAG_CORRUPT) || frame->decode_error_flags)
				throw Error(problem() + ": it is damaged");
			return frame;
		}
		const int read = av_read_frame(input.get(), packet.get());
		if (read == AVERROR_EOF) {
			avcodec_send_packet(decoder.get(), nullptr);
			continue;
		}
		check(read, problem());
		const bool is_ours = packet->stream_index == stream->index;
		const int sent = is_ours ? avcodec_send_packet(decoder.get(), packet.get()) : 0;
		av_packet_unref(packet.get());
		check(sent, problem());
	}
}

Bitmap MediaReader::State::convert(FramePointer frame)
{
	const std::string upright = upright_filters(display_matrix(*frame, *stream));
	const std::string kind = fmt::format("{}x{} {} {}", frame->width, frame->height, frame->format, upright);
	if (!filter || kind != filter_kind) {
		filter.emplace(*frame, stream->time_base,
			       upright +
				       "scale=flags=bicubic+accurate_rnd+full_chroma_int+full_chroma_inp,format=rgba");
		filter_kind = kind;
	}
	return bitmap_of(*filter->apply(std::move(frame)));
}

// Times grow, whatever the file says.
int64_t MediaReader::State::time_of(const AVFrame &frame)
{
	const int64_t time = frame.best_effort_timestamp;
	last_time = time == AV_NOPTS_VALUE ? last_time + 1 : std::max(time, last_time + 1);
	return last_time;
}

MediaReader::MediaReader(const std::filesystem::path &path) : state_(std::make_unique<State>())
{
	state_->open(path);
}

MediaReader::~MediaReader() = default;

std::optional<TimedBitmap> MediaReader::read()
{
	FramePointer frame = state_->decode();
	if (!frame && state_->count == 0)
		throw Error(fmt::format("cannot read {}: there is no picture in it", state_->name));
	if (!frame)
		return std::nullopt;
	state_->count++;
	const int64_t time = state_->time_of(*frame);
	return TimedBitmap{state_->convert(std::move(frame)), time};
}

const FrameTiming &MediaReader::timing() const
{
	return state_->timing;
}

std::optional<int64_t> MediaReader::frames() const
{
	const AVStream &stream = *state_->stream;
	if (stream.nb_frames > 0)
		return stream.nb_frames;
	const FrameTiming &timing = state_->timing;
	if (stream.duration > 0)
		return av_rescale_q(stream.duration, stream.time_base,
				    {timing.rate_denominator, timing.rate_numerator});
	if (state_->input->duration > 0)
		return av_rescale_q(state_->input->duration, AV_TIME_BASE_Q,
				    {timing.rate_denominator, timing.rate_numerator});
	return std::nullopt;
}

Bitmap read_picture(const std::filesystem::path &path)
{
	return std::move(MediaReader(path).read().value().bitmap);
}

} // namespace matting
