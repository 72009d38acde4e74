#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Formats all C++ sources as .clang-format says. ci/format.sh [--check]    --check: only says what is not formatted
set -euo pipefail
cd "$(dirname "$0")/.."

case "${1-}" in
--check) action=(--dry-run --Werror) ;;
"") action=(-i) ;;
*)
	echo "format: unknown argument '$1'; usage: ci/format.sh [--check]" >&2
	exit 2
	;;
esac

# Not every distribution has this version.
formatter=build/clang_format/clang_format/data/bin/clang-format
ci/tool.sh clang_format
git ls-files -z --cached --others --exclude-standard '*.cpp' '*.hpp' '*.inl' '*.cu' '*.cuh' | xargs -0 "$formatter" "${action[@]}"
