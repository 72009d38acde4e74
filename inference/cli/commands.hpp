// SPDX-License-Identifier: GPL-2.0-or-later
// The subcommands of background-matting: each adds itself to the parser and runs from there.
// A command throws matting::Error for what a user can mend (exit 1) and CLI::Error for wrong usage (exit 2).
#pragma once

namespace CLI {
class App;
}

namespace matting {

class Engine;
struct EngineSettings;
struct Options;

void add_bench_command(CLI::App &app);
void add_eval_command(CLI::App &app);
void add_export_command(CLI::App &app);
void add_info_command(CLI::App &app);
void add_matte_command(CLI::App &app);
void add_models_command(CLI::App &app);
void add_serve_command(CLI::App &app);
void add_train_command(CLI::App &app);

/// --model, --device, --precision, --executor and --threads.
void add_engine_flags(CLI::App &command, EngineSettings &settings, int &threads);

/// The same settings, with the bundled model where none is named. Throws Error.
EngineSettings with_model(EngineSettings settings);

/// An engine as the flags want it, and LibTorch's threads. Throws Error.
Engine make_engine(const EngineSettings &settings, int threads, const Options &options);

/// One flag per row of the options table, named like the row with dashes for underscores.
void add_option_flags(CLI::App &command, Options &options);

} // namespace matting
