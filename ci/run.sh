#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The main job: OBS with the filter on a camera over a scene, with a captured background. All of it stays in build/demo.
# ci/run.sh [--headless]    without a display, or with --headless: under Xvfb, and the result goes to build/demo.png
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
	echo "run: $1" >&2
	exit 1
}

headless=1
[[ -n ${DISPLAY-}${WAYLAND_DISPLAY-} ]] && headless=0
case "${1-}" in
--headless) headless=1 ;;
"") ;;
*)
	echo "run: unknown argument '$1'; usage: ci/run.sh [--headless]" >&2
	exit 2
	;;
esac

compgen -G 'data/models/*.pth' >/dev/null ||
	fail "data/models holds no model, and without one nothing can be matted: put one there, made by 'background-matting export'"

echo "run: setting up and building" >&2
ci/build.sh release

demo=build/demo
draw=build/release/demo_pictures
mkdir -p "$demo"

# Through a name of its own, so that an interrupted run leaves no half a picture.
picture() { # a name
	"$draw" "$1" "$demo/part.png" || fail "the $1 cannot be drawn; is the disk full?"
	mv "$demo/part.png" "$demo/$1.png"
}

# As a webcam would send it.
camera() {
	"$draw" camera | ffmpeg -v error -y -f rawvideo -pixel_format bgra -video_size 1280x720 -framerate 30 -i - \
		-c:v mjpeg -pix_fmt yuvj420p -q:v 2 "$demo/part.mkv" ||
		fail "the camera's video cannot be made; is the disk full?"
	mv "$demo/part.mkv" "$demo/camera.mkv"
}

if [[ ! $demo/camera.mkv -nt $draw ]]; then
	echo "run: drawing a room, a person and a coast" >&2
	picture plate
	picture source
	picture backdrop
	camera
fi

echo "run: installing the plugin into $demo" >&2
cmake --install build/release --prefix "$demo/home/.config/obs-studio/plugins" >"$demo/install.log" ||
	fail "the plugin cannot be installed; see $demo/install.log"

((headless)) || exec /usr/bin/python3 ci/demo.py "$demo"

# The remote control of OBS listens on all addresses: give it a network that is not connected to any.
alone=(unshare --net)
((EUID == 0)) || alone=(unshare --map-root-user --net)
if ! "${alone[@]}" ip link set lo up 2>/dev/null; then
	echo "run: no private network can be made here: OBS's remote control will ask for a password" >&2
	exec /usr/bin/python3 ci/demo.py --headless --panels "$draw" "$demo"
fi
# shellcheck disable=SC2016  # the arguments of the inner shell
exec "${alone[@]}" sh -c 'ip link set lo up && exec "$@"' sh /usr/bin/python3 ci/demo.py --headless --panels "$draw" "$demo"
