#!/usr/bin/env python3
"""The texts in data/locale: every language has all of them, with the same places to fill in; and neither the plugin nor the
engine says anything else.

locale_test.py PROJECT
"""
import pathlib
import re
import sys

LINE = re.compile(r'^([a-z0-9_.]+)="(.*)"$')
PLACE = re.compile(r"\{(:\.\df)?\}")
USED = re.compile(r'\btext\(\s*"([a-z0-9_.]+)"')
LITERALS = r'((?:"(?:[^"\\]|\\.)*"\s*)+)'
# A sentence with its key: inference/sentence.hpp.
SENTENCE = re.compile(r'\b(?:Error|DeviceError|DeviceLost|ModelError|sentence)\(\s*"([a-z0-9_.]+)",\s*' + LITERALS)
# An error without one.
WORDS = re.compile(r'\bthrow (?:Error|DeviceError|DeviceLost|ModelError)\((?:fmt::format\()?\s*"((?:[^"\\]|\\.)*)"(?!,\s*")')
SOURCES = {".cpp", ".hpp", ".cu", ".cuh"}
# Rooms whose errors the plugin can meet, and what in them only the command line says.
ROOMS = ["inference", "inference/cuda", "inference/fast", "inference/model", "inference/service", "inference/wire",
         "plugin", "plugin/engine", "plugin/frames"]
COMMAND_LINE = {"download.cpp", "known_models.cpp", "process_apart_posix.cpp", "process_apart_windows.cpp"}
UNHEARD = ("half precision needs", "there is no precision", "there is no executor", "the picture is {}x{}, its result",
           "MATTING_ISA", "cannot make the folder", "an edge cannot be that soft", "a capture needs", "serve is started by")


def read(path):
    texts, wrong = {}, []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = LINE.match(line)
        if found is None:
            if line:
                wrong.append(f"{path.name}:{number}: no text: {line}")
        elif found[1] in texts:
            wrong.append(f"{path.name}:{number}: {found[1]} is there twice")
        else:
            texts[found[1]] = found[2]
            rest = PLACE.sub("", found[2])
            if "{" in rest or "}" in rest or '"' in rest:
                wrong.append(f"{path.name}:{number}: a stray brace or quote in {found[1]}")
    return texts, wrong


def compare(name, texts, original):
    for key in original.keys() - texts.keys():
        yield f"{name}: {key} is missing"
    for key in texts.keys() - original.keys():
        yield f"{name}: {key} is in no other language"
    for key in original.keys() & texts.keys():
        if PLACE.findall(texts[key]) != PLACE.findall(original[key]):
            yield f"{name}: {key} has other places to fill in than in English, or in another order"
        if not texts[key]:
            yield f"{name}: {key} is empty"


def sources(project, folders):
    for folder in folders:
        yield from sorted(path for path in (project / folder).iterdir() if path.suffix in SOURCES)


def unknown_texts(project, original):
    for path in sources(project, [room for room in ROOMS if room.startswith("plugin")]):
        for key in USED.findall(path.read_text(encoding="utf-8")):
            if key not in original:
                yield f"{path.name}: there is no text {key}"


def joined(literals):
    return "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))


def sentences(project, original):
    said = set()
    for path in sources(project, ROOMS):
        content = path.read_text(encoding="utf-8")
        for key, literals in SENTENCE.findall(content):
            said.add(key)
            if original.get(key) != joined(literals):
                yield f"{path.name}: {key} is another sentence than in en-US.ini: {joined(literals)}"
        if path.name not in COMMAND_LINE:
            for words in WORDS.findall(content):
                if not words.startswith(UNHEARD):
                    yield f"{path.name}: no text for: {words}"
    for key in original:
        if key.startswith(("engine.", "card.")) and key not in said:
            yield f"en-US.ini: nobody says {key}"


def main():
    project = pathlib.Path(sys.argv[1])
    locales = {path.stem: read(path) for path in sorted((project / "data/locale").glob("*.ini"))}
    original = locales["en-US"][0]
    wrong = [line for _, lines in locales.values() for line in lines]
    for name, (texts, _) in locales.items():
        wrong += compare(name, texts, original)
    wrong += [*unknown_texts(project, original), *sentences(project, original)]
    if not {"en-US", "de-DE", "fr-FR", "es-ES", "ja-JP", "zh-CN"} <= locales.keys():
        wrong.append("a language is missing")
    print("\n".join(wrong) or f"{len(locales)} languages, {len(original)} texts")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
