// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine_session.hpp"

#include "engine_process.hpp"

#include <algorithm>
#include <atomic>

#include <fmt/format.h>
#include <obs-module.h>
#include <util/platform.h>

namespace matting {
namespace {

uint32_t new_session_id()
{
	static std::atomic<uint32_t> last = 0;
	return ++last;
}

void smooth(double &average, double value)
{
	average = average == 0 ? value : average + 0.1 * (value - average);
}

} // namespace

EngineSession::EngineSession() : id_(new_session_id())
{
	const std::lock_guard lock(engine_mutex());
	process_ = &EngineProcess::of(configuration_.device);
	process_->add(id_, *this);
}

EngineSession::~EngineSession()
{
	const std::lock_guard lock(engine_mutex());
	send(request(MessageKind::close));
	process_->remove(id_);
}

// ---- Saying what is wanted

Message EngineSession::request(MessageKind kind) const
{
	Message message;
	message.kind = kind;
	message.session = id_;
	return message;
}

void EngineSession::send(const Message &message, int handle)
{
	process_->send(message, handle);
}

void EngineSession::send_path(MessageKind kind, const std::string &path)
{
	Message message = request(kind);
	if (message.set_text(path))
		send(message);
	else
		problem_ = fmt::format("This path is too long: {}", path);
}

void EngineSession::configure(const Configuration &wanted)
{
	const std::lock_guard lock(engine_mutex());
	Configuration configuration = wanted;
	if (captured_) // a capture has ended since the settings were read: they must not undo it
		configuration.background = *captured_;
	const Configuration before = std::exchange(configuration_, configuration);
	if (before == configuration)
		return;
	if (model_is_ready_ || before.model != configuration.model)
		problem_.clear(); // else it is the model's, and that is not loaded again
	if (before.device != configuration.device) {
		send(request(MessageKind::close));
		process_->remove(id_);
		process_ = &EngineProcess::of(configuration.device);
		process_->add(id_, *this);
		model_is_ready_ = false;
		renew_frames(); // the other engine may still write to the old ones, and answers no more
		return tell_everything();
	}
	if (before.options != configuration.options)
		tell_options();
	if (before.model != configuration.model)
		tell_model();
	if (before.background != configuration.background)
		tell_background();
}

void EngineSession::tell_everything()
{
	capture_path_.reset();
	problem_.clear();
	tell_options();
	tell_model();
	tell_background();
	tell_frames();
}

void EngineSession::tell_options()
{
	Message message = request(MessageKind::set_options);
	message.options = configuration_.options;
	send(message);
}

void EngineSession::tell_model()
{
	model_is_ready_ = false;
	drop_frames();
	if (configuration_.model.empty())
		problem_ = obs_module_text("error.no_model");
	else
		send_path(MessageKind::set_model, configuration_.model);
}

void EngineSession::tell_background()
{
	drop_frames();
	send_path(MessageKind::set_background, configuration_.background);
}

void EngineSession::tell_frames()
{
	if (!frames_)
		return;
	Message message = request(MessageKind::set_frames);
	message.width = width_;
	message.height = height_;
	send(message, frames_->handle());
}

void EngineSession::capture(const std::string &path, uint32_t count)
{
	const std::lock_guard lock(engine_mutex());
	if (!process_->is_running() || !frames_)
		throw std::runtime_error(obs_module_text("error.not_ready_to_capture"));
	if (model_is_ready_)
		problem_.clear();
	capture_path_ = path;
	capture_missing_ = count;
	drop_frames();
	Message message = request(MessageKind::capture);
	message.count = count;
	message.set_text(path);
	send(message);
}

std::optional<std::string> EngineSession::take_captured()
{
	const std::lock_guard lock(engine_mutex());
	return std::exchange(captured_, std::nullopt);
}

// ---- What state that makes

State EngineSession::state() const
{
	if (!process_->is_running())
		return process_->problem().empty() ? State::starting : State::no_engine;
	if (capture_path_)
		return State::capturing;
	if (!problem_.empty())
		return State::failed;
	if (!model_is_ready_)
		return State::starting;
	return configuration_.background.empty() ? State::no_background : State::matting;
}

Status EngineSession::status() const
{
	const std::lock_guard lock(engine_mutex());
	Status status;
	status.state = state();
	status.has_background = !configuration_.background.empty();
	status.problem = status.state == State::no_engine ? process_->problem() : problem_;
	status.model = model_text_;
	status.width = width_;
	status.height = height_;
	status.capture_missing = capture_missing_;
	status.milliseconds = milliseconds_;
	status.delay_milliseconds = delay_milliseconds_;
	return status;
}

// ---- Frames

void EngineSession::resize(uint32_t width, uint32_t height)
{
	std::optional<SharedMemory> frames;
	std::string problem;
	if (std::min(width, height) < min_dimension || std::max(width, height) > max_dimension)
		problem = fmt::format("The picture is {}x{}: only {}x{} to {}x{} can be matted.", width, height,
				      min_dimension, min_dimension, max_dimension, max_dimension);
	else
		try {
			frames = SharedMemory::create(slot_count * slot_bytes(width, height));
		} catch (const std::system_error &error) {
			problem =
				fmt::format("There is no memory for frames of {}x{}: {}.", width, height, error.what());
		}
	const std::lock_guard lock(engine_mutex());
	if (model_is_ready_ || !problem.empty())
		problem_ = problem;
	frames_ = std::move(frames);
	width_ = width;
	height_ = height;
	drop_frames();
	slots_ = {}; // the engine may be at work on one, but in the old memory
	tell_frames();
}

bool EngineSession::has_frames() const
{
	const std::lock_guard lock(engine_mutex());
	return frames_.has_value();
}

void EngineSession::forget_frames()
{
	const std::lock_guard lock(engine_mutex());
	drop_frames();
}

void EngineSession::renew_frames()
{
	drop_frames();
	slots_ = {};
	if (!frames_)
		return;
	try {
		frames_ = SharedMemory::create(slot_count * slot_bytes(width_, height_));
	} catch (const std::system_error &error) {
		frames_.reset();
		blog(LOG_WARNING, "[background-matting] there is no memory for frames: %s", error.what());
	}
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
	return frames_ && (state() == State::capturing || state() == State::matting);
}

EngineSession::Slot *EngineSession::find_slot(SlotState state)
{
	const auto found =
		std::find_if(slots_.begin(), slots_.end(), [state](const Slot &slot) { return slot.state == state; });
	return found == slots_.end() ? nullptr : found;
}

uint8_t *EngineSession::pixels_of(const Slot &slot) const
{
	return frames_->data() + (&slot - slots_.data()) * slot_bytes(width_, height_);
}

uint8_t *EngineSession::begin_frame()
{
	const std::lock_guard lock(engine_mutex());
	if (!frames_)
		return nullptr;
	Slot *slot = find_slot(SlotState::free);
	if (!slot)
		slot = find_slot(SlotState::waiting); // newest wins
	if (!slot)
		return nullptr;
	slot->state = SlotState::filling;
	return pixels_of(*slot);
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
	if (!slot || find_slot(SlotState::in_flight) || !process_->is_running())
		return;
	slot->state = SlotState::in_flight;
	Message message = request(MessageKind::frame);
	message.slot = static_cast<uint32_t>(slot - slots_.data());
	message.frame = slot->frame;
	send(message);
}

const uint8_t *EngineSession::take_matte()
{
	const std::lock_guard lock(engine_mutex());
	Slot *slot = find_slot(SlotState::finished);
	if (!slot || state() != State::matting)
		return nullptr;
	slot->state = SlotState::drawing;
	smooth(delay_milliseconds_, static_cast<double>(os_gettime_ns() - slot->captured_ns) / 1e6);
	return pixels_of(*slot);
}

void EngineSession::release_matte()
{
	const std::lock_guard lock(engine_mutex());
	if (Slot *slot = find_slot(SlotState::drawing))
		slot->state = SlotState::free;
}

// ---- Hearing what came of it

void EngineSession::receive(const Message &message)
{
	if (message.frame != 0)
		return receive_frame(message);
	if (message.kind == MessageKind::ready) {
		model_is_ready_ = true;
		if (frames_)
			problem_.clear(); // of a size from before, or of another model
		model_text_ = message.text;
		blog(LOG_INFO, "[background-matting] model loaded: %s: %s", configuration_.model.c_str(), message.text);
	} else if (message.kind == MessageKind::failed) {
		fail(message.text);
	}
}

void EngineSession::fail(const std::string &problem)
{
	if (problem != problem_)
		blog(LOG_WARNING, "[background-matting] %s", problem.c_str());
	problem_ = problem;
	capture_path_.reset();
}

void EngineSession::receive_frame(const Message &message)
{
	Slot *slot = find_slot(SlotState::in_flight);
	if (!slot || slot->frame != message.frame || slot != slots_.data() + message.slot)
		return; // about a frame of before a change
	const bool is_wanted = slot->frame >= oldest_wanted_;
	slot->state = SlotState::free;
	switch (message.kind) {
	case MessageKind::done:
		smooth(milliseconds_, message.milliseconds);
		if (!is_wanted)
			break;
		if (Slot *older = find_slot(SlotState::finished))
			older->state = SlotState::free;
		slot->state = SlotState::finished;
		break;
	case MessageKind::collected:
		capture_missing_ = message.count;
		break;
	case MessageKind::captured:
		finish_capture();
		break;
	default:
		if (is_wanted)
			fail(message.text);
	}
	offer_waiting();
}

// The engine uses the new background already.
void EngineSession::finish_capture()
{
	if (!capture_path_)
		return;
	blog(LOG_INFO, "[background-matting] background captured: %s", capture_path_->c_str());
	configuration_.background = *capture_path_;
	captured_ = std::exchange(capture_path_, std::nullopt);
	drop_frames();
}

void EngineSession::engine_has_ended()
{
	drop_frames();
	slots_ = {};
	model_is_ready_ = false;
	capture_path_.reset();
	problem_.clear();
}

} // namespace matting
