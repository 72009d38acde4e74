#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On a machine without a card: packs what ci/device.sh needs on one with a card into build/device. Nothing of LibTorch, which the
# other machine has. Bring the checkout, with build/device, there.
# ci/device_pack.sh [ARCHITECTURES]    for which cards, as CMake names them: 86-real is an RTX 30. Default: those of the build, H100 and H200
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
	echo "device_pack: $1" >&2
	exit 1
}

tree=build/release pack=build/device
programs=(background-matting device_tests try_ipc try_opengl write_model)
parts=(background-matting-cuda background-matting-drawing)
libraries=("${parts[@]/%/.so}")
ci/setup.sh
if [[ ${1:-} ]]; then cards=-DCMAKE_CUDA_ARCHITECTURES=$1; else cards=-UCMAKE_CUDA_ARCHITECTURES; fi # of before
cmake --preset release -DMATTING_CUDA=ON "$cards" --log-level=WARNING
cmake --build --preset release --parallel "$(nproc)" --target "${programs[@]}" "${parts[@]}"

rm -rf "$pack"
mkdir -p "$pack"
cp "${programs[@]/#/$tree/}" "${libraries[@]/#/$tree/lib}" "$pack"
strip --strip-unneeded "$pack"/*
# What the program needs beside LibTorch and the C and C++ libraries: small, and from this machine.
for file in "$pack"/*; do ldd "$file"; done |
	awk '$2 == "=>" && $3 ~ /^\// && $1 !~ /^lib(torch|c10|gomp|cud|cup|stdc\+\+|gcc_s|c\.|m\.|dl\.|pthread|rt\.|util\.)/ { print $3 }' |
	sort -u | while read -r library; do cp -L "$library" "$pack"; done
# glvnd's loader, for OpenGL without a window: the driver brings the rest.
for library in libEGL.so.1 libGLdispatch.so.0; do
	found=$(ldconfig -p | awk -v name="$library" '$1 == name { print $NF; exit }')
	[[ -z $found ]] || cp -L "$found" "$pack"
done
size=$(($(git ls-files -z | du -bc --files0-from=- | tail -1 | cut -f1) + $(du -bs "$pack" | cut -f1)))
echo "device_pack: $pack, $((size / 1000000)) MB with the checkout" >&2
((size < 60 << 20)) || fail "that is more than 60 MiB"
