#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Builds what the archive brings along for `matte` into build/ffmpeg: FFmpeg and Little CMS, static. Every distribution has another
# version of FFmpeg, with another layout of its structures; the archive is for all of them.
set -euo pipefail
cd "$(dirname "$0")/.."

ffmpeg_version=7.1.5
ffmpeg_sha256=de668509caf9e35e3cd162473441fdb29538c6d96ed080292b3cf9e6fc5d558f
ffmpeg_address=https://deb.debian.org/debian/pool/main/f/ffmpeg/ffmpeg_$ffmpeg_version.orig.tar.xz
lcms2_version=2.14
lcms2_sha256=28474ea6f6591c4d4cee972123587001a4e6e353412a41b3e9e82219818d5740
lcms2_address=https://deb.debian.org/debian/pool/main/l/lcms2/lcms2_$lcms2_version.orig.tar.gz

# Debian's pool keeps the versions of today; this is what it was when the ones above were chosen.
pool=https://deb.debian.org/debian/
snapshot=https://snapshot.debian.org/archive/debian/20261126T000000Z/

fail() {
	echo "ffmpeg: $1" >&2
	exit 1
}

fetch() { # an address, a SHA-256, a folder to unpack to
	echo "ffmpeg: downloading ${1##*/}" >&2
	mkdir -p "$3"
	local get=(curl --proto '=https' --fail --silent --location --retry 3 --connect-timeout 20 --speed-limit 1000 --speed-time 60)
	local check=(sha256sum --check --status)
	{ "${get[@]}" --output "$3.tar" "$1" && "${check[@]}" <<<"$2  $3.tar"; } || {
		"${get[@]}" --show-error --output "$3.tar" "${1/#$pool/$snapshot}" ||
			fail "${1##*/} could not be downloaded; check the network and start again"
		"${check[@]}" <<<"$2  $3.tar" || fail "$1 is not the file that it was"
	}
	tar -xf "$3.tar" -C "$3" --strip-components=1
}

# Everything that FFmpeg reads by itself, and AV1; of writers, what `matte` has names for. It remembers these words: no folder of
# this machine is among them.
configure_ffmpeg() {
	local libraries=(gpl zlib libaom libvpx libwebp libx264 libx265 libzimg)
	local encoders=(ffv1 libaom_av1 libvpx_vp9 libwebp libx264 libx265 mjpeg png prores_ks qtrle)
	local muxers=(avi image2 image2pipe matroska mov mp4 webm)
	local filters=(bwdif crop format hflip null rotate scale setsar tonemap transpose vflip zscale)
	local words=(--prefix=/ --disable-autodetect --disable-programs --disable-doc --disable-network --disable-debug
		--disable-avdevice --disable-postproc --disable-swresample --disable-devices --disable-hwaccels --disable-encoders
		--disable-muxers --disable-filters --disable-protocols --enable-protocol=file --enable-protocol=pipe --enable-pic
		--pkg-config-flags=--static --extra-cflags=-fvisibility=hidden
		"${libraries[@]/#/--enable-}" "${encoders[@]/#/--enable-encoder=}" "${muxers[@]/#/--enable-muxer=}"
		"${filters[@]/#/--enable-filter=}")
	./configure "${words[@]}" >configure.log || {
		tail -5 configure.log ffbuild/config.log >&2
		return 1
	}
}

build() {
	local stamp work=build/ffmpeg.new prefix=$PWD/build/ffmpeg
	stamp=$(sha256sum <ci/ffmpeg.sh)
	[[ -f build/ffmpeg/complete && $(<build/ffmpeg/complete) == "$stamp" ]] && return 0
	rm -rf "$work" build/ffmpeg
	fetch "$lcms2_address" "$lcms2_sha256" "$work/lcms2"
	fetch "$ffmpeg_address" "$ffmpeg_sha256" "$work/ffmpeg"
	echo "ffmpeg: building Little CMS" >&2
	(cd "$work/lcms2" && CFLAGS=-O2 ./configure --prefix=/ --disable-shared --with-pic --without-jpeg --without-tiff >make.log &&
		make -C src -j"$(nproc)" install DESTDIR="$prefix" >>make.log 2>&1 && make -C include install DESTDIR="$prefix" >>make.log) ||
		fail "Little CMS does not build; see $work/lcms2/make.log"
	echo "ffmpeg: building FFmpeg, some minutes" >&2
	(cd "$work/ffmpeg" && configure_ffmpeg && make -j"$(nproc)" >make.log 2>&1 && make install DESTDIR="$prefix" >>make.log 2>&1) ||
		fail "FFmpeg does not build; see $work/ffmpeg/make.log and $work/ffmpeg/ffbuild/config.log"
	mkdir "$prefix"/{ffmpeg,lcms2} # their terms
	cp "$work"/ffmpeg/{COPYING.GPLv2,COPYING.LGPLv2.1,LICENSE.md} "$prefix/ffmpeg"
	cp "$work/lcms2/COPYING" "$prefix/lcms2"
	echo "$stamp" >"$prefix/complete"
	rm -rf "$work"
}

# Who comes second waits, and finds it done.
mkdir -p build
exec 9>build/ffmpeg.lock
flock --nonblock 9 || {
	echo "ffmpeg: waiting for another ci/ffmpeg.sh" >&2
	flock 9
}
build
