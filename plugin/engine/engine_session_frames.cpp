// SPDX-License-Identifier: GPL-2.0-or-later
// The way of the frames between the bridge and the engine.
#include "engine_process.hpp"
#include "engine_session.hpp"

#include "plugin/smooth.hpp"
#include "plugin/text.hpp"

#include <algorithm>

#include <obs-module.h>
#include <util/platform.h>

namespace matting {
namespace {

constexpr uint32_t tolerated_failures = 3;

} // namespace

// ---- Their memory

bool EngineSession::needs_memory() const
{
	const std::lock_guard lock(engine_mutex());
	return needs_memory_ || (!memory_problem_.empty() && os_gettime_ns() >= memory_retry_ns_);
}

std::string EngineSession::device() const
{
	const std::lock_guard lock(engine_mutex());
	return device_;
}

std::string EngineSession::objection() const
{
	const std::lock_guard lock(engine_mutex());
	return objection_;
}

void EngineSession::share(uint32_t width, uint32_t height, std::shared_ptr<const FrameMemory> memory,
			  const std::string &detour)
{
	const std::lock_guard lock(engine_mutex());
	memory_.swap(memory); // what was there is freed without the lock
	say(memory_problem_, {});
	say(frame_problem_, {}); // of another size, perhaps
	if (capture_problem_ == text("error.not_ready_to_capture"))
		say(capture_problem_, {});
	detour_ = detour;
	needs_memory_ = is_waiting_ = false;
	width_ = width;
	height_ = height;
	drop_frames();
	slots_ = {}; // the engine may be at work on one, but in the old memory
	forget_times();
	tell_frames();
}

void EngineSession::cannot_share(uint32_t width, uint32_t height, const std::string &problem)
{
	std::shared_ptr<const FrameMemory> old; // freed without the lock
	const std::lock_guard lock(engine_mutex());
	old = lose_frames();
	needs_memory_ = is_waiting_ = false;
	memory_retry_ns_ = os_gettime_ns() + retry_ns;
	say(memory_problem_, problem);
	width_ = width;
	height_ = height;
}

void EngineSession::wait_for_picture()
{
	cannot_share(0, 0, {});
	const std::lock_guard lock(engine_mutex());
	is_waiting_ = true;
	words_++;
}

void EngineSession::object(const std::string &objection)
{
	std::shared_ptr<const FrameMemory> old; // freed without the lock
	const std::lock_guard lock(engine_mutex());
	objection_ = objection;
	old = lose_frames();
}

// Returns what may have to be freed: not under the lock, unless the bridge still has it.
std::shared_ptr<const FrameMemory> EngineSession::lose_frames()
{
	drop_frames();
	slots_ = {};
	detour_.clear();
	needs_memory_ = true;
	return std::exchange(memory_, nullptr);
}

void EngineSession::tell_frames()
{
	if (!memory_ || !process_)
		return;
	Message message = request(MessageKind::set_frames);
	message.width = width_;
	message.height = height_;
	memory_->describe(message);
	process_->send(message, std::exchange(told_, memory_), memory_->handle());
}

// ---- Which of them are wanted

void EngineSession::forget_frames()
{
	const std::lock_guard lock(engine_mutex());
	drop_frames();
}

void EngineSession::drop_frames()
{
	oldest_wanted_ = next_frame_;
	for (Slot &slot : slots_)
		if (slot.state == SlotState::waiting || slot.state == SlotState::finished)
			slot.state = SlotState::free;
}

bool EngineSession::wants_frames() const
{
	const std::lock_guard lock(engine_mutex());
	return memory_ && (state() == State::capturing || state() == State::matting || is_probing());
}

// ---- Out and back

EngineSession::Slot *EngineSession::find_slot(SlotState state)
{
	const auto found =
		std::find_if(slots_.begin(), slots_.end(), [state](const Slot &slot) { return slot.state == state; });
	return found == slots_.end() ? nullptr : found;
}

std::optional<uint32_t> EngineSession::begin_frame()
{
	const std::lock_guard lock(engine_mutex());
	if (!memory_)
		return std::nullopt;
	Slot *slot = find_slot(SlotState::free);
	if (!slot)
		slot = find_slot(SlotState::waiting); // newest wins
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
	if (Slot *older = find_slot(SlotState::waiting))
		older->state = SlotState::free;
	*slot = {SlotState::waiting, next_frame_++, captured_ns, 0};
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
	send(message);
}

std::optional<uint32_t> EngineSession::take_matte()
{
	const std::lock_guard lock(engine_mutex());
	Slot *slot = find_slot(SlotState::finished);
	if (!slot || state() != State::matting)
		return std::nullopt;
	slot->state = SlotState::drawing;
	if (++taken_ > warm_up)
		smooth(delay_milliseconds_, static_cast<double>(os_gettime_ns() - slot->captured_ns) / 1e6);
	return index_of(*slot);
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
	milliseconds_ = delay_milliseconds_ = 0;
}

void EngineSession::receive_frame(const Message &message)
{
	Slot *slot = find_slot(SlotState::in_flight);
	if (!slot || slot->frame != message.frame || index_of(*slot) != message.slot)
		return; // about a frame of before a change
	const bool is_wanted = slot->frame >= oldest_wanted_;
	slot->state = SlotState::free;
	answered_++;
	switch (message.kind) {
	case MessageKind::done:
		if (is_wanted)
			finish_frame(*slot, message);
		break;
	case MessageKind::collected:
		capture_missing_ = message.count;
		break;
	case MessageKind::captured:
		finish_capture(message.text);
		break;
	default:
		if (is_wanted)
			fail_frame(message.text);
	}
	offer_waiting();
}

void EngineSession::finish_frame(Slot &slot, const Message &message)
{
	failed_frames_ = 0;
	say(frame_problem_, {});
	say(background_problem_, {});
	if (taken_ >= warm_up)
		smooth(milliseconds_, message.milliseconds);
	if (Slot *older = find_slot(SlotState::finished))
		older->state = SlotState::free;
	shows_room_ = message.verdict == Verdict::room;
	constexpr int long_enough = 30; // mattes: somebody who passes by the lens is no misfit
	misfits_ = std::clamp(misfits_ + (message.verdict == Verdict::good ? -1 : 1), 0, long_enough);
	fits_badly_ = misfits_ == long_enough || (fits_badly_ && misfits_ > 0);
	if (!shows_room_)
		slot.state = SlotState::finished;
}

void EngineSession::fail_frame(const std::string &problem)
{
	if (capture_path_) {
		blog(LOG_WARNING, "[background-matting] %s", problem.c_str());
		end_capture(text("error.capture_failed", problem));
		return tell_background(); // or the engine would go on collecting
	}
	if (++failed_frames_ >= tolerated_failures || !frame_problem_.empty())
		log_and_say(frame_problem_, problem);
}

} // namespace matting
