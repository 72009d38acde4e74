# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Sourced by ci/device.sh and ci/device_train.sh, in the project's root: where programs, libraries and results are. Sets and
# exports `pack`, `device`, `OUT`, `work` (a folder to be removed at the end), `python`, `model`; sets `rehearse`.

rehearse=${MATTING_REHEARSE:-}
pack=$PWD/build/device device=cuda
if [[ $rehearse ]]; then
	pack=$PWD/build/release device=cpu
	[[ ! -d $rehearse ]] || pack=$rehearse
fi
OUT=${OUT:-build/device_results}
mkdir -p "$OUT"
OUT=$(cd "$OUT" && pwd)
work=$(mktemp -d)
python=$(type -P python3)
model=$PWD/data/models/mobilenetv2_fp16.pth
export MATTING_ROOT=$PWD OMP_WAIT_POLICY=passive work pack device OUT python model

if [[ ! $rehearse ]]; then
	export MATTING_REQUIRE_CUDA=1
	# Found and not imported, which may take a minute.
	site=$(timeout 30 "$python" -c 'import importlib.util, os
print(os.path.dirname(os.path.dirname(importlib.util.find_spec("torch").origin)))')
	LD_LIBRARY_PATH=$pack:$site/torch/lib:$(find "$site/nvidia" -maxdepth 2 -name lib -printf '%p:' 2>/dev/null)/usr/local/nvidia/lib64
	export LD_LIBRARY_PATH __EGL_VENDOR_LIBRARY_DIRS=/usr/share/glvnd/egl_vendor.d:/usr/local/nvidia/share/glvnd/egl_vendor.d
fi
