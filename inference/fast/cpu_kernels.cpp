// SPDX-License-Identifier: GPL-2.0-or-later
#include "cpu_kernels.hpp"

#include <array>

#define MATTING_KERNELS "cpu_kernels.inl"
#include "every_processor.inl"

const matting::cpu::Kernels &matting::cpu::kernels(InstructionSet set)
{
	return table_for(set);
}
