// SPDX-License-Identifier: GPL-2.0-or-later
// What is wanted of the engine, and what it says.
#include "engine_session.hpp"

#include "engine_process.hpp"

#include "plugin/text.hpp"

#include <algorithm>
#include <atomic>
#include <stdexcept>

#include <obs-module.h>
#include <util/platform.h>

namespace matting {
namespace {

constexpr uint64_t longest_model_delay_ns = 30 * retry_ns;

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
	leave_process();
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

// False: it is too long.
bool EngineSession::send_path(MessageKind kind, const std::string &path) const
{
	Message message = request(kind);
	message.execution = configuration_.execution;
	const bool fits = message.set_text(path);
	if (fits)
		send(message);
	return fits;
}

void EngineSession::configure(const Configuration &wanted)
{
	const std::lock_guard lock(engine_mutex());
	Configuration configuration = wanted;
	configuration.background = newer(wanted.background);
	const Configuration before = std::exchange(configuration_, configuration);
	if (before == configuration)
		return;
	say_of_capture({});
	probe_ns_ = 0; // perhaps it works now
	if (before.device != configuration.device || before.device_setting != configuration.device_setting)
		fallback_.clear();
	if (fallback_.empty() && device_ != configuration.device)
		return attach(configuration.device);
	if (before.view != configuration.view)
		drop_frames(); // another view may have been the room
	if (before.options != configuration.options || before.view != configuration.view ||
	    before.threads != configuration.threads)
		tell_options();
	if (before.execution != configuration.execution && device_ != "cpu")
		lose_frames(); // see `objection`
	if (before.model != configuration.model || before.execution != configuration.execution)
		tell_model();
	if (before.background.path != configuration.background.path) {
		forget_fit();
		tell_background();
	}
}

// What the engine of before has of the frames it must give back first.
void EngineSession::leave_process()
{
	if (!process_)
		return;
	words_ += process_->problems();
	process_->send(request(MessageKind::close), std::exchange(told_, nullptr));
	process_->remove(id_);
	process_ = nullptr;
}

// The process has let go of this session, for good.
void EngineSession::let_go(const std::string &why)
{
	words_ += process_->problems();
	process_ = nullptr;
	process_retry_ns_ = UINT64_MAX;
	say(process_problem_, why);
}

void EngineSession::attach(const std::string &device)
{
	words_++;
	leave_process();
	owed_ = {};
	device_ = device;
	model_is_ready_ = false;
	end_capture(text("error.capture_lost"));
	objection_.clear();
	lose_frames(); // the other engine may still write to them, and answers no more
	if (device.empty())
		return;
	try {
		process_ = &EngineProcess::of(device);
		process_->add(id_, *this);
		say(process_problem_, {});
	} catch (const std::exception &error) { // no thread can be had, for one
		process_ = nullptr;
		process_retry_ns_ = os_gettime_ns() + retry_ns;
		return say(process_problem_,
			   Error::sentence("error.no_process", "The engine cannot be started: {}. It is tried again.",
					   error));
	}
	tell_everything();
}

// Nobody has asked for this very device.
bool EngineSession::may_fall_back() const
{
	return configuration_.device_setting == "auto" && device_ != "cpu";
}

// Until the device is chosen anew. One that was chosen by name is an error: see `state`.
void EngineSession::fall_back()
{
	blog(LOG_WARNING, "[background-matting] %s failed again and again: the CPU is used", device_.c_str());
	use_cpu(text("notice.fallback", device_, process_->problem()));
}

void EngineSession::use_cpu(const std::string &notice)
{
	fallback_ = notice;
	attach("cpu");
}

void EngineSession::tell_everything()
{
	capture_path_.reset();
	owed_ = {};
	say(frame_problem_, {});
	tell_options();
	tell_model();
	tell_background();
	tell_frames();
}

void EngineSession::tell_options()
{
	Message message = request(MessageKind::set_options);
	message.options = configuration_.options;
	message.view = configuration_.view;
	message.count = configuration_.threads;
	send(message);
	answered_ = 0;
	must_matte_ = true;
}

void EngineSession::tell_model()
{
	model_is_ready_ = false;
	model_retry_ns_ = model_delay_ns_ = 0;
	drop_frames();
	forget_times();
	say(model_problem_, {});
	if (configuration_.model.empty())
		say(model_problem_, text("error.no_model"));
	else if (!load_model())
		say(model_problem_, text("error.long_path", configuration_.model));
}

// False: its path is too long. What was wrong is said until it is ready.
bool EngineSession::load_model()
{
	const bool fits = send_path(MessageKind::set_model, configuration_.model);
	owed_.models += fits && process_ && process_->is_running();
	return fits;
}

// What the engine says of others is of no interest: another one was chosen since.
bool EngineSession::was_last_model()
{
	owed_.is_loading = false;
	return --owed_.models == 0;
}

// The file may be on a disk that comes later, or the memory be there once another program has ended.
void EngineSession::fail_model(const std::string &problem)
{
	log_and_say(model_problem_, problem);
	model_delay_ns_ = std::clamp(2 * model_delay_ns_, retry_ns, longest_model_delay_ns);
	model_retry_ns_ = os_gettime_ns() + model_delay_ns_;
}

void EngineSession::retry_model()
{
	const bool is_due = !model_problem_.empty() && model_retry_ns_ != 0 && os_gettime_ns() >= model_retry_ns_;
	if (is_due && owed_.models == 0 && process_ && process_->is_running())
		load_model();
}

// Also ends a capture: the engine drops it, too.
void EngineSession::tell_background()
{
	capture_path_.reset();
	failed_frames_ = 0;
	drop_frames();
	say(background_problem_, {});
	if (!send_path(MessageKind::set_background, configuration_.background.path))
		say(background_problem_, text("error.long_path", configuration_.background.path));
}

// ---- Hearing what came of it

void EngineSession::receive(const Message &message)
{
	if (message.kind == MessageKind::failed && message.memory == MemoryKind::cuda && may_fall_back()) {
		blog(LOG_WARNING, "[background-matting] the CPU is used: %s", in_english(message.text).c_str());
		return use_cpu(text("notice.no_cuda", message.text));
	}
	if (message.frame != 0)
		return receive_frame(message);
	if (message.kind == MessageKind::shared || message.kind == MessageKind::refused)
		owed_.memories -= owed_.memories > 0;
	switch (message.kind) {
	case MessageKind::loading:
		owed_.is_loading = owed_.models > 0;
		break;
	case MessageKind::ready:
		if (!owed_.is_loading || !was_last_model())
			break;
		model_is_ready_ = true;
		say(model_problem_, {}); // of one that was chosen before, or of an earlier try
		model_text_ = message.text;
		if (process_->may_log())
			blog(LOG_INFO, "[background-matting] model loaded: %s: %s", configuration_.model.c_str(),
			     message.text);
		break;
	case MessageKind::refused:
		if (process_->may_log())
			blog(LOG_INFO, "[background-matting] frames take the way of the CPU: %s",
			     in_english(message.text).c_str());
		objection_ = message.text;
		lose_frames();
		break;
	case MessageKind::failed: // one thing after the other; of a model it is between `loading` and `ready`
		if (!owed_.is_loading)
			log_and_say(background_problem_, message.text);
		else if (was_last_model())
			fail_model(message.text);
		break;
	default:
		break;
	}
}

void EngineSession::log_and_say(std::string &words, const std::string &news)
{
	if (words != news && process_->may_log())
		blog(LOG_WARNING, "[background-matting] %s", in_english(news).c_str());
	say(words, news);
}

void EngineSession::engine_has_ended()
{
	drop_frames();
	slots_ = {};
	owed_ = {};
	forget_times();
	model_is_ready_ = is_silent_ = false;
	end_capture(text("error.capture_lost"));
	say(model_problem_, {});
	say(background_problem_, {});
	say(frame_problem_, {});
}

} // namespace matting
