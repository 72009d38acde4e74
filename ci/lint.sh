#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What a reviewer need not look for. ci/lint.sh [CHECK]...    default: all, in this order
#   layers    every room includes only what lies below it; plugin/ knows nothing of Torch, and uses nothing that OBS 33 takes away;
#             inference/ knows nothing of OBS
#   size      no file in the repository is larger than 12 MB, no source file longer than 300 lines
#   texts     every text that OBS can show stands in each language of data/locale
#   shell     shellcheck
#   bytes     no nameless namespace in what nvcc compiles: its names would hold a number made of the folder's, and packages
#             built in another folder would differ
#   format    clang-format
#   workflows zizmor
#   windows   all of inference/ and plugin/ compiles for Windows, but what CUDA's own compiler takes (nothing is linked or run)
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
	! grep -rn gs_image_file plugin || fail "OBS 33 has no gs_image_file"
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

check_texts() {
	python3 tests/locale_test.py . || fail "these texts are wrong"
}

check_shell() {
	if ! command -v shellcheck >/dev/null; then
		((EUID == 0)) || fail "shellcheck is missing: sudo apt-get install shellcheck"
		install_package shellcheck
	fi
	shellcheck ci/*.sh ci/packages/*.sh .ci/run
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
	ci/tool.sh zizmor
	build/zizmor/bin/zizmor --offline --no-progress --quiet .github || fail "the workflows are not as they should be"
}

check_windows() {
	local compiler=x86_64-w64-mingw32-g++-posix
	if ! command -v "$compiler" >/dev/null; then
		if ((EUID != 0)); then
			skipped+=" windows (no mingw: sudo apt-get install g++-mingw-w64-x86-64-posix, 0.4 GB)"
			return
		fi
		install_package g++-mingw-w64-x86-64-posix
	fi
	[[ -d build/libtorch/include ]] || ci/setup.sh
	# Of /usr/include only what is the same everywhere. Debian has no threading-windows.h, of which nothing is used.
	local include=build/windows torch=build/libtorch/include cuda=/usr/local/cuda/include file
	[[ -d $cuda ]] || cuda=build/cuda/include
	rm -rf "$include"
	mkdir -p "$include/machine"
	ln -s /usr/include/{CLI,cairo,fmt,lcms2.h,nlohmann,obs,openssl,png.h,pngconf.h,pnglibconf.h,simde,turbojpeg.h,webp,zconf.h,zlib.h} \
		"$include"
	ln -s /usr/include/x86_64-linux-gnu/{curl,libavcodec,libavfilter,libavformat,libavutil,libswscale,openssl} "$include/machine"
	touch "$include/threading-windows.h"
	local compile=("$compiler" -std=c++20 -Wall -Wextra -Werror -Wno-missing-field-initializers -I. -isystem "$include/obs"
		-isystem "$include" -isystem "$include/machine" -isystem "$include/cairo" -isystem "$cuda" -DNOMINMAX -DWIN32_LEAN_AND_MEAN
		-DUNICODE -DFMT_HEADER_ONLY -DMATTING_VERSION='"0"' -DMATTING_FFMPEG_LIBRARY='""' -DMATTING_DRAWING_LIBRARY='""')
	# LibTorch's headers are Linux's. They can be read, as those of a library without dllimport and checks; once, as it takes long.
	local with_torch=(-DC10_USING_CUSTOM_GENERATED_MACROS -DNDEBUG -isystem "$torch" -isystem "$torch/torch/csrc/api/include")
	echo '#include <torch/script.h>' >"$include/torch.hpp"
	"${compile[@]}" "${with_torch[@]}" -x c++-header "$include/torch.hpp" -o "$include/torch.hpp.gch" || fail "LibTorch's headers"
	compile_for_windows() { # a file
		local errors
		errors=$("${compile[@]}" -fsyntax-only "$1" 2>&1) && return
		[[ $errors =~ fatal\ error:\ (torch|ATen|c10|caffe2)/ ]] &&
			errors=$("${compile[@]}" "${with_torch[@]}" -fsyntax-only -include "$include/torch.hpp" "$1" 2>&1) && return
		echo "$errors" >&2
		fail "$1 does not compile for Windows"
	}
	local -a at_work=() # processes
	local process
	for file in $(git ls-files 'inference/*.cpp' 'plugin/*.cpp'); do
		[[ -f $file && $file != *_posix.cpp && $file != *_opengl.cpp ]] || continue
		if ((${#at_work[@]} >= $(nproc))); then
			wait "${at_work[0]}" || exit
			at_work=("${at_work[@]:1}")
		fi
		compile_for_windows "$file" &
		at_work+=($!)
	done
	for process in "${at_work[@]}"; do
		wait "$process" || exit
	done
	rm -r "$include"
}

check_warnings() {
	ci/build.sh dev
}

skipped=
(($#)) || set -- layers size texts shell bytes workflows format windows warnings
for check in "$@"; do
	declare -F "check_$check" >/dev/null || fail "there is no check '$check'"
	echo "lint: $check" >&2
	"check_$check"
done
[[ -z $skipped ]] || echo "lint: skipped:$skipped" >&2
