#!/usr/bin/env bash
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
# Versions of clang-format differ in what they make of the same file.
command -v clang-format-14 >/dev/null || ci/setup.sh
git ls-files -z --cached --others --exclude-standard '*.cpp' '*.hpp' '*.cu' '*.cuh' | xargs -0 clang-format-14 "${action[@]}"
