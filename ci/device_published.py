#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What the published network takes in plain PyTorch, as its authors run it: TorchScript; in fp16 on a card, else in fp32.

ci/device_published.py MODULE WIDTHxHEIGHT FRAMES [BACKBONE_SCALE SAMPLE_PIXELS [THREADS]]    prints one line of JSON
"""
import json
import sys
import time

import torch


def main():
    module, size, frames = sys.argv[1], sys.argv[2], int(sys.argv[3])
    width, height = map(int, size.split("x"))
    on_card = torch.cuda.is_available()
    device, number = ("cuda", torch.float16) if on_card else ("cpu", torch.float32)
    if len(sys.argv) > 6:
        torch.set_num_threads(int(sys.argv[6]))
    network = torch.jit.load(module, map_location=device).to(number).eval()
    if len(sys.argv) > 4:
        network.backbone_scale = float(sys.argv[4])
        network.refine_sample_pixels = int(sys.argv[5])
    network = torch.jit.freeze(network, ["backbone_scale", "refine_mode", "refine_sample_pixels",
                                         "refine_threshold", "refine_prevent_oversampling"])
    torch.manual_seed(1)
    plate = torch.rand(1, 3, height, width, device=device, dtype=number)
    source = plate.clone()
    source[..., height // 4:, width // 3:2 * width // 3] = 0.8
    torch.backends.cudnn.benchmark = True
    times = []
    warm_up = 10 if on_card else 3
    with torch.inference_mode():
        for frame in range(frames + warm_up):
            begin = clock(on_card)
            network(source, plate)
            end = clock(on_card)
            if frame >= warm_up:
                times.append(milliseconds(begin, end))
    print(json.dumps({"size": size, "device": torch.cuda.get_device_name() if on_card else "cpu",
                      "torch": torch.__version__, "threads": torch.get_num_threads(),
                      "ms_per_frame": sorted(times)[len(times) // 2]}))


def clock(on_card):
    if not on_card:
        return time.perf_counter()
    event = torch.cuda.Event(enable_timing=True)
    event.record()
    return event


def milliseconds(begin, end):
    if isinstance(begin, float):
        return 1000 * (end - begin)
    end.synchronize()
    return begin.elapsed_time(end)


if __name__ == "__main__":
    main()
