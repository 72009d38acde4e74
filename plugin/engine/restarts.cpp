// SPDX-License-Identifier: GPL-2.0-or-later
#include "restarts.hpp"

#include <algorithm>
#include <cmath>

namespace matting {
namespace {

using namespace std::chrono_literals;

constexpr auto first_delay = 250ms; // after most_failures it is doubled each time
constexpr auto longest_delay = 4000ms;
constexpr auto long_enough = 10s;   // for an engine of which nobody wants anything: it is well
constexpr int most_failures = 3;    // before it is hopeless
constexpr auto half_life = 30s;     // after so long an end counts half
constexpr double most_unrest = 3.5; // the same for an engine that mattes but ends every few seconds
constexpr double most_kills = 12;   // of late; then it may be the system, which is out of memory

} // namespace

void Restarts::note(const EngineEnd &end)
{
	const bool was_well = end.has_matted || (end.was_idle && end.ran > long_enough);
	failures_ = was_well ? 0 : failures_ + (end.was_killed ? 0 : 1);
	const bool is_soon = end.was_killed ? unrest_ < most_kills : failures_ <= most_failures;
	delay_ = was_well ? 0ms : is_soon ? first_delay : std::clamp(2 * delay_, first_delay, longest_delay);
	unrest_ = 1 + unrest_ * std::exp2(-end.ran / half_life);
}

bool Restarts::are_hopeless() const
{
	return failures_ >= most_failures || unrest_ > most_unrest;
}

} // namespace matting
