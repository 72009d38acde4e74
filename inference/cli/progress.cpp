// SPDX-License-Identifier: GPL-2.0-or-later
#include "progress.hpp"

#include "inference/platform.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

#include <fmt/format.h>

namespace matting {
namespace {

constexpr int bar_width = 30;

// Without hours where there are none.
std::string short_time(double seconds)
{
	const auto whole = static_cast<int64_t>(seconds + 0.5);
	return whole < 3600 ? fmt::format("{}:{:02}", whole / 60, whole % 60)
			    : fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

} // namespace

Progress::Progress(std::optional<int64_t> total, const char *unit)
	: total_(total), unit_(unit), is_shown_(is_terminal(stderr))
{
}

Progress::~Progress()
{
	if (is_shown_ && done_ > 0) {
		print();
		std::fputc('\n', stderr);
	}
}

void Progress::advance(int64_t steps)
{
	done_ += steps;
	const auto now = std::chrono::steady_clock::now();
	if (!is_shown_ || now - printed_ < std::chrono::milliseconds(100))
		return;
	printed_ = now;
	print();
}

void Progress::print() const
{
	const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
	const double rate = static_cast<double>(done_) / std::max(seconds, 1e-3);
	std::string line;
	if (total_ && *total_ > 0) {
		const double share = std::min(1.0, static_cast<double>(done_) / static_cast<double>(*total_));
		const auto filled = static_cast<size_t>(share * bar_width);
		const double left = static_cast<double>(std::max<int64_t>(0, *total_ - done_)) / rate;
		line = fmt::format("[{}{}] {}/{}  {:.2f} {}/s  {} left", std::string(filled, '#'),
				   std::string(bar_width - filled, '.'), done_, *total_, rate, unit_, short_time(left));
	} else {
		line = fmt::format("{} {}  {:.2f} {}/s  {}", done_, unit_, rate, unit_, short_time(seconds));
	}
	fmt::print(stderr, "\r\033[K{}", line);
	std::fflush(stderr);
}

} // namespace matting
