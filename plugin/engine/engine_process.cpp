// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine_process.hpp"

#include "child_process.hpp"
#include "engine_session.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <obs-module.h>
#include <util/threading.h>

namespace matting {
namespace {

using namespace std::chrono_literals;

constexpr auto first_delay = 250ms; // before a restart; doubled each time
constexpr auto longest_delay = 4000ms;
constexpr auto long_enough = 10s; // an engine that matted and ran so long starts delays and counting anew
constexpr int most_failures = 3;  // of a CUDA device's engine, before the CPU takes its place

std::map<std::string, std::unique_ptr<EngineProcess>> &processes()
{
	static std::map<std::string, std::unique_ptr<EngineProcess>> processes;
	return processes;
}

} // namespace

std::mutex &engine_mutex()
{
	static std::mutex mutex;
	return mutex;
}

std::filesystem::path engine_folder()
{
	const std::filesystem::path module = obs_get_module_binary_path(obs_current_module());
	return std::filesystem::absolute(module).parent_path();
}

EngineProcess &EngineProcess::of(const std::string &device)
{
	auto &process = processes()[device];
	if (!process)
		process = std::make_unique<EngineProcess>(device);
	return *process;
}

void EngineProcess::stop_all()
{
	std::map<std::string, std::unique_ptr<EngineProcess>> all;
	{
		const std::lock_guard lock(engine_mutex());
		all.swap(processes());
		for (const auto &[device, process] : all) {
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
	if (sessions_.empty() && channel_) {
		is_left_ = true;
		channel_->shut_down();
	}
}

void EngineProcess::send(const Message &message)
{
	// A full connection means that the engine does not read any more. It is ended and started anew.
	if (is_running_ && !channel_->send(message))
		channel_->shut_down();
}

void EngineProcess::send(const Message &message, std::shared_ptr<const FrameMemory> retired, int handle)
{
	if (!is_running_)
		return;
	retired_.push_back(std::move(retired));
	if (!channel_->send(message, handle))
		channel_->shut_down();
}

void EngineProcess::run()
{
	os_set_thread_name("background-matting");
	std::unique_lock lock(engine_mutex());
	while (!is_stopping_) {
		if (sessions_.empty()) {
			set_problem({});
			delay_ = {};
			failures_ = 0;
			changed_.wait(lock);
			continue;
		}
		lock.unlock();
		const auto begin = std::chrono::steady_clock::now();
		const std::string problem = run_engine_once();
		const auto ran = std::chrono::steady_clock::now() - begin;
		lock.lock();
		const bool ran_well = has_matted_ && ran > long_enough;
		const bool was_left = std::exchange(is_left_, false);
		delay_ = was_left ? 0ms : ran_well ? first_delay : std::clamp(2 * delay_, first_delay, longest_delay);
		failures_ = was_left ? 0 : ran_well ? 1 : failures_ + 1;
		Retired retired = has_ended(was_left ? std::string() : problem);
		lock.unlock();
		retired.clear(); // frees graphics memory: not under the lock
		lock.lock();
		changed_.wait_for(lock, delay_, [this] { return is_stopping_ || sessions_.empty(); });
	}
}

// From its start to its end; says why it ended.
std::string EngineProcess::run_engine_once()
{
	try {
		const auto [ours, engines] = Channel::pair();
		const auto channel = std::make_shared<const Channel>(ours);
		std::optional<Channel> other_end(engines);
		ChildProcess child((engine_folder() / engine_program_name).string(), {"serve", "--device", device_},
				   engines);
		other_end.reset(); // the child has it: now its death closes the connection
		{
			const std::lock_guard lock(engine_mutex());
			channel_ = channel;
			last_words_.clear();
			has_matted_ = false;
			is_left_ = sessions_.empty();
			if (is_stopping_ || is_left_)
				channel->shut_down();
		}
		const std::string objection = receive_all(*channel);
		channel->shut_down();
		const std::string end = child.reap();
		if (!objection.empty())
			return objection;
		const std::lock_guard lock(engine_mutex());
		return last_words_.empty() ? fmt::format("The engine has ended ({}) and is started again.", end)
					   : fmt::format("{}. The engine is started again.", last_words_);
	} catch (const std::system_error &error) {
		return fmt::format("The engine cannot be started: {}. Install the plugin again.", error.what());
	}
}

// Until the connection ends, or the engine says something it should not: then that is returned.
std::string EngineProcess::receive_all(const Channel &channel)
{
	try {
		while (const auto received = channel.receive()) {
			if (received->handle >= 0)
				close_handle(received->handle);
			std::shared_ptr<const FrameMemory> let_go; // freed after the lock
			const std::lock_guard lock(engine_mutex());
			let_go = receive(received->message);
		}
	} catch (const std::exception &error) {
		return fmt::format("The engine cannot be used: {}. Install the plugin again.", error.what());
	}
	return {};
}

// Returns what the engine has closed, if anything.
std::shared_ptr<const FrameMemory> EngineProcess::receive(const Message &message)
{
	std::shared_ptr<const FrameMemory> let_go;
	if (message.kind < MessageKind::hello || message.kind > MessageKind::failed)
		throw std::runtime_error("it sent a message that only the plugin sends");
	switch (message.kind) {
	case MessageKind::hello:
		say_hello(message);
		return {};
	case MessageKind::shared:
	case MessageKind::refused:
	case MessageKind::closed:
		if (retired_.empty())
			throw std::runtime_error("it answered what nobody asked");
		let_go = std::move(retired_.front());
		retired_.pop_front();
		break;
	case MessageKind::done:
		has_matted_ = true;
		break;
	case MessageKind::failed:
		if (message.session == 0)
			last_words_ = message.text;
		break;
	default:
		break;
	}
	const auto found = sessions_.find(message.session);
	if (found != sessions_.end()) // else it was closed in the meantime
		found->second->receive(message);
	return let_go;
}

void EngineProcess::set_problem(const std::string &problem)
{
	if (problem == problem_)
		return;
	problem_ = problem;
	problems_++;
}

void EngineProcess::say_hello(const Message &message)
{
	blog(LOG_INFO, "[background-matting] engine started: %s", message.text);
	is_running_ = true;
	set_problem({});
	for (const auto &[id, session] : sessions_)
		session->tell_everything();
}

// Returns what the engine had open, to be freed without the lock.
EngineProcess::Retired EngineProcess::has_ended(const std::string &problem)
{
	channel_.reset();
	is_running_ = false;
	Retired retired = std::exchange(retired_, {});
	for (const auto &[id, session] : sessions_) {
		retired.push_back(std::move(session->told_));
		session->engine_has_ended();
	}
	if (is_stopping_ || sessions_.empty())
		return retired;
	if (!problem.empty() && problem != problem_)
		blog(LOG_WARNING, "[background-matting] %s", problem.c_str());
	set_problem(problem);
	if (failures_ >= most_failures && device_.starts_with("cuda"))
		give_up(problem);
	return retired;
}

// Until their device is changed, the CPU's engine does it for all of them.
void EngineProcess::give_up(const std::string &problem)
{
	blog(LOG_WARNING, "[background-matting] %s failed %d times in a row: the CPU is used", device_.c_str(),
	     failures_);
	for (const auto &[id, session] : std::exchange(sessions_, {}))
		session->fall_back(last_words_.empty() ? problem : last_words_ + ".");
	// Whoever chooses the device anew begins anew.
	failures_ = 0;
	delay_ = {};
	set_problem({});
}

} // namespace matting
