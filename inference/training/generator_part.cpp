// SPDX-License-Identifier: GPL-2.0-or-later
#include "generator_part.hpp"

#include "inference/program_part.hpp"

namespace matting::training {

std::unique_ptr<Generator> load_generator(const GeneratorSettings &settings)
{
	static auto *const make = reinterpret_cast<const GeneratorMaker *>(
		load_part({.name = "the part of the program that draws training pictures",
			   .file = MATTING_DRAWING_LIBRARY,
			   .entry = "background_matting_drawing",
			   .interface = drawing_interface,
			   .way_out = "install cairo (libcairo2)"}));
	return make(settings);
}

} // namespace matting::training
