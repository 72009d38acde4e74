// SPDX-License-Identifier: GPL-2.0-or-later
// Landlock (linux/landlock.h), seccomp and limits; without one of them the others still hold.
#include "sandbox.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <link.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// Younger than the oldest headers that this is built with.
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif

namespace matting {
namespace {

constexpr uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t using_devices = reading | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_IOCTL_DEV;
constexpr uint64_t keeping_files = reading | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
				   LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE;
// What may be done to a file, and not only to a folder.
constexpr uint64_t to_files = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE |
			      LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |
			      LANDLOCK_ACCESS_FS_IOCTL_DEV;

std::system_error system_error(const char *what)
{
	return {errno, std::system_category(), what};
}

// 0: the kernel has none, or it is switched off.
int landlock_version()
{
	return std::max(
		0, static_cast<int>(syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION)));
}

// All that the kernel can forbid.
uint64_t known_rights()
{
	const int version = landlock_version();
	return version >= 5   ? 2 * LANDLOCK_ACCESS_FS_IOCTL_DEV - 1
	       : version >= 3 ? 2 * LANDLOCK_ACCESS_FS_TRUNCATE - 1
	       : version >= 2 ? 2 * LANDLOCK_ACCESS_FS_REFER - 1
			      : 2 * LANDLOCK_ACCESS_FS_MAKE_SYM - 1;
}

/// What is handled is forbidden, but where it is allowed.
class Ruleset {
public:
	explicit Ruleset(uint64_t handled) : handled_(handled & known_rights())
	{
		const landlock_ruleset_attr attributes{.handled_access_fs = handled_};
		descriptor_ = static_cast<int>(
			syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes.handled_access_fs, 0));
		if (descriptor_ < 0)
			throw system_error("making rules for files");
	}
	~Ruleset() { close(descriptor_); }
	Ruleset(const Ruleset &) = delete;
	Ruleset &operator=(const Ruleset &) = delete;

