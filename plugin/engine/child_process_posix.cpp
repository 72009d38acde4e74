// SPDX-License-Identifier: GPL-2.0-or-later
// posix_spawn and not Boost.Process: that one forks, and a fork of OBS copies the page tables of everything the graphics
// driver has mapped, then runs C++ in a child that has only one of OBS's threads.
#include "child_process.hpp"

#include "inference/wire/protocol.hpp"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

namespace matting {
namespace {

constexpr auto last_patience = std::chrono::seconds(5); // with who was killed

struct FileActions {
	posix_spawn_file_actions_t value;
	FileActions() { posix_spawn_file_actions_init(&value); }
	~FileActions() { posix_spawn_file_actions_destroy(&value); }
};

struct Attributes {
	posix_spawnattr_t value;
	Attributes() { posix_spawnattr_init(&value); }
	~Attributes() { posix_spawnattr_destroy(&value); }
};

// OBS's blocked and ignored signals are no business of the engine's.
void reset_signals(Attributes &attributes)
{
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	posix_spawnattr_setsigmask(&attributes.value, &none);
	posix_spawnattr_setsigdefault(&attributes.value, &all);
	posix_spawnattr_setflags(&attributes.value, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

// LibTorch's OpenMP threads would spin while they wait for each other, on cores that OBS needs: frames on busy cores then take
// several times as long. The runtime reads this when it is loaded, so the engine cannot set it for itself.
std::vector<char *> engine_environment()
{
	static char wait_policy[] = "OMP_WAIT_POLICY=passive";
	std::vector<char *> variables;
	for (char **variable = environ; *variable; variable++)
		variables.push_back(*variable);
	if (!std::getenv("OMP_WAIT_POLICY"))
		variables.push_back(wait_policy);
	variables.push_back(nullptr);
	return variables;
}

} // namespace

// MKL aborts a program whose working folder was deleted. Where it was not, the engine has OBS's: a portable one has relative paths.
static void leave_deleted_folder(FileActions &actions)
{
	std::error_code ignored;
	if (std::filesystem::current_path(ignored).empty())
		posix_spawn_file_actions_addchdir_np(&actions.value, "/");
}

// The reading end first, which does not block. The other one does not, either: who writes more than is read loses it.
static std::pair<int, int> output_pipe()
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
		throw std::system_error(errno, std::system_category(), "making a pipe");
	return {ends[0], ends[1]};
}

ChildProcess::ChildProcess(const std::string &program, const std::vector<std::string> &arguments, int socket)
{
	FileActions actions;
	leave_deleted_folder(actions);
	posix_spawn_file_actions_addopen(&actions.value, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	const auto [reading, writing] = output_pipe();
	output_ = reading;
	// A copy first: `writing` may be where the socket goes, and `socket` may be what is written over.
	const int high = fcntl(writing, F_DUPFD_CLOEXEC, engine_socket + 1);
	close(writing);
	posix_spawn_file_actions_adddup2(&actions.value, socket, engine_socket);
	posix_spawn_file_actions_adddup2(&actions.value, high, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions.value, high, STDERR_FILENO);
	posix_spawn_file_actions_addclosefrom_np(&actions.value, engine_socket + 1);
	Attributes attributes;
	reset_signals(attributes);

	std::vector<char *> argv{const_cast<char *>(program.c_str())};
	for (const std::string &argument : arguments)
		argv.push_back(const_cast<char *>(argument.c_str()));
	argv.push_back(nullptr);
	pid_t id;
	const int error = posix_spawn(&id, program.c_str(), &actions.value, &attributes.value, argv.data(),
				      engine_environment().data());
	close(high);
	if (error) {
		close(output_);
		throw std::system_error(error, std::system_category(), program);
	}
	id_ = id;
	// Its threads will have it, too. A frame that OBS loses is worse than a matte that is late.
	setpriority(PRIO_PROCESS, static_cast<id_t>(id), 5);
}

ChildProcess::~ChildProcess()
{
	reap();
	close(output_);
}

std::string ChildProcess::read_output()
{
	std::string output;
	std::array<char, 1024> part;
	ssize_t size;
	while (output.size() < 65536 && (size = read(output_, part.data(), part.size())) > 0)
		output.append(part.data(), static_cast<size_t>(size));
	return output;
}

bool ChildProcess::is_stopped() const
{
	siginfo_t state{};
	return id_ >= 0 && waitid(P_PID, static_cast<id_t>(id_), &state, WSTOPPED | WNOHANG | WNOWAIT) == 0 &&
	       state.si_pid == id_;
}

bool ChildProcess::kill()
{
	if (id_ < 0)
		return true;
	::kill(id_, SIGKILL);
	if (waitpid(id_, nullptr, WNOHANG) == 0)
		return false;
	id_ = -1;
	return true;
}

static std::string words_of_end(int status)
{
	if (!WIFSIGNALED(status))
		return Error::sentence("end.exit", "exit status {}", WEXITSTATUS(status));
	const char *name = sigdescr_np(WTERMSIG(status));
	return Error::sentence("end.signal", "signal {} ({})", WTERMSIG(status), name ? name : "?");
}

std::optional<std::string> ChildProcess::end()
{
	int status = 0;
	if (id_ < 0 || waitpid(id_, &status, WNOHANG) == 0)
		return std::nullopt;
	id_ = -1;
	return status == 0 ? std::string() : words_of_end(status);
}

std::string ChildProcess::reap(std::chrono::milliseconds patience)
{
	if (id_ < 0)
		return {};
	int status = 0;
	bool is_ours = false; // the signal
	const auto end = std::chrono::steady_clock::now() + patience;
	const int id = std::exchange(id_, -1);
	while (waitpid(id, &status, WNOHANG) == 0) {
		const auto now = std::chrono::steady_clock::now();
		if (now >= end + last_patience)
			return Error::sentence("end.not_killed", "it cannot be killed");
		if (now >= end)
			is_ours = ::kill(id, SIGKILL) == 0;
		std::this_thread::sleep_for(std::chrono::milliseconds(2));
	}
	const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
	was_killed_ = !is_ours && (signal == SIGKILL || signal == SIGTERM);
	return words_of_end(status);
}

} // namespace matting
