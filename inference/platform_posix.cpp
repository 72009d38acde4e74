// SPDX-License-Identifier: GPL-2.0-or-later
#include "platform.hpp"

#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <system_error>

#include <dlfcn.h>
#include <elf.h>
#include <malloc.h>
#include <unistd.h>

namespace matting {

std::filesystem::path program_path()
{
	std::error_code ignored; // without /proc it is not known, and what lies beside it is not found
	return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

void *load_library(const std::filesystem::path &path, bool for_all)
{
	return dlopen(path.c_str(), RTLD_NOW | (for_all ? RTLD_GLOBAL : RTLD_LOCAL));
}

// What is mapped and not there is a signal, and no error of dlopen's.
bool is_cut_off(const std::filesystem::path &library)
{
	std::ifstream file(library, std::ios::binary);
	Elf64_Ehdr header{};
	if (!file.read(reinterpret_cast<char *>(&header), sizeof header) ||
	    std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0)
		return false; // of what is no library dlopen says so
	std::error_code ignored;
	const uint64_t size = std::filesystem::file_size(library, ignored);
	file.seekg(static_cast<std::streamoff>(header.e_phoff));
	Elf64_Phdr segment;
	for (int i = 0; i < header.e_phnum && file.read(reinterpret_cast<char *>(&segment), sizeof segment); i++)
		if (segment.p_type == PT_LOAD &&
		    (segment.p_offset > size || segment.p_filesz > size - segment.p_offset))
			return true;
	return false;
}

void *find_function(void *library, const char *name)
{
	return dlsym(library, name);
}

std::string library_problem()
{
	return dlerror();
}

bool has_cuda_driver()
{
	static const bool has = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL) != nullptr;
	return has;
}

const char *const libtorch_cuda_name = "libtorch_cuda.so";
const std::array<const char *, 2> libcurl_names{"libcurl.so.4", "libcurl-gnutls.so.4"};

bool is_terminal(std::FILE *stream)
{
	return isatty(fileno(stream)) != 0;
}

void set_default_variable(const char *name, const char *value)
{
	setenv(name, value, 0);
}

// Every frame's large tensors would otherwise be mapped, faulted in and unmapped again, at a third of the time. And a file that
// gets too large is an error, not the end.
void prepare_process()
{
	constexpr int bytes = 1 << 30;
	mallopt(M_MMAP_THRESHOLD, bytes);
	mallopt(M_TRIM_THRESHOLD, bytes);
	std::signal(SIGXFSZ, SIG_IGN);
}

void give_back_freed_memory()
{
	malloc_trim(0);
}

void share_freed_memory()
{
	mallopt(M_ARENA_MAX, 1);
}

} // namespace matting
