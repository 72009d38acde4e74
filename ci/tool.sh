#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Brings a tool of ci/format.sh or ci/lint.sh, in the version that ci/NAME.txt pins, into build/NAME. ci/tool.sh NAME
set -euo pipefail
cd "$(dirname "$0")/.."

fail() {
	echo "tool: $1" >&2
	exit 1
}

name=${1-}
[[ -n $name && -f ci/$name.txt ]] || fail "there is no ci/$name.txt; usage: ci/tool.sh NAME"
folder=build/$name work=build/$name.new
# Who comes second waits, and finds it done.
mkdir -p build
exec 9>"$folder.lock"
flock 9
stamp=$(sha256sum <"ci/$name.txt")
[[ -f $folder/complete && $(<"$folder/complete") == "$stamp" ]] && exit 0
command -v pip3 >/dev/null || ci/setup.sh
rm -rf "$work"
python3 -m pip --disable-pip-version-check install --quiet --root-user-action=ignore --no-deps --require-hashes --only-binary=:all: \
	--target "$work" --requirement "ci/$name.txt" || fail "$name could not be downloaded; check the network and start again"
echo "$stamp" >"$work/complete"
rm -rf "$folder"
mv "$work" "$folder"
