// SPDX-License-Identifier: GPL-2.0-or-later
#include "engine_process.hpp"

#include "child_process.hpp"
#include "engine_session.hpp"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <obs-module.h>
#include <unistd.h>
#include <util/threading.h>

namespace matting {
namespace {

using namespace std::chrono_literals;

constexpr auto first_delay = 250ms; // before a restart; doubled each time
constexpr auto longest_delay = 4000ms;
constexpr auto long_enough = 10s; // an engine that ran so long starts the delays anew

std::map<std::string, std::unique_ptr<EngineProcess>> &processes()
{
	static std::map<std::string, std::unique_ptr<EngineProcess>> processes;
	return processes;
}

// The program lies beside the module.
std::string program_path()
{
	const std::filesystem::path module = obs_get_module_binary_path(obs_current_module());
	return (std::filesystem::absolute(module).parent_path() / "background-matting").string();
}

} // namespace

std::mutex &engine_mutex()
{
	static std::mutex mutex;
	return mutex;
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
	if (sessions_.empty() && channel_)
		channel_->shut_down();
}

void EngineProcess::send(const Message &message, int handle)
{
	// A full socket means that the engine does not read any more. It is ended and started anew.
	if (is_running_ && !channel_->send(message, handle))
		channel_->shut_down();
}

void EngineProcess::run()
{
	os_set_thread_name("background-matting");
	std::unique_lock lock(engine_mutex());
	while (!is_stopping_) {
		if (sessions_.empty()) {
			problem_.clear();
			delay_ = {};
			changed_.wait(lock);
			continue;
		}
		lock.unlock();
		const auto begin = std::chrono::steady_clock::now();
		const std::string problem = run_engine_once();
		const bool ran_well = std::chrono::steady_clock::now() - begin > long_enough;
		lock.lock();
		has_ended(problem);
		delay_ = ran_well ? first_delay : std::clamp(2 * delay_, first_delay, longest_delay);
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
		ChildProcess child(program_path(), {"serve", "--device", device_}, engines);
		other_end.reset(); // the child has it: now its death closes the connection
		{
			const std::lock_guard lock(engine_mutex());
			channel_ = channel;
			if (is_stopping_ || sessions_.empty())
				channel->shut_down();
		}
		const std::string objection = receive_all(*channel);
		channel->shut_down();
		const std::string end = child.reap();
		return objection.empty() ? fmt::format("The engine has ended ({}) and is started again.", end)
					 : objection;
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
				close(received->handle);
			const std::lock_guard lock(engine_mutex());
			receive(received->message);
		}
	} catch (const std::exception &error) {
		return fmt::format("The engine cannot be used: {}.", error.what());
	}
	return {};
}

void EngineProcess::receive(const Message &message)
{
	if (message.kind == MessageKind::hello) {
		blog(LOG_INFO, "[background-matting] engine started: %s", message.text);
		is_running_ = true;
		problem_.clear();
		for (const auto &[id, session] : sessions_)
			session->tell_everything();
		return;
	}
	if (message.kind < MessageKind::hello || message.kind > MessageKind::failed)
		throw std::runtime_error("it sent a message that only the plugin sends");
	const auto found = sessions_.find(message.session);
	if (found != sessions_.end()) // else it was closed in the meantime
		found->second->receive(message);
}

void EngineProcess::has_ended(const std::string &problem)
{
	channel_.reset();
	is_running_ = false;
	for (const auto &[id, session] : sessions_)
		session->engine_has_ended();
	if (is_stopping_ || sessions_.empty())
		return;
	if (problem != problem_)
		blog(LOG_WARNING, "[background-matting] %s", problem.c_str());
	problem_ = problem;
}

} // namespace matting
