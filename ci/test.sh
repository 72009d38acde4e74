#!/usr/bin/env bash
# Sets up, builds and runs all tests.
# ci/test.sh [CTEST ARGUMENT]...    for example: ci/test.sh -R Plugin
set -euo pipefail
cd "$(dirname "$0")/.."

ci/build.sh release
ctest --preset release "$@"
