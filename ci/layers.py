#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The walls of the house: every room includes only what lies below it.

ci/layers.py    run in the project's root: prints each include that goes the wrong way; exit status 1 if there is one
"""
import pathlib
import re
import sys

# From the roof down. A room is a folder, without the folders in it that are rooms themselves.
PLUGIN = ["plugin", "plugin/engine", "plugin/frames"]
INFERENCE = [
    "inference/cli",
    "inference/service",
    "inference/media/ffmpeg",
    "inference/media",
    "inference/bench",
    "inference/training",
    "inference/training/drawing",
    "inference/cuda",
    "inference/fast",
    "inference",
    "inference/model",
    "inference/wire",
]
# Files of an upper room that all rooms beside and below it stand on; by name, without the ending.
FLOORS = {
    "plugin": ["callback", "graphics", "smooth", "text"],
    "inference": ["atomic_file", "error", "figures", "input_file", "options", "platform", "process_apart", "program_part",
                  "sentence", "sizes"],
}
# Rooms that may not be reached although they lie below.
CLOSED = {"inference/service": ["inference/media", "inference/media/ffmpeg"]}
# All that plugin/ may know of inference/.
PLUGIN_MAY_KNOW = ["inference/options.hpp", "inference/wire/"]
# What others have, and who may not know it.
FOREIGN = {
    "plugin": re.compile(r"(torch|ATen|c10|caffe2|cuda)(/|_|\.)"),
    "inference": re.compile(r"(obs|graphics/|util/)"),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')
SOURCES = {".cpp", ".hpp", ".cu", ".cuh", ".h", ".c", ".cc", ".inl"}


def floor_of(path):
    """The house whose floor the file is part of, or None."""
    house = path.parts[0]
    is_floor = str(path.parent) == house and path.name.split(".")[0] in FLOORS.get(house, [])
    return house if is_floor else None


def room_of(path):
    """The room that a file lies in, or None: every folder of the house is one."""
    folder = str(path.parent)
    return folder if folder in PLUGIN + INFERENCE else None


def objection(file, included):
    """Why `file` may not include `included`; or None."""
    house, other_house = file.parts[0], included.parts[0]
    room, other_room = room_of(file), room_of(included)
    if other_room is None:
        return f"{included} lies in no room"
    if house != other_house:
        if house == "plugin" and str(included).startswith(tuple(PLUGIN_MAY_KNOW)):
            return None
        return f"{house}/ may not know {included}"
    if floor_of(included):
        return None
    if floor_of(file):
        return f"{file.name} is part of the floor of {house}/, and all of {other_room}/ stands on it"
    if other_room in CLOSED.get(room, []):
        return f"{room}/ may not reach {other_room}/"
    rooms = PLUGIN if house == "plugin" else INFERENCE
    if rooms.index(other_room) < rooms.index(room):
        return f"{other_room}/ stands above {room}/"
    return None


def included_file(file, name):
    """The project's file that an include with quotes means, or None."""
    for candidate in (file.parent / name, pathlib.Path(name)):
        if candidate.is_file():
            return pathlib.Path(*pathlib.Path(candidate).resolve().relative_to(pathlib.Path.cwd()).parts)
    return None


def objections():
    for file in sorted(path for house in ("plugin", "inference") for path in pathlib.Path(house).rglob("*")):
        if file.suffix not in SOURCES:
            continue
        if room_of(file) is None:
            yield f"{file}:1: {file.parent}/ is no room: give it its place in ci/layers.py"
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            include = INCLUDE.match(line)
            if not include:
                continue
            bracket, name = include.groups()
            target = included_file(file, name)
            if target is not None:
                why = objection(file, target)
            elif bracket == '"':
                why = f"there is no {name}"
            else:
                why = f"{file.parts[0]}/ may not know <{name}>" if FOREIGN[file.parts[0]].match(name) else None
            if why:
                yield f"{file}:{number}: {why}"


def main():
    found = list(objections())
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
