// SPDX-License-Identifier: GPL-2.0-or-later
// Landlock (linux/landlock.h).
#include "sandbox.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <set>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <link.h>
#include <linux/landlock.h>
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

int landlock_version()
{
	return std::max(
		0, static_cast<int>(syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION)));
}

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

// What a graphics card's driver opens later: it keeps events that processes share in files there, whose names it makes up.
void allow_card(Ruleset &rules)
{
	rules.allow("/dev/shm", LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE);
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

} // namespace

void forbid_writing(const std::filesystem::path &backgrounds, bool is_on_card)
{
	if (landlock_version() == 0) {
		std::fputs("background-matting: this kernel has no Landlock: the engine could read and write files\n",
			   stderr);
		return;
	}
	Ruleset rules(~uint64_t{0});
	rules.allow("/", reading);
	for (const auto &device : devices())
		rules.allow(device, using_devices);
	if (!backgrounds.empty())
		rules.allow(backgrounds, keeping_files);
	if (is_on_card)
		allow_card(rules);
	rules.enforce();
}

void forbid_reading(const std::filesystem::path &backgrounds, bool is_on_card)
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
	if (is_on_card)
		allow_card(rules);
	rules.enforce();
}

} // namespace matting
