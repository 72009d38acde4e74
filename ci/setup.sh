#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Brings a bare Debian 12, Debian 13 or Ubuntu 24.04 to where the project builds: Debian packages, LibTorch in build/libtorch, and, where no
# CUDA compiler is installed, NVIDIA's in build/cuda.
# ci/setup.sh [--cuda | --package]    --cuda: LibTorch's CUDA half too (2 GB more), for the scripted executor on CUDA; chosen by itself
#                         where an NVIDIA driver runs, and kept; --package: what ci/package.sh wants besides, with NVIDIA's compiler in
#                         build/cuda in any case: the same packages come from every machine
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(
	# build
	ca-certificates cmake g++ git ninja-build pkg-config python3 python3-pip unzip
	libobs-dev libavcodec-dev libavfilter-dev libavformat-dev libavutil-dev libswscale-dev
	libcairo2-dev libcli11-dev libcurl4-openssl-dev libfmt-dev libssl-dev nlohmann-json3-dev
	liblcms2-dev libpng-dev libseccomp-dev libturbojpeg0-dev libwebp-dev zlib1g-dev
	# test
	clang libbenchmark-dev libgtest-dev libgmock-dev libx11-dev xvfb xauth xdotool ffmpeg
	# run
	obs-studio iproute2 python3-websocket
)

fail() {
	echo "setup: $1" >&2
	exit 1
}

# Who comes second waits, and finds it done.
mkdir -p build
exec 9>build/setup.lock
flock --nonblock 9 || {
	echo "setup: waiting for another ci/setup.sh" >&2
	flock 9
}

cuda=0 pinned_compiler=0
[[ -e /proc/driver/nvidia/version || -e build/libtorch/lib/libtorch_cuda.so ]] && cuda=1
case "${1-}" in
--cuda) cuda=1 ;;
--package)
	cuda=0 pinned_compiler=1 # what is not packed is not here, nor its licences
	packages+=(binutils curl dpkg-dev file libaom-dev libnuma-dev libvpx-dev libx264-dev libx265-dev libzimg-dev nasm xz-utils)
	;;
"") ;;
*) fail "unknown argument '$1'; usage: ci/setup.sh [--cuda | --package]" ;;
esac
[[ $(uname -m) == x86_64 ]] || fail "LibTorch for x86_64 is set up here, and this is $(uname -m)"

