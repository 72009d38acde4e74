#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds and packs the plugin into build/packages: the archive in OBS's layout for the plugins of one user, the Debian packages, a list
# of all parts (SPDX) and checksums. Made on Debian 12, they run on every Linux with glibc 2.35 or newer.
# ci/package.sh [--tag TAG]    --tag: fails if that is not the version's. Without it the packages' version is one before it, with the
#                         commit's date and hash
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
	echo "package: $1" >&2
	exit 1
}

command -v git >/dev/null || ci/setup.sh --package
packages=build/packages tree=build/package
version=$(sed -n 's/^project(.* VERSION \([0-9.]*\) .*/\1/p' CMakeLists.txt)
case "${1-}" in
--tag)
	[[ ${2-} == "v$version" ]] || fail "this is version $version, and the tag is ${2-}"
	! grep -q "^## $version (not released yet)" CHANGELOG.md || fail "CHANGELOG.md says that $version is not released yet"
	;;
"") ;;
*) fail "unknown argument '$1'; usage: ci/package.sh [--tag TAG]" ;;
esac
# The same files make the same packages: no names, no times of this machine.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct || true)}
export SOURCE_DATE_EPOCH
[[ $SOURCE_DATE_EPOCH ]] || fail "the commit's date is not known: pack a clone, or set SOURCE_DATE_EPOCH (seconds since 1970)"
# Where it is at home: GitHub says it, or whoever wants to make the same bytes as are there.
homepage=${GITHUB_REPOSITORY:+${GITHUB_SERVER_URL:-https://github.com}/$GITHUB_REPOSITORY}
umask 022
export LC_ALL=C
unset CFLAGS CXXFLAGS CPPFLAGS LDFLAGS CUDAFLAGS NVCC_APPEND_FLAGS NVCC_PREPEND_FLAGS TAR_OPTIONS XZ_DEFAULTS XZ_OPT
packed=$version
(($#)) || packed+="~git$(date --utc --date="@$SOURCE_DATE_EPOCH" +%Y%m%d)$(git log -1 --format=.%h --abbrev=10 2>/dev/null || true)"

mkdir -p build
exec 9>build/package.lock
flock --nonblock 9 || fail "another ci/package.sh is at work here; start again when it has ended"

build() {
	local fresh=()
	ci/setup.sh --package
	ci/ffmpeg.sh
	# Where it finds another compiler than before, CMake starts over by itself, but forgets what the preset says.
	grep -qsx "CMAKE_CUDA_COMPILER:[A-Z]*=$PWD/build/cuda/bin/nvcc" "$tree/CMakeCache.txt" || fresh=(--fresh)
	cmake --preset package "${fresh[@]}" -DMATTING_LAYOUT=user "-DMATTING_HOMEPAGE=$homepage" --log-level=WARNING
	cmake --build --preset package --parallel "$(nproc)"
}

pack_archive() {
	local name
	name=obs-background-matting-$packed-linux-$(uname -m)
	rm -rf "$tree/stage"
	cmake --install "$tree" --prefix "$tree/stage" --strip >/dev/null
	python3 ci/check_package.py "$tree/stage" || fail "the archive would not run everywhere"
	python3 ci/sbom.py "$packed" "$tree/stage" >"$packages/$name.spdx.json"
	echo "package: compressing $(du -sh "$tree/stage" | cut -f1)" >&2
	tar --create --directory "$tree/stage" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
		--mode=u=rwX,go=rX,a-s obs-background-matting | xz -T2 -6 >"$packages/$name.tar.xz"
	rm -rf "$tree/stage"
}

# Of a version and a time of its own: the same package serves many versions of ours, and is downloaded once.
pack_libtorch() {
	local changelog=ci/packages/libtorch_changelog number time
	number=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$changelog")
	time=$(date --date="$(sed -n 's/^ -- .*  //p' "$changelog")" +%s)
	(cd "$tree" && SOURCE_DATE_EPOCH=$time cpack --config CPackConfig.cmake -D CPACK_COMPONENTS_ALL=libtorch \
		-D "CPACK_PACKAGE_VERSION=${number%-*}" -D "CPACK_DEBIAN_PACKAGE_RELEASE=${number#*-}" >>cpack.log)
}

pack_debian() {
	cmake --preset package -DMATTING_LAYOUT=system -DMATTING_PACKAGE_VERSION="$packed" --log-level=WARNING
	rm -rf "$tree/debian"
	{ (cd "$tree" && cpack --config CPackConfig.cmake -D "CPACK_COMPONENTS_ALL=plugin;engine;cuda" >cpack.log) && pack_libtorch; } ||
		fail "no Debian packages could be made; see $tree/cpack.log"
	mv "$tree"/debian/*.deb "$packages"
}

build
rm -rf "$packages"
mkdir -p "$packages"
pack_archive
pack_debian
(cd "$packages" && sha256sum -- * >SHA256SUMS)
ls -l "$packages" >&2
