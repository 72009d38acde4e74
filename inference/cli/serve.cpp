// SPDX-License-Identifier: GPL-2.0-or-later
#include "commands.hpp"

#include "inference/service/serve.hpp"

#include <memory>
#include <string>

#include <CLI/CLI.hpp>

namespace matting {

void add_serve_command(CLI::App &app)
{
	auto device = std::make_shared<std::string>("auto");
	CLI::App *command = app.add_subcommand("serve", "Mattes frames for the OBS plugin, which starts it.");
	add_device_flag(*command, *device);
	auto threads = std::make_shared<int>(0);
	command->add_option("--threads", *threads, "On the CPU; 0: one for each core but one")
		->check(CLI::Range(0, 1024))
		->capture_default_str();
	auto backgrounds = std::make_shared<std::string>();
	command->add_option("--backgrounds", *backgrounds,
			    "The folder where captures are kept, the only one that it writes to");
	command->callback([=] { serve(*device, *threads, *backgrounds); });
}

} // namespace matting
