// SPDX-License-Identifier: GPL-2.0-or-later
#include "status_words.hpp"

#include "text.hpp"

#include "inference/wire/home_folder.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace matting {
namespace {

// The engine's sentences begin as they would in a terminal, after a colon.
std::string capitalised(std::string sentence)
{
	if (!sentence.empty() && sentence[0] >= 'a' && sentence[0] <= 'z')
		sentence[0] = static_cast<char>(sentence[0] - 'a' + 'A');
	return sentence;
}

std::string verdict_of(const Situation &now)
{
	if (now.is_off)
		return text("status.off");
	if (now.countdown > 0)
		return text("status.countdown", now.countdown);
	const bool shows_room = !now.status.has_background;
	switch (now.status.state) {
	case State::no_engine:
		return text(shows_room ? "status.no_engine.room" : "status.no_engine");
	case State::failed:
		return text(shows_room ? "status.failed.room" : "status.failed");
	case State::starting:
		return text(shows_room ? "status.starting.room" : "status.starting");
	case State::waiting:
		return text(now.is_hidden ? "status.hidden" : "status.waiting");
	case State::no_background:
		return text("status.no_background");
	case State::capturing:
		return text("status.capturing", now.status.capture_missing);
	case State::matting:
		break;
	}
	if (now.status.shows_room)
		return text("status.room");
	return text(now.is_view ? "status.view" : "status.matting");
}

// Slower than the camera, and what can be done.
std::string cure_of_lag(const Status &status)
{
	constexpr double coarse_side = 320; // of the longer one: as coarse as fast is
	const bool is_custom = status.quality == Quality::custom;
	const double side = status.options.backbone_scale * std::max(status.width, status.height);
	const bool is_coarsest = (status.step > 0 && status.step == status.coarsest_step) ||
				 status.quality == Quality::fast || (is_custom && side <= coarse_side);
	if (status.step > 0 && !is_coarsest)
		return {}; // it is being found out
	return text(is_coarsest ? "notice.too_slow" : "notice.slow");
}

std::string warning_of_matte(const Situation &now)
{
	const Status &status = now.status;
	if (now.has_other_filters)
		return text("notice.other_filters");
	if (status.flaw == PlateFlaw::moved)
		return text("notice.moved");
	if (status.flaw == PlateFlaw::somebody || status.shows_gone)
		return text("notice.somebody");
	if (status.fits_badly)
		return text("notice.fits_badly");
	if (now.picture_flaw != PictureFlaw::none)
		return text(now.picture_flaw == PictureFlaw::no_file ? "notice.picture_no_file" : "notice.picture");
	return status.is_behind ? cure_of_lag(status) : std::string();
}

// The first that there is.
std::string warning_of(const Situation &now)
{
	const Status &status = now.status;
	if (now.is_trust_unkept)
		return text("notice.trust_unkept");
	if (!status.capture_problem.empty())
		return capitalised(status.capture_problem);
	const std::string warning = status.state == State::matting ? warning_of_matte(now) : std::string();
	if (!warning.empty() || !status.fallback.empty())
		return warning.empty() ? status.fallback : warning;
	return status.detour.empty() ? std::string() : text("notice.detour", status.detour);
}

std::string note_of(const Situation &now)
{
	const Status &status = now.status;
	if (now.countdown > 0 || (status.state != State::matting && status.state != State::no_background))
		return {};
	if (status.state == State::no_background)
		return text("status.no_background.cure");
	if (now.is_view)
		return text("status.view.cure");
	if (now.has_card && !status.no_cuda.empty())
		return text("notice.no_cuda", status.no_cuda);
	if (status.step > 0)
		return text("notice.coarser");
	return status.delay_milliseconds > 0 ? text("notice.delay", std::round(status.delay_milliseconds))
					     : std::string();
}

std::string numbers_of(const Status &status)
{
	if (status.state != State::matting)
		return {};
	if (status.milliseconds == 0)
		return text("status.numbers_soon", status.width, status.height, status.model);
	const auto per_second = [](double milliseconds) {
		return milliseconds > 0 ? 1000 / milliseconds : 0;
	};
	return text("status.numbers", status.width, status.height, status.model, status.milliseconds,
		    per_second(status.matte_milliseconds), per_second(status.picture_milliseconds), status.dropped,
		    status.delay_milliseconds);
}

// How many bytes the letter that begins there has, and how wide it is drawn: Chinese and Japanese ones twice as wide.
struct Letter {
	size_t bytes, width;
};
Letter letter_at(const std::string &words, size_t at)
{
	const auto first = static_cast<unsigned char>(words[at]);
	const size_t bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
	return {std::min(bytes, words.size() - at), first >= 0xE3 ? size_t{2} : size_t{1}};
}

// What must not begin a line.
bool is_closing(const std::string &words, size_t at)
{
	constexpr const char *closing[] = {"。", "、", "，", "：", "；", "！", "？", "）", "」", "』", "”", "》", "ー"};
	return std::ranges::any_of(closing, [&](const char *mark) { return words.compare(at, 3, mark) == 0; });
}

// Takes one line from the front of `words`: broken at blanks, and between wide letters.
std::string take_line(std::string &words, size_t width)
{
	size_t at = 0, used = 0, place = 0;
	bool is_behind_wide = false;
	while (at < words.size()) {
		const Letter letter = letter_at(words, at);
		if (words[at] == ' ' || (is_behind_wide && !is_closing(words, at)))
			place = at;
		if (used + letter.width > width)
			break;
		is_behind_wide = letter.width > 1;
		used += letter.width;
		at += letter.bytes;
	}
	if (at < words.size() && place > 0)
		at = place;
	std::string line = words.substr(0, at);
	words.erase(0, at);
	words.erase(0, words.find_first_not_of(' '));
	return line;
}

std::vector<std::string> take_lines(std::string &words, size_t width, size_t most)
{
	std::ranges::replace(words, '\n', ' ');
	std::vector<std::string> lines;
	while (!words.empty() && lines.size() < most)
		lines.push_back(take_line(words, width));
	return lines;
}

// What does not fit in is left out.
std::vector<std::string> wrap(std::string words, size_t width, size_t most)
{
	std::vector<std::string> lines = take_lines(words, width, most);
	if (!words.empty() && !lines.empty())
		lines.back() += "…";
	return lines;
}

std::string html(const std::vector<std::string> &lines, size_t count)
{
	std::string html;
	for (size_t i = 0; i < count; i++) {
		html += i == 0 ? "" : "<br>";
		for (const char letter : i < lines.size() ? lines[i] : std::string(1, ' '))
			html += letter == '<' ? "&lt;" : letter == '&' ? "&amp;" : std::string(1, letter);
		if (i >= lines.size())
			html += "&nbsp;";
	}
	return html;
}

} // namespace

