"""What ci/layers.py lets pass and what it does not, in a house of a few files."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

LAYERS = pathlib.Path(__file__).resolve().parent.parent / "ci" / "layers.py"

HEADERS = """
plugin/callback.hpp plugin/graphics.hpp plugin/matting_filter.hpp plugin/engine/engine_session.hpp
plugin/frames/frame_bridge.hpp inference/options.hpp inference/error.hpp inference/matting.hpp inference/executor.hpp
inference/wire/protocol.hpp inference/model/network.hpp inference/fast/plan.hpp inference/cuda/kernels.hpp
inference/training/trainer.hpp inference/training/drawing/canvas.hpp inference/bench/bench.hpp
inference/media/media.hpp inference/media/ffmpeg/ffmpeg.hpp inference/service/session.hpp inference/cli/commands.hpp
""".split()

ALLOWED = [
    ("plugin/module.cpp", '"matting_filter.hpp"'),
    ("plugin/module.cpp", '"plugin/frames/frame_bridge.hpp"'),
    ("plugin/engine/a.cpp", '"plugin/frames/frame_bridge.hpp"'),
    ("plugin/frames/a.cpp", '"plugin/graphics.hpp"'),
    ("plugin/frames/a.cpp", '"inference/wire/protocol.hpp"'),
    ("plugin/engine/a.cpp", '"inference/options.hpp"'),
    ("plugin/engine/a.cpp", "<obs-module.h>"),
    ("inference/cli/a.cpp", '"inference/media/media.hpp"'),
    ("inference/service/a.cpp", '"inference/matting.hpp"'),
    ("inference/media/ffmpeg/a.cpp", '"inference/media/media.hpp"'),
    ("inference/cuda/a.cu", '"inference/fast/plan.hpp"'),
    ("inference/matting.cpp", '"inference/model/network.hpp"'),
    ("inference/model/a.cpp", '"inference/error.hpp"'),
    ("inference/wire/a.cpp", '"inference/options.hpp"'),
    ("inference/fast/a.cpp", "<torch/script.h>"),
]

REFUSED = [
    ("plugin/engine/a.cpp", '"plugin/matting_filter.hpp"'),
    ("plugin/engine/a.cpp", '"../matting_filter.hpp"'),
    ("plugin/frames/a.cpp", '"plugin/engine/engine_session.hpp"'),
    ("plugin/graphics.hpp", '"matting_filter.hpp"'),
    ("plugin/module.cpp", '"inference/matting.hpp"'),
    ("plugin/module.cpp", "<inference/matting.hpp>"),
    ("plugin/frames/a.cpp", '"inference/error.hpp"'),
    ("plugin/module.cpp", "<torch/script.h>"),
    ("plugin/frames/a.cpp", "<cuda_runtime.h>"),
    ("inference/cli/a.cpp", '"plugin/callback.hpp"'),
    ("inference/matting.cpp", "<obs-module.h>"),
    ("inference/service/a.cpp", '"inference/media/media.hpp"'),
    ("inference/service/a.cpp", '"inference/media/ffmpeg/ffmpeg.hpp"'),
    ("inference/service/a.cpp", '"inference/cli/commands.hpp"'),
    ("inference/media/a.cpp", '"inference/media/ffmpeg/ffmpeg.hpp"'),
    ("inference/media/a.cpp", '"inference/service/session.hpp"'),
    ("inference/bench/a.cpp", '"inference/media/media.hpp"'),
    ("inference/training/a.cpp", '"inference/bench/bench.hpp"'),
    ("inference/training/drawing/a.cpp", '"inference/training/trainer.hpp"'),
    ("inference/cuda/a.cu", '"inference/training/trainer.hpp"'),
    ("inference/fast/a.cpp", '"inference/cuda/kernels.hpp"'),
    ("inference/matting.cpp", '"fast/plan.hpp"'),
    ("inference/model/a.cpp", '"inference/matting.hpp"'),
    ("inference/wire/a.cpp", '"inference/model/network.hpp"'),
    ("inference/options.hpp", '"inference/wire/protocol.hpp"'),
    ("inference/matting.cpp", '"no_such_file.hpp"'),
    ("inference/attic/a.cpp", "<vector>"),
]


def complaints(file, include):
    with tempfile.TemporaryDirectory() as house:
        for path in map(pathlib.Path(house).joinpath, HEADERS):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        path = pathlib.Path(house, file)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#include {include}\n", encoding="utf-8")
        return subprocess.run([sys.executable, LAYERS], cwd=house, check=False, capture_output=True, text=True).stdout


class Layers(unittest.TestCase):
    def test_lets_pass_what_lies_below(self):
        for file, include in ALLOWED:
            with self.subTest(file=file, include=include):
                self.assertEqual(complaints(file, include), "")

    def test_refuses_what_lies_above(self):
        for file, include in REFUSED:
            with self.subTest(file=file, include=include):
                self.assertTrue(complaints(file, include).startswith(file + ":1: "))


if __name__ == "__main__":
    unittest.main()
