// SPDX-License-Identifier: GPL-2.0-or-later
// Starts, watches and restarts the engine, and brings its messages to the sessions.
#pragma once

#include "inference/protocol.hpp"

#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace matting {

class EngineSession;

/// The plugin's only mutex: held for moves and assignments, never across a call to libobs or a wait.
std::mutex &engine_mutex();

/// The engine of one device, shared by all filters; it runs while there are sessions.
/// Thread-safety: every member wants `engine_mutex` held; its own thread takes it.
class EngineProcess {
public:
	/// The one for that device. Lives until `stop_all`.
	static EngineProcess &of(const std::string &device);
	/// Ends all engines and joins their threads; takes the mutex itself. Sessions must be gone.
	static void stop_all();

	explicit EngineProcess(std::string device);
	~EngineProcess();
	EngineProcess(const EngineProcess &) = delete;
	EngineProcess &operator=(const EngineProcess &) = delete;

	void add(uint32_t id, EngineSession &session);
	void remove(uint32_t id);

	bool is_running() const { return is_running_; }
	/// Why it is not running, if that is known.
	const std::string &problem() const { return problem_; }

	/// Never blocks. Nothing is sent while the engine is not running: it is told everything when it is.
	void send(const Message &message, int handle = -1);

private:
	void run();
	std::string run_engine_once();
	std::string receive_all(const Channel &channel);
	void receive(const Message &message);
	void has_ended(const std::string &problem);

	const std::string device_;
	std::map<uint32_t, EngineSession *> sessions_;
	std::shared_ptr<const Channel> channel_; // while an engine is connected
	bool is_running_ = false;                // and has said hello
	bool is_stopping_ = false;
	std::string problem_;
	std::chrono::milliseconds delay_{};
	std::condition_variable changed_;
	std::thread thread_;
};

} // namespace matting
