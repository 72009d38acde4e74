// SPDX-License-Identifier: GPL-2.0-or-later
// Parts of the program in shared libraries beside it, so that the program runs where what they need is not installed.
#pragma once

#include <filesystem>
#include <string>

/// Before a part's entry: it can be found from outside, and is all that can.
#ifdef _WIN32
#define MATTING_PART_ENTRY extern "C" __declspec(dllexport)
#else
#define MATTING_PART_ENTRY extern "C" __attribute__((visibility("default")))
#endif

namespace matting {

/// Where the program lies, and its parts. Throws Error: that cannot be found out.
std::filesystem::path program_folder();

struct ProgramPart {
	std::string name;  ///< for users: "the CUDA part of the engine"; see Note [Sentences]
	const char *file;  ///< of the library
	const char *entry; ///< its only C symbol: void *entry(const char *interface); null for one that is not its own
	const char *interface; ///< what program and library must agree on
	std::string way_out;   ///< what to do without it, the same
};

/// Loads it, for good, and returns what `entry` gives. Throws Error: it is not installed, cannot be loaded, or is of another
/// release.
const void *load_part(const ProgramPart &part);

} // namespace matting
