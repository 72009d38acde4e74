#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs the Debian packages as a user does, tries them, removes them and looks for what they leave. As root, in a system that
# is there for nothing else: a container.
# ci/try_packages.sh [FOLDER]    where the packages are; default: build/packages
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
	echo "try_packages: $1" >&2
	exit 1
}

((EUID == 0)) || fail "it installs packages: run it as root, in a container"
packages=$(realpath "${1:-build/packages}")
compgen -G "$packages/*.deb" >/dev/null || fail "there are no packages in $packages; ci/package.sh makes them"
(cd "$packages" && sha256sum --check --quiet --ignore-missing SHA256SUMS) || fail "these are not the files that were built"
names=()
for package in "$packages"/*.deb; do names+=("$(dpkg-deb --field "$package" Package)"); done
export DEBIAN_FRONTEND=noninteractive

apt-get update -qq
apt-get install -y -qq --no-install-recommends "$packages"/*.deb >/dev/null || fail "the packages cannot be installed"

modules=(/usr/lib/*/obs-plugins/obs-background-matting.so)
[[ -e ${modules[0]} ]] || fail "OBS does not find the plugin"
! ldd "${modules[0]}" | grep 'not found' || fail "OBS cannot load the plugin"
background-matting doctor --json || fail "nothing can be matted here"
work=$(mktemp -d)
# Nobody is before this background.
background-matting matte -i tests/demo/demo.jpg -b tests/demo/demo.jpg -o "$work/matte.png" || fail "no picture can be matted"
[[ -s $work/matte.png ]] || fail "the picture is empty"
rm -r "$work"

apt-get purge -y -qq "${names[@]}" >/dev/null || fail "the packages cannot be removed"
left=$(find / -xdev \( -path "$PWD" -o -path "$packages" -o -path /proc \) -prune -o -name '*background-matting*' -print)
[[ -z $left ]] || fail "this is left of the packages:
$left"
echo "try_packages: ${#names[@]} packages were installed, have worked, and left nothing" >&2
