// SPDX-License-Identifier: GPL-2.0-or-later
#include "companion.hpp"

#include "inference/media/file_names.hpp"

extern "C" {
#include <libavutil/timecode.h>
}

#include <cmath>
#include <limits>

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
	AVFormatContext *context = nullptr;
	if (avformat_open_input(&context, local_url(settings.companion).c_str(), nullptr, nullptr) < 0)
		return;
	input_.reset(context);
	if (avformat_find_stream_info(context, nullptr) < 0)
		return;
	outputs_.assign(context->nb_streams, nullptr);
	for (unsigned i = 0; i < context->nb_streams; i++)
		if (context->streams[i]->codecpar->codec_type == AVMEDIA_TYPE_AUDIO && settings.wants_sound)
			add_sound(*context->streams[i]);
	for (unsigned i = 0; i < context->nb_streams; i++)
		context->streams[i]->discard = outputs_[i] ? AVDISCARD_DEFAULT : AVDISCARD_ALL;
	copy_words(*output.streams[0]);
	name_the_rest();
	const auto origin = static_cast<int64_t>(settings.origin * AV_TIME_BASE);
	constexpr int64_t early = AV_TIME_BASE; // packets lie where they were written, not where they are heard
	if (settings.origin > 0)
		avformat_seek_file(context, -1, std::numeric_limits<int64_t>::min(), origin - early, origin - early, 0);
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
	outputs_[stream.index] = copy;
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
	const int64_t time = packet.pts != AV_NOPTS_VALUE ? packet.pts : packet.dts;
	if (time == AV_NOPTS_VALUE)
		return -1;
	return static_cast<double>(time) * av_q2d(input_->streams[packet.stream_index]->time_base) - settings_.origin;
}

// The next packet that is to be copied. Damage ends the sound: the pictures are what matters.
bool Companion::read()
{
	while (!has_packet_ && !has_ended_) {
		if (!input_ || av_read_frame(input_.get(), packet_.get()) < 0) {
			has_ended_ = true;
			break;
		}
		const AVStream &stream = *input_->streams[packet_->stream_index];
		const auto index = static_cast<size_t>(packet_->stream_index);
		const double length = static_cast<double>(packet_->duration) * av_q2d(stream.time_base);
		const double first = can_have_early_sound(output_) ? -length : 0;
		constexpr double rounding = 1e-3;
		has_packet_ = index < outputs_.size() && outputs_[index] && time_of(*packet_) >= first - rounding;
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
	const AVRational from = input_->streams[packet.stream_index]->time_base;
	const AVStream &copy = *outputs_[packet.stream_index];
	const auto origin = static_cast<int64_t>(std::llround(settings_.origin / av_q2d(from)));
	if (packet.pts != AV_NOPTS_VALUE)
		packet.pts -= origin;
	if (packet.dts != AV_NOPTS_VALUE)
		packet.dts -= origin;
	av_packet_rescale_ts(&packet, from, copy.time_base);
	packet.stream_index = copy.index;
	packet.pos = -1;
	check(av_interleaved_write_frame(&output_, &packet), "cannot write the sound");
}

} // namespace matting
