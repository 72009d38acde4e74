// SPDX-License-Identifier: GPL-2.0-or-later
// The way of the frames between the bridge and the engine.
#include "engine_process.hpp"
#include "engine_session.hpp"

#include "plugin/smooth.hpp"

#include <algorithm>

#include <util/platform.h>

namespace matting {
namespace {

constexpr uint32_t warm_up = 5; // mattes: the first ones prepare for their size

} // namespace

// ---- Their memory

bool EngineSession::needs_memory() const
{
	const std::lock_guard lock(engine_mutex());
	return needs_memory_;
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
	detour_ = detour;
	if (model_is_ready_)
		say(problem_, {}); // of a frame of another size, perhaps
	needs_memory_ = false;
	width_ = width;
	height_ = height;
	drop_frames();
	slots_ = {}; // the engine may be at work on one, but in the old memory
	forget_times();
	tell_frames();
}

void EngineSession::cannot_share(uint32_t width, uint32_t height, const std::string &problem)
{
	std::shared_ptr<const FrameMemory> old;
	const std::lock_guard lock(engine_mutex());
	lose_frames();
	old.swap(memory_);
	needs_memory_ = false;
	say(memory_problem_, problem);
	width_ = width;
	height_ = height;
}

void EngineSession::object(const std::string &objection)
{
	const std::lock_guard lock(engine_mutex());
	objection_ = objection;
	lose_frames();
}

// The bridge still has the memory, so that nothing is freed here.
void EngineSession::lose_frames()
{
	drop_frames();
	slots_ = {};
	memory_.reset();
	detour_.clear();
	needs_memory_ = true;
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
	return memory_ && (state() == State::capturing || state() == State::matting);
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
	*slot = {SlotState::waiting, next_frame_++, captured_ns};
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
	slot->state = SlotState::in_flight;
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
	taken_ = 0;
	milliseconds_ = delay_milliseconds_ = 0;
}

void EngineSession::receive_frame(const Message &message)
{
	Slot *slot = find_slot(SlotState::in_flight);
	if (!slot || slot->frame != message.frame || index_of(*slot) != message.slot)
		return; // about a frame of before a change
	const bool is_wanted = slot->frame >= oldest_wanted_;
	slot->state = SlotState::free;
	switch (message.kind) {
	case MessageKind::done:
		if (!is_wanted)
			break;
		if (taken_ >= warm_up)
			smooth(milliseconds_, message.milliseconds);
		if (Slot *older = find_slot(SlotState::finished))
			older->state = SlotState::free;
		slot->state = SlotState::finished;
		break;
	case MessageKind::collected:
		capture_missing_ = message.count;
		break;
	case MessageKind::captured:
		finish_capture(message.text);
		break;
	default:
		if (is_wanted)
			fail(message.text);
	}
	offer_waiting();
}

} // namespace matting
