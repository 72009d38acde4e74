// SPDX-License-Identifier: GPL-2.0-or-later
#include "input.hpp"

#include "inference/input_file.hpp"
#include "inference/media/file_names.hpp"
#include "inference/orientation.hpp"

#include <array>
#include <cmath>
#include <fstream>
#include <limits>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace matting {
namespace {

bool names_pipe(const std::filesystem::path &path)
{
	std::error_code ignored;
	const auto type = std::filesystem::status(path, ignored).type();
	using std::filesystem::file_type;
	return path == "-" || type == file_type::fifo || type == file_type::character || type == file_type::socket;
}

// What users meet and not every FFmpeg reads, or reads wholly: of HEIC, newer ones read a tile. Empty for the rest.
std::string advice_for(const std::filesystem::path &path)
{
	std::array<char, 32> bytes{};
	std::ifstream(path, std::ios::binary).read(bytes.data(), bytes.size());
	const std::string_view start(bytes.data(), bytes.size()), brand = start.substr(8, 4);
	constexpr char is_animated = 2;
	if (start.substr(4, 4) == "ftyp" &&
	    (brand.starts_with("hei") || brand.starts_with("hev") || brand == "mif1" || brand == "msf1"))
		return ": HEIC pictures are not read; save it as JPEG or PNG";
	if (start.starts_with("RIFF") && start.substr(8, 8) == "WEBPVP8X" && (start[20] & is_animated))
		return ": animated WebP is not read; convert it to APNG, GIF or a video";
	return "";
}

// FFmpeg would look for a name with * only when it wants the first picture.
void require_file(const std::filesystem::path &path)
{
	std::error_code failed;
	if (std::filesystem::exists(std::filesystem::status(path, failed)))
		return;
	const bool is_pattern = path.string().find('*') != std::string::npos;
	throw Error(fmt::format(
		"cannot read {}: {}", path.string(),
		is_pattern ? "there is no such file; for several, leave the quotes out, or name their folder"
			   : failed.message()));
}

// The pictures that are wanted, all of them there.
NumberRange find_numbers(const std::filesystem::path &path, const ReadSettings &settings)
{
	const std::vector<int> there = numbers_of(path);
	if (there.empty())
		throw Error(fmt::format("cannot read {}: there is no such picture", path.string()));
	const double rate = settings.rate.value_or(FrameTiming().rate).value();
	const auto number_at =
		[&](double seconds) { // the first that begins then or later; as FrameTimes::is_before rounds
			constexpr double most = std::numeric_limits<int>::max(), rounding = 0.25;
			return settings.first_number.value_or(there.front()) +
			       static_cast<int64_t>(std::ceil(std::min(seconds * rate, most) - rounding));
		};
	const int64_t first = number_at(settings.start);
	int64_t last = there.back();
	if (settings.start > 0 && first > last)
		throw Error(fmt::format("cannot read {}: it ends before {} s", path.string(), settings.start));
	if (settings.duration)
		last = std::min(last, number_at(settings.start + *settings.duration) - 1);
	if (settings.frames)
		last = std::min(last, first + *settings.frames - 1);
	if (settings.duration && last < first)
		throw no_frame_in(path.string(), settings);
	auto known = std::lower_bound(there.begin(), there.end(), first);
	for (int64_t number = first; number == first || number <= last; number++, known++)
		if (known == there.end() || *known != number)
			throw Error(fmt::format("cannot read {}: {} is missing{}", path.string(),
						numbered_name(path, static_cast<int>(number)),
						number > first ? fmt::format(", and there is {}; "
									     "--start-number and --frames read a part",
									     numbered_name(path, there.back()))
							       : ""));
	return {static_cast<int>(first), last - first + 1};
}

int ask(void *question)
{
	const auto &is_stopped = *static_cast<std::function<bool()> *>(question);
	return is_stopped && is_stopped() ? 1 : 0;
}

} // namespace

Input::Input(const std::filesystem::path &path, const ReadSettings &settings)
	: path_(path), name_(path == "-" ? "the standard input" : path.string()), is_stopped_(settings.is_stopped)
{
	AVDictionary *options = nullptr;
	if (const auto &rate = settings.rate)
		av_dict_set(&options, "framerate", fmt::format("{}/{}", rate->numerator, rate->denominator).c_str(), 0);
	std::string url = local_url(path);
	if (is_sequence_name(path)) {
		numbers_ = find_numbers(path, settings);
		url = sequence_url(path);
		av_dict_set_int(&options, "start_number", numbers_->first, 0);
		av_dict_set_int(&options, "start_number_range", 1, 0);
	} else if (names_pipe(path)) {
		pipe_.emplace(path, settings.is_stopped);
	} else {
		require_file(path);
		if (const std::string advice = advice_for(path); !advice.empty())
			throw Error(problem() + advice);
		av_dict_set(&options, "pattern_type", "none", 0);
	}
	AVFormatContext *context = avformat_alloc_context();
	context->interrupt_callback.callback = ask;
	context->interrupt_callback.opaque = &is_stopped_;
	context->pb = pipe_ ? pipe_->context() : nullptr;
	const int opened = avformat_open_input(&context, url.c_str(), nullptr, &options);
	av_dict_free(&options);
	if (opened < 0 && is_stopped())
		throw Error("interrupted");
	check(opened, problem());
	context_.reset(context);
	check(avformat_find_stream_info(context, nullptr), problem());
}

Error no_frame_in(const std::string &name, const ReadSettings &settings)
{
	return Error(fmt::format("cannot read {}: no frame begins within {} s from {} s on", name, *settings.duration,
				 settings.start));
}

Error Input::without_picture() const
{
	return Error(problem() + ": there is no picture in it");
}

bool Input::is_picture() const
{
	const std::string_view name = context_->iformat->name;
	return name == "image2" || name.ends_with("_pipe");
}

bool Input::may_be_picture() const
{
	const std::string_view name = context_->iformat->name;
	const AVDictionaryEntry *brand = av_dict_get(context_->metadata, "major_brand", nullptr, 0);
	return name == "gif" || name == "apng" || (brand && std::string_view(brand->value).starts_with("avi"));
}

bool Input::has_alpha_apart() const
{
	const AVDictionaryEntry *brand = av_dict_get(context_->metadata, "major_brand", nullptr, 0);
	if (is_pipe() || !brand || !std::string_view(brand->value).starts_with("avi"))
		return false;
	std::string start(1 << 16, '\0'); // more than there is before the pictures
	std::ifstream(path_, std::ios::binary).read(start.data(), static_cast<std::streamsize>(start.size()));
	return start.find("urn:mpeg:mpegB:cicp:systems:auxiliary:alpha") != std::string::npos;
}

int Input::orientation(int64_t place) const
try {
	if (!is_picture() || is_pipe())
		return 1;
	const std::filesystem::path file =
		numbers_ ? std::filesystem::path(numbered_name(path_, static_cast<int>(numbers_->first + place)))
			 : path_;
	return orientation_of(*InputFile(file).map());
} catch (const Error &) { // who decodes it says what is wrong
	return 1;
}

} // namespace matting
