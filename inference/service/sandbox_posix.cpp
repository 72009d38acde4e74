// SPDX-License-Identifier: GPL-2.0-or-later
// Limits and seccomp. What Landlock forbids is in sandbox_files_posix.cpp; without one of them the others still hold.
#include "sandbox.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <memory>
#include <system_error>

#include <asm/sockios.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace matting {
namespace {

std::system_error system_error(const char *what)
{
	return {errno, std::system_category(), what};
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

// Where memory runs out, the kernel is to end this process and not OBS.
void go_first()
{
	std::ofstream("/proc/self/oom_score_adj") << 500;
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
constexpr std::array forbidden_calls{"accept",
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
				     "ioprio_set",
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
				     "sched_setattr",
				     "sched_setparam",
				     "sched_setscheduler",
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

void require(int result)
{
	if (result < 0)
		throw std::system_error(-result, std::system_category(), "making rules for system calls");
}

// Threads are made, signals sent and limits set within this process only. What glibc asks of clone3 it then asks of clone, whose
// arguments can be looked at.
void forbid_by_argument(scmp_filter_ctx filter)
{
	const auto forbid = [=](int call, const scmp_arg_cmp &arguments) {
		require(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 1, arguments));
	};
	constexpr int clone_thread = 0x00010000;
	require(seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0));
	forbid(SCMP_SYS(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, clone_thread, 0));
	forbid(SCMP_SYS(tgkill), SCMP_A0(SCMP_CMP_NE, static_cast<scmp_datum_t>(getpid())));
	forbid(SCMP_SYS(prlimit64), SCMP_A0(SCMP_CMP_NE, 0));
	forbid(SCMP_SYS(setpriority), SCMP_A1(SCMP_CMP_NE, 0));
	// A file can send signals, too, once it is told to whom. The kernel looks at 32 bits.
	constexpr scmp_datum_t low = 0xFFFFFFFF;
	for (const scmp_datum_t command : {F_SETOWN, F_SETOWN_EX, F_SETSIG})
		forbid(SCMP_SYS(fcntl), SCMP_A1(SCMP_CMP_MASKED_EQ, low, command));
	for (const scmp_datum_t request : {FIOSETOWN, SIOCSPGRP})
		forbid(SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, low, request));
}

void restrict_calls()
{
	const std::unique_ptr<void, decltype(&seccomp_release)> filter(seccomp_init(SCMP_ACT_ALLOW), seccomp_release);
	if (!filter)
		throw std::bad_alloc();
	// Other threads of now too: a graphics card's driver has some.
	require(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1));
	require(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
	for (const char *name : forbidden_calls)
		if (const int call = seccomp_syscall_resolve_name(name); call != __NR_SCMP_ERROR)
			require(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(EPERM), call, 0));
	forbid_by_argument(filter.get());
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
	go_first();
	give_up_privileges();
	limit_resources(is_on_card);
	forbid_writing(backgrounds, is_on_card);
	restrict_calls();
}

} // namespace matting
