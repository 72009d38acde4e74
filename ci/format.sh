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
if [[ ! -x $formatter ]]; then
	command -v pip3 >/dev/null || ci/setup.sh
	rm -rf build/clang_format.new
	python3 -m pip --disable-pip-version-check install --quiet --root-user-action=ignore --no-deps --require-hashes --only-binary=:all: \
		--target build/clang_format.new --requirement ci/clang_format.txt || {
		echo "format: clang-format could not be downloaded; check the network and start again" >&2
		exit 1
	}
	rm -rf build/clang_format
	mv build/clang_format.new build/clang_format
fi
git ls-files -z --cached --others --exclude-standard '*.cpp' '*.hpp' '*.inl' '*.cu' '*.cuh' | xargs -0 "$formatter" "${action[@]}"
