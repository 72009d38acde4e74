#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What ci/demo.py makes of OBS's answers, without OBS."""

import base64
import json
import pathlib
import sys
import tempfile
import types
import unittest

sys.modules["websocket"] = types.SimpleNamespace(WebSocketException=OSError)
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "ci"))
import demo  # noqa: E402

PICTURE = {"imageData": "data:image/png;base64," + base64.b64encode(b"picture").decode()}


class Socket:
    """An obs-websocket that refuses some kinds of requests, with a code and a comment."""

    def __init__(self, refused):
        self.refused, self.asked = refused, []

    def send(self, message):
        self.asked.append(json.loads(message)["d"]["requestType"])

    def recv(self):
        status = {"result": True, "code": 100}
        if self.asked[-1] in self.refused:
            code, comment = self.refused[self.asked[-1]]
            status = {"result": False, "code": code, **({"comment": comment} if comment else {})}
        return json.dumps({"op": 7, "d": {"requestStatus": status, "responseData": PICTURE}})


def remote_control(**refused):
    remote = demo.RemoteControl.__new__(demo.RemoteControl)
    remote.socket = Socket(refused)
    return remote


class Demo(unittest.TestCase):
    def pictures(self, remote):
        obs = types.SimpleNamespace(poll=lambda: None)
        with tempfile.TemporaryDirectory() as folder:
            panels = demo.take_pictures(remote, obs, pathlib.Path(folder))
            return [path.read_bytes() for path in panels[::2]]

    def setUp(self):
        self.addCleanup(setattr, demo.time, "sleep", demo.time.sleep)
        demo.time.sleep = lambda seconds: None

    def test_takes_its_pictures(self):
        self.assertEqual(self.pictures(remote_control()), [b"picture"] * 4)

    def test_says_what_was_refused_and_why(self):
        for kind in ("SetSceneItemEnabled", "SetInputSettings"):
            with self.subTest(kind), self.assertRaises(demo.Failure) as failure:
                self.pictures(remote_control(**{kind: (600, "No source was found.")}))
            self.assertIn(f"OBS refuses {kind} ", str(failure.exception))
            self.assertIn("No source was found. (600", str(failure.exception))
        with self.assertRaises(demo.Failure) as failure:
            remote_control(GetVersion=(204, None)).request("GetVersion")
        self.assertIn("no reason given (204)", str(failure.exception))

    def test_waits_only_for_what_can_come(self):
        self.addCleanup(setattr, demo, "FIRST_MATTE_SECONDS", demo.FIRST_MATTE_SECONDS)
        demo.FIRST_MATTE_SECONDS = 0.05
        obs = types.SimpleNamespace(poll=lambda: None)
        for code, asked_once in ((207, False), (600, False), (702, False), (400, True)):
            remote = remote_control(GetSourceScreenshot=(code, "Not so."))
            with tempfile.TemporaryDirectory() as folder, self.subTest(code):
                pathlib.Path(folder, "obs.log").touch()
                with self.assertRaises(demo.Failure) as failure:
                    demo.wait_for_matte(remote, obs, pathlib.Path(folder))
                self.assertIn(f"Not so. ({code})", str(failure.exception))
                self.assertEqual(len(remote.socket.asked) == 1, asked_once)

    def test_forgets_what_was_refused_before(self):
        remote = remote_control(GetSourceScreenshot=(702, "Not yet."))
        self.assertEqual(remote.screenshot("Camera", remote.NOT_YET), b"")
        remote.request("GetVersion")
        self.assertEqual(remote.refusal, "")


if __name__ == "__main__":
    unittest.main()
