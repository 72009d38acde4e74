#!/usr/bin/env bash
# Builds and packs the plugin, in OBS's layout for the plugins of one user, into
# build/obs-background-matting-<version>-linux-<machine>.tar.gz.
set -euo pipefail
cd "$(dirname "$0")/.."

ci/build.sh release
# For every card, not only this machine's.
cmake --preset release -DCMAKE_CUDA_ARCHITECTURES="75-real;80-real;86-real;89-real;90-real;100-real;120" --log-level=WARNING
cmake --build --preset release --parallel "$(nproc)"
name=obs-background-matting-$(build/release/background-matting --version)-linux-$(uname -m)
root=build/package
rm -rf "$root"
cmake --install build/release --prefix "$root" --strip >/dev/null
echo "package: compressing $(du -sh "$root" | cut -f1)" >&2
# The same files make the same archive: no names, no times of this machine.
tar --create --directory "$root" --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct)" \
	obs-background-matting | gzip --no-name >"build/$name.tar.gz.part"
mv "build/$name.tar.gz.part" "build/$name.tar.gz"
rm -rf "$root"
echo "build/$name.tar.gz"
