// SPDX-License-Identifier: GPL-2.0-or-later
// The way of the frames between the bridge and the engine.
#include "engine_process.hpp"
#include "engine_session.hpp"

#include "plugin/smooth.hpp"
#include "plugin/text.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include <obs-module.h>
#include <util/platform.h>

namespace matting {
namespace {

constexpr uint32_t tolerated_failures = 3;
constexpr double behind = 1.15;      // times the camera's time: slower than that
constexpr double longest_gap = 1000; // milliseconds: after more, something has stood still

// The time since the last of its kind, smoothed.
void note_time(double &average, uint64_t &last_ns)
{
	const uint64_t now = os_gettime_ns();
	const double gap = static_cast<double>(now - std::exchange(last_ns, now)) / 1e6;
	if (gap < longest_gap)
		smooth(average, gap);
}

// It is long, and the user's.
std::string without_folder(std::string words, const std::string &path)
{
	const std::string folder = path.substr(0, path.find_last_of("/\\") + 1);
	for (size_t found; !folder.empty() && (found = words.find(folder)) != std::string::npos;)
		words.erase(found, folder.size());
	return words;
}

// Of an engine that somebody has taken over, for one.
void require_plausible(const Message &done)
{
	require_in_range(done.options);
	if (!(done.milliseconds >= 0 && done.milliseconds < 1e9))
		throw std::invalid_argument("a frame's time is out of its range");
}

} // namespace

// ---- Which of them are wanted

void EngineSession::forget_frames()
{
	const std::lock_guard lock(engine_mutex());
	drop_frames();
}

void EngineSession::drop_frames()
{
	leave_frames_behind();
	answered_ = 0;
}

void EngineSession::leave_frames_behind()
{
	oldest_wanted_ = next_frame_;
	for (Slot &slot : slots_)
		if (slot.state == SlotState::waiting || slot.state == SlotState::finished)
			slot.state = SlotState::free;
}

bool EngineSession::wants_frames() const
{
	const std::lock_guard lock(engine_mutex());
	return memory_ && (aim() == State::capturing || aim() == State::matting || is_probing());
}

// ---- Out and back

EngineSession::Slot *EngineSession::find_slot(SlotState state)
{
	const auto found =
		std::find_if(slots_.begin(), slots_.end(), [state](const Slot &slot) { return slot.state == state; });
	return found == slots_.end() ? nullptr : found;
}

// A picture that has not changed needs no other matte, but for a reason; and what is drawn of it is as new as it is.
bool EngineSession::keep_frame(uint64_t captured_ns)
{
	const std::lock_guard lock(engine_mutex());
	const uint64_t last = next_frame_ - 1;
	is_repeated_ = must_matte_ || last < oldest_wanted_ || state() != State::matting;
	if (is_repeated_)
		return false;
	for (Slot &slot : slots_)
		if (slot.frame == last)
			slot.captured_ns = captured_ns;
	if (drawn_frame_ == last)
		drawn_captured_ns_ = captured_ns;
	return true;
}

std::optional<uint32_t> EngineSession::begin_frame()
{
	const std::lock_guard lock(engine_mutex());
	if (!memory_)
		return std::nullopt;
	if (!std::exchange(is_repeated_, false))
		note_time(picture_milliseconds_, picture_ns_);
	Slot *slot = find_slot(SlotState::free);
	if (!slot) {
		slot = find_slot(SlotState::waiting); // newest wins
		dropped_++;
	}
	if (!slot)
		return std::nullopt;
	slot->state = SlotState::filling;
	return index_of(*slot);
}

void EngineSession::offer_frame(uint64_t captured_ns)
{
	const std::lock_guard lock(engine_mutex());
	Slot *slot = find_slot(SlotState::filling);
	if (!slot) // the engine was started anew in between
		return;
	if (Slot *older = find_slot(SlotState::waiting)) {
		older->state = SlotState::free;
		dropped_++;
	}
	*slot = {SlotState::waiting, next_frame_++, captured_ns, 0};
	must_matte_ = false;
	offer_waiting();
}

void EngineSession::cancel_frame()
{
	const std::lock_guard lock(engine_mutex());
	if (Slot *slot = find_slot(SlotState::filling))
		slot->state = SlotState::free;
}

void EngineSession::offer_waiting()
{
	Slot *slot = find_slot(SlotState::waiting);
	if (!slot || find_slot(SlotState::in_flight) || !process_ || !process_->is_running())
		return;
	if (state() == State::failed) {
		probe_ns_ = os_gettime_ns() + retry_ns;
		if (!background_problem_.empty()) // perhaps it is there now
			send_path(MessageKind::set_background, configuration_.background.path);
	}
	slot->state = SlotState::in_flight;
	slot->sent_ns = os_gettime_ns();
	Message message = request(MessageKind::frame);
	message.slot = index_of(*slot);
	message.frame = slot->frame;
	message.milliseconds = picture_milliseconds_;
	send(message);
}

std::optional<uint32_t> EngineSession::take_matte()
{
	const std::lock_guard lock(engine_mutex());
	Slot *slot = find_slot(SlotState::finished);
	if (!slot || state() != State::matting)
		return std::nullopt;
	slot->state = SlotState::drawing;
	taken_++;
	drawn_frame_ = slot->frame;
	drawn_captured_ns_ = slot->captured_ns;
	return index_of(*slot);
}

// A matte of before a change, or of before the latest one that was the room, must not flash up.
bool EngineSession::can_draw() const
{
	return state() == State::matting && !shows_room_ && drawn_frame_ >= oldest_wanted_ &&
	       drawn_frame_ > room_frame_;
}

void EngineSession::note_drawn()
{
	const std::lock_guard lock(engine_mutex());
	if (taken_ > warm_up && can_draw())
		smooth(delay_milliseconds_, static_cast<double>(os_gettime_ns() - drawn_captured_ns_) / 1e6);
}

void EngineSession::release_matte()
{
	const std::lock_guard lock(engine_mutex());
	if (Slot *slot = find_slot(SlotState::drawing))
		slot->state = SlotState::free;
}

void EngineSession::forget_times()
{
	taken_ = answered_ = failed_frames_ = 0;
	milliseconds_ = delay_milliseconds_ = picture_milliseconds_ = matte_milliseconds_ = 0;
	delay_ = {};
	step_ = 0;
}

void EngineSession::receive_frame(const Message &message)
{
	Slot *slot = find_slot(SlotState::in_flight);
	if (!slot || slot->frame != message.frame || index_of(*slot) != message.slot)
		return; // about a frame of before a change
	const bool is_wanted = slot->frame >= oldest_wanted_;
	slot->state = SlotState::free;
	answered_++;
	memory_works_ |= message.kind != MessageKind::failed;
	switch (message.kind) {
	case MessageKind::done:
		require_plausible(message);
		if (answered_ >= warm_up)
			smooth(milliseconds_,
			       message.milliseconds); // of what comes too late, too: it is not silent, but slow
		if (is_wanted)
			finish_frame(*slot, message);
		break;
	case MessageKind::collected:
		capture_missing_ = message.count;
		break;
	case MessageKind::captured: // see EngineProcess::finish_capture
		break;
	default:
		if (is_wanted)
			fail_frame(message.text);
	}
	offer_waiting();
}

void EngineSession::finish_frame(Slot &slot, const Message &message)
{
	if (capture_path_ &&
	    stop_capture(text("error.capture_lost"))) // it mattes: it has none, whose end was not heard
		return;
	failed_frames_ = 0;
	say(frame_problem_, {});
	say(background_problem_, {});
	if (Slot *older = find_slot(SlotState::finished))
		older->state = SlotState::free;
	note_time(matte_milliseconds_, matte_ns_);
	mattes_++;
	shows_room_ = message.verdict == Verdict::room;
	misfit_.note(message.verdict != Verdict::good);
	gone_.note(shows_who_has_gone(message.figures));
	const double answered_after = static_cast<double>(os_gettime_ns() - slot.sent_ns) / 1e6;
	delay_.note(answered_after > behind * picture_milliseconds_);
	step_ = message.step;
	coarsest_step_ = message.coarsest_step;
	options_ = message.options;
	figures_ = message.figures;
	if (shows_room_)
		room_frame_ = slot.frame;
	else
		slot.state = SlotState::finished;
}

void EngineSession::fail_frame(const std::string &problem)
{
	must_matte_ = true;
	if (capture_path_) {
		if (process_->may_log())
			blog(LOG_WARNING, "[background-matting] %s", in_english(problem).c_str());
		// The engine mattes with what it had.
		return end_capture(words_of_failed_capture(without_folder(problem, *capture_path_)));
	}
	if (++failed_frames_ >= tolerated_failures || !frame_problem_.empty())
		log_and_say(frame_problem_, problem);
}

} // namespace matting
