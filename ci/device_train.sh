#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# On a machine with an NVIDIA card: trains the bundled model there, with what ci/device_pack.sh has packed into build/device.
# OUT=FOLDER ci/device.sh train MINUTES [OF]
#     for MINUTES, of a training of OF: without it of as many as end in that time. It begins with the bundled model, or goes
#     on from a checkpoint that was brought along in build/device_training (or $MATTING_TRAINING); then OF counts only if given.
# MATTING_REHEARSE=1 ...   the same on the CPU, as for ci/device.sh
# Leaves in OUT eight files of less than 16 MiB: the checkpoint to go on from (a list and two parts), model.pth, its card
# model.md, preview.png, train.txt (all that was said), and results.txt, the one to read. Bring the first three along next time.
set -uo pipefail
cd "$(dirname "$0")/.." || exit

for number in "$@"; do
	[[ $number =~ ^[0-9]+([.][0-9]+)?$ && $number =~ [1-9] ]] || set --
done
if (($# < 1 || $# > 2)); then
	echo "device: 'train' wants minutes, and of how many if it is only a part: ci/device.sh train 8 24" >&2
	exit 2
fi
. ci/device_machine.sh
brought=${MATTING_TRAINING:-$PWD/build/device_training}
watching=
trap 'kill $watching 2>/dev/null; rm -rf "$work"' EXIT
if [[ $OUT -ef $brought ]]; then
	echo "device: '$brought' holds what was brought along: OUT must be another folder" >&2
	exit 2
fi
seconds=$(awk -v minutes="$1" 'BEGIN { print 60 * minutes }')
# Beginning, looking, saving and the card are not counted, and take a card some two minutes.
whole=${2:-$(awk -v minutes="$1" 'BEGIN { print (minutes > 4 ? minutes - 2 : minutes / 2) }')}

# In OUT from the beginning: what was saved last is there, whoever ends this.
command=("$pack/background-matting" train --output "$OUT" --device "$device")
rm -f "$OUT"/{results.txt,train.txt,checkpoint.training*,model.pth,model.md,preview.png}
if [[ -e $brought/checkpoint.training ]]; then
	install -m 644 "$brought"/checkpoint.training* "$OUT" # what comes from another machine may be read-only
	command+=(--resume ${2:+--minutes "$2"})
else
	command+=(--model "$model" --small-checkpoint --minutes "$whole")
fi

if [[ $device == cuda ]]; then
	nvidia-smi --query-gpu=utilization.gpu,utilization.memory,memory.used --format=csv,noheader,nounits -l 5 >"$work/card.csv" &
	watching=$!
fi
begin=$SECONDS
# In the foreground: otherwise it signals twice, and the second time is an order to end at once.
timeout --foreground --signal=INT --preserve-status --kill-after=60 "$seconds" "${command[@]}" 2>&1 | tee "$OUT/train.txt"
status=$?
took=$((SECONDS - begin))
[[ -z $watching ]] || kill "$watching"

{
	nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null
	# Not the first lines: what there is to draw or to collect is drawn and collected then.
	sed -nE 's/^([a-z]+) .* ([0-9.]+) images.*drawn at +([0-9]+)\).*busy +([0-9]+) %.*/\1 \2 \3 \4/p' "$OUT/train.txt" |
		awk '$1 != last { last = $1; lines = 0 }
			++lines > 2 { n[$1]++; images[$1] += $2; drawn[$1] += $3; busy[$1] += $4 }
			END { for (what in n) printf "%s: %.1f images/s (drawn at %.0f), busy %.0f %%\n", what, images[what] / n[what], drawn[what] / n[what], busy[what] / n[what] }'
	[[ ! -s $work/card.csv ]] || awk -F, 'NR > 6 { n++; card += $1; memory += $2; if ($3 > most) most = $3 }
		END { if (n) printf "the card, by nvidia-smi: at work %.0f %% of the time, its memory %.0f %%; %d MB in use\n", card / n, memory / n, most }' "$work/card.csv"
	grep -E '^validation' "$OUT/train.txt"
	tail -2 "$OUT/train.txt"
	cat "$OUT/model.md" 2>/dev/null
	if ((status == 0)) && [[ -s $OUT/model.pth && -s $OUT/model.md ]]; then verdict=right; else verdict=WRONG status=1; fi
	printf '%-12s %-9s %4d s\n' train "$verdict" "$took"
} >"$work/results.txt"
tee "$OUT/results.txt" <"$work/results.txt"
[[ $verdict == right ]]
