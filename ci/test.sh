#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sets up, builds and runs all tests.
# ci/test.sh [--preset PRESET] [CTEST ARGUMENT]...    for example: ci/test.sh -R Plugin; ci/test.sh --preset asan
set -euo pipefail
cd "$(dirname "$0")/.."

preset=release
if [[ ${1-} == --preset ]]; then
	preset=${2:?--preset wants the name of a preset: release, dev, asan or tsan}
	shift 2
fi
ci/build.sh "$preset"
# Sanitizers of GCC 12 and clang 14 do not find their places where the system chooses addresses by more bits than this.
steady=()
if (($(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0) > 28)) && setarch -R true 2>/dev/null; then
	steady=(setarch -R)
fi
"${steady[@]}" ctest --preset "$preset" "$@"
