// SPDX-License-Identifier: GPL-2.0-or-later
// What the program finds in this library.
#include "generator.hpp"

#include "inference/program_part.hpp"

#include <string_view>

MATTING_PART_ENTRY const void *background_matting_drawing(const char *interface)
{
	using namespace matting::training;
	return std::string_view(interface) == drawing_interface ? reinterpret_cast<const void *>(&make_generator)
								: nullptr;
}
