// SPDX-License-Identifier: GPL-2.0-or-later
// The file MATTING_KERNELS once for each instruction set, and their tables: see Note [One source for every processor]. All its
// functions with vectors in their signature are inlined: there is no binary interface to warn about.
#pragma GCC diagnostic ignored "-Wpsabi"

#define MATTING_ALWAYS_INLINE [[gnu::always_inline]] inline

namespace matting::cpu {
namespace {

namespace baseline {
#define MATTING_LANES 4
#include MATTING_KERNELS
#undef MATTING_LANES
} // namespace baseline

#if defined(__x86_64__)

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
namespace v3 {
#define MATTING_LANES 8
#include MATTING_KERNELS
#undef MATTING_LANES
} // namespace v3
#pragma GCC pop_options

#pragma GCC push_options
#pragma GCC target("arch=x86-64-v4")
namespace v4 {
#define MATTING_LANES 16
#include MATTING_KERNELS
#undef MATTING_LANES
} // namespace v4
#pragma GCC pop_options

#endif

const auto &table_for(InstructionSet set)
{
	static constexpr std::array tables
	{
		baseline::table(InstructionSet::baseline),
#if defined(__x86_64__)
			v3::table(InstructionSet::v3), v4::table(InstructionSet::v4),
#endif
	};
	return tables[static_cast<size_t>(set)];
}

} // namespace
} // namespace matting::cpu
