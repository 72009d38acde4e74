#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a reviewer need not look for. ci/lint.sh [CHECK]...    default: all, in this order
#   layers    every room includes only what lies below it; plugin/ knows nothing of Torch, inference/ nothing of OBS
#   size      no file in the repository is larger than 12 MB, no source file longer than 300 lines
#   shell     shellcheck
#   bytes     no nameless namespace in what nvcc compiles: its names would hold a number made of the folder's, and packages
#             built in another folder would differ
#   format    clang-format
#   workflows zizmor
#   windows   the plugin's and the protocol's files for Windows compile (nothing is linked or run)
#   warnings  the preset dev builds, where warnings are errors
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
	echo "lint: $1" >&2
	exit 1
}

# In a bare system; what a check wants besides, it installs itself.
{ command -v git && command -v python3; } >/dev/null || ci/setup.sh

install_package() { # a name
	apt-get update -qq
	apt-get install -y -qq --no-install-recommends "$1" >/dev/null
}

check_layers() {
	python3 ci/layers.py || fail "these includes go the wrong way"
}

check_size() {
	local file
	git ls-files -z | while read -r -d '' file; do
		[[ ! -f $file ]] || (($(stat -c %s "$file") <= 12 * 1000 * 1000)) || fail "$file is larger than 12 MB"
	done
	git ls-files -z '*.cpp' '*.hpp' '*.cu' '*.cuh' '*.py' '*.sh' | while read -r -d '' file; do
		[[ ! -f $file ]] || (($(wc -l <"$file") <= 300)) || fail "$file is longer than 300 lines"
	done
}

check_shell() {
	if ! command -v shellcheck >/dev/null; then
		((EUID == 0)) || fail "shellcheck is missing: sudo apt-get install shellcheck"
		install_package shellcheck
	fi
	shellcheck ci/*.sh .ci/run
}

check_bytes() {
	if grep -nE '^[[:space:]]*namespace \{' inference/cuda/*.cu inference/cuda/*.cuh; then
		fail "give this namespace a name: inline namespace maps_kernels"
	fi
}

check_format() {
	ci/format.sh --check || fail "run ci/format.sh"
}

check_workflows() {
	if [[ ! -x build/zizmor/bin/zizmor ]]; then
		command -v pip3 >/dev/null || ci/setup.sh
		rm -rf build/zizmor
		python3 -m pip --disable-pip-version-check install --quiet --root-user-action=ignore --no-deps --require-hashes \
			--only-binary=:all: --target build/zizmor --requirement ci/zizmor.txt ||
			fail "zizmor could not be downloaded; check the network and start again"
	fi
	build/zizmor/bin/zizmor --offline --no-progress --quiet .github || fail "the workflows are not as they should be"
}

check_windows() {
	local compiler=x86_64-w64-mingw32-g++-posix include file
	if ! command -v "$compiler" >/dev/null; then
		if ((EUID != 0)); then
			echo "lint: skipped: no mingw; sudo apt-get install g++-mingw-w64-x86-64-posix (0.4 GB)" >&2
			return
		fi
		install_package g++-mingw-w64-x86-64-posix
	fi
	# Of /usr/include only what is the same everywhere. Debian has no threading-windows.h, of which nothing is used.
	include=$(mktemp -d)
	ln -s /usr/include/simde /usr/include/fmt /usr/include/obs "$include"
	touch "$include/threading-windows.h"
	for file in inference/wire/*.cpp plugin/*.cpp plugin/*/*.cpp; do
		[[ $file != *_posix.cpp && $file != *_opengl.cpp ]] || continue
		"$compiler" -std=c++20 -fsyntax-only -Wall -Wextra -Werror -Wno-missing-field-initializers -I. -isystem "$include/obs" \
			-isystem "$include" -DFMT_HEADER_ONLY -DMATTING_VERSION='"0"' "$file" || fail "$file does not compile for Windows"
	done
	rm -r "$include"
}

check_warnings() {
	ci/build.sh dev
}

(($#)) || set -- layers size shell bytes workflows format windows warnings
for check in "$@"; do
	declare -F "check_$check" >/dev/null || fail "there is no check '$check'"
	echo "lint: $check" >&2
	"check_$check"
done
