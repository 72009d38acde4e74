#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On a machine with an NVIDIA card: proves the project there, in less than 8 minutes, from what ci/device_pack.sh has packed
# into build/device. Needs the driver, a Python with PyTorch, and for some steps ncu and compute-sanitizer; no network.
# OUT=FOLDER ci/device.sh [STEP...]   results go there; default: build/device_results, and all of the steps
# MATTING_REHEARSE=1 ci/device.sh     the same on the CPU and the tests' stand-in for a card, from build/release (or the build
#                                     tree that is named instead of the 1); shorter
# Nothing ends it early. The last lines are a table: step, verdict, seconds.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

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
trap 'rm -rf "$work"' EXIT
export MATTING_ROOT=$PWD OMP_WAIT_POLICY=passive work pack device OUT
model=$PWD/data/models/mobilenetv2_fp16.pth
export model

python=$(type -P python3)
if [[ ! $rehearse ]]; then
	export MATTING_REQUIRE_CUDA=1
	site=$("$python" -c 'import os, torch; print(os.path.dirname(os.path.dirname(torch.__file__)))')
	LD_LIBRARY_PATH=$pack:$site/torch/lib:$(find "$site/nvidia" -maxdepth 2 -name lib -printf '%p:' 2>/dev/null)/usr/local/nvidia/lib64
	export LD_LIBRARY_PATH
	export __EGL_VENDOR_LIBRARY_DIRS=/usr/share/glvnd/egl_vendor.d:/usr/local/nvidia/share/glvnd/egl_vendor.d
fi

wanted=" $* "
is_wanted() { [[ $wanted == "  " || $wanted == *" $1 "* ]]; }

tell() { # name, verdict, seconds: at once, for whoever is ended from outside
	printf '%-12s %-9s %4d s\n' "$@" | tee -a "$OUT/table.txt"
}

failures=0
step() { # name, seconds at most, command...
	local name=$1 most=$2 begin=$SECONDS status verdict=right
	shift 2
	is_wanted "$name" || return 0
	timeout --kill-after=5 "$most" "$@" >"$work/$name.log" 2>&1
	status=$?
	case $status in
	0) ;;
	77) verdict="left out" ;;
	124 | 137) verdict="too slow" ;;
	*) verdict=WRONG ;;
	esac
	((status == 0 || status == 77)) || ((failures++))
	tell "$name" "$verdict" $((SECONDS - begin))
	{
		echo "=== $name: $verdict ($status)"
		tail -c 200000 "$work/$name.log"
	} >>"$OUT/log.txt"
}
rm -f "$OUT/results.txt" "$OUT/table.txt"
: >"$OUT/log.txt"

