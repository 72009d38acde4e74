// SPDX-License-Identifier: GPL-2.0-or-later
// What is wanted of the engine, and what it says. The frames are in engine_session_frames.cpp.
#include "engine_session.hpp"

#include "engine_process.hpp"

#include "plugin/text.hpp"

#include <atomic>

#include <fmt/format.h>
#include <obs-module.h>

namespace matting {
namespace {

uint32_t new_session_id()
{
	static std::atomic<uint32_t> last = 0;
	return ++last;
}

} // namespace

EngineSession::EngineSession() : id_(new_session_id()) {}

EngineSession::~EngineSession()
{
	const std::lock_guard lock(engine_mutex());
	attach({});
}

// ---- Saying what is wanted

Message EngineSession::request(MessageKind kind) const
{
	Message message;
	message.kind = kind;
	message.session = id_;
	return message;
}

void EngineSession::send(const Message &message) const
{
	if (process_)
		process_->send(message);
}

void EngineSession::send_path(MessageKind kind, const std::string &path)
{
	Message message = request(kind);
	if (message.set_text(path))
		send(message);
	else
		say(problem_, fmt::format("This path is too long: {}. Choose a shorter one.", path));
}

void EngineSession::configure(const Configuration &wanted)
{
	const std::lock_guard lock(engine_mutex());
	Configuration configuration = wanted;
	if (captured_) // a capture has ended since the settings were read: they must not undo it
		configuration.background = *captured_;
	if (configuration.background.empty()) // only `forget_background` forgets
		configuration.background = configuration_.background;
	const Configuration before = std::exchange(configuration_, configuration);
	if (before == configuration)
		return;
	say(capture_problem_, {});
	if (model_is_ready_ || before.model != configuration.model)
		say(problem_, {}); // else it is the model's, and that is not loaded again
	if (before.device != configuration.device || before.device_setting != configuration.device_setting)
		fallback_.clear();
	if (fallback_.empty() && device_ != configuration.device) {
		attach(configuration.device);
		return tell_everything();
	}
	if (before.options != configuration.options)
		tell_options();
	if (before.model != configuration.model)
		tell_model();
	if (before.background != configuration.background)
		tell_background();
}

// Leaves the engine of before, if there is one; what it has of the frames it must give back first.
void EngineSession::attach(const std::string &device)
{
	words_++;
	if (process_) {
		words_ += process_->problems();
		process_->send(request(MessageKind::close), std::exchange(told_, nullptr));
		process_->remove(id_);
	}
	device_ = device;
	process_ = device.empty() ? nullptr : &EngineProcess::of(device);
	if (process_)
		process_->add(id_, *this);
	model_is_ready_ = false;
	lose_capture();
	objection_.clear();
	lose_frames(); // the other engine may still write to them, and answers no more
}

// The frames so far went to an engine that is not ours any more.
void EngineSession::lose_capture()
{
	if (capture_path_)
		say(capture_problem_, text("error.capture_lost"));
	capture_path_.reset();
}

// The process has let go of this session.
void EngineSession::fall_back(const std::string &problem)
{
	process_ = nullptr;
	fallback_ = text("notice.fallback", device_, problem);
	attach("cpu");
	tell_everything();
}

void EngineSession::tell_everything()
{
	capture_path_.reset();
	say(problem_, {});
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
	forget_times();
	if (configuration_.model.empty())
		say(problem_, text("error.no_model"));
	else
		send_path(MessageKind::set_model, configuration_.model);
}

// Also ends a capture: the engine drops it, too.
void EngineSession::tell_background()
{
	capture_path_.reset();
	drop_frames();
	send_path(MessageKind::set_background, configuration_.background);
}

bool EngineSession::can_capture()
{
	const std::lock_guard lock(engine_mutex());
	say(capture_problem_, {});
	if (!process_ || !process_->is_running() || !memory_)
		say(capture_problem_, text("error.not_ready_to_capture"));
	return capture_problem_.empty();
}

void EngineSession::refuse_capture(const std::string &problem)
{
	const std::lock_guard lock(engine_mutex());
	say(capture_problem_, problem);
}

void EngineSession::capture(const std::string &path, uint32_t count)
{
	if (!can_capture())
		return;
	Message message = request(MessageKind::capture);
	message.count = count;
	if (!message.set_text(path))
		return refuse_capture(fmt::format("This path is too long: {}. Move OBS's settings.", path));
	const std::lock_guard lock(engine_mutex());
	if (model_is_ready_)
		say(problem_, {});
	capture_path_ = path;
	capture_missing_ = count;
	drop_frames();
	send(message);
}

void EngineSession::forget_background()
{
	const std::lock_guard lock(engine_mutex());
	captured_.reset();
	configuration_.background.clear();
	tell_background();
}

std::optional<std::string> EngineSession::take_captured()
{
	const std::lock_guard lock(engine_mutex());
	return std::exchange(captured_, std::nullopt);
}

void EngineSession::say(std::string &words, const std::string &news)
{
	if (words == news)
		return;
	words = news;
	words_++;
}

// ---- What state that makes

State EngineSession::state() const
{
	if (!process_)
		return State::starting;
	if (!process_->is_running())
		return process_->problem().empty() ? State::starting : State::no_engine;
	if (capture_path_)
		return State::capturing;
	if (!problem_.empty() || !memory_problem_.empty())
		return State::failed;
	if (!model_is_ready_)
		return State::starting;
	return configuration_.background.empty() ? State::no_background : State::matting;
}

Condition EngineSession::condition_now() const
{
	return {.state = state(),
		.has_background = !configuration_.background.empty(),
		.capture_missing = capture_path_ ? capture_missing_ : 0,
		.delay_milliseconds = delay_milliseconds_,
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
	status.problem = status.state == State::no_engine ? process_->problem()
			 : problem_.empty()               ? memory_problem_
							  : problem_;
	status.capture_problem = capture_problem_;
	status.fallback = fallback_;
	status.no_cuda = configuration_.no_cuda;
	status.detour = detour_;
	status.model = model_text_;
	status.width = width_;
	status.height = height_;
	status.milliseconds = milliseconds_;
	return status;
}

// ---- Hearing what came of it

void EngineSession::receive(const Message &message)
{
	if (message.frame != 0)
		return receive_frame(message);
	switch (message.kind) {
	case MessageKind::ready:
		model_is_ready_ = true;
		say(problem_, {}); // of another model
		model_text_ = message.text;
		blog(LOG_INFO, "[background-matting] model loaded: %s: %s", configuration_.model.c_str(), message.text);
		break;
	case MessageKind::refused:
		blog(LOG_INFO, "[background-matting] frames take the way of the CPU: %s", message.text);
		objection_ = message.text;
		lose_frames();
		break;
	case MessageKind::failed:
		fail(message.text);
		break;
	default:
		break;
	}
}

void EngineSession::fail(const std::string &problem)
{
	if (problem != problem_)
		blog(LOG_WARNING, "[background-matting] %s", problem.c_str());
	if (capture_path_)
		tell_background(); // or the engine would go on collecting
	say(problem_, problem);
}

// The engine uses the new background already.
void EngineSession::finish_capture(const std::string &path)
{
	if (path != capture_path_) // of one that was begun before
		return;
	blog(LOG_INFO, "[background-matting] background captured: %s", path.c_str());
	configuration_.background = path;
	captured_ = std::exchange(capture_path_, std::nullopt);
	drop_frames();
}

void EngineSession::engine_has_ended()
{
	drop_frames();
	slots_ = {};
	forget_times();
	model_is_ready_ = false;
	lose_capture();
	say(problem_, {});
}

} // namespace matting
