#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Looks at the Debian packages with lintian, installs them as a user does, tries them, removes them and looks for what they leave;
# then does the same with the archive. As root, in a system that is there for nothing else: a container.
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
apt-get install -y -qq --no-install-recommends lintian >/dev/null
lintian --allow-root --fail-on error,warning "$packages"/*.deb || fail "the packages are not as Debian's should be"
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

# The archive in this system's OBS, before the camera and the captured background of the README's picture.
apt-get install -y -qq --no-install-recommends obs-studio ffmpeg python3-websocket xvfb xauth xz-utils >/dev/null
demo=$(mktemp -d)
plugins=$demo/home/.config/obs-studio/plugins
mkdir -p "$plugins"
tar --extract --file "$packages"/obs-background-matting-*.tar.xz --directory "$plugins"
tile() { # x, more filters, what to write
	ffmpeg -v error -i tests/demo/demo.jpg -vf "crop=532:298:$1:38,scale=1280:720$2" "${@:3}"
}
tile 11 ,loop=loop=89:size=1,setpts=N/30/TB -r 30 -c:v mjpeg -q:v 2 "$demo/camera.mkv"
tile 554 "" "$demo/plate.png"
cp "$demo/plate.png" "$demo/backdrop.png"
python3 ci/demo.py --headless "$demo" || fail "the archive does not work in OBS"
grep -q "memory leaks: 0" "$demo/obs.log" || fail "OBS did not end as it should; see $demo/obs.log"
HOME=$demo/home "$plugins/obs-background-matting/bin/64bit/background-matting" doctor | tee "$demo/doctor.txt"
grep -qx "problems: *none" "$demo/doctor.txt" || fail "doctor finds something wrong"
echo "try_packages: the archive has worked in $(obs --version)" >&2
rm -r "$demo"
