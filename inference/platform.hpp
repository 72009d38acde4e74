// SPDX-License-Identifier: GPL-2.0-or-later
// What the program wants of the system it runs on, and each system has its own words for. Thread-safety: safe, unless it says
// otherwise.
#pragma once

#include <array>
#include <cstdio>
#include <filesystem>
#include <string>

namespace matting {

/// The file that runs. Empty: not known (on Linux, without /proc).
std::filesystem::path program_path();

/// A shared library, for good. Null: `library_problem` says why. `for_all`: libraries that come later find its functions.
void *load_library(const std::filesystem::path &path, bool for_all = false);
/// Whether the end of a library's file is missing, as after a full disk. To load it would end the program.
bool is_cut_off(const std::filesystem::path &library);
/// Null: it has none of that name.
void *find_function(void *library, const char *name);
/// Why this thread's last load failed.
std::string library_problem();
/// Whether there is one for NVIDIA's cards.
bool has_cuda_driver();

/// What these libraries are called here; of libcurl, one that is there is enough.
extern const char *const libtorch_cuda_name;
extern const std::array<const char *, 2> libcurl_names;

bool is_terminal(std::FILE *stream);

/// Before other threads: sets a variable of the environment that is not set.
void set_default_variable(const char *name, const char *value);
/// For `main`, before anything else.
void prepare_process();
/// To the system, what was freed and lies between what is in use: when much was, as after a model was made ready. Takes
/// milliseconds.
void give_back_freed_memory();
/// Before other threads: they would each keep the memory that they have freed.
void share_freed_memory();

} // namespace matting
