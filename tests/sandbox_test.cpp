// SPDX-License-Identifier: GPL-2.0-or-later
// Tries to get out of what the engine shuts itself into: Note [As little as it needs].
#include "engine_program.hpp"
#include "models.hpp"
#include "program.hpp"

#include "inference/input_file.hpp"
#include "inference/plate.hpp"
#include "inference/service/sandbox.hpp"

#include <cerrno>
#include <csignal>
#include <functional>
#include <sstream>
#include <thread>

#include <asm/sockios.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <torch/script.h>

namespace matting {
namespace {

using testing::HasSubstr;

/// What an attempt that must fail came to.
std::string outcome(long result, int expected)
{
	if (result >= 0)
		return "it succeeded";
	return errno == expected ? "" : std::string("it failed because of: ") + std::strerror(errno);
}

class Sandbox : public FolderTest {
protected:
	Sandbox()
	{
		std::filesystem::create_directory(path("backgrounds"));
		write_file(path("secret.txt"), "the user's secret");
		write_file(path("backgrounds/own.txt"), "a background");
	}

	bool guards_files() const
	{
		return syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) > 0;
	}

	/// What `attempt` says, in a process in the sandbox, on the thread that reads files.
	std::string inside(const std::function<std::string()> &attempt)
	{
		int ends[2];
		EXPECT_EQ(pipe(ends), 0);
		const pid_t process = fork();
		if (process == 0) {
			std::string said;
			try {
				enter_sandbox(path("backgrounds"), /*is_on_card=*/false);
				forbid_reading(path("backgrounds"), false);
				said = attempt();
			} catch (const std::exception &error) {
				said = error.what();
			}
			const bool is_told = write(ends[1], said.data(), said.size()) >= 0;
			_exit(is_told ? 0 : 1);
		}
		close(ends[1]);
		std::string said;
		char part[1024];
		for (ssize_t size; (size = read(ends[0], part, sizeof part)) > 0;)
			said.append(part, static_cast<size_t>(size));
		close(ends[0]);
		int status = 0;
		waitpid(process, &status, 0);
		return status == 0 ? said : said + " (it ended with status " + std::to_string(status) + ")";
	}

