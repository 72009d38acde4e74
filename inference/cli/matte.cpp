// SPDX-License-Identifier: GPL-2.0-or-later
#include "help.hpp"
#include "interruption.hpp"
#include "matte_arguments.hpp"
#include "matte_job.hpp"

#include "inference/atomic_file.hpp"
#include "inference/media/file_names.hpp"
#include "inference/media/formats.hpp"
#include "inference/platform.hpp"

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <memory>
#include <set>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace matting {
namespace {

using Path = std::filesystem::path;

// Of a folder, what lies in it beside notes and the like.
bool is_media_name(const Path &path)
{
	static const std::set<std::string> extensions{
		".apng", ".avi", ".avif", ".bmp", ".flv", ".gif", ".heic", ".heif", ".jpeg", ".jpg", ".m2ts", ".m4v",
		".mkv",  ".mov", ".mp4",  ".mpg", ".mts", ".mxf", ".png",  ".tif",  ".tiff", ".ts",  ".webm", ".webp"};
	std::string extension = path.extension().string();
	std::transform(extension.begin(), extension.end(), extension.begin(),
		       [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
	return extensions.contains(extension) && !path.filename().string().starts_with('.');
}

std::vector<Path> files_in(const Path &folder, const Path &background)
{
	std::vector<Path> files;
	std::error_code ignored, failure;
	for (const auto &entry : std::filesystem::directory_iterator(folder, failure))
		if (entry.is_regular_file(ignored) && is_media_name(entry.path()) &&
		    !std::filesystem::equivalent(entry.path(), background, ignored))
			files.push_back(entry.path());
	std::sort(files.begin(), files.end());
	if (failure)
		throw Error(fmt::format("cannot read {}: {}", folder.string(), failure.message()));
	if (files.empty())
		throw Error(fmt::format("cannot read {}: there is no picture or video in it", folder.string()));
	return files;
}

std::vector<Path> all_sources(const MatteArguments &arguments)
{
	std::vector<Path> sources;
	for (const Path path : arguments.sources) {
		std::error_code ignored;
		if (!std::filesystem::is_directory(path, ignored)) {
			sources.push_back(path);
			continue;
		}
		const auto files = files_in(path, arguments.background);
		sources.insert(sources.end(), files.begin(), files.end());
	}
	return sources;
}

bool names_folder(const Path &path)
{
	std::error_code ignored;
	return !path.has_filename() || std::filesystem::is_directory(path, ignored);
}

/// Folders for what is written; one that was made, and in which nothing came to lie, goes again.
class OutputFolders {
public:
	/// Throws Error.
	void make(const Path &path)
	{
		if (make_folder(path))
			made_.push_back(path);
	}
	OutputFolders() = default;
	OutputFolders(const OutputFolders &) = delete;
	OutputFolders &operator=(const OutputFolders &) = delete;
	~OutputFolders()
	{
		std::error_code ignored;
		for (const Path &path : made_)
			std::filesystem::remove(path.has_filename() ? path : path.parent_path(), ignored); // if empty
	}

private:
	std::vector<Path> made_;
};

void matte_all(MatteJob &job, const std::vector<Path> &sources)
{
	size_t failures = 0;
	for (const Path &source : sources) {
		try {
			job.run(source);
		} catch (const Error &error) {
			if (sources.size() == 1 || is_interrupted())
				throw;
			failures++;
			tell(error.what());
		}
	}
	if (failures > 0)
		throw Error(fmt::format("{} of {} sources failed", failures, sources.size()));
}

void run_matte(const MatteArguments &arguments)
{
	if (!arguments.alpha.empty() && arguments.view != View::result && arguments.view != View::foreground)
		throw CLI::ValidationError("--alpha", "goes with --view result or foreground");
	if (!arguments.over.empty() && arguments.view != View::result)
		throw CLI::ValidationError("--over", "goes with --view result");
	if (arguments.over.starts_with('#') && !std::filesystem::exists(arguments.over) &&
	    !parse_colour(arguments.over))
		throw CLI::ValidationError("--over", arguments.over + " is no colour: write a name, or 20A040");
	if (is_terminal(stdout) && (is_standard_output(arguments.output) || is_standard_output(arguments.alpha)))
		throw CLI::ValidationError("--output",
					   "pictures are nothing for a terminal: name a file, or add | ...");
	std::vector<std::string> inputs{arguments.background, arguments.over};
	inputs.insert(inputs.end(), arguments.sources.begin(), arguments.sources.end());
	if (std::ranges::count(inputs, "-") > 1)
		throw CLI::ValidationError("--source", "only one of the inputs can be the standard input");
	const std::vector<Path> sources = all_sources(arguments);
	const bool into_folder = names_folder(arguments.output);
	if (!into_folder && (sources.size() > 1 || names_folder(arguments.sources.front())))
		throw CLI::ValidationError("--output", "for several sources, name a folder (out/)");
	if (into_folder && !arguments.alpha.empty() &&
	    (!names_folder(arguments.alpha) || arguments.alpha == arguments.output))
		throw CLI::ValidationError("--alpha", "name another folder (alpha/)");
	OutputFolders folders;
	if (into_folder) {
		folders.make(arguments.output);
		if (!arguments.alpha.empty())
			folders.make(arguments.alpha);
	}
	notice_interruption();
	MatteJob job(arguments, sources, into_folder);
	matte_all(job, sources);
}

} // namespace

void add_matte_command(CLI::App &app)
{
	auto arguments = std::make_shared<MatteArguments>();
	CLI::App *command =
		app.add_subcommand("matte", "Removes the background from a picture, a sequence or a video.");
	add_matte_flags(*command, *arguments);
	command->callback([arguments] { run_matte(*arguments); });
}

} // namespace matting
