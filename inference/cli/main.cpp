// SPDX-License-Identifier: GPL-2.0-or-later
// background-matting: exit status 0 done, 1 failed with one line saying what and what to do, 2 wrong usage.
#include "commands.hpp"
#include "help.hpp"

#include "inference/matting.hpp"
#include "inference/platform.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace {

// CLI11 says of a word that it does not know, or of none, only that another is required.
void require_known_commands(CLI::App &app, int argc, char **argv)
{
	CLI::App *command = &app;
	for (int i = 1; command->get_require_subcommand_min() > 0; i++) {
		const std::string word = i < argc ? argv[i] : "";
		if (word == "--help" || word == "-h" || word == "--version")
			return;
		std::string names;
		CLI::App *next = nullptr;
		for (CLI::App *known : command->get_subcommands(nullptr)) {
			names += (names.empty() ? "" : ", ") + known->get_name();
			next = known->get_name() == word ? known : next;
		}
		if (!next)
			throw CLI::ParseError(word.empty() ? fmt::format("a command is missing: use {}", names)
							   : fmt::format("there is no command {}: use {}", word, names),
					      CLI::ExitCodes::ExtrasError);
		command = next;
	}
}

// In scripts: of variables that are not set.
void refuse_empty_values(CLI::App &command)
{
	const auto is_wrong = [](const std::string &text) {
		return text.empty() ? std::string("it is empty") : std::string();
	};
	for (CLI::Option *option : command.get_options())
		option->check(CLI::Validator(is_wrong, ""));
	for (CLI::App *next : command.get_subcommands(nullptr))
		refuse_empty_values(*next);
}

// One line of what is wrong, and where to read more.
std::string usage_message(const CLI::App *app, const CLI::Error &error)
{
	const auto commands = app->get_subcommands();
	const std::string name = commands.empty() ? "" : " " + commands.front()->get_name();
	return fmt::format("background-matting: {}\nbackground-matting{} --help says more.\n",
			   matting::one_line(error.what()), name);
}

int run(int argc, char **argv)
{
	CLI::App app("Removes a captured background from pictures and videos.\n"
		     "Model: BackgroundMattingV2 (arXiv 2012.07810).",
		     "background-matting");
	app.set_version_flag("--version", MATTING_VERSION);
	app.failure_message(usage_message);
	app.formatter(matting::help_formatter()); // for the subcommands, too
	app.require_subcommand(1);
	matting::add_matte_command(app);
	matting::add_export_command(app);
	matting::add_info_command(app);
	matting::add_models_command(app);
	matting::add_bench_command(app);
	matting::add_train_command(app);
	matting::add_eval_command(app);
	matting::add_doctor_command(app);
	refuse_empty_values(app);
	matting::add_serve_command(app);
	try {
		require_known_commands(app, argc, argv);
		app.parse(argc, argv);
	} catch (const CLI::ParseError &error) {
		if (app.exit(error) != 0)
			return 2;
	}
	std::cout.flush(); // help comes by this way
	if (std::fflush(stdout) != 0 || std::ferror(stdout))
		throw matting::Error(std::string("cannot write to the standard output: ") + std::strerror(errno));
	return 0;
}

} // namespace

int main(int argc, char **argv)
try {
	matting::prepare_process();
	return run(argc, argv);
} catch (const std::bad_alloc &) {
	std::fprintf(stderr, "background-matting: there is not enough memory for this\n");
	return 1;
} catch (const std::exception &error) {
	std::fprintf(stderr, "background-matting: %s\n", matting::one_line(error.what()).c_str());
	return 1;
}
