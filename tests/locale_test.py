#!/usr/bin/env python3
"""The texts in data/locale: every language has all of them, with the same places to fill in; and the plugin names no other.

locale_test.py PROJECT
"""
import pathlib
import re
import sys

LINE = re.compile(r'^([a-z0-9_.]+)="(.*)"$')
PLACE = re.compile(r"\{(:\.\df)?\}")
USED = re.compile(r'\btext\(\s*"([a-z0-9_.]+)"')


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


def unknown_texts(project, original):
    for path in sorted((project / "plugin").rglob("*.cpp")):
        for key in USED.findall(path.read_text(encoding="utf-8")):
            if key not in original:
                yield f"{path.name}: there is no text {key}"


def main():
    project = pathlib.Path(sys.argv[1])
    locales = {path.stem: read(path) for path in sorted((project / "data/locale").glob("*.ini"))}
    original = locales["en-US"][0]
    wrong = [line for _, lines in locales.values() for line in lines]
    for name, (texts, _) in locales.items():
        wrong += compare(name, texts, original)
    wrong += unknown_texts(project, original)
    if not {"en-US", "de-DE", "fr-FR", "es-ES", "ja-JP", "zh-CN"} <= locales.keys():
        wrong.append("a language is missing")
    print("\n".join(wrong) or f"{len(locales)} languages, {len(original)} texts")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
