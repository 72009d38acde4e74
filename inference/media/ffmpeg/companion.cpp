// SPDX-License-Identifier: GPL-2.0-or-later
#include "companion.hpp"

#include "inference/media/file_names.hpp"

extern "C" {
#include <libavutil/timecode.h>
}

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace matting {
namespace {

const char *entry(const AVDictionary *dictionary, const char *key)
{
	const AVDictionaryEntry *found = av_dict_get(dictionary, key, nullptr, 0);
	return found ? found->value : nullptr;
}

// What describes the file and not what is in it is the new file's own.
void copy_description(const AVDictionary *from, AVDictionary **to)
{
	for (const AVDictionaryEntry *word = nullptr; (word = av_dict_get(from, "", word, AV_DICT_IGNORE_SUFFIX));)
		av_dict_set(to, word->key, word->value, 0);
	for (const char *key : {"encoder", "major_brand", "minor_version", "compatible_brands", "duration"})
		av_dict_set(to, key, nullptr, 0);
}

// The time code of the frame that is shown `seconds` later.
std::string later_timecode(const char *first, AVRational rate, double seconds)
{
	AVTimecode timecode;
	if (av_timecode_init_from_string(&timecode, rate, first, nullptr) < 0)
		return first;
	char text[AV_TIMECODE_STR_SIZE];
	return av_timecode_make_string(&timecode, text, static_cast<int>(std::lround(seconds * av_q2d(rate))));
}

// By trying: MOV, when asked, has a place for Opus, and refuses it then.
bool can_hold(const AVFormatContext &output, const AVStream &sound)
{
	AVFormatContext *trial = nullptr;
	if (avformat_alloc_output_context2(&trial, output.oformat, nullptr, nullptr) < 0)
		return false;
	AVStream *copy = avformat_new_stream(trial, nullptr);
	bool is_held =
		avcodec_parameters_copy(copy->codecpar, sound.codecpar) >= 0 && avio_open_dyn_buf(&trial->pb) >= 0;
	if (is_held) {
		copy->codecpar->codec_tag = 0; // the container's own
		copy->time_base = sound.time_base;
		trial->pb->seekable = output.pb->seekable;
		is_held = avformat_write_header(trial, nullptr) >= 0;
		uint8_t *written = nullptr;
		avio_close_dyn_buf(trial->pb, &written);
		av_free(written);
	}
	avformat_free_context(trial);
	return is_held;
}

bool can_have_early_sound(const AVFormatContext &output)
{
	return output.oformat->flags & AVFMT_TS_NEGATIVE; // else all would be moved to 0, and the pictures be late
}

} // namespace

Companion::Companion(const WriteSettings &settings, AVFormatContext &output) : settings_(settings), output_(output)
{
	if (!open())
		return;
	copies_.resize(input_->nb_streams);
	for (unsigned i = 0; i < input_->nb_streams; i++)
		if (input_->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO && settings.wants_sound)
			add_sound(*input_->streams[i]);
	copy_words(*output.streams[0]);
	name_the_rest();
	discard_the_rest();
	go_to_origin();
}

bool Companion::open()
{
	AVFormatContext *context = nullptr;
	if (avformat_open_input(&context, local_url(settings_.companion).c_str(), nullptr, nullptr) < 0)
		return false;
	input_.reset(context);
	return avformat_find_stream_info(context, nullptr) >= 0;
}

void Companion::discard_the_rest()
{
	for (unsigned i = 0; i < input_->nb_streams; i++)
		input_->streams[i]->discard = copy_of(static_cast<int>(i)) ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
}

// Or near, before it. A demuxer that could not seek may give nothing more.
void Companion::go_to_origin()
{
	constexpr int64_t early = AV_TIME_BASE; // packets lie where they were written, not where they are heard
	const int64_t place = static_cast<int64_t>(settings_.origin * AV_TIME_BASE) - early;
	const bool is_within = input_->start_time != AV_NOPTS_VALUE && place > input_->start_time;
	if (!is_within ||
	    avformat_seek_file(input_.get(), -1, std::numeric_limits<int64_t>::min(), place, place, 0) >= 0)
		return;
	if (open())
		discard_the_rest();
	else
		has_ended_ = true;
}

// Null where it is not copied, or no more.
Companion::Copy *Companion::copy_of(int index)
{
	const auto place = static_cast<size_t>(index);
	return place < copies_.size() && copies_[place].stream ? &copies_[place] : nullptr;
}

void Companion::add_sound(const AVStream &stream)
{
	if (!can_hold(output_, stream)) {
		const bool is_matroska = std::string_view(output_.oformat->name) == "matroska";
		notes_.push_back(fmt::format("the sound ({}) is left out: this container cannot hold it{}",
					     avcodec_get_name(stream.codecpar->codec_id),
					     is_matroska ? "" : "; write .mkv"));
		return;
	}
	AVStream *copy = avformat_new_stream(&output_, nullptr);
	check(avcodec_parameters_copy(copy->codecpar, stream.codecpar), "there is no memory for the sound");
	copy->codecpar->codec_tag = 0; // the container's own
	copy->time_base = stream.time_base;
	copy->disposition = stream.disposition;
	for (const char *key : {"language", "title"})
		if (const char *value = entry(stream.metadata, key))
			av_dict_set(&copy->metadata, key, value, 0);
	copies_[stream.index].stream = copy;
}

void Companion::copy_words(AVStream &pictures)
{
	copy_description(input_->metadata, &output_.metadata);
	const int best = av_find_best_stream(input_.get(), AVMEDIA_TYPE_VIDEO, -1, -1, nullptr, 0);
	const AVDictionary *description = best < 0 ? nullptr : input_->streams[best]->metadata;
	for (const char *key : {"language", "title", "creation_time"})
		if (const char *value = entry(description, key))
			av_dict_set(&pictures.metadata, key, value, 0);
	const char *timecode = entry(description, "timecode");
	if (!timecode)
		timecode = entry(input_->metadata, "timecode");
	if (!timecode)
		return;
	const double start = best < 0 || input_->streams[best]->start_time == AV_NOPTS_VALUE
				     ? 0
				     : input_->streams[best]->start_time * av_q2d(input_->streams[best]->time_base);
	const std::string later =
		later_timecode(timecode, {settings_.timing.rate.numerator, settings_.timing.rate.denominator},
			       settings_.origin - start);
	av_dict_set(&output_.metadata, "timecode", nullptr, 0);
	av_dict_set(&pictures.metadata, "timecode", later.c_str(), 0);
}

void Companion::name_the_rest()
{
	if (av_find_best_stream(input_.get(), AVMEDIA_TYPE_SUBTITLE, -1, -1, nullptr, 0) >= 0)
		notes_.emplace_back("the subtitles are left out");
	if (input_->nb_chapters > 0)
		notes_.emplace_back("the chapters are left out");
}

double Companion::time_of(const AVPacket &packet) const
{
	return static_cast<double>(packet.pts) * av_q2d(input_->streams[packet.stream_index]->time_base) -
	       settings_.origin;
}

// Whether it is copied; then it has times.
bool Companion::takes(AVPacket &packet)
{
	Copy *copy = copy_of(packet.stream_index);
	if (!copy)
		return false;
	if (packet.dts == AV_NOPTS_VALUE)
		packet.dts = packet.pts != AV_NOPTS_VALUE ? packet.pts : copy->end;
	if (packet.dts == AV_NOPTS_VALUE)
		return false;
	packet.pts = std::max(packet.pts, packet.dts); // the muxer insists
	const double tick = av_q2d(input_->streams[packet.stream_index]->time_base);
	constexpr double disorder = 0.2;
	if (copy->end != AV_NOPTS_VALUE && static_cast<double>(copy->end - packet.dts) * tick > disorder) {
		end(*copy, "the file's clock is set back there");
		return false;
	}
	copy->end = std::max(copy->end, packet.dts + packet.duration);
	const double first = can_have_early_sound(output_) ? -static_cast<double>(packet.duration) * tick : 0;
	constexpr double rounding = 1e-3;
	return time_of(packet) >= first - rounding;
}

// What was copied is kept.
void Companion::end(Copy &copy, const std::string &why)
{
	const double seconds =
		copy.last == AV_NOPTS_VALUE ? 0 : static_cast<double>(copy.last) * av_q2d(copy.stream->time_base);
	notes_.push_back(fmt::format("the sound ends after {:.1f} s: {}; convert the source first to keep the rest",
				     std::max(seconds, 0.0), why));
	copy.stream = nullptr;
}

// The next packet that is to be copied. Damage ends the sound: the pictures are what matters.
bool Companion::read()
{
	while (!has_packet_ && !has_ended_) {
		if (!input_ || av_read_frame(input_.get(), packet_.get()) < 0) {
			has_ended_ = true;
			break;
		}
		has_packet_ = takes(*packet_);
		if (!has_packet_)
			av_packet_unref(packet_.get());
	}
	return has_packet_;
}

void Companion::write_until(double time)
{
	while (read() && time_of(*packet_) < time) {
		has_packet_ = false;
		write(*packet_);
	}
}

void Companion::write(AVPacket &packet)
{
	Copy &copy = *copy_of(packet.stream_index);
	const AVRational from = input_->streams[packet.stream_index]->time_base;
	const auto origin = static_cast<int64_t>(std::llround(settings_.origin / av_q2d(from)));
	packet.pts -= origin;
	packet.dts -= origin;
	av_packet_rescale_ts(&packet, from, copy.stream->time_base);
	if (copy.last != AV_NOPTS_VALUE && packet.dts <= copy.last) { // muxers refuse that
		if (copy.last - packet.dts > packet.duration) {
			if (!std::exchange(copy.has_overlap, true))
				notes_.emplace_back("sound that lies over other sound is left out");
			av_packet_unref(&packet);
			return;
		}
		packet.dts = copy.last + 1;
		packet.pts = std::max(packet.pts, packet.dts);
	}
	copy.last = packet.dts;
	packet.stream_index = copy.stream->index;
	packet.pos = -1;
	const int written = av_interleaved_write_frame(&output_, &packet);
	if (written >= 0)
		return;
	check(output_.pb->error, "cannot write the sound");
	end(copy, fmt::format("it cannot be written ({})", ffmpeg_error(written)));
}

} // namespace matting
