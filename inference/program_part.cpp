// SPDX-License-Identifier: GPL-2.0-or-later
#include "program_part.hpp"

#include "error.hpp"
#include "platform.hpp"

namespace matting {

std::filesystem::path program_folder()
{
	const auto program = program_path();
	if (program.empty())
		throw Error("engine.no_proc",
			    "the program cannot find its own folder: /proc is not mounted (mount -t proc proc /proc)");
	return program.parent_path();
}

const void *load_part(const ProgramPart &part)
{
	const auto folder = program_folder();
	const auto path = folder / part.file;
	if (!std::filesystem::exists(path))
		throw Error("engine.part_missing",
			    "{} is not installed: there is no {} in {}; install it (the README says how), or {}",
			    part.name, part.file, folder.string(), part.way_out);
	const bool is_damaged = is_cut_off(path);
	void *library = is_damaged ? nullptr : load_library(path);
	if (!library)
		throw Error("engine.part_broken", "{} cannot be loaded: {}; install the plugin again, or {}", part.name,
			    is_damaged ? Error::sentence("engine.part_cut_off", "its file is cut off")
				       : library_problem(),
			    part.way_out);
	const auto entry = reinterpret_cast<const void *(*)(const char *)>(find_function(library, part.entry));
	const void *backend = entry ? entry(part.interface) : nullptr;
	if (!backend)
		throw Error("engine.part_other_release", "{} is not of this release: install the plugin again, or {}",
			    path.string(), part.way_out);
	return backend;
}

} // namespace matting
