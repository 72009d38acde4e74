// SPDX-License-Identifier: GPL-2.0-or-later
#include "session.hpp"

#include "inference/cuda_library.hpp"
#include "inference/parallel.hpp"
#include "inference/plate.hpp"
#include "inference/threads.hpp"

#include <chrono>
#include <filesystem>
#include <utility>

namespace matting {

Message Session::answer(MessageKind kind, std::string_view text) const
{
	Message message;
	message.kind = kind;
	message.session = id_;
	message.set_text(text);
	return message;
}

Message Session::failure(const std::exception &error) const
{
	const bool is_memory = dynamic_cast<const std::bad_alloc *>(&error);
	Message message = answer(MessageKind::failed,
				 is_memory ? Error::sentence("engine.no_memory", "there is not enough memory for this")
					   : words_of(error));
	if (dynamic_cast<const DeviceError *>(&error))
		message.memory = MemoryKind::cuda;
	return message;
}

void Session::handle(const Message &message, int handle, const NamedFile &file, Arrival arrived)
{
	arrived_ = arrived;
	if (message.kind == MessageKind::set_frames)
		return set_frames(message, handle);
	if (handle >= 0)
		throw std::runtime_error("memory came along with a message that has no use for it");
	if (message.kind == MessageKind::frame) {
		Message reply = process_frame(message);
		reply.slot = message.slot;
		reply.frame = message.frame;
		channel_.answer(reply);
		return;
	}
	try {
		switch (message.kind) {
		case MessageKind::set_model:
			return set_model(message, file);
		case MessageKind::set_background:
			return set_background(message, file);
		case MessageKind::set_options:
			return set_options(message);
		case MessageKind::capture:
			if (message.count == 0)
				throw Error("a capture needs at least one frame");
			capture_.emplace(message.text, message.count);
			return;
		default:
			break;
		}
	} catch (const DeviceLost &) {
		throw;
	} catch (const std::exception &error) {
		channel_.answer(failure(error));
		return;
	}
	throw std::runtime_error("a message of the unknown kind " +
				 std::to_string(static_cast<uint32_t>(message.kind)) + " came");
}

void Session::set_options(const Message &message)
{
	view_ = View::result; // whatever is wrong with this message: others may be the room
	require_in_range(message.options);
	if (static_cast<uint32_t>(message.view) >= view_names.size())
		throw std::invalid_argument("view is out of its range");
	if (message.count > most_threads)
		throw std::invalid_argument("the number of threads is out of its range");
	if (message.options.quality != options_.quality || static_cast<int>(message.count) != wanted_threads_)
		pace_ = {};
	wanted_threads_ = static_cast<int>(message.count);
	options_ = message.options;
	view_ = message.view;
}

// It is tried again, as others are that cannot be read.
static const InputFile &file_of(const Message &message, const NamedFile &named)
{
	if (!named.answers)
		throw Error("engine.cannot_read", "cannot read {}: {}", std::string(message.text),
			    Error::sentence("engine.silent_disk", "its disk does not answer"));
	return named.file;
}

void Session::set_model(const Message &message, const NamedFile &named)
{
	if (message.execution > Execution::code)
		throw std::runtime_error("a model is to be run in an unknown way");
	engine_.reset();
	channel_.answer(answer(MessageKind::loading));
	try {
		engine_.emplace(EngineSettings{.model = file_of(message, named),
					       .device = device_,
					       .executor = message.execution == Execution::fast ? "fast" : "scripted",
					       .runs_code = message.execution == Execution::code});
	} catch (const std::exception &error) {
		problem_ = words_of(error);
		throw;
	}
	pace_ = {};
	std::string text = engine_->backbone() + ", " + engine_->device() + ", " + engine_->precision();
	if (!engine_->fallback().empty())
		text += " (not on a graphics card: " + engine_->fallback() + ")";
	channel_.answer(answer(MessageKind::ready, text));
	apply_background(); // what is wrong with it is not wrong with the model
}

void Session::set_background(const Message &message, const NamedFile &named)
{
	capture_.reset(); // whoever chooses a background, or none, wants the one under way no more
	// Whatever goes wrong from here on, the old background must not be used as if it were the new one.
	background_.reset();
	if (engine_)
		engine_->clear_background();
	if (*message.text) {
		background_ = read_plate(file_of(message, named));
		apply_background();
	}
}

// One that cannot be used is dropped: a model that comes later is not to meet it.
void Session::apply_background()
{
	if (!engine_)
		return;
	if (!background_)
		return engine_->clear_background();
	try {
		engine_->set_background(background_->picture());
	} catch (...) {
		background_.reset();
		engine_->clear_background();
		throw;
	}
}

void Session::set_frames(const Message &message, int handle)
{
	frames_.reset(); // before its answer: the plugin frees them then
	pace_ = {};
	try {
		frames_ = open_frames(message, handle, device_);
		channel_.answer(answer(MessageKind::shared));
	} catch (const DeviceLost &) {
		throw;
	} catch (const Error &error) {
		frames_problem_ = error.words();
		channel_.answer(answer(MessageKind::refused, frames_problem_));
	}
}

Message Session::process_frame(const Message &request)
{
	if (request.slot >= slot_count || (!frames_ && frames_problem_.empty()))
		throw std::runtime_error("a frame came in slot " + std::to_string(request.slot) +
					 ", which does not exist");
	try {
		if (!frames_) // was on its way when they were refused
			throw Error(frames_problem_);
		return capture_ ? collect(request.slot) : matte(request);
	} catch (const DeviceLost &) {
		throw;
	} catch (const std::exception &error) {
		capture_.reset(); // the next frame must be matted or refused, not collected
		return failure(error);
	}
}

Message Session::collect(uint32_t slot)
{
	capture_->add(frames_->host_picture(slot));
	if (capture_->missing() > 0) {
		Message reply = answer(MessageKind::collected);
		reply.count = capture_->missing();
		return reply;
	}
	const Capture capture = std::move(*capture_);
	capture_.reset();
	Capture::Plate plate = capture.plate();
	write_plate(capture.path(), plate.bitmap.picture());
	std::optional<Bitmap> before = std::exchange(background_, std::move(plate.bitmap));
	try {
		apply_background();
	} catch (...) { // the one of before goes on
		background_ = std::move(before);
		std::error_code ignored;
		std::filesystem::remove(capture.path(), ignored);
		throw;
	}
	Message reply = answer(MessageKind::captured, capture.path().string());
	reply.flaw = plate.flaw;
	return reply;
}

Message Session::matte(const Message &request)
{
	if (!engine_)
		throw problem_.empty() ? Error("engine.no_model", "no model is loaded") : Error(problem_);
	if (const int threads = wanted_threads_ > 0 ? wanted_threads_ : usual_threads_; threads != thread_count())
		set_threads(threads);                  // all sessions have this thread
	if (background_ && !engine_->has_background()) // see `collect`
		engine_->set_background(background_->picture());
	const Picture frame = frames_->picture(request.slot);
	Message reply = answer(MessageKind::done);
	const bool is_on_card = is_cuda(engine_->device());
	const Steps steps = steps_of_automatic(is_on_card);
	reply.step = options_.quality == Quality::automatic ? pace_.step() : 0;
	reply.coarsest_step = steps.coarsest;
	reply.options = with_quality(options_, frame.width, frame.height, is_on_card, reply.step);
	engine_->set_options(reply.options);
	const auto begin = std::chrono::steady_clock::now();
	engine_->matte(frame, frame, view_);
	const auto since = [now = std::chrono::steady_clock::now()](Arrival then) {
		return std::chrono::duration<double, std::milli>(now - then).count();
	};
	reply.milliseconds = since(begin);
	pace_.note(since(arrived_), request.milliseconds, steps); // also what it waited for other filters' frames
	if (view_ == View::result) {
		reply.figures = engine_->figures();
		reply.verdict = judge(reply.figures);
	}
	return reply;
}

} // namespace matting
