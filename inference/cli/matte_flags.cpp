// SPDX-License-Identifier: GPL-2.0-or-later
#include "choices.hpp"
#include "matte_arguments.hpp"
#include "overwriting.hpp"

#include "inference/media/formats.hpp"

#include <charconv>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace matting {
namespace {

std::optional<double> number_in(std::string_view text)
{
	double number = 0;
	const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
	const bool is_one = parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && number >= 0;
	return is_one && number < 1e9 ? std::optional(number) : std::nullopt;
}

// 90, 1:30 or 0:01:30.5
double seconds_in(const char *flag, const std::string &text)
{
	double seconds = 0;
	std::string_view rest = text;
	for (int parts = 0; parts < 3; parts++) {
		const size_t colon = rest.find(':');
		const auto number = number_in(rest.substr(0, colon));
		if (!number)
			break;
		seconds = 60 * seconds + *number;
		if (colon == rest.npos)
			return seconds;
		rest.remove_prefix(colon + 1);
	}
	throw CLI::ValidationError(flag, fmt::format("{} is no time: write 90, 1:30 or 0:01:30.5", text));
}

// 25, 30000/1001, or 29.97, which is that
Fraction rate_in(const char *flag, const std::string &text)
{
	const size_t slash = text.find('/');
	const auto above = number_in(std::string_view(text).substr(0, slash));
	const auto below =
		slash == text.npos ? std::optional(1.0) : number_in(std::string_view(text).substr(slash + 1));
	constexpr int parts = 1000, most = 1'000'000;
	const auto is_term = [&](const std::optional<double> &number) { // of a fraction
		return number && *number > 0 && *number <= most &&
		       (slash == text.npos || *number == std::floor(*number));
	};
	if (!is_term(above) || !is_term(below) || *above / *below > parts || *above / *below < 1.0 / parts)
		throw CLI::ValidationError(flag,
					   fmt::format("{} is no frame rate: write 25, 29.97 or 30000/1001", text));
	if (slash != text.npos)
		return {static_cast<int>(*above), static_cast<int>(*below)};
	const double television = std::ceil(*above) * 1000 / 1001;
	if (*above != std::ceil(*above) && std::abs(*above - television) < 0.005)
		return {static_cast<int>(std::ceil(*above)) * 1000, 1001};
	const int thousandths = static_cast<int>(std::lround(*above * parts));
	const int common = std::gcd(thousandths, parts);
	return {thousandths / common, parts / common};
}

std::vector<std::string> codecs()
{
	std::vector<std::string> names{"auto"};
	for (const Format &format : formats())
		if (format.is_video)
			names.emplace_back(format.codec);
	return names;
}

void add_files(CLI::App &command, MatteArguments &arguments)
{
	command.add_option(
		       "-i,--source", arguments.sources,
		       "A picture, a sequence (frame_%04d.png), a video, or - for a pipe; or several files, or a folder. Its "
		       "own alpha, if any, is kept")
		->required()
		->type_name("FILE...");
	command.add_option(
		       "-b,--background", arguments.background,
		       "The same view without the person: a picture, or a video's first frame. May have another size, "
		       "but not another shape")
		->required()
		->type_name("FILE");
	command.add_option(
		       "-o,--output", arguments.output,
		       fmt::format("With alpha: {}. Without: {}. A name with %04d is a sequence. For several sources a "
				   "folder, where their names are kept. - is a pipe: PNG for a picture, for videos "
				   "Matroska, of FFV1 or the --codec",
				   formats_text(true), formats_text(false)))
		->required()
		->type_name("FILE");
	command.add_option("--alpha", arguments.alpha,
			   "Also write the alpha as grey; with --view foreground the two are a fill and its matte")
		->type_name("FILE");
	add_overwriting_flags(command, arguments.overwriting);
}

void add_range(CLI::App &command, MatteArguments &arguments)
{
	ReadSettings &reading = arguments.reading;
	const auto add = [&](const char *name, const char *type, const char *description, auto read) {
		command.add_option_function<std::string>(name, read, description)
			->type_name(type)
			->group("Which frames");
	};
	add("--start", "TIME", "Begin there (90, 1:30 or 0:01:30.5)",
	    [&](const std::string &text) { reading.start = seconds_in("--start", text); });
	add("--duration", "TIME", "End so much later; a film cut at times gives each frame once",
	    [&](const std::string &text) { reading.duration = seconds_in("--duration", text); });
	command.add_option("--frames", reading.frames, "End after so many")
		->check(CLI::Range(int64_t{1}, int64_t{1} << 40))
		->type_name("N")
		->group("Which frames");
	command.add_option(
		       "--start-number", reading.first_number,
		       "Of a sequence, the first picture that is read; its numbers are kept. From a video, the first that is "
		       "written")
		->check(CLI::Range(0, 1 << 30))
		->type_name("N")
		->group("Which frames");
	add("--fps", "RATE", "Of a sequence (25 if not given): 24, 29.97 or 30000/1001",
	    [&](const std::string &text) { reading.rate = rate_in("--fps", text); });
}

void add_look(CLI::App &command, MatteArguments &arguments)
{
	add_choice<View>(
		command, "--view", arguments.view,
		{{"result", View::result},
		 {"alpha", View::alpha},
		 {"foreground", View::foreground},
		 {"error", View::error},
		 {"refined", View::refined}},
		"What to write: the result with alpha, its alpha as grey, the predicted foreground, the expected error, "
		"or what was refined")
		->default_str("result")
		->group("What is written");
	command.add_option(
		       "--over", arguments.over,
		       "Composite over a picture or a video (scaled to cover, a video again and again), a picture from a pipe "
		       "(-) or a colour (green, 20A040), as image editors do")
		->type_name("FILE|COLOUR")
		->group("What is written");
	command.add_option("--codec", arguments.codec,
			   "For videos, and not what else is in a folder; auto: by the extension")
		->check(CLI::IsMember(codecs()))
		->type_name("")
		->capture_default_str()
		->group("What is written");
	command.add_option("--crf", arguments.crf,
			   "Quality of h264, h265, av1 and vp9, on their own scales; lower is better")
		->check(CLI::Range(0, 63))
		->type_name("N")
		->group("What is written");
	command.add_flag("--no-sound", arguments.leaves_sound, "Leave the source's sound out")
		->group("What is written");
}

} // namespace

void add_matte_flags(CLI::App &command, MatteArguments &arguments)
{
	add_files(command, arguments);
	add_range(command, arguments);
	add_look(command, arguments);
	add_engine_flags(command, arguments.engine, arguments.threads);
	arguments.options.add_to(command);
	command.footer("Examples:\n"
		       "  matte -i me.jpg -b room.jpg -o me.png\n"
		       "  matte -i me.mp4 -b room.png -o me.mov                           ProRes 4444, sound kept\n"
		       "  matte -i me.mp4 -b room.png -o me_beach.mp4 --over beach.jpg\n"
		       "  matte -i me.mp4 -b room.png -o fill.mov --view foreground --alpha matte.mov\n"
		       "  matte -i in_%04d.png -b room.png -o out_%04d.png --start-number 1001 --frames 100\n"
		       "  matte -i photos -b room.jpg -o cut_out/\n"
		       "  matte -i me.mp4 -b room.png -o - | ffplay -");
}

} // namespace matting
