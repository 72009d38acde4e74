// SPDX-License-Identifier: GPL-2.0-or-later
// What state the engine's answers and its silence make.
#include "engine_process.hpp"
#include "engine_session.hpp"

#include "plugin/text.hpp"

#include <algorithm>
#include <utility>

#include <obs-module.h>
#include <util/platform.h>

namespace matting {
namespace {

constexpr uint64_t millisecond_ns = 1'000'000;
// After that nothing is drawn. In the 0.2 s to two seconds the silence is noticed and the picture drawn.
constexpr uint64_t longest_silence_ns = 1800 * millisecond_ns;
constexpr double late_times = 2;  // ... or when those of all filters were done, and so many times the longest of them
constexpr double dead_times = 20; // after so many it is taken for dead
constexpr uint64_t longest_work_ns = 60'000 * millisecond_ns;  // loading, warming up and writing a capture
constexpr uint64_t problem_shown_ns = 30'000 * millisecond_ns; // of a capture: then there may be others
constexpr uint64_t longest_start_ns = 30'000 * millisecond_ns; // to hello: libraries come from a slow disk

} // namespace

// ---- For the panel and for drawing

// The first cause first.
const std::string &EngineSession::problem() const
{
	for (const std::string *words : {&model_problem_, &background_problem_, &memory_problem_})
		if (!words->empty())
			return *words;
	return frame_problem_;
}

// That nothing stands in the way does not mean that it mattes: textures may not be read, or the engine be busy with another's model.
State EngineSession::state() const
{
	const State wanted = aim();
	// A card that failed again and again fails at once or in its first frame: else the reason would flash up between two tries.
	if (process_ && process_->has_failed() && (wanted == State::starting || wanted == State::matting))
		return State::no_engine;
	if (wanted != State::matting || memory_works_)
		return wanted;
	const bool is_under_way = owed_.memories > 0 || std::ranges::any_of(slots_, [](const Slot &slot) {
					  return slot.state == SlotState::in_flight;
				  });
	return is_under_way ? State::starting : State::waiting;
}

State EngineSession::aim() const
{
	if (!process_)
		return process_problem_.empty() ? State::starting : State::no_engine;
	if (!process_->is_running())
		return process_->problem().empty() ? State::starting : State::no_engine;
	if (is_silent_)
		return State::no_engine;
	if (capture_path_)
		return State::capturing;
	if (!problem().empty())
		return State::failed;
	if (!model_is_ready_)
		return State::starting;
	if (is_waiting_)
		return State::waiting;
	return configuration_.background.path.empty() ? State::no_background : State::matting;
}

Condition EngineSession::condition_now() const
{
	return {.state = state(),
		.has_background = !configuration_.background.path.empty(),
		.background_number = configuration_.background.number,
		.capture_missing = capture_path_ ? capture_missing_ : 0,
		.delay_milliseconds = delay_milliseconds_,
		.has_matte = can_draw(),
		.shows_room = shows_room_,
		.fits_badly = misfit_.holds(),
		.mattes = mattes_,
		.captures = captures_,
		.flaw = flaw_,
		.shows_gone = gone_.holds(),
		.is_behind = delay_.holds(),
		.step = step_,
		.words = words_ + (process_ ? process_->problems() : 0)};
}

Condition EngineSession::condition() const
{
	const std::lock_guard lock(engine_mutex());
	return condition_now();
}

Status EngineSession::status() const
{
	const std::lock_guard lock(engine_mutex());
	Status status{condition_now()};
	if (!process_)
		status.problem = translated(process_problem_);
	else if (status.state == State::no_engine && process_->has_failed())
		status.problem = translated(text("error.card_failed", device_, process_->problem()));
	else if (status.state == State::no_engine)
		status.problem = is_silent_ ? text("error.silent") : translated(process_->problem());
	else
		status.problem = translated(problem());
	status.capture_problem = translated(capture_problem_);
	status.fallback = translated(fallback_);
	status.no_cuda = translated(configuration_.no_cuda);
	status.detour = translated(detour_);
	status.model = model_text_;
	status.width = width_;
	status.height = height_;
	status.milliseconds = milliseconds_;
	status.picture_milliseconds = picture_milliseconds_;
	status.matte_milliseconds = matte_milliseconds_;
	status.dropped = dropped_;
	status.quality = configuration_.options.quality;
	status.coarsest_step = coarsest_step_;
	status.is_untrusted = configuration_.execution == Execution::scripted && !model_problem_.empty();
	status.options = options_;
	status.figures = figures_;
	return status;
}

void EngineSession::say(std::string &words, const std::string &news)
{
	if (words == news)
		return;
	words = news;
	words_++;
}

// ---- Silence

bool EngineSession::may_take_long() const
{
	const bool has_frame = std::any_of(slots_.begin(), slots_.end(),
					   [](const Slot &slot) { return slot.state == SlotState::in_flight; });
	return owed_.models > 0 || capture_path_ || (has_frame && answered_ < warm_up);
}

// Without a frame there is something to wait for, too.
bool EngineSession::waits_in_vain() const
{
	if (process_->is_running() && owed_.models == 0 && owed_.memories == 0)
		return false;
	const uint64_t silence_ns = process_->silence_ns();
	return silence_ns > (process_->is_running() ? longest_work_ns : longest_start_ns) ||
	       (silence_ns > longest_silence_ns && process_->is_stopped());
}

// Nothing is drawn while a frame has no answer; when there is no good reason for that, the engine is ended.
void EngineSession::watch()
{
	if (process_ && waits_in_vain())
		process_->end(Error::sentence("error.no_answer", "The engine did not answer"));
	const Slot *slot = find_slot(SlotState::in_flight);
	const uint64_t silence_ns = slot && process_ && process_->is_running() ? os_gettime_ns() - slot->sent_ns : 0;
	const auto longest = [](double milliseconds) {
		return std::max(longest_silence_ns, static_cast<uint64_t>(milliseconds * millisecond_ns));
	};
	const FrameTimes times = process_ ? process_->frame_times() : FrameTimes();
	const bool is_writing = capture_path_ && capture_missing_ <= 1; // nothing is drawn meanwhile
	const bool is_silent = !is_writing && silence_ns > longest(times.all + late_times * times.longest);
	if (is_silent != std::exchange(is_silent_, is_silent)) {
		words_++;
		if (is_silent)
			leave_frames_behind(); // what is answered at last is too old to be seen
	}
	// One that answers others has this frame before it.
	const uint64_t deaf_ns =
		silence_ns == 0 ? 0 : os_gettime_ns() - std::max(slot->sent_ns, process_->answered_ns());
	const bool is_dead = deaf_ns > longest_work_ns ||
			     (deaf_ns > longest(dead_times * times.longest) && !process_->may_take_long());
	if (is_dead || (silence_ns > longest_silence_ns && process_->is_stopped()))
		process_->end(Error::sentence("error.no_answer", "The engine did not answer"));
}

void EngineSession::tick()
{
	const std::lock_guard lock(engine_mutex());
	if (process_)
		process_->tick();
	if (process_ && process_->has_failed() && may_fall_back())
		fall_back();
	watch();
	retry_model();
	if (!capture_problem_.empty() && os_gettime_ns() - capture_problem_ns_ > problem_shown_ns)
		say(capture_problem_, {});
	if (!process_ && !process_problem_.empty() && os_gettime_ns() >= process_retry_ns_)
		attach(device_);
}

// ---- Failed frames

// One frame at a time is tried, until one succeeds.
bool EngineSession::is_probing() const
{
	const bool can_try = model_is_ready_ && model_problem_.empty() && memory_problem_.empty() &&
			     !configuration_.background.path.empty();
	return can_try && state() == State::failed && os_gettime_ns() >= probe_ns_;
}

} // namespace matting
