// SPDX-License-Identifier: GPL-2.0-or-later
// What has to be done before the libraries that the program links begin: they end it without a word that helps.
#include <cerrno>
#include <climits>
#include <string_view>

#include <sys/syscall.h>
#include <unistd.h>

namespace {

// MKL, which is in LibTorch, ends a program whose folder is gone. Neither the C library nor a sanitizer is ready yet: system calls
// alone.
__attribute__((no_sanitize("address", "thread", "undefined"))) void require_folder(int, char **, char **)
{
	constexpr std::string_view words =
		"background-matting: the folder that you are in is gone: change to another one\n";
	char folder[PATH_MAX];
	if (syscall(SYS_getcwd, folder, sizeof folder) > 0 || errno != ENOENT)
		return;
	syscall(SYS_write, STDERR_FILENO, words.data(), words.size());
	syscall(SYS_exit_group, 1);
}

[[gnu::section(".preinit_array"), gnu::used]] void (*const before_libraries)(int, char **, char **) = require_folder;

} // namespace
