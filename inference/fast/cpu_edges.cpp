// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_edges.hpp"

#include "cpu_tile.hpp"

#include <array>

#define MATTING_EDGE_FUNCTION [[gnu::always_inline]] inline
#define MATTING_KERNELS "cpu_edges.inl"
#include "every_processor.inl"

const matting::cpu::EdgeKernels &matting::cpu::edge_kernels(InstructionSet set)
{
	return table_for(set);
}
