// SPDX-License-Identifier: GPL-2.0-or-later
// The memory of the frames that plugin and engine share.
#include "engine_process.hpp"
#include "engine_session.hpp"

#include "plugin/text.hpp"

#include <util/platform.h>

namespace matting {

bool EngineSession::needs_memory() const
{
	const std::lock_guard lock(engine_mutex());
	return needs_memory_ || (!memory_problem_.empty() && os_gettime_ns() >= memory_retry_ns_);
}

bool EngineSession::is_opening_frames() const
{
	const std::lock_guard lock(engine_mutex());
	return owed_.memories > 0;
}

std::string EngineSession::device() const
{
	const std::lock_guard lock(engine_mutex());
	return device_;
}

std::string EngineSession::objection() const
{
	const std::lock_guard lock(engine_mutex());
	if (objection_.empty() && configuration_.execution != Execution::fast)
		return text("detour.scripted");
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
	stop_capture(text("error.capture_hidden")); // it does not wait: who has left is back when the camera is
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
	memory_works_ = false;
	return std::exchange(memory_, nullptr);
}

void EngineSession::tell_frames()
{
	memory_works_ = false;
	if (!memory_ || !process_ || !process_->is_running())
		return;
	owed_.memories++;
	Message message = request(MessageKind::set_frames);
	message.width = width_;
	message.height = height_;
	memory_->describe(message);
	process_->send(message, std::exchange(told_, memory_), memory_->handle());
}

} // namespace matting
