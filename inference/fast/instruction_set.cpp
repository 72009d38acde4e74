// SPDX-License-Identifier: GPL-2.0-or-later
#include "instruction_set.hpp"

#include "inference/error.hpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace matting {
namespace {

std::vector<InstructionSet> find_instruction_sets()
{
	std::vector sets{InstructionSet::baseline};
#if defined(__x86_64__)
	__builtin_cpu_init();
	if (__builtin_cpu_supports("x86-64-v3"))
		sets.push_back(InstructionSet::v3);
	if (__builtin_cpu_supports("x86-64-v4"))
		sets.push_back(InstructionSet::v4);
#endif
	return sets;
}

} // namespace

const std::vector<InstructionSet> &instruction_sets()
{
	static const std::vector<InstructionSet> sets = find_instruction_sets();
	return sets;
}

InstructionSet chosen_instruction_set()
{
	const char *const wanted = std::getenv("MATTING_ISA");
	if (!wanted || !*wanted)
		return instruction_sets().back();
	std::vector<std::string> names;
	for (const InstructionSet set : instruction_sets()) {
		names.emplace_back(instruction_set_names[static_cast<size_t>(set)]);
		if (names.back() == wanted)
			return set;
	}
	throw Error(fmt::format("MATTING_ISA is {}, and this processor has: {}; set it to one of them, or to nothing",
				wanted, fmt::join(names, ", ")));
}

} // namespace matting