StatusWords words_of(const Situation &now)
{
	const Status &status = now.status;
	StatusWords words{verdict_of(now), warning_of(now), numbers_of(status), OBS_TEXT_INFO_NORMAL};
	if (!words.cure.empty() || now.is_view || now.is_off)
		words.severity = OBS_TEXT_INFO_WARNING;
	if (now.is_off) {
		words.cure = text("status.off.cure");
		words.numbers.clear();
	} else if (status.state == State::no_engine || status.state == State::failed) {
		words.cure = now.is_trust_unkept ? text("notice.trust_unkept") : capitalised(status.problem);
		if (status.is_untrusted && !now.is_trust_unkept)
			words.cure += fmt::format(" {}", text("notice.untrusted"));
		words.severity = OBS_TEXT_INFO_ERROR;
	} else if (status.state == State::matting && status.shows_room && now.countdown == 0) {
		words.cure = text(now.has_other_filters ? "notice.other_filters" : "status.room.cure");
		words.severity = OBS_TEXT_INFO_ERROR;
	} else if (words.cure.empty()) {
		words.cure = note_of(now);
	}
	for (std::string *part : {&words.verdict, &words.cure, &words.numbers})
		*part = without_home(*part);
	return words;
}

// Note [A status as high as any other]
// The lines are broken here and not by the label, so that there are always as many. A long cure, which names a file perhaps, goes
// on in place of the numbers.
std::string as_html(const StatusWords &words)
{
	constexpr size_t width = 56, small_width = 76, lines = 3, small_lines = 2;
	const auto verdict = wrap(words.verdict, width, lines - 1);
	const size_t cure_lines = lines - verdict.size();
	std::string rest = words.cure;
	const auto cure = take_lines(rest, width, cure_lines);
	const auto small = wrap(rest.empty() ? words.numbers : rest, small_width, small_lines);
	return fmt::format("<b>{}</b><br>{}<br><small>{}</small>", html(verdict, verdict.size()),
			   html(cure, cure_lines), html(small, small_lines));
}

} // namespace matting
