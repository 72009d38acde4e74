#!/usr/bin/env bash
# Builds the FFmpeg that the archive brings along for `matte` into build/ffmpeg: static, and only what is wanted of it. Every
# distribution has another version, with another layout of its structures; the archive is for all of them.
set -euo pipefail
cd "$(dirname "$0")/.."

version=7.1.5
sha256=de668509caf9e35e3cd162473441fdb29538c6d96ed080292b3cf9e6fc5d558f
address=https://deb.debian.org/debian/pool/main/f/ffmpeg/ffmpeg_$version.orig.tar.xz

fail() {
	echo "ffmpeg: $1" >&2
	exit 1
}

listed() { # a word of configure, names
	printf -- "--enable-$1=%s " "${@:2}"
}

configure() { # a folder to install to
	local decoders=(apng bmp dnxhd dpx exr ffv1 flv gif h263 h264 hevc huffyuv jpeg2000 libvpx_vp8 libvpx_vp9 magicyuv mjpeg
		mpeg1video mpeg2video mpeg4 msmpeg4v3 pam pbm pgm png ppm prores qtrle rawvideo targa theora tiff utvideo v210 vp8 vp9
		webp wmv3)
	local demuxers=(apng avi concat flv gif h264 hevc image2 'image_*_pipe' matroska mov mpegps mpegts mxf ogg rawvideo wav asf)
	local words
	words="$(listed decoder "${decoders[@]}") $(listed demuxer "${demuxers[@]}")
		$(listed encoder libvpx_vp9 libwebp libx264 mjpeg png prores_ks qtrle)
		$(listed muxer image2 matroska mov mp4 webm)
		$(listed filter crop format hflip null rotate scale transpose vflip)
		$(listed parser av1 h263 h264 hevc mjpeg mpeg4video mpegvideo png vp8 vp9 webp)"
	# shellcheck disable=SC2086  # words
	./configure --prefix="$1" --disable-everything --disable-autodetect --disable-programs --disable-doc --disable-network \
		--disable-debug --enable-pic --enable-gpl --enable-zlib --enable-libvpx --enable-libwebp --enable-libx264 \
		--disable-avdevice --disable-postproc --enable-protocol=file $words \
		--pkg-config-flags=--static --disable-swresample --extra-cflags='-fvisibility=hidden' >configure.log || {
		tail -5 configure.log ffbuild/config.log >&2
		return 1
	}
}

build() {
	local stamp work=build/ffmpeg.new prefix=$PWD/build/ffmpeg
	stamp=$(sha256sum <ci/ffmpeg.sh)
	[[ -f build/ffmpeg/complete && $(<build/ffmpeg/complete) == "$stamp" ]] && return 0
	rm -rf "$work" build/ffmpeg
	mkdir -p "$work"
	echo "ffmpeg: downloading" >&2
	curl --fail --silent --show-error --location --output "$work/ffmpeg.tar.xz" "$address" ||
		fail "FFmpeg could not be downloaded; check the network and start again"
	echo "$sha256  $work/ffmpeg.tar.xz" | sha256sum --check --quiet || fail "$address is not the file that it was"
	tar -xf "$work/ffmpeg.tar.xz" -C "$work" --strip-components=1
	echo "ffmpeg: building" >&2
	(cd "$work" && configure "$prefix" && make -j"$(nproc)" >make.log 2>&1 && make install >>make.log 2>&1) ||
		fail "FFmpeg does not build; see $work/make.log and $work/ffbuild/config.log"
	cp "$work/COPYING.GPLv2" "$work/COPYING.LGPLv2.1" "$work/LICENSE.md" "$prefix"
	echo "$stamp" >"$prefix/complete"
	rm -rf "$work"
}

build
