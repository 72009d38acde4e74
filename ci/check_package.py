#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is to be passed on runs on every system that it is for, and tells nothing of the one where it was built.

check_package.py FOLDER    each library and program in it needs nothing newer than glibc 2.35 and GCC 12's C++ library, and of the
                           system no libraries but those; and no file in it names the project's folder, or its own
"""
import pathlib
import re
import subprocess
import sys

# Ubuntu 22.04's; Debian 12 and all that came later have newer ones.
NEWEST = {"GLIBC": (2, 35), "GLIBCXX": (3, 4, 30), "CXXABI": (1, 3, 13), "GCC": (12, 0, 0)}
SYSTEM = {"ld-linux-x86-64.so.2", "libc.so.6", "libdl.so.2", "libgcc_s.so.1", "libm.so.6", "libpthread.so.0", "librt.so.1",
          "libstdc++.so.6", "libutil.so.1"}
# A name such as /src/ is in LibTorch, too: it is the builder's with one of our own folders behind it.
OURS = ("build", "ci", "data", "inference", "plugin", "tests")
# What is there where the part is of use.
BESIDES = {"obs-background-matting.so": {"libobs.so.0"}, "libbackground-matting-drawing.so": {"libcairo.so.2"}}

VERSION = re.compile(r"\b(GLIBC|GLIBCXX|CXXABI|GCC)_([0-9.]+)\b")
NEEDED = re.compile(r"^\s+NEEDED\s+(\S+)", re.MULTILINE)


def is_binary(path):
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def objdump(option, path):
    return subprocess.run(["objdump", option, path], check=True, capture_output=True, text=True).stdout


def complaints_of(path, shipped):
    versions = {(name, tuple(map(int, number.split("."))), number) for name, number in VERSION.findall(objdump("-T", path))}
    for name, version, number in sorted(versions):
        if version > NEWEST[name]:
            yield f"{path} needs {name}_{number}, which is too new"
    for library in NEEDED.findall(objdump("-p", path)):
        if library not in SYSTEM | shipped | BESIDES.get(path.name, set()):
            yield f"{path} needs {library}, which not every system has"


def names_folder(path, folders):
    content = path.read_bytes()
    return next((folder for folder in folders if folder.encode() in content), None)


def complaints(package):
    named = [path for path in sorted(package.rglob("*")) if path.is_file()]
    files = [path for path in named if not path.is_symlink()]
    folders = [f"{pathlib.Path.cwd() / name}/" for name in OURS] + [f"{package.resolve()}/"]
    shipped = {path.name for path in named}
    if not files:
        yield f"{package} is empty"
    for path in files:
        if is_binary(path):
            yield from complaints_of(path, shipped)
        if folder := names_folder(path, folders):
            yield f"{path} names {folder}"


def main():
    found = list(complaints(pathlib.Path(sys.argv[1])))
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
