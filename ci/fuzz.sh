#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sets up, builds and runs the fuzzers, for longer than the tests do. ci/fuzz.sh SECONDS    for each of them
set -euo pipefail
cd "$(dirname "$0")/.."

[[ ${1-} =~ ^[1-9][0-9]*$ ]] || {
	echo "fuzz: for how many seconds? usage: ci/fuzz.sh SECONDS" >&2
	exit 2
}
MATTING_FUZZ_SECONDS=$1 ci/test.sh -R '^Fuzz' --timeout "$(($1 + 300))"
