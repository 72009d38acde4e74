// SPDX-License-Identifier: GPL-2.0-or-later
// What `matte` is asked for.
#pragma once

#include "commands.hpp"
#include "overwriting.hpp"

#include "inference/matting.hpp"
#include "inference/media/media.hpp"

#include <optional>
#include <string>
#include <vector>

namespace matting {

struct MatteArguments {
	std::vector<std::string> sources;
	std::string background, output, alpha, over;
	std::string codec = "auto";
	std::optional<int> crf;
	ReadSettings reading;
	bool leaves_sound = false;
	Overwriting overwriting = Overwriting::ask;
	EngineSettings engine;
	int threads = 0;
	View view = View::result;
	OptionFlags options;
};

void add_matte_flags(CLI::App &command, MatteArguments &arguments);

} // namespace matting
