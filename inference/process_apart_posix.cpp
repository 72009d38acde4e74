// SPDX-License-Identifier: GPL-2.0-or-later
#include "process_apart.hpp"

#include "error.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <exception>

#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace matting {
namespace {

constexpr char answered = 'a', failed = 'f'; // the first byte

bool write_all(int file, const std::string &text)
{
	size_t done = 0;
	for (ssize_t size; done < text.size(); done += static_cast<size_t>(size))
		if ((size = write(file, text.data() + done, text.size() - done)) <= 0)
			return false;
	return true;
}

[[noreturn]] void answer_and_end(int file, const std::function<std::string()> &action)
{
	std::string answer;
	try {
		answer = answered + action();
	} catch (const std::exception &error) {
		answer = failed + words_of(error);
	}
	_exit(write_all(file, answer) ? EXIT_SUCCESS : EXIT_FAILURE);
}

// False: not all of it is there in time.
bool read_all(int file, std::chrono::steady_clock::time_point deadline, std::string &text)
{
	while (std::chrono::steady_clock::now() < deadline) {
		constexpr int look_every = 100; // milliseconds
		pollfd waiting{file, POLLIN, 0};
		if (poll(&waiting, 1, look_every) <= 0)
			continue;
		char block[4096];
		const ssize_t size = read(file, block, sizeof block);
		if (size <= 0)
			return true;
		text.append(block, static_cast<size_t>(size));
	}
	return false;
}

Error ended(int status)
{
	if (!WIFSIGNALED(status))
		return Error("its process ended early");
	const int signal = WTERMSIG(status);
	return Error(std::string("its process was ended by the system: ") + strsignal(signal) +
		     (signal == SIGKILL ? " (is there enough memory?)" : ""));
}

} // namespace

ApartAnswer run_apart(const std::function<std::string()> &action, std::chrono::seconds patience)
{
	int ends[2];
	if (pipe(ends) != 0)
		throw Error("there are no file descriptors left");
	const pid_t parent = getpid(), child = fork();
	if (child < 0)
		throw Error("no process can be started");
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); // nobody waits for the answer of one whose parent was ended
		if (getppid() != parent)
			_exit(EXIT_FAILURE);
		close(ends[0]);
		answer_and_end(ends[1], action);
	}
	close(ends[1]);
	std::string text;
	const bool in_time = read_all(ends[0], std::chrono::steady_clock::now() + patience, text);
	close(ends[0]);
	if (!in_time) {
		kill(child, SIGKILL);
		waitpid(child, nullptr, WNOHANG); // one that hangs in a driver ends when that lets it go
		throw Error("it has not answered within " + std::to_string(patience.count()) + " seconds");
	}
	int status = 0;
	rusage usage{};
	wait4(child, &status, 0, &usage);
	if (status != 0 || text.empty())
		throw ended(status);
	if (text.front() == failed)
		throw Error(text.substr(1));
	return {text.substr(1), 1024 * static_cast<int64_t>(usage.ru_maxrss)};
}

} // namespace matting