	/// One that ends with an error of that number.
	void expect_failure(const char *what, int expected, const std::function<long()> &attempt)
	{
		EXPECT_EQ(inside([&] { return outcome(attempt(), expected); }), "") << what;
	}
};

TEST_F(Sandbox, HasNoNetwork)
{
	for (const int family : {AF_INET, AF_INET6, AF_UNIX, AF_NETLINK})
		expect_failure("socket", EPERM, [=] { return socket(family, SOCK_STREAM, 0); });
	int pair[2];
	expect_failure("socketpair", EPERM, [&] { return socketpair(AF_UNIX, SOCK_STREAM, 0, pair); });
}

TEST_F(Sandbox, StartsNoProgramAndNoProcessButThreads)
{
	char *const arguments[] = {const_cast<char *>("true"), nullptr};
	expect_failure("exec", EPERM, [&] { return execve("/bin/true", arguments, environ); });
	expect_failure("fork", EPERM, [] { return fork(); });
	expect_failure("vfork", EPERM, [] { return syscall(SYS_vfork); });
	expect_failure("posix_spawn", EPERM, [&] {
		pid_t process;
		errno = posix_spawn(&process, "/bin/true", nullptr, nullptr, arguments, environ);
		return errno ? -1 : 0;
	});
	EXPECT_EQ(inside([] {
			  std::string said;
			  std::thread([&] { said = "a thread ran"; }).join();
			  return said;
		  }),
		  "a thread ran");
}

TEST_F(Sandbox, ReachesNoOtherProcess)
{
	const pid_t other = getpid();
	expect_failure("kill", EPERM, [=] { return kill(other, 0); });
	expect_failure("tgkill", EPERM, [=] { return syscall(SYS_tgkill, other, other, 0); });
	expect_failure("ptrace", EPERM, [=] { return ptrace(PTRACE_SEIZE, other, nullptr, nullptr); });
	char here[8];
	const iovec to{here, sizeof here}, from{&here, sizeof here};
	expect_failure("process_vm_readv", EPERM, [&] { return process_vm_readv(other, &to, 1, &from, 1, 0); });
	rlimit none{};
	expect_failure("limits", EPERM, [&] { return prlimit(other, RLIMIT_NOFILE, &none, nullptr); });
	expect_failure("nice", EPERM, [=] { return setpriority(PRIO_PROCESS, static_cast<id_t>(other), 19); });
	const sched_param idle{};
	expect_failure("scheduler", EPERM, [&] { return sched_setscheduler(other, SCHED_IDLE, &idle); });
	int ends[2]; // whoever writes there would send a signal
	ASSERT_EQ(pipe(ends), 0);
	expect_failure("a file's owner", EPERM, [&] { return fcntl(ends[0], F_SETOWN, other); });
	expect_failure("the same", EPERM, [&] { return ioctl(ends[0], FIOSETOWN, &other); });
	expect_failure("a file's signal", EPERM, [&] { return fcntl(ends[0], F_SETSIG, SIGKILL); });
	close(ends[0]);
	close(ends[1]);
	EXPECT_EQ(inside([] {
			  signal(SIGUSR1, SIG_IGN);
			  return raise(SIGUSR1) == 0 ? "" : "it cannot signal itself";
		  }),
		  "");
}

TEST_F(Sandbox, WritesNothingButBackgrounds)
{
	if (!guards_files())
		GTEST_SKIP() << "this kernel has no Landlock";
	const std::string secret = path("secret.txt"), own = path("backgrounds/own.txt");
	std::filesystem::create_symlink("../secret.txt", path("backgrounds/way_out.txt"));
	const auto opening = [](const std::string &name, int flags) {
		return [=] {
			return open(name.c_str(), flags | O_CLOEXEC, 0600);
		};
	};
	expect_failure("a new file", EACCES, opening(path("new.txt"), O_WRONLY | O_CREAT));
	expect_failure("a new file above", EACCES, opening(path("backgrounds/../new.txt"), O_WRONLY | O_CREAT));
	expect_failure("an old file", EACCES, opening(secret, O_WRONLY));
	expect_failure("an old file, emptied", EACCES, opening(secret, O_WRONLY | O_TRUNC));
	expect_failure("through a link", EACCES, opening(path("backgrounds/way_out.txt"), O_WRONLY));
	expect_failure("truncate", EPERM, [&] { return truncate(secret.c_str(), 0); });
	expect_failure("remove", EACCES, [&] { return unlink(secret.c_str()); });
	expect_failure("mkdir", EACCES, [&] { return mkdir(path("folder").c_str(), 0700); });
	const auto renaming = [](const std::string &from, const std::string &to) {
		return [=] {
			const long result = rename(from.c_str(), to.c_str());
			errno = errno == EXDEV ? EACCES : errno; // what old kernels say
			return result;
		};
	};
	expect_failure("rename out", EACCES, renaming(own, path("out.txt")));
	expect_failure("rename in", EACCES, renaming(secret, path("backgrounds/in")));
	expect_failure("link", EPERM, [&] { return link(secret.c_str(), path("backgrounds/in").c_str()); });
	expect_failure("symlink", EPERM, [&] { return symlink(secret.c_str(), path("backgrounds/in").c_str()); });
	expect_failure("chmod", EPERM, [&] { return chmod(secret.c_str(), 0777); });
	expect_failure("a device", EACCES, opening("/dev/tty", O_RDWR));
	EXPECT_EQ(read_file(secret), "the user's secret");
	EXPECT_EQ(files(), (std::vector<std::string>{"backgrounds", "secret.txt"}));

	Bitmap plate(32, 16);
	EXPECT_EQ(inside([&] {
			  write_plate(path("backgrounds/plate.png"), plate.picture());
			  return "";
		  }),
		  "");
	EXPECT_EQ(read_plate(path("backgrounds/plate.png")).pixels, plate.pixels);
}

TEST_F(Sandbox, ReadsNothingOfTheUsersButWhatIsOpenAlready)
{
	if (!guards_files())
		GTEST_SKIP() << "this kernel has no Landlock";
	std::filesystem::create_symlink("../secret.txt", path("backgrounds/way_out.txt"));
	const std::string environment = "/proc/" + std::to_string(getpid()) + "/environ";
	for (const std::string &name : {path("secret.txt"), path("backgrounds/way_out.txt"), environment})
		expect_failure(name.c_str(), EACCES, [&] { return open(name.c_str(), O_RDONLY | O_CLOEXEC); });
	const InputFile given(path("secret.txt"));
	EXPECT_EQ(inside([&] { return given.read_all(100); }), "the user's secret");
	EXPECT_EQ(inside([&] { return InputFile(path("backgrounds/own.txt")).read_all(100); }), "a background");
	EXPECT_EQ(inside([&] { return std::ifstream("/proc/self/status") ? "" : "the system's own files are needed"; }),
		  "");
}

// What a network that LibTorch runs could do.
TEST_F(Sandbox, KeepsAHostileModelFromReading)
{
	if (!guards_files())
		GTEST_SKIP() << "this kernel has no Landlock";
	torch::jit::Module hostile("hostile");
	hostile.define(R"(
def read(self, path: str):
    return torch.from_file(path, False, 17, dtype=0)
)");
	const auto read = [&] {
		const at::Tensor bytes = hostile.get_method("read")({path("secret.txt")}).toTensor();
		return std::string(static_cast<const char *>(bytes.const_data_ptr()), 17);
	};
	EXPECT_EQ(read(), "the user's secret") << "outside it can";
	EXPECT_THAT(inside(read), HasSubstr("Permission denied"));
}

TEST_F(Sandbox, LimitsMemoryAndLeavesNoCore)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
	GTEST_SKIP() << "sanitizers reserve more memory than there is";
#endif
	EXPECT_EQ(inside([] {
			  rlimit core{}, data{};
			  getrlimit(RLIMIT_CORE, &core);
			  getrlimit(RLIMIT_DATA, &data);
			  if (core.rlim_max != 0 || data.rlim_max == RLIM_INFINITY)
				  return "it has no limits";
			  void *much = std::malloc(data.rlim_cur + (1 << 20));
			  return much ? "it can have more" : "";
		  }),
		  "");
}

