// SPDX-License-Identifier: GPL-2.0-or-later
// See Note [One source for every processor].
#include "cpu_edges.hpp"

#include "cpu_tile.hpp"

#define MATTING_ALWAYS_INLINE [[gnu::always_inline]] inline
#define MATTING_EDGE_FUNCTION MATTING_ALWAYS_INLINE

// All functions with vectors in their signature are inlined: there is no binary interface to warn about.
#pragma GCC diagnostic ignored "-Wpsabi"

namespace matting::cpu {
namespace {

namespace baseline {
#define MATTING_LANES 4
#include "cpu_edges.inl"
#undef MATTING_LANES
} // namespace baseline

#if defined(__x86_64__)

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
namespace v3 {
#define MATTING_LANES 8
#include "cpu_edges.inl"
#undef MATTING_LANES
} // namespace v3
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4")
namespace v4 {
#define MATTING_LANES 16
#include "cpu_edges.inl"
#undef MATTING_LANES
} // namespace v4
#pragma GCC pop_options

#endif

} // namespace

const EdgeKernels &edge_kernels(InstructionSet set)
{
	static constexpr EdgeKernels tables[] = {
		baseline::table(),
#if defined(__x86_64__)
		v3::table(),
		v4::table(),
#endif
	};
	return tables[static_cast<size_t>(set)];
}

} // namespace matting::cpu
