#!/usr/bin/env python3
"""What ci/check_package.py lets pass and what it does not.    package_test.py BUILD"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "ci"))
import check_package  # noqa: E402

BUILD = pathlib.Path(sys.argv.pop(1))
MODULE = BUILD / "obs-background-matting.so"
FFMPEG_PART = BUILD / "libbackground-matting-ffmpeg.so"  # a build tree's is for this system alone


class Package(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.package = pathlib.Path(folder.name)
        self.addCleanup(setattr, check_package, "NEWEST", check_package.NEWEST)
        check_package.NEWEST = {name: (99,) for name in check_package.NEWEST}  # whatever system built them

    def complaints(self):
        return "\n".join(check_package.complaints(self.package))

    def test_lets_the_module_pass(self):
        shutil.copy(MODULE, self.package)
        self.assertEqual(self.complaints(), "")

    def test_refuses_what_is_too_new(self):
        shutil.copy(MODULE, self.package)
        check_package.NEWEST["GLIBCXX"] = (3, 4, 1)
        self.assertRegex(self.complaints(), r"obs-background-matting.so needs GLIBCXX_3.4.\d+, which is too new")

    def test_refuses_libraries_that_not_every_system_has(self):
        shutil.copy(FFMPEG_PART, self.package)
        self.assertRegex(self.complaints(), r"needs libavformat.so.\d+, which not every system has")

    def test_lets_libraries_pass_that_are_in_the_package(self):
        shutil.copy(FFMPEG_PART, self.package)
        for name in check_package.NEEDED.findall(check_package.objdump("-p", FFMPEG_PART)):
            if name not in check_package.SYSTEM:
                (self.package / f"{name}.0").write_bytes(b"a library")
                (self.package / name).symlink_to(f"{name}.0")
        self.assertEqual(self.complaints(), "")

    def test_refuses_the_name_of_the_builders_folder(self):
        (self.package / "recipe").write_text(f"made in {pathlib.Path.cwd()}/build/package")
        self.assertIn(f"recipe names {pathlib.Path.cwd()}/build/", self.complaints())

    def test_lets_names_pass_that_only_look_like_it(self):
        self.addCleanup(os.chdir, pathlib.Path.cwd())
        os.chdir("/opt")
        (self.package / "library").write_text("/pytorch/opt/aten.cpp")
        self.assertEqual(self.complaints(), "")

    def test_refuses_an_empty_package(self):
        self.assertIn("is empty", self.complaints())

    def test_has_a_module_where_each_release_of_obs_looks(self):
        subprocess.run(["cmake", "--install", BUILD, "--component", "plugin", "--prefix", self.package],
                       check=True, stdout=subprocess.DEVNULL)
        tree = self.package / "obs-background-matting"
        module = tree / "bin/64bit/obs-background-matting.so"
        self.assertTrue(module.is_file())
        self.assertTrue((tree / module.name).samefile(module))  # OBS 33
        manifest = json.loads((tree / "data/manifest.json").read_text(encoding="utf-8"))
        self.assertEqual(set(manifest), {"display_name", "id", "version", "os_arch", "name", "description", "long_description",
                                         "urls", "has_banner", "has_icon"})
        self.assertTrue((tree / "data/locale/en-US.ini").is_file() and (tree / "data/effects/alpha.effect").is_file())


if __name__ == "__main__":
    unittest.main()
