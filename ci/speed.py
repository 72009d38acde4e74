#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""README's tables and its graph of what a frame costs on this computer's processor.

ci/speed.py [--frames N] [--pytorch PYTHON]    prints the tables; what the published module takes in a Python that has PyTorch
ci/speed.py [--frames N] --graph FILE.svg      draws the graph
It wants build/release and, for 8 frames each, a quarter of an hour of a machine that does nothing else.
"""
import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

PROJECT = pathlib.Path(__file__).resolve().parent.parent
BUILD = PROJECT / "build/release"
PROGRAM = BUILD / "background-matting"
BACKBONES = "mobilenetv2", "resnet50", "resnet101"
# size, backbone_scale, refined pixels
ROWS = ("1280x720", 0.25, 80_000), ("1920x1080", 0.25, 80_000), ("3840x2160", 0.125, 320_000)
MODES = {"sampling": ["--refine-mode", "sampling"],
         "thresholding, nothing above it": ["--refine-mode", "thresholding", "--refine-threshold", "1"],
         "full": ["--refine-mode", "full"]}
COMPARED = ("1280x720", "mobilenetv2"), ("1920x1080", "mobilenetv2"), ("3840x2160", "mobilenetv2"), ("1920x1080", "resnet50")
CURVE_SIZES = "640x360", "960x540", "1280x720", "1920x1080", "2560x1440", "3840x2160"
CURVE_QUALITIES = "fast", "balanced", "fine"


def run(*command):
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"speed: {done.stderr.strip()}")
    return done.stdout


def bench(frames, *arguments):
    return json.loads(run(PROGRAM, "bench", "--json", "--device", "cpu", "--executor", "fast", "--frames", frames, *arguments))


def network(scale, pixels):
    return ["--quality", "custom", "--backbone-scale", scale, "--refine-sample-pixels", pixels]


def table(models, frames):
    print(f"\n| size, `backbone_scale`, refined pixels | mode | {' | '.join(BACKBONES)} |\n| --- | --- | --- | --- | --- |")
    for size, scale, pixels in ROWS:
        for number, (mode, flags) in enumerate(MODES.items()):
            times = [bench(frames, "--model", models[name], "--size", size, *network(scale, pixels), *flags)["fast"]["ms_per_frame"]
                     for name in BACKBONES]
            first = f"{size}, {scale}, {pixels:,}".replace(",000", " 000") if number == 0 else ""
            print(f"| {first} | {mode} | {' | '.join(f'{time:.0f}' for time in times)} |", flush=True)


def comparison(models, frames, python):
    """The network alone is what the published module computes; the default also finds hair at the edge."""
    print("| size | backbone | milliseconds | the network alone | PyTorch | ratio of these two |\n"
          "| --- | --- | --- | --- | --- | --- |")
    for size, backbone in COMPARED:
        scale, pixels = next(row[1:] for row in ROWS if row[0] == size)
        published = models[backbone].with_suffix(".script.pth")
        run(PROGRAM, "export", "--model", models[backbone], "--output", published, "--precision", "fp32")
        own = ["--model", models[backbone], "--size", size, *network(scale, pixels)]
        default, alone = bench(frames, *own), bench(frames, *own, "--edge-detail", 0)
        other = json.loads(run(python, PROJECT / "ci/device_published.py", published, size, frames, scale, pixels,
                               alone["threads"]))["ms_per_frame"]
        times = [report["fast"]["ms_per_frame"] for report in (default, alone)]
        print(f"| {size} | {backbone} | {times[0]:.0f} | {times[1]:.0f} | {other:.0f} | {other / times[1]:.1f} |", flush=True)


def graph(frames, path):
    threads = bench(1, "--size", "640x360")["threads"]
    curves = {}
    for quality in CURVE_QUALITIES:
        for count in sorted({1, threads} if quality == "balanced" else {threads}):
            name = f"{quality}, {count} {'thread' if count == 1 else 'threads'}"
            curves[name] = [bench(frames, "--size", size, "--quality", quality, "--threads", count)["fast"]["ms_per_frame"]
                            for size in CURVE_SIZES]
            print(f"{name}: {', '.join(f'{time:.0f}' for time in curves[name])}", file=sys.stderr, flush=True)
    path.write_text(draw(curves))


def draw(curves):
    """Milliseconds over megapixels, both on scales that begin at 0."""
    left, top, width, height = 60, 20, 560, 320
    megapixels = [int(size.split("x")[0]) * int(size.split("x")[1]) / 1e6 for size in CURVE_SIZES]
    greatest = max(map(max, curves.values()))
    step = next(step for step in (10, 20, 50, 100, 200, 500, 1000, 2000) if greatest / step <= 8)
    top_value = step * -(-greatest // step)

    def place(x, y):
        return left + width * x / megapixels[-1], top + height * (1 - y / top_value)

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {left + width + 50} {top + height + 60}" '
             'font-family="sans-serif" font-size="12">', '<rect width="100%" height="100%" fill="white"/>']
    for value in range(0, int(top_value) + 1, step):
        y = place(0, value)[1]
        parts.append(f'<path d="M{left} {y:.1f}h{width}" stroke="#ddd"/><text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">'
                     f'{value} ms</text>')
    for size, x in zip(CURVE_SIZES, megapixels):
        at = place(x, 0)[0]
        parts.append(f'<text transform="translate({at + 4:.1f} {top + height + 12}) rotate(35)">{size.split("x")[1]}</text>')
    for number, (name, times) in enumerate(curves.items()):
        colour = ("#4477aa", "#ee6677", "#228833", "#aa3377")[number % 4]
        points = " ".join("{:.1f},{:.1f}".format(*place(x, y)) for x, y in zip(megapixels, times))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        at = left + width - 170, top + height - 18 * (len(curves) - number)
        parts.append(f'<path d="M{at[0]} {at[1]}h22" stroke="{colour}" stroke-width="2"/>'
                     f'<text x="{at[0] + 28}" y="{at[1] + 4}">{name}</text>')
    parts.append(f'<text x="{left + width}" y="{top + height + 50}" text-anchor="end">lines of a 16:9 picture</text></svg>')
    return "\n".join(parts) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--frames", type=int, default=20)
    parser.add_argument("--pytorch", metavar="PYTHON")
    parser.add_argument("--graph", type=pathlib.Path, metavar="FILE.svg")
    arguments = parser.parse_args()
    if arguments.graph:
        return graph(arguments.frames, arguments.graph)
    with tempfile.TemporaryDirectory() as folder:
        models = {name: pathlib.Path(folder, name + ".pth") for name in BACKBONES}
        shutil.copy(PROJECT / "data/models/mobilenetv2_fp16.pth", models["mobilenetv2"])
        for name in BACKBONES[1:]:
            run(BUILD / "write_model", name, models[name])
        if arguments.pytorch:
            comparison(models, arguments.frames, arguments.pytorch)
        table(models, arguments.frames)


if __name__ == "__main__":
    main()
