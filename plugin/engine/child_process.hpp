// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace matting {

/// A program started by us. Thread-safety: none.
class ChildProcess {
public:
	/// Starts `program`. Of OBS's open files it gets `socket`, where Channel::inherited looks for it, and nothing else.
	/// Throws std::system_error.
	ChildProcess(const std::string &program, const std::vector<std::string> &arguments, int socket);
	~ChildProcess(); ///< as `reap`
	ChildProcess(const ChildProcess &) = delete;
	ChildProcess &operator=(const ChildProcess &) = delete;

	/// Waits until it has ended, killing it after `patience`, and says how it ended: "exit status 1", "signal 9 (Killed)", as a sentence. Who
	/// hangs in a driver cannot be killed, and is left alone after another while.
	std::string reap(std::chrono::milliseconds patience = std::chrono::seconds(1));
	/// How it has ended, as above, or empty where all was well; nothing while it runs. Does not wait. Not after `reap` or `kill`.
	std::optional<std::string> end();
	/// Whether somebody else has killed it: once it was reaped. False where that cannot be told.
	bool was_killed() const { return was_killed_; }
	/// Kills it and says whether it has ended. Does not wait: to be asked again.
	bool kill();
	/// What it has written to its outputs since the last call. Never blocks, nor does the program when nobody reads.
	std::string read_output();
	/// Whether somebody has stopped it, as SIGSTOP does: it does nothing until it is told to go on. False where that cannot be
	/// told.
	bool is_stopped() const;

private:
	int id_ = -1; // which is: it has ended, or was left alone
	int output_ = -1;
	bool was_killed_ = false;
};

} // namespace matting
