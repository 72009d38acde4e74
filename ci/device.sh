#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On a machine with an NVIDIA card: proves the project there, in less than 8 minutes, from what ci/device_pack.sh has packed
# into build/device. Needs the driver, a Python with PyTorch, and for some steps ncu and compute-sanitizer; no network.
# OUT=FOLDER ci/device.sh [STEP...]   results go there; default: build/device_results, and all of the steps
# OUT=FOLDER ci/device.sh train MINUTES [OF]   trains there instead: see ci/device_train.sh
# MATTING_REHEARSE=1 ci/device.sh     the same on the CPU and the tests' stand-in for a card, from build/release (or the build
#                                     tree that is named instead of the 1); shorter
# MATTING_DEVICE_SECONDS=N            for all of it, if not 465; what they do not suffice for is left out, and that is wrong, too
# Nothing ends it early. The last lines are a table: step, verdict, seconds. Exit 2: there is no such step.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

[[ ${1:-} != train ]] || exec ci/device_train.sh "${@:2}"
wanted=" $* "
known=(machine filters smoke models speed published ratios tests engine ipc opengl kernels memcheck racecheck synccheck
	initcheck poison)
for name in "$@"; do
	[[ " ${known[*]} " != *" $name "* ]] || continue
	echo "device: there is no step '$name'; there are: ${known[*]}" >&2
	exit 2
done

. ci/device_machine.sh
deadline=${MATTING_DEVICE_SECONDS:-465}
trap 'rm -rf "$work"' EXIT

# What tests of device_tests a step runs.
filter_tests='Devices/*/cuda_*:Kernels/*'
filter_engine='EngineOnCard.*:PicturesOnCard.*'
filter_kernels=PicturesOnCard.AreMattedInHdAsByDefault
filter_sanitizer='Kernels/MapKernels.*:Kernels/FinishingKernels.*:Kernels/*OneCaseOfEachKernel/*:Devices/*Repeat/cuda_fp16_mobilenetv2'
filter_poison='Kernels/*NonsenseInEveryMap/*'
export "${!filter_@}"

tell() { # name, verdict, seconds: at once, for whoever is ended from outside
	printf '%-12s %-9s %4d s\n' "$@" | tee -a "$OUT/table.txt"
}

failures=0
finish() { # name, status, when it began
	local verdict=right
	! grep -q '^\[==========\] Running 0 tests' "$work/$1.log" || set -- "$1" 1 "$3"
	case $2 in
	0) ;;
	77) verdict="left out" ;;
	124 | 137) verdict="too slow" ;;
	*) verdict=WRONG ;;
	esac
	(($2 == 0 || $2 == 77)) || ((failures++))
	tell "$1" "$verdict" $((SECONDS - $3))
	{
		echo "=== $1: $verdict ($2)"
		tail -c 200000 "$work/$1.log"
		tail -c 50000 "$work/$1.errors"
	} >>"$OUT/log.txt"
	case $1 in
	machine) cp "$work/$1.log" "$OUT/machine.txt" ;;
	speed) cp "$work/$1.log" "$OUT/bench.txt" ;;
	kernels) cp "$work/$1.log" "$OUT/kernels.csv" ;;
	esac
}

may_begin() { # name: sets `most`, of its own seconds those that are left
	local left=$((deadline - SECONDS))
	[[ $wanted == "  " || $wanted == *" $1 "* ]] || return
	most=$(($2 < left ? $2 : left))
	((most <= 0)) || return 0
	((failures++))
	tell "$1" "left out" 0
	return 1
}

