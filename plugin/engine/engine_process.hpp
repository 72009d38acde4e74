// SPDX-License-Identifier: GPL-2.0-or-later
// Starts, watches and restarts the engine, and brings its messages to the sessions.
#pragma once

#include "restarts.hpp"

#include "plugin/frames/frame_memory.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace matting {

class ChildProcess;
class EngineSession;

/// The mutex of engines and sessions: held for moves, assignments, sending and lines in the log, all of which are short; never across a
/// wait, nor across a call to libobs that could take a lock which is held around calls of ours.
std::mutex &engine_mutex();

/// Where the engine lies: beside the module, whatever links lead there.
std::filesystem::path engine_folder();

/// Where captures are kept, whether there is such a folder or not. Empty: OBS has no place for it.
std::string captures_folder();

/// The same, the only folder that engines write to: another one, once it was deleted and made anew.
struct FolderOfCaptures {
	std::string path;
	uint64_t device = 0, number = 0; ///< the system's
	/// Made if it is missing: not for the graphics thread, which waits for no disk. Throws std::runtime_error, in words: it
	/// cannot be had.
	static FolderOfCaptures now();
	friend bool operator==(const FolderOfCaptures &, const FolderOfCaptures &) = default;
};

/// In milliseconds.
struct FrameTimes {
	double all = 0;     ///< one of each filter: they wait for each other
	double longest = 0; ///< of one filter
};

/// The engine of one device, shared by all filters; it runs while there are sessions.
/// Thread-safety: every member wants `engine_mutex` held; its own thread takes it.
class EngineProcess {
public:
	/// The one for that device. Lives until `stop_all`. Throws std::runtime_error after that, or when no thread can be had.
	static EngineProcess &of(const std::string &device);
	/// From now on there may be engines.
	static void allow();
	/// Ends all engines and joins their threads; takes the mutex itself. Sessions that are left have none from now on.
	static void stop_all();

	explicit EngineProcess(std::string device);
	~EngineProcess();
	EngineProcess(const EngineProcess &) = delete;
	EngineProcess &operator=(const EngineProcess &) = delete;

	void add(uint32_t id, EngineSession &session);
	void remove(uint32_t id);

	bool is_running() const { return is_running_; }
	/// Why it is not running, if that is known. Of one that has failed again and again: why, also while it is tried again.
	const std::string &problem() const { return problem_; }
	/// Whether it is that of a graphics card and has failed again and again, without a matte since.
	bool has_failed() const { return has_failed_; }
	/// How often that has changed.
	uint64_t problems() const { return problems_; }

	/// Ends the engine at once, for this reason; then it is started again.
	void end(const std::string &why);
	/// Since it was started or, once it has said hello, since it last was told or said something; 0 without an engine.
	uint64_t silence_ns() const;
	/// Whether it has reason to be silent for long.
	bool may_take_long() const;
	/// Whether somebody has stopped it: then there is none.
	bool is_stopped() const;

	/// What frames usually take.
	FrameTimes frame_times() const;
	/// When the engine last said something; 0: nothing yet.
	uint64_t answered_ns() const { return answered_ns_; }
	/// Whether it may write to that folder: it has the one that was there when it was started.
	bool knows(const FolderOfCaptures &folder) const { return folder == folder_; }

	/// Never blocks. Nothing is sent while the engine is not running: it is told everything when it is.
	void send(const Message &message);
	/// The same for set_frames and close. `retired`, which may be null, is what the engine is to close; it lives on
	/// until the engine has answered.
	void send(const Message &message, std::shared_ptr<const FrameMemory> retired, int handle = -1);
	/// In each of OBS's ticks, of every session.
	void tick();
	/// Whether the log is to have one more line of what this engine says: one that somebody has taken over may say much.
	bool may_log();

private:
	/// What is to be sent; the handle is that of memory which somebody keeps until it is answered.
	struct Unsent {
		Message message;
		int handle;
	};

	void deliver(const Message &message, int handle = -1);
	void flush();
	EngineSession *find(uint32_t id) const;

	using Retired = std::deque<std::shared_ptr<const FrameMemory>>;

	void run() noexcept;
	bool run_and_wait();
	void recover() noexcept;
	std::string run_engine_once();
	std::string attend(const std::shared_ptr<const Channel> &channel, const FolderOfCaptures &folder,
			   ChildProcess &child);
	std::string receive_all(const Channel &channel, ChildProcess &child);
	std::string end_of(ChildProcess &child);
	void listen(ChildProcess &child);
	void judge(std::chrono::duration<double> ran);
	void finish_capture(const Message &message);
	static void remove_unfinished(const std::string &file);
	std::shared_ptr<const FrameMemory> receive(const Message &message);
	void say_hello(const Message &message);
	void set_problem(const std::string &problem, bool has_failed = false);
	void has_ended(const std::string &problem);
	void let_go(const std::string &problem, Retired &retired);

	const std::string device_;
	std::map<uint32_t, EngineSession *> sessions_;
	std::shared_ptr<const Channel> channel_; // while an engine is connected
	const ChildProcess *child_ = nullptr;    // the same
	bool is_running_ = false;                // and has said hello
	bool is_stopping_ = false;
	bool is_left_ = false; // it is to end, because its last session has gone
	std::string problem_;
	bool has_failed_ = false;
	uint64_t problems_ = 0;
	std::string last_words_; // the engine's, or ours, about why it ends
	bool must_die_ = false;  // at once: it does not listen
	uint64_t heard_ns_ = 0;  // when something was said, by it or to it
	uint64_t answered_ns_ = 0;
	uint64_t ticked_ns_ = 0;
	std::deque<Unsent> unsent_;
	FolderOfCaptures folder_;
	std::set<std::string> unfinished_; // captures that were asked of it, as it calls their files
	bool has_matted_ = false;          // since it was started
	Restarts restarts_;
	// Of its thread.
	std::string output_; // what the engine has written, without the lines that are in the log
	std::string last_line_;
	int logged_lines_ = 0;
	bool was_killed_ = false; // by somebody else
	Retired retired_;         // one for each set_frames and close that is not answered yet
	std::condition_variable changed_;
	std::thread thread_;
};

} // namespace matting