class ShutInEngine : public EngineProgram {
protected:
	void prepare()
	{
		expect(MessageKind::hello);
		load(difference_model());
		share_frames(64, 48);
	}

	void capture_to(const std::filesystem::path &png)
	{
		begin_capture(png);
		send_frame(0, 1);
	}
};

TEST_F(ShutInEngine, IsSoOnEveryThread)
{
	prepare();
	capture_to(folder_ / "plate.png");
	expect(MessageKind::captured);
	send_frame(0, 2);
	expect(MessageKind::done); // with all threads that it has
	int threads = 0;
	for (const auto &entry : std::filesystem::directory_iterator("/proc/" + std::to_string(process_) + "/task")) {
		const std::string status = read_file(entry.path() / "status");
		EXPECT_THAT(status, HasSubstr("NoNewPrivs:\t1"));
		EXPECT_THAT(status, HasSubstr("Seccomp:\t2"));
		threads++;
	}
	EXPECT_GE(threads, 2);
	EXPECT_EQ(read_file("/proc/" + std::to_string(process_) + "/oom_score_adj"), "500\n");
}

TEST_F(ShutInEngine, KeepsBackgroundsOnlyWhereTheyBelong)
{
	const auto elsewhere = folder_.string() + "-elsewhere";
	std::filesystem::create_directory(elsewhere);
	prepare();
	capture_to(elsewhere + "/plate.png");
	const Message reply = expect(MessageKind::failed);
	EXPECT_THAT(in_english(reply.text), HasSubstr("cannot write " + elsewhere + "/plate.png"));
	EXPECT_TRUE(std::filesystem::is_empty(elsewhere));
	// Chosen by the user, it can be anywhere.
	Bitmap plate(64, 48);
	write_plate(elsewhere + "/chosen.png", plate.picture());
	ASSERT_TRUE(send(MessageKind::set_background, elsewhere + "/chosen.png"));
	send_frame(0, 2);
	expect(MessageKind::done);
	std::filesystem::remove_all(elsewhere);
}

} // namespace
} // namespace matting
