// SPDX-License-Identifier: GPL-2.0-or-later
// The thread of an engine: from its start to its end, again and again.
#include "child_process.hpp"
#include "engine_process.hpp"
#include "engine_session.hpp"
#include "utf8_path.hpp"

#include "inference/wire/protocol.hpp"

#include <algorithm>
#include <stdexcept>
#include <system_error>

#include <obs-module.h>
#include <util/platform.h>
#include <util/threading.h>

namespace matting {
namespace {

using namespace std::chrono_literals;

constexpr auto recovery_delay = 2s;    // for others to give memory back
constexpr size_t longest_line = 4096;  // of the engine's output
constexpr int most_logged_lines = 100; // of what one engine writes and says

// "/where/it/lies/background-matting: error while loading" -> "error while loading"
std::string without_program(const std::string &line)
{
	const std::string mark = std::string(engine_program_name) + ": ";
	const size_t found = line.find(mark);
	return found == std::string::npos ? line : line.substr(found + mark.size());
}

// Without one there is still matting; a capture then says what is wrong.
FolderOfCaptures folder_of_captures()
{
	try {
		return FolderOfCaptures::now();
	} catch (const std::runtime_error &) {
		return {};
	}
}

} // namespace

void EngineProcess::run() noexcept
{
	os_set_thread_name("background-matting");
	for (bool goes_on = true; goes_on;) {
		try {
			goes_on = run_and_wait();
		} catch (...) { // no memory, for one: OBS must not end for it
			recover();
		}
	}
}

// No engine is started before all have heard of the end of the last one: else they would wait for its answers.
void EngineProcess::recover() noexcept
{
	for (bool is_over = false; !is_over;) {
		try { // the log may want memory, too
			blog(LOG_ERROR,
			     "[background-matting] the engine could not be attended to; it is started again");
			has_ended({});
			is_over = true;
		} catch (...) {
		}
		std::unique_lock lock(engine_mutex());
		is_over |= changed_.wait_for(lock, recovery_delay, [this] { return is_stopping_; });
	}
}

// False: it is to stop.
bool EngineProcess::run_and_wait()
{
	std::unique_lock lock(engine_mutex());
	if (is_stopping_)
		return false;
	if (sessions_.empty()) {
		set_problem({});
		restarts_ = {};
		changed_.wait(lock);
		return true;
	}
	lock.unlock();
	const auto begin = std::chrono::steady_clock::now();
	const std::string problem = run_engine_once();
	const auto ran = std::chrono::steady_clock::now() - begin;
	lock.lock();
	const bool was_left = is_left_;
	judge(ran);
	lock.unlock();
	has_ended(was_left ? std::string() : problem);
	lock.lock();
	changed_.wait_for(lock, restarts_.delay(), [this] { return is_stopping_ || sessions_.empty(); });
	return true;
}

void EngineProcess::judge(std::chrono::duration<double> ran)
{
	if (std::exchange(is_left_, false)) {
		restarts_ = {};
		return;
	}
	const bool was_idle = is_running_ && !must_die_ && !may_take_long();
	restarts_.note({ran, has_matted_, was_idle, was_killed_});
}

// Graphics memory is freed, and files are deleted, without the lock. When it throws it can be called again.
void EngineProcess::has_ended(const std::string &problem)
{
	Retired retired;
	std::set<std::string> unfinished;
	{
		const std::lock_guard lock(engine_mutex());
		let_go(problem, retired);
		unfinished.swap(unfinished_);
	}
	for (const std::string &file : unfinished)
		remove_unfinished(file);
}

// Tells the sessions. What the engine had open is to be freed.
void EngineProcess::let_go(const std::string &problem, Retired &retired)
{
	channel_.reset();
	unsent_.clear();
	is_running_ = false;
	retired.swap(retired_);
	for (const auto &[id, session] : sessions_) {
		retired.push_back(std::move(session->told_));
		session->engine_has_ended();
	}
	if (is_stopping_ || sessions_.empty())
		return;
	const bool has_failed = device_.starts_with("cuda") && restarts_.are_hopeless() && !problem.empty();
	const std::string &reason =
		last_words_.empty() ? last_line_ : last_words_; // it may have ended before it could send them
	const std::string words =
		has_failed && !reason.empty() ? Error::sentence("error.last_words_alone", "{}.", reason) : problem;
	if (!words.empty() && words != problem_)
		blog(LOG_WARNING, "[background-matting] %s", in_english(words).c_str());
	set_problem(words, has_failed); // sessions that may do so take the CPU in their next tick
}

// From its start to its end; says why it ended.
std::string EngineProcess::run_engine_once()
{
	was_killed_ = false;
	logged_lines_ = has_matted_ ? 0 : logged_lines_; // of those that never do, one follows the other
	{
		const std::lock_guard lock(engine_mutex());
		has_matted_ = false;
	}
	try {
		const auto [ours, engines] = Channel::pair();
		const auto channel = std::make_shared<const Channel>(ours);
		std::optional<Channel> other_end(engines);
		const FolderOfCaptures folder = folder_of_captures();
		ChildProcess child(utf8_of(engine_folder() / engine_program_name),
				   {"serve", "--device", device_, "--backgrounds", folder.path}, engines);
		other_end.reset(); // the child has it: now its death closes the connection
		output_.clear();
		last_line_.clear();
		const std::string objection = attend(channel, folder, child);
		const std::string end = end_of(child);
		return objection.empty() ? end : objection;
	} catch (const std::system_error &error) {
		return Error::sentence("error.cannot_start",
				       "The engine cannot be started: {}. Install the plugin again.", error);
	}
}

// Others may ask for the child until it is waited for, whatever happens.
std::string EngineProcess::attend(const std::shared_ptr<const Channel> &channel, const FolderOfCaptures &folder,
				  ChildProcess &child)
{
	const struct Guard {
		EngineProcess &process;
		const Channel &channel;
		~Guard()
		{
			const std::lock_guard lock(engine_mutex());
			process.child_ = nullptr;
			channel.shut_down();
		}
	} guard{*this, *channel};
	{
		const std::lock_guard lock(engine_mutex());
		channel_ = channel;
		child_ = &child;
		folder_ = folder;
		heard_ns_ = os_gettime_ns();
		answered_ns_ = 0;
		last_words_.clear();
		must_die_ = false;
		is_left_ = sessions_.empty();
		if (is_stopping_ || is_left_)
			channel->shut_down();
	}
	return receive_all(*channel, child);
}

std::string EngineProcess::end_of(ChildProcess &child)
{
	std::unique_lock lock(engine_mutex());
	const auto patience = must_die_ ? 0ms : 1000ms;
	lock.unlock();
	const std::string end = child.reap(patience);
	was_killed_ = child.was_killed();
	listen(child);
	lock.lock();
	if (!last_words_.empty())
		return Error::sentence("error.last_words", "{}. The engine is started again.", last_words_);
	if (!last_line_.empty())
		return Error::sentence("error.engine_said", "The engine has ended ({}): {}. It is started again.", end,
				       last_line_);
	return Error::sentence("error.engine_ended", "The engine has ended ({}) and is started again.", end);
}

// Lines for the log; the last one may say why the engine ended.
void EngineProcess::listen(ChildProcess &child)
{
	output_ += child.read_output();
	for (size_t end; (end = output_.find('\n')) != std::string::npos; output_.erase(0, end + 1)) {
		last_line_ = without_program(output_.substr(0, std::min(end, longest_line)));
		if (may_log())
			blog(LOG_INFO, "[background-matting] engine: %s", last_line_.c_str());
	}
	if (output_.size() > longest_line)
		output_.clear();
}

bool EngineProcess::may_log()
{
	logged_lines_ = std::min(logged_lines_ + 1, most_logged_lines + 1);
	return logged_lines_ <= most_logged_lines;
}

// Until the connection ends, or the engine says something it should not: then that is returned.
std::string EngineProcess::receive_all(const Channel &channel, ChildProcess &child)
{
	try {
		while (const auto received = channel.receive()) {
			if (received->handle >= 0)
				close_handle(received->handle);
			listen(child);
			if (received->message.kind == MessageKind::captured)
				finish_capture(received->message);
			std::shared_ptr<const FrameMemory> let_go; // freed after the lock
			const std::lock_guard lock(engine_mutex());
			let_go = receive(received->message);
		}
	} catch (const std::exception &error) {
		return Error::sentence("error.unusable", "The engine cannot be used: {}. Install the plugin again.",
				       error);
	}
	return {};
}

} // namespace matting