install_packages() { # names
	local missing=() name
	for name in "$@"; do
		[[ $(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null) == installed ]] || missing+=("$name")
	done
	((${#missing[@]})) || return 0
	((EUID == 0)) || fail "these packages are missing; install them and start again:
  sudo apt-get update && sudo apt-get install --no-install-recommends ${missing[*]}"
	echo "setup: installing ${#missing[@]} packages" >&2
	export DEBIAN_FRONTEND=noninteractive
	# What a package starts is not to hold the lock (9).
	apt-get update -qq 9>&-
	apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 9>&-
}

# A package of its own since Debian 13.
install_fuzzer() {
	[[ -n $(find /usr/lib/llvm-*/lib/clang -name 'libclang_rt.fuzzer-*.a' 2>/dev/null) ]] ||
		install_packages "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
}

download() { # a requirements file with hashes, a folder
	# Debian's Python may be another than the one the wheel is for: nothing of it is run.
	local tags=() minor
	for minor in {28..5}; do tags+=(--platform "manylinux_2_${minor}_x86_64"); done
	tags+=(--platform manylinux2014_x86_64 --platform manylinux2010_x86_64)
	# One at a time, so that a lost connection costs one file; pip checks the hash.
	local wheel
	while read -r wheel; do
		echo "setup: downloading ${wheel%% *}" >&2
		echo "$wheel" >"$2/one.txt"
		python3 -m pip --disable-pip-version-check download --quiet --no-deps --no-cache-dir --require-hashes \
			--only-binary=:all: --python-version 3.11 "${tags[@]}" --dest "$2" --requirement "$2/one.txt" ||
			fail "could not download ${wheel%% *}; check the network and start again"
	done < <(grep -v '^#' "$1")
}

# A folder to unpack in, with nothing in it but the wheels that an interrupted run has downloaded for the same.
begin_work() { # the folder, where the wheels go
	mkdir -p "$2"
	find "$1" -mindepth 1 -maxdepth 1 ! -path "$2" -exec rm -rf {} +
}

# Folders are named complete only by their stamps, so that an interrupted run unpacks again.
install_cuda_compiler() {
	((pinned_compiler)) || ! { type nvcc || [[ -x /usr/local/cuda/bin/nvcc ]]; } &>/dev/null || return 0
	local stamp work=build/cuda.new wheels wheel
	stamp=$(cat ci/cuda_compiler.txt <(declare -f download install_cuda_compiler) | sha256sum)
	[[ -f build/cuda/complete && $(<build/cuda/complete) == "$stamp" ]] && return 0
	wheels=$work/wheels.${stamp:0:16}
	begin_work "$work" "$wheels"
	download ci/cuda_compiler.txt "$wheels"
	echo "setup: unpacking the CUDA compiler" >&2
	for wheel in "$wheels"/*.whl; do
		unzip -q -o "$wheel" 'nvidia/cu13/*' -d "$work" || fail "$wheel does not unpack; is the disk full?"
	done
	chmod +x "$work"/nvidia/cu13/bin/* "$work"/nvidia/cu13/nvvm/bin/*
	ln -s lib "$work/nvidia/cu13/lib64"
	ln -s libcudart.so.13 "$work/nvidia/cu13/lib/libcudart.so" # what CMake looks for
	echo "$stamp" >"$work/nvidia/cu13/complete"
	rm -rf build/cuda
	mv "$work/nvidia/cu13" build/cuda
	rm -rf "$work"
}

install_libtorch() {
	local stamp wanted=(ci/libtorch.txt)
	((cuda)) && wanted+=(ci/libtorch_cuda.txt)
	stamp=$(cat "${wanted[@]}" <(declare -f download install_libtorch) | sha256sum)
	[[ -f build/libtorch/complete && $(<build/libtorch/complete) == "$stamp" ]] && return 0
	local work=build/libtorch.new wheels=build/libtorch.new/wheels.${stamp:0:16}
	begin_work "$work" "$wheels"
	mkdir "$work/lib" "$work/licenses"
	for list in "${wanted[@]}"; do download "$list" "$wheels"; done

	echo "setup: unpacking LibTorch" >&2
	local libraries=(libtorch_cpu.so libc10.so libtorch.so libgomp.so.1)
	((cuda)) && libraries+=(libtorch_cuda.so libtorch_cuda_linalg.so libc10_cuda.so libtorch_nvshmem.so libshm.so)
	unzip -q "$wheels"/torch-*.whl 'torch/include/*' "${libraries[@]/#/torch/lib/}" -d "$work" ||
		fail "the torch wheel does not unpack; is the disk full?"
	mv "$work"/torch/include "$work"/include
	mv "$work"/torch/lib/* "$work"/lib/
	local wheel
	for wheel in "$wheels"/nvidia_*.whl; do
		unzip -q -j -o "$wheel" 'nvidia/*/lib/*.so*' -d "$work/lib" || fail "$wheel does not unpack; is the disk full?"
	done
	# Who passes the libraries on passes these on, too. 11: the wheel has none.
	for wheel in "$wheels"/*.whl; do
		unzip -q -j -o "$wheel" '*.dist-info/licenses/*' -d "$work/licenses/$(basename "${wheel%%-*}")" || (($? == 11)) ||
			fail "$wheel does not unpack; is the disk full?"
	done
	rm -rf "$wheels" "$work/torch"
	echo "$stamp" >"$work/complete"
	rm -rf build/libtorch
	mv "$work" build/libtorch
}

install_packages "${packages[@]}"
install_fuzzer
install_libtorch
install_cuda_compiler