	/// There and below; of what does not exist nothing.
	void allow(const std::filesystem::path &path, uint64_t rights)
	{
		const int place = open(path.c_str(), O_PATH | O_CLOEXEC);
		if (place < 0)
			return;
		std::error_code ignored;
		if (!std::filesystem::is_directory(path, ignored))
			rights &= to_files;
		const landlock_path_beneath_attr rule{.allowed_access = rights & handled_, .parent_fd = place};
		const bool is_done =
			syscall(SYS_landlock_add_rule, descriptor_, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
		close(place);
		if (!is_done)
			throw system_error(path.c_str());
	}

	/// From now on, for this thread and those that it starts.
	void enforce() const
	{
		if (syscall(SYS_landlock_restrict_self, descriptor_, 0) != 0)
			throw system_error("keeping to rules for files");
	}

private:
	const uint64_t handled_;
	int descriptor_;
};

// Those that everybody uses, and graphics cards: neither disks nor cameras nor microphones.
std::vector<std::filesystem::path> devices()
{
	std::vector<std::filesystem::path> paths{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
	std::error_code error;
	for (std::filesystem::directory_iterator entry("/dev", error), end; !error && entry != end;
	     entry.increment(error))
		if (entry->path().filename().string().starts_with("nvidia"))
			paths.push_back(entry->path());
	return paths;
}

// Where libraries load their own parts from, later.
std::set<std::string> library_folders()
{
	std::set<std::string> folders;
	dl_iterate_phdr(
		[](dl_phdr_info *info, size_t, void *result) {
			const std::filesystem::path path = info->dlpi_name;
			if (path.is_absolute())
				static_cast<std::set<std::string> *>(result)->insert(path.parent_path());
			return 0;
		},
		&folders);
	return folders;
}

void restrict_files(const std::filesystem::path &backgrounds)
{
	Ruleset rules(~uint64_t{0});
	rules.allow("/", reading);
	for (const auto &device : devices())
		rules.allow(device, using_devices);
	if (!backgrounds.empty())
		rules.allow(backgrounds, keeping_files);
	rules.enforce();
}

void limit(__rlimit_resource resource, rlim_t most)
{
	rlimit now{};
	getrlimit(resource, &now);
	const rlim_t least = std::min(now.rlim_max, most);
	const rlimit limits{least, least};
	setrlimit(resource, &limits);
}

// What RLIMIT_DATA counts (proc(5)).
rlim_t data_pages()
{
	std::ifstream stream("/proc/self/statm");
	rlim_t pages = 0;
	for (int column = 0; column < 6; column++)
		stream >> pages;
	return pages;
}

void limit_resources(bool is_on_card)
{
	constexpr rlim_t gigabyte = rlim_t{1} << 30;
	limit(RLIMIT_CORE, 0);             // it would hold the room
	limit(RLIMIT_FSIZE, 2 * gigabyte); // the largest background takes 1
	signal(SIGXFSZ, SIG_IGN);          // writing then fails
	limit(RLIMIT_NOFILE, 1024);
	const auto page = static_cast<rlim_t>(sysconf(_SC_PAGESIZE));
	const rlim_t most = std::max(4 * gigabyte, static_cast<rlim_t>(sysconf(_SC_PHYS_PAGES)) * page / 2);
	if (!is_on_card && data_pages() * page < most) // sanitizers have reserved more than there is
		limit(RLIMIT_DATA, most);
}

// What programs do that are taken over, and this one never. Landlock alone does not guard owners, modes and attributes.
constexpr const char *forbidden_calls[] = {"accept",
					   "accept4",
					   "acct",
					   "add_key",
					   "bind",
					   "bpf",
					   "chmod",
					   "chown",
					   "chroot",
					   "clock_adjtime",
					   "clock_settime",
					   "connect",
					   "delete_module",
					   "execve",
					   "execveat",
					   "fchmodat",
					   "fchmodat2",
					   "fchown",
					   "fchownat",
					   "fanotify_init",
					   "finit_module",
					   "fork",
					   "fremovexattr",
					   "fsconfig",
					   "fsetxattr",
					   "fsmount",
					   "fsopen",
					   "futimesat",
					   "init_module",
					   "io_uring_enter",
					   "io_uring_register",
					   "io_uring_setup",
					   "kcmp",
					   "kexec_file_load",
					   "kexec_load",
					   "keyctl",
					   "kill",
					   "lchown",
					   "link",
					   "linkat",
					   "listen",
					   "lookup_dcookie",
					   "lremovexattr",
					   "lsetxattr",
					   "mknod",
					   "mknodat",
					   "mount",
					   "mount_setattr",
					   "move_mount",
					   "mq_open",
					   "msgget",
					   "name_to_handle_at",
					   "open_by_handle_at",
					   "open_tree",
					   "perf_event_open",
					   "personality",
					   "pidfd_getfd",
					   "pidfd_open",
					   "pidfd_send_signal",
					   "pivot_root",
					   "process_madvise",
					   "process_vm_readv",
					   "process_vm_writev",
					   "ptrace",
					   "quotactl",
					   "reboot",
					   "removexattr",
					   "request_key",
					   "rt_sigqueueinfo",
					   "rt_tgsigqueueinfo",
					   "semget",
					   "setdomainname",
					   "sethostname",
					   "setns",
					   "settimeofday",
					   "setxattr",
					   "shmat",
					   "shmget",
					   "socket",
					   "socketpair",
					   "swapoff",
					   "swapon",
					   "symlink",
					   "symlinkat",
					   "syslog",
					   "tkill",
					   "truncate",
					   "umount2",
					   "unshare",
					   "userfaultfd",
					   "utime",
					   "utimensat",
					   "utimes",
					   "vfork"};

void restrict_calls()
{
	const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_ALLOW), seccomp_release);
	if (!filter)
		throw std::bad_alloc();
	const auto require = [](int result) {
		if (result < 0)
			throw std::system_error(-result, std::system_category(), "making rules for system calls");
	};
	// Other threads of now too: a graphics card's driver has some.
	require(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1));
	require(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
	for (const char *name : forbidden_calls)
		if (const int call = seccomp_syscall_resolve_name(name); call != __NR_SCMP_ERROR)
			require(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0));
	// Threads are made, and signals sent, within this process only. What glibc asks of clone3 it then asks of clone, whose
	// arguments can be looked at.
	constexpr int clone_thread = 0x00010000;
	require(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
	require(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
				 SCMP_A0(SCMP_CMP_MASKED_EQ, clone_thread, 0)));
	require(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), SCMP_SYS(tgkill), 1,
				 SCMP_A0(SCMP_CMP_NE, static_cast<scmp_datum_t>(getpid()))));
	require(seccomp_load(filter.get()));
}

// Root's too, which see into other processes.
void give_up_privileges()
{
	__user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
	__user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || syscall(SYS_capset, &header, none) != 0)
		throw system_error("giving up privileges");
}

} // namespace

void enter_sandbox(const std::filesystem::path &backgrounds, bool is_on_card)
{
	give_up_privileges();
	limit_resources(is_on_card);
	if (landlock_version() > 0)
		restrict_files(backgrounds);
	else
		std::fputs("background-matting: this kernel has no Landlock: the engine could read and write files\n",
			   stderr);
	restrict_calls();
}

void forbid_reading(const std::filesystem::path &backgrounds)
{
	if (landlock_version() == 0)
		return;
	Ruleset rules(reading);
	for (const char *path : {"/usr", "/lib", "/lib64", "/etc", "/proc", "/sys"})
		rules.allow(path, reading);
	for (const std::string &folder : library_folders())
		rules.allow(folder, reading);
	for (const auto &device : devices())
		rules.allow(device, reading);
	if (!backgrounds.empty())
		rules.allow(backgrounds, reading);
	rules.enforce();
}

} // namespace matting
