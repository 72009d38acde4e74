// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine_process.hpp"

#include "child_process.hpp"
#include "engine_session.hpp"
#include "utf8_path.hpp"

#include "plugin/graphics.hpp"
#include "plugin/text.hpp"

#include <algorithm>
#include <filesystem>
#include <stdexcept>

#include <obs-module.h>
#include <sys/stat.h>
#include <util/platform.h>

namespace matting {
namespace {

// Never destroyed: where OBS ends without unloading the plugin (after a crash, or when its display has gone), that would join
// threads which wait for engines, which wait for the end of OBS.
std::map<std::string, std::unique_ptr<EngineProcess>> &processes()
{
	static auto &processes = *new std::map<std::string, std::unique_ptr<EngineProcess>>;
	return processes;
}

bool &are_allowed()
{
	static bool are_allowed = false;
	return are_allowed;
}

} // namespace

std::mutex &engine_mutex()
{
	static std::mutex mutex;
	return mutex;
}

std::filesystem::path engine_folder()
{
	// Where OBS looks there may be only a link to it.
	const std::filesystem::path module = path_of(obs_get_module_binary_path(obs_current_module()));
	return std::filesystem::weakly_canonical(module).parent_path();
}

std::string captures_folder()
{
	const ObsString path(obs_module_config_path("backgrounds"));
	return path ? path.get() : "";
}

FolderOfCaptures FolderOfCaptures::now()
{
	FolderOfCaptures folder{captures_folder()};
	if (folder.path.empty() || os_mkdirs(folder.path.c_str()) == MKDIR_ERROR)
		throw std::runtime_error(text("error.no_folder", folder.path.empty() ? "plugin_config" : folder.path));
	// Nobody but the user has business with pictures of a home.
	std::error_code ignored;
	std::filesystem::permissions(path_of(folder.path), std::filesystem::perms::owner_all, ignored);
	struct stat status {};
	if (os_stat(folder.path.c_str(), &status) == 0) {
		folder.device = status.st_dev;
		folder.number = status.st_ino;
	}
	return folder;
}

EngineProcess &EngineProcess::of(const std::string &device)
{
	if (!are_allowed())
		throw Error("error.unloaded", "OBS has unloaded the plugin");
	const auto found = processes().find(device);
	if (found != processes().end())
		return *found->second;
	return *processes().emplace(device, std::make_unique<EngineProcess>(device)).first->second;
}

void EngineProcess::allow()
{
	const std::lock_guard lock(engine_mutex());
	are_allowed() = true;
}

void EngineProcess::stop_all()
{
	std::map<std::string, std::unique_ptr<EngineProcess>> all;
	{
		const std::lock_guard lock(engine_mutex());
		are_allowed() = false;
		all.swap(processes());
		for (const auto &[device, process] : all) {
			for (const auto &[id, session] : std::exchange(process->sessions_, {}))
				session->let_go(Error::sentence("error.unloaded", "OBS has unloaded the plugin"));
			process->is_stopping_ = true;
			if (process->channel_)
				process->channel_->shut_down();
			process->changed_.notify_all();
		}
	}
	all.clear(); // joins
}

EngineProcess::EngineProcess(std::string device) : device_(std::move(device)), thread_([this] { run(); }) {}

EngineProcess::~EngineProcess()
{
	thread_.join();
}

void EngineProcess::add(uint32_t id, EngineSession &session)
{
	sessions_[id] = &session;
	changed_.notify_all();
}

void EngineProcess::remove(uint32_t id)
{
	sessions_.erase(id);
	if (!sessions_.empty())
		return;
	changed_.notify_all(); // whoever chooses the device anew waits for no pause
	if (channel_) {
		is_left_ = true;
		channel_->shut_down();
	}
}

// An engine that starts does not read yet, and many filters have more to say than the connection has place for.
void EngineProcess::deliver(const Message &message, int handle)
{
	constexpr size_t most_unsent = 4096;
	flush();
	if (unsent_.empty() && channel_->send(message, handle))
		heard_ns_ = os_gettime_ns();
	else
		unsent_.push_back({message, handle});
	if (unsent_.size() > most_unsent)
		end(Error::sentence("error.no_answer", "The engine did not answer"));
}

void EngineProcess::flush()
{
	while (!unsent_.empty() && channel_->send(unsent_.front().message, unsent_.front().handle)) {
		unsent_.pop_front();
		heard_ns_ = os_gettime_ns();
	}
}

void EngineProcess::send(const Message &message)
{
	if (!is_running_)
		return;
	if (message.kind == MessageKind::capture)
		unfinished_.insert(message.text);
	deliver(message);
}

void EngineProcess::send(const Message &message, std::shared_ptr<const FrameMemory> retired, int handle)
{
	if (!is_running_)
		return;
	retired_.push_back(std::move(retired));
	deliver(message, handle);
}

void EngineProcess::end(const std::string &why)
{
	if (!channel_ || must_die_)
		return;
	last_words_ = why;
	must_die_ = true;
	channel_->shut_down();
}

// Where OBS stood still the engine may have, too, as on a computer that slept: no more of a tick counts than a busy OBS takes.
void EngineProcess::tick()
{
	constexpr uint64_t longest_tick_ns = 500'000'000;
	const uint64_t now = os_gettime_ns(), gap = now - std::exchange(ticked_ns_, now);
	const auto excuse = [&](uint64_t &since) {
		since = std::min(now, since + gap - longest_tick_ns);
	};
	if (gap > longest_tick_ns) {
		excuse(heard_ns_);
		for (const auto &[id, session] : sessions_)
			for (EngineSession::Slot &slot : session->slots_)
				excuse(slot.sent_ns);
	}
	if (is_running_)
		flush();
}

uint64_t EngineProcess::silence_ns() const
{
	return channel_ ? os_gettime_ns() - heard_ns_ : 0;
}

bool EngineProcess::may_take_long() const
{
	return std::any_of(sessions_.begin(), sessions_.end(),
			   [](const auto &entry) { return entry.second->may_take_long(); });
}

FrameTimes EngineProcess::frame_times() const
{
	FrameTimes times;
	for (const auto &[id, session] : sessions_) {
		times.all += session->milliseconds_;
		times.longest = std::max(times.longest, session->milliseconds_);
	}
	return times;
}

bool EngineProcess::is_stopped() const
{
	return child_ && child_->is_stopped();
}

// Returns what the engine has closed, if anything.
std::shared_ptr<const FrameMemory> EngineProcess::receive(const Message &message)
{
	std::shared_ptr<const FrameMemory> let_go;
	heard_ns_ = answered_ns_ = os_gettime_ns();
	if (message.kind < MessageKind::hello || message.kind > MessageKind::failed)
		throw Error("error.plugins_message", "it sent a message that only the plugin sends");
	switch (message.kind) {
	case MessageKind::hello:
		if (is_running_)
			throw Error("error.unasked", "it answered what nobody asked");
		say_hello(message);
		return {};
	case MessageKind::shared:
	case MessageKind::refused:
	case MessageKind::closed:
		if (retired_.empty())
			throw Error("error.unasked", "it answered what nobody asked");
		let_go = std::move(retired_.front());
		retired_.pop_front();
		break;
	case MessageKind::done:
		has_matted_ = true;
		set_problem({});
		break;
	case MessageKind::failed:
		if (message.session == 0)
			last_words_ = message.text;
		break;
	default:
		break;
	}
	if (EngineSession *session = find(message.session)) // else it was closed in the meantime
		session->receive(message);
	flush();
	return let_go;
}

EngineSession *EngineProcess::find(uint32_t id) const
{
	const auto found = sessions_.find(id);
	return found == sessions_.end() ? nullptr : found->second;
}

void EngineProcess::set_problem(const std::string &problem, bool has_failed)
{
	if (problem == problem_ && has_failed == has_failed_)
		return;
	problem_ = problem;
	has_failed_ = has_failed;
	problems_++;
}

void EngineProcess::say_hello(const Message &message)
{
	blog(LOG_INFO, "[background-matting] engine started: %s", message.text);
	is_running_ = true;
	if (!has_failed_) // else until it mattes
		set_problem({});
	for (const auto &[id, session] : sessions_)
		session->tell_everything();
}

} // namespace matting
