// SPDX-License-Identifier: GPL-2.0-or-later
// The subcommands of background-matting: each adds itself to the parser and runs from there.
// A command throws matting::Error for what a user can mend (exit 1) and CLI::Error for wrong usage (exit 2).
#pragma once

#include "inference/error.hpp"
#include "inference/input_file.hpp"
#include "inference/options.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace matting {

class Engine;
struct EngineSettings;

void add_bench_command(CLI::App &app);
void add_doctor_command(CLI::App &app);
void add_eval_command(CLI::App &app);
void add_export_command(CLI::App &app);
void add_info_command(CLI::App &app);
void add_matte_command(CLI::App &app);
void add_models_command(CLI::App &app);
void add_serve_command(CLI::App &app);
void add_train_command(CLI::App &app);

/// --model, --device, --precision, --executor and --threads.
void add_engine_flags(CLI::App &command, EngineSettings &settings, int &threads);

/// For a flag --device.
void add_device_flag(CLI::App &command, std::string &device, const std::string &more = "");

/// One flag per row of the options table, named like the row with dashes for underscores.
class OptionFlags {
public:
	void add_to(CLI::App &command);
	/// What was given on the command line; for the rest, `options`: what the model came with.
	Options over(Options options) const;

private:
	Options values_;
	const CLI::Option *quality_ = nullptr;
	bool has_attributes_ = false; // some were given
	std::vector<std::pair<const CLI::Option *, std::function<void(Options &)>>>
		copies_; // of a value, if its flag was given
};

/// The same settings, with the bundled model where none is named, and the file of one that `models list` knows by its name.
/// Throws Error.
EngineSettings with_model(EngineSettings settings);

/// An engine as the flags want it, and LibTorch's threads. Throws Error.
Engine make_engine(const EngineSettings &settings, int threads, const OptionFlags &options);

/// What an engine does with a file's pictures. Its errors name no file; those of this do.
template<typename Work> auto matting_of(const std::filesystem::path &file, const Work &work)
{
	try {
		return work();
	} catch (const Error &error) {
		throw Error(fmt::format("cannot matte {}: {}", file.string(), error.what()));
	}
}

} // namespace matting
