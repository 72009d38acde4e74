// SPDX-License-Identifier: GPL-2.0-or-later
// For which processors the CPU's kernels are compiled.
#pragma once

#include <array>
#include <vector>

namespace matting {

enum class InstructionSet {
	baseline, ///< any processor
	v3,       ///< x86-64-v3: AVX2 with FMA
	v4,       ///< x86-64-v4: AVX-512
};
inline constexpr std::array instruction_set_names{"baseline", "v3", "v4"};

/// Those that this processor and its system have, the fastest last.
const std::vector<InstructionSet> &instruction_sets();

/// The fastest, or what the environment names in MATTING_ISA. Throws Error if this processor has not what is named.
InstructionSet chosen_instruction_set();

} // namespace matting