machine() {
	uname -r
	ldd --version | head -1
	if [[ $device == cuda ]]; then
		nvidia-smi
		nvcc --version | tail -2
		ldd "$pack"/* | grep 'not found' && return 1
	fi
	return 0
}

bench() {
	"$pack/background-matting" bench --device "$device" --model "$model" --executor fast --json "$@"
}

speed() {
	local frames=300 sizes=(1920x1080 3840x2160)
	[[ $device == cuda ]] || { frames=1 sizes=(320x180); }
	local size backbone precision scale count
	for size in "${sizes[@]}"; do
		scale=(--backbone-scale 0.25 --refine-sample-pixels 80000)
		[[ $size != 3840x2160 ]] || scale=(--backbone-scale 0.125 --refine-sample-pixels 320000)
		for backbone in mobilenetv2 resnet50 resnet101; do
			[[ $device == cuda || $backbone == mobilenetv2 ]] || continue
			model=$work/$backbone.pth
			for precision in fp16 fp32; do
				[[ $device == cuda || $precision == fp32 ]] || continue
				echo "{\"model\": \"$backbone\", \"precision\": \"$precision\", \"size\": \"$size\"}"
				count=$frames
				[[ $precision == fp16 ]] || count=$(((frames + 4) / 5))
				bench --size "$size" --frames "$count" --precision "$precision" --edge-detail 0 "${scale[@]}" || return 1
			done
		done
	done
	# What the network doubts is less than what may be refined: as the paper measures, all of it is.
	model=$work/mobilenetv2.pth
	echo '{"what": "oversampled"}'
	bench --size "${sizes[0]}" --frames "$frames" --edge-detail 0 --refine-prevent-oversampling false || return 1
	for size in "${sizes[@]}"; do
		echo '{"what": "as by default"}'
		bench --size "$size" --frames "$frames" || return 1
	done
}

models() {
	local backbone
	cp "$model" "$work/mobilenetv2.pth"
	for backbone in resnet50 resnet101; do
		[[ $device == cuda ]] || break
		"$pack/write_model" "$backbone" "$work/$backbone.pth" || return 1
	done
}

published() {
	"$python" -c 'import torch' 2>/dev/null || return 77
	"$pack/background-matting" export --model "$model" --output "$work/published.pth" --precision fp16 || return 1
	if [[ $device != cuda ]]; then
		"$python" ci/device_published.py "$work/published.pth" 320x180 1
		return
	fi
	"$python" ci/device_published.py "$work/published.pth" 1920x1080 100 &&
		"$python" ci/device_published.py "$work/published.pth" 3840x2160 50 0.125 320000
}

ratios() {
	"$python" - "$work" <<'END'
import json, os, sys
folder = sys.argv[1]
decoder = json.JSONDecoder()
text, at, measured, title = open(folder + "/speed.log").read(), 0, [], {}
while (at := text.find("{", at)) >= 0:
    value, at = decoder.raw_decode(text, at)
    if "fast" in value:
        measured.append((title, value))
    else:
        title = value
for title, value in measured:
    fast = value["fast"]
    print(value["size"], value["backbone"], value["device"], value["precision"],
          title.get("what", ""), f'{fast["ms_per_frame"]:.3f} ms a frame,',
          f'{fast.get("gpu_ms_per_frame", 0):.3f} ms on the card, {fast.get("kernels_per_frame", 0)} kernels,',
          f'{fast.get("gpu_memory_bytes", 0) / 1e6:.0f} MB of {fast.get("gpu_used_bytes", 0) / 1e6:.0f} MB in use')
for line in open(folder + "/published.log") if os.path.exists(folder + "/published.log") else []:
    if not line.startswith("{"):
        continue
    theirs = json.loads(line)
    for title, value in measured:
        if value["size"] == theirs["size"] and value["backbone"] == "mobilenetv2" and theirs["ms_per_frame"] and \
                value["precision"] == "fp16" and "what" not in title:
            print(f'published, {theirs["size"]}: {theirs["ms_per_frame"]:.3f} ms; the fast executor is '
                  f'{theirs["ms_per_frame"] / value["fast"]["ms_per_frame"]:.2f} times as fast')
END
}

tests() {
	if [[ $device == cuda ]]; then
		"$pack/device_tests" --gtest_filter='Devices/*/cuda_*:Kernels/*' --gtest_output="xml:$OUT/tests.xml"
	else
		"$pack/cuda_stand_in_tests" --gtest_filter='CudaErrors.*:Kernels/MapKernels.Pool*' --gtest_output="xml:$OUT/tests.xml"
	fi
}

stand_in() { # a folder where programs find the stand-in in the place of driver and library
	mkdir -p "$work/stand_in"
	cp -f "$pack/$1" "$work/stand_in"
	ln -sf "$pack/libstand_in_driver.so" "$work/stand_in/libcuda.so.1"
	ln -sf "$pack/libstand_in_engine_library.so" "$work/stand_in/libbackground-matting-cuda.so"
	LD_LIBRARY_PATH=$work/stand_in "$work/stand_in/$1" "${@:2}"
}

ipc() {
	if [[ $device == cuda ]]; then "$pack/try_ipc" 10000; else stand_in try_ipc 100; fi
}

opengl() {
	if [[ $device == cuda ]]; then "$pack/try_opengl"; else stand_in try_opengl; fi
}

kernels() { # of the self-check's frames; not by bench, which measures in processes that ncu does not follow
	type -P ncu >/dev/null || return 77
	[[ $device == cuda ]] || return 77
	ncu --clock-control none --launch-skip 300 --launch-count 80 --csv --metrics \
		gpu__time_duration.sum,sm__throughput.avg.pct_of_peak_sustained_elapsed,lts__throughput.avg.pct_of_peak_sustained_elapsed,dram__bytes.sum,sm__warps_active.avg.pct_of_peak_sustained_active \
		"$pack/device_tests" --gtest_filter='Devices/SelfCheck.IsPassedWithTheBundledModel/cuda_fp16_mobilenetv2'
}

sanitizer() { # tool
	type -P compute-sanitizer >/dev/null || return 77
	[[ $device == cuda ]] || return 77
	compute-sanitizer --tool "$1" --error-exitcode 9 "$pack/device_tests" \
		--gtest_filter='Kernels/MapKernels.*:Kernels/FinishingKernels.*:Devices/*Repeat/cuda_fp16_mobilenetv2'
}

poison() {
	if [[ $device == cuda ]]; then
		"$pack/device_tests" --gtest_filter='Kernels/*NonsenseInEveryMap/*'
	else
		return 77 # a test of its own there
	fi
}

engine() { # shut in, with everything that a driver may want; and all around the network
	[[ $device == cuda ]] || return 77 # Plugin.cuda there
	MATTING_PROGRAM=$pack/background-matting "$pack/device_tests" --gtest_filter='EngineOnCard.*:PicturesOnCard.*'
}

export -f engine machine bench speed models published ratios tests stand_in ipc opengl kernels sanitizer poison
export python

run() { step "$1" "$2" bash -c "${3:-$1}"; }
run machine 20
run smoke 40 'bench --frames 30 --size 320x180'
run models 30
run speed 150
run published 50
run ratios 5
run tests 120
run engine 40
run ipc 40
run opengl 20
run kernels 60
# Four at a time: they wait for the card less than for themselves.
begin=$SECONDS
for tool in memcheck racecheck synccheck initcheck; do
	is_wanted "$tool" || continue
	(
		timeout --kill-after=5 100 bash -c "sanitizer $tool" >"$work/$tool.log" 2>&1
		echo $? >"$work/$tool.status"
	) &
done
wait
for tool in memcheck racecheck synccheck initcheck; do
	[[ ! -e $work/$tool.status ]] || step "$tool" 5 bash -c "cat '$work/$tool.log'; exit $(<"$work/$tool.status")"
done
[[ ! -e $work/memcheck.log ]] || tell "the four" "" $((SECONDS - begin))
run poison 40

{
	cp "$work/speed.log" "$OUT/bench.txt"
	cp "$work/kernels.log" "$OUT/kernels.csv"
	cp "$work/machine.log" "$OUT/machine.txt"
} 2>/dev/null # those that were wanted
{
	cat "$work"/{ratios,ipc,opengl}.log 2>/dev/null
	cat "$OUT/table.txt"
	printf '%-12s %-9s %4d s\n' "all" "$([[ $failures == 0 ]] && echo right || echo WRONG)" "$SECONDS"
} >"$work/results.txt"
rm -f "$OUT/table.txt" # of which it is a part
tee "$OUT/results.txt" <"$work/results.txt"
((failures == 0))
