// SPDX-License-Identifier: GPL-2.0-or-later
#include "decoder.hpp"

#include <algorithm>
#include <exception>
#include <string_view>

namespace matting {
namespace {

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

bool is_intra_only(AVCodecID codec)
{
	const AVCodecDescriptor *descriptor = avcodec_descriptor_get(codec);
	return descriptor && descriptor->props & AV_CODEC_PROP_INTRA_ONLY;
}

// In seconds, as its header says where nothing else in the file says where it ends; else 0.
double length_of(const AVFormatContext &input, const AVStream &stream)
{
	const std::string_view name = input.iformat->name;
	if (name == "avi") // whose duration FFmpeg corrects by what is there
		return static_cast<double>(stream.nb_frames) * av_q2d(stream.time_base);
	const bool has_length = (name.starts_with("matroska") || name == "flv") && input.duration > 0 &&
				input.duration_estimation_method == AVFMT_DURATION_FROM_STREAM;
	return has_length ? static_cast<double>(input.duration) / AV_TIME_BASE : 0;
}

double end_of(const AVPacket &packet, AVRational tick)
{
	const int64_t time = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
	return time == AV_NOPTS_VALUE ? 0 : static_cast<double>(time + packet.duration) * av_q2d(tick);
}

bool is_damaged(const AVFrame &frame)
{
	return (frame.flags & AV_FRAME_FLAG_CORRUPT) || frame.decode_error_flags;
}

} // namespace

Decoder::Decoder(Input &input) : input_(input)
{
	const AVCodec *codec = nullptr;
	const int index = av_find_best_stream(input.get(), AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
	if (index < 0 || !codec)
		throw input.without_picture();
	stream_ = input->streams[index];
	length_ = length_of(*input.get(), *stream_);
	// Sound is read again for the output, if it is wanted; but it can be what lasts as long as the header says.
	for (unsigned other = 0; other < input->nb_streams; other++)
		if (static_cast<int>(other) != index && length_ == 0)
			input->streams[other]->discard = AVDISCARD_ALL;
	codec = decoder_for(*stream_, codec);
	context_.reset(avcodec_alloc_context3(codec));
	check(avcodec_parameters_to_context(context_.get(), stream_->codecpar), input.problem());
	context_->thread_count = 0; // as many as pay
	// Where frames depend on others, threads for whole frames give one away before its damage is known: the same file
	// would fail or not by chance.
	// Nor may a single picture's.
	if (!is_intra_only(codec->id) || (input.is_picture() && !input.numbers()))
		context_->thread_type = FF_THREAD_SLICE;
	context_->pkt_timebase = stream_->time_base;
	// Half a picture is none; of a video, decoders mark the frames that are damaged. (TIFF's takes a tag that it does not know for
	// damage.)
	if (input.is_picture() && codec->id != AV_CODEC_ID_TIFF)
		context_->err_recognition |= AV_EF_EXPLODE;
	check(avcodec_open2(context_.get(), codec, nullptr), input.problem());
}

// The file is shorter than it says; some say a little too much.
bool Decoder::is_cut_off() const
{
	return length_ - reached_ > std::max(1.0, length_ / 10) || lacks_what_its_index_has();
}

bool Decoder::lacks_what_its_index_has() const
{
#if LIBAVFORMAT_VERSION_MAJOR >= 59
	const bool has_true_index = std::string_view(input_->iformat->name).starts_with("mov");
	const int count = avformat_index_get_entries_count(stream_);
	const AVIndexEntry *last = has_true_index ? avformat_index_get_entry(stream_, count - 1) : nullptr;
	const int64_t size = input_->pb ? avio_size(input_->pb) : 0;
	return last && size > 0 && last->pos + last->size > size;
#else
	return false;
#endif
}

// A packet to the decoder, or the end.
void Decoder::send()
{
	const int read = av_read_frame(input_.get(), packet_.get());
	if (read == AVERROR_EOF) {
		avcodec_send_packet(context_.get(), nullptr);
		return;
	}
	check(read, "it cannot be read");
	reached_ = std::max(reached_, end_of(*packet_, input_->streams[packet_->stream_index]->time_base));
	// An empty one says that nothing changes, and decoders would take it for the end.
	const bool is_ours = packet_->stream_index == stream_->index && packet_->size > 0;
	const int sent = is_ours ? avcodec_send_packet(context_.get(), packet_.get()) : 0;
	av_packet_unref(packet_.get());
	check(sent, "it is damaged");
}

// Null at the end.
FramePointer Decoder::receive()
{
	FramePointer frame(av_frame_alloc());
	for (int received; (received = avcodec_receive_frame(context_.get(), frame.get())) != 0; send()) {
		if (received == AVERROR_EOF && is_cut_off())
			throw Error("the file is cut off there");
		if (received == AVERROR_EOF)
			return nullptr;
		if (received != AVERROR(EAGAIN))
			check(received, "it is damaged");
	}
	return frame;
}

FramePointer Decoder::next()
{
	for (std::exception_ptr first_error; true;) {
		FramePointer frame;
		try {
			frame = receive();
		} catch (const Error &) {
			constexpr int patience = 1000;
			if (has_begun_ || input_.is_picture() || input_.is_stopped() || ++left_out_ == patience)
				throw;
			first_error = first_error ? first_error : std::current_exception();
			continue;
		}
		if (!frame && first_error)
			std::rethrow_exception(first_error);
		if (frame && is_damaged(*frame))
			throw Error("it is damaged");
		has_begun_ = true;
		return frame;
	}
}

bool Decoder::seek(int64_t time)
{
	if (avformat_seek_file(input_.get(), stream_->index, INT64_MIN, time, time, 0) < 0)
		return false;
	avcodec_flush_buffers(context_.get());
	has_begun_ = false;
	left_out_ = 0;
	return true;
}

} // namespace matting
