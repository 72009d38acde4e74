// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.hpp"

#include "inference/matting.hpp"

#include <filesystem>

namespace matting {
namespace {

// Installed, the program lies in bin/64bit and the data in data; in a build tree the data is the source's.
std::filesystem::path models_folder()
{
	std::error_code ignored;
	const auto program = std::filesystem::read_symlink("/proc/self/exe", ignored);
	const auto installed = program.parent_path().parent_path().parent_path() / "data" / "models";
	return std::filesystem::is_directory(installed, ignored) ? installed : MATTING_SOURCE_DATA "/models";
}

} // namespace

std::string bundled_model()
{
	std::error_code ignored;
	std::filesystem::path first;
	for (const auto &entry : std::filesystem::directory_iterator(models_folder(), ignored))
		if (entry.path().extension() == ".pth" && (first.empty() || entry.path() < first))
			first = entry.path();
	if (first.empty())
		throw Error("no model is bundled: name one with --model");
	return first.string();
}

} // namespace matting