run() { # name, seconds at most, command if it is not the name
	local begin=$SECONDS most
	may_begin "$1" "$2" || return 0
	timeout --kill-after=5 "$most" bash -c "${3:-$1}" >"$work/$1.log" 2>"$work/$1.errors"
	finish "$1" $? "$begin"
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

filters() { # each part stands for a test: gtest would not miss it
	[[ $device == cpu && -x $pack/device_tests ]] || return 77 # found when it is rehearsed
	local filter part names status=0
	names=$("$pack/device_tests" --gtest_list_tests | awk '/^[^ ]/ { suite = $1 } /^  / { print suite $1 }')
	for filter in "${!filter_@}"; do
		for part in $(tr : '\n' <<<"${!filter}" | sed 's/[.]/\\&/g; s/[*]/.*/g'); do
			grep -qx "$part" <<<"$names" || { echo "$filter: there is no test $part" && status=1; }
		done
	done
	return $status
}

bench() {
	"$pack/background-matting" bench --device "$device" --model "$model" --executor fast --json "$@"
}

speed() {
	local frames=300 sizes=(1920x1080 3840x2160) status=0
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
				bench --size "$size" --frames "$count" --precision "$precision" --edge-detail 0 "${scale[@]}" || status=1
			done
		done
		# What the network doubts is less than what may be refined: as the paper measures, all of it is.
		model=$work/mobilenetv2.pth
		echo '{"what": "oversampled"}'
		bench --size "$size" --frames "$frames" --edge-detail 0 "${scale[@]}" --refine-prevent-oversampling false || status=1
		echo '{"what": "as by default"}'
		bench --size "$size" --frames "$frames" || status=1
	done
	return $status
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
	local status=0
	"$python" -c 'import importlib.util, sys; sys.exit(not importlib.util.find_spec("torch"))' || return 77
	"$pack/background-matting" export --model "$model" --output "$work/published.pth" --precision fp16 || return 1
	if [[ $device == cuda ]]; then
		"$python" ci/device_published.py "$work/published.pth" 1920x1080 100 || status=1
		"$python" ci/device_published.py "$work/published.pth" 3840x2160 50 0.125 320000 || status=1
	else
		"$python" ci/device_published.py "$work/published.pth" 320x180 1 || status=1
	fi
	return $status
}

ratios() {
	"$python" - "$work" <<'END'
import json, os, sys
folder = sys.argv[1]
decoder = json.JSONDecoder()
text, at, measured, title = open(folder + "/speed.log").read(), 0, [], {}
while (at := text.find("{", at)) >= 0:
    try:
        value, at = decoder.raw_decode(text, at)
    except ValueError:  # cut off
        at += 1
        continue
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
		"$pack/device_tests" --gtest_filter="$filter_tests" --gtest_output="xml:$OUT/tests.xml"
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

kernels() { # of one frame; not by bench, which measures in processes that ncu does not follow
	type -P ncu >/dev/null || return 77
	[[ $device == cuda ]] || return 77
	ncu --clock-control none --profile-from-start off --csv --metrics \
		gpu__time_duration.sum,sm__throughput.avg.pct_of_peak_sustained_elapsed,lts__throughput.avg.pct_of_peak_sustained_elapsed,dram__bytes.sum,sm__warps_active.avg.pct_of_peak_sustained_active \
		"$pack/device_tests" --gtest_filter="$filter_kernels"
}

sanitizer() { # tool
	type -P compute-sanitizer >/dev/null || return 77
	[[ $device == cuda ]] || return 77
	[[ $1 != initcheck ]] || export MATTING_UNSET_MEMORY=1 # zeroed, all would be initialised
	compute-sanitizer --tool "$1" --error-exitcode 9 "$pack/device_tests" --gtest_filter="$filter_sanitizer"
}

poison() {
	[[ $device == cuda ]] || return 77 # a test of its own there
	"$pack/device_tests" --gtest_filter="$filter_poison"
}

engine() { # shut in, with everything that a driver may want; and all around the network
	[[ $device == cuda ]] || return 77 # Plugin.cuda there
	MATTING_PROGRAM=$pack/background-matting "$pack/device_tests" --gtest_filter="$filter_engine"
}

export -f engine machine filters bench speed models published ratios tests stand_in ipc opengl kernels sanitizer poison

run machine 20
run filters 20
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
tools=()
for tool in memcheck racecheck synccheck initcheck; do
	may_begin "$tool" 100 || continue
	tools+=("$tool")
	(
		timeout --kill-after=5 "$most" bash -c "sanitizer $tool" >"$work/$tool.log" 2>"$work/$tool.errors"
		echo $? >"$work/$tool.status"
	) &
done
wait
for tool in "${tools[@]}"; do
	finish "$tool" "$(<"$work/$tool.status")" "$begin"
done
run poison 40

{
	cat "$work"/{ratios,ipc,opengl}.log 2>/dev/null
	cat "$OUT/table.txt"
	printf '%-12s %-9s %4d s\n' "all" "$([[ $failures == 0 ]] && echo right || echo WRONG)" "$SECONDS"
} >"$work/results.txt"
rm -f "$OUT/table.txt" # of which it is a part
tee "$OUT/results.txt" <"$work/results.txt"
((failures == 0))
