// SPDX-License-Identifier: GPL-2.0-or-later
#include "program.hpp"

#include "golden.hpp"

#include <algorithm>
#include <cerrno>
#include <fstream>

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace matting {
namespace {

[[noreturn]] void become_program(const std::vector<std::string> &arguments, const Circumstances &circumstances)
{
	if (circumstances.max_file_bytes) {
		const rlimit limit{*circumstances.max_file_bytes, *circumstances.max_file_bytes};
		setrlimit(RLIMIT_FSIZE, &limit);
	}
	const std::string program = circumstances.program.empty() ? MATTING_PROGRAM : circumstances.program;
	std::vector<char *> pointers{const_cast<char *>(program.c_str())};
	for (const std::string &argument : arguments)
		pointers.push_back(const_cast<char *>(argument.c_str()));
	pointers.push_back(nullptr);
	execv(program.c_str(), pointers.data());
	_exit(127);
}

// Until both are closed. A terminal whose last writer is gone reads as an error.
void read_both(int out, int err, ProgramRun &run)
{
	std::array<pollfd, 2> waiting{pollfd{out, POLLIN, 0}, pollfd{err, POLLIN, 0}};
	const std::array texts{&run.output, &run.errors};
	while (waiting[0].fd >= 0 || waiting[1].fd >= 0) {
		poll(waiting.data(), waiting.size(), -1);
		for (size_t i = 0; i < waiting.size(); i++) {
			if (waiting[i].fd < 0 || waiting[i].revents == 0)
				continue;
			std::array<char, 4096> block;
			const ssize_t count = read(waiting[i].fd, block.data(), block.size());
			if (count > 0)
				texts[i]->append(block.data(), static_cast<size_t>(count));
			else
				close(std::exchange(waiting[i].fd, -1));
		}
	}
}

} // namespace

ProgramRun run_program(const std::vector<std::string> &arguments, const Circumstances &circumstances)
{
	int out[2], err[2];
	EXPECT_EQ(pipe2(out, O_CLOEXEC), 0);
	const bool opened = circumstances.on_terminal ? openpty(&err[0], &err[1], nullptr, nullptr, nullptr) == 0
						      : pipe2(err, O_CLOEXEC) == 0;
	EXPECT_TRUE(opened);
	const pid_t process = fork();
	if (process == 0) {
		dup2(out[1], STDOUT_FILENO);
		dup2(err[1], STDERR_FILENO);
		close(err[0]);
		close(err[1]);
		become_program(arguments, circumstances);
	}
	close(out[1]);
	close(err[1]);
	if (circumstances.meanwhile)
		circumstances.meanwhile(process);
	ProgramRun run;
	read_both(out[0], err[0], run);
	int status = 0;
	waitpid(process, &status, 0);
	run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return run;
}

testing::Matcher<const ProgramRun &> fails_saying(const std::string &text)
{
	using namespace testing;
	return AllOf(Field("status", &ProgramRun::status, 1), Field("output", &ProgramRun::output, ""),
		     Field("errors", &ProgramRun::errors,
			   AllOf(StartsWith("background-matting: "), HasSubstr(text), EndsWith("\n"),
				 ResultOf(
					 [](const std::string &errors) {
						 return std::count(errors.begin(), errors.end(), '\n');
					 },
					 Eq(1)))));
}

testing::Matcher<const ProgramRun &> succeeds_quietly()
{
	using namespace testing;
	return AllOf(Field("status", &ProgramRun::status, 0), Field("output", &ProgramRun::output, ""),
		     Field("errors", &ProgramRun::errors, ""));
}

void PrintTo(const ProgramRun &run, std::ostream *stream)
{
	*stream << "exit " << run.status << ", output \"" << run.output << "\", errors \"" << run.errors << '"';
}

FolderTest::FolderTest()
	: folder_(std::filesystem::temp_directory_path() / ("matting-test-" + std::to_string(getpid())))
{
	std::filesystem::create_directories(folder_);
}

FolderTest::~FolderTest()
{
	std::filesystem::remove_all(folder_);
}

Circumstances FolderTest::without_parts(const std::string &tree) const
{
	const std::string folder = tree + "/bin/64bit/", program = path(folder + "background-matting");
	if (exists(folder))
		return {.program = program};
	std::filesystem::create_directories(path(folder));
	std::filesystem::copy_file(MATTING_PROGRAM, program);
	std::filesystem::create_symlink(project_root() / "data", path(tree + "/data"));
	return {.program = program};
}

std::vector<std::string> FolderTest::files() const
{
	std::vector<std::string> names;
	for (const auto &entry : std::filesystem::directory_iterator(folder_))
		names.push_back(entry.path().filename());
	std::sort(names.begin(), names.end());
	return names;
}

std::string read_file(const std::filesystem::path &path)
{
	std::ifstream stream(path, std::ios::binary);
	EXPECT_TRUE(stream) << path;
	return {std::istreambuf_iterator<char>(stream), {}};
}

void write_file(const std::filesystem::path &path, std::string_view bytes)
{
	std::ofstream(path, std::ios::binary) << bytes;
}

} // namespace matting
