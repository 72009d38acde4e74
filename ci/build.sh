#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Sets up, configures and builds a preset of CMakePresets.json in build/<preset>.
# ci/build.sh [PRESET]    default: release
set -euo pipefail
cd "$(dirname "$0")/.."

preset=${1:-release}
ci/setup.sh
cmake --preset "$preset" --log-level=WARNING
cmake --build --preset "$preset" --parallel "$(nproc)"
