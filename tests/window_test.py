#!/usr/bin/env python3
"""The filter in OBS's real window, under Xvfb: what a streamer does, and what goes on air.

window_test.py BUILD [--language de-DE] [--pictures FOLDER]
    BUILD: where the module, the engine and demo_pictures lie. With --pictures, pictures of the dialog in its states are left there.
Exit status 77: it cannot run here, and says why.
"""

import argparse
import json
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import sys
import time

PROJECT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT / "ci"))
FILTER = "Background Matting"


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(77)


def require_tools():
    for program in ("obs", "Xvfb", "xdotool", "ffmpeg", "ffprobe", "ip", "unshare"):
        if not shutil.which(program):
            skip(f"there is no {program} here; ci/setup.sh installs it")
    try:
        import websocket  # noqa: F401
    except ImportError:
        skip("there is no python3-websocket here; ci/setup.sh installs it")


def enter_private_network():
    """OBS's remote control listens on all addresses: it gets a network that is connected to nothing."""
    if os.environ.get("MATTING_ALONE"):
        return
    alone = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*alone, "ip", "link", "set", "lo", "up"], capture_output=True, check=False).returncode:
        skip("no private network can be made here")
    os.environ["MATTING_ALONE"] = "1"
    os.execvp(alone[0], [*alone, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", sys.executable, *sys.argv])


class Window:
    def __init__(self, build, language, pictures):
        import demo
        self.demo, self.build, self.pictures = demo, build, pictures
        self.folder = build / "window"
        shutil.rmtree(self.folder / "home", ignore_errors=True)
        (self.folder / "data").mkdir(parents=True, exist_ok=True)
        link = self.folder / "data/obs-background-matting"
        if not link.is_symlink():
            link.symlink_to(PROJECT / "data")
        # OBS takes all that lies in the folder for plugins, and the build's has other libraries.
        self.plugins = self.folder / "plugins"
        shutil.rmtree(self.plugins, ignore_errors=True)
        self.plugins.mkdir()
        for name in ("obs-background-matting.so", "background-matting"):
            (self.plugins / name).symlink_to(build / name)
        for picture in ("plate", "source", "backdrop"):
            if not (self.folder / f"{picture}.png").exists():
                subprocess.run([build / "demo_pictures", picture, self.folder / f"{picture}.png"], check=True)
        self.port, self.password = demo.free_port(), secrets.token_hex(16)
        self.write_config(language)

    def write_config(self, language):
        self.demo.write_config(self.folder, {
            "FirstLoad": "false", "ServerEnabled": "true", "ServerPort": self.port, "AuthRequired": "true",
            "ServerPassword": self.password, "AlertsEnabled": "false"})
        config = self.folder / "home/.config/obs-studio"
        for name in ("global.ini", "user.ini"):
            ini = config / name
            ini.write_text(ini.read_text().replace("[General]\n", f"[General]\nLanguage={language}\n", 1))
        camera = {"file": f"{self.folder}/plate.png"}
        scenes = config / f"basic/scenes/{self.demo.NAME}.json"
        collection = json.loads(scenes.read_text())
        for source in collection["sources"]:
            if source["name"] == "Camera":
                source.update(id="image_source", versioned_id="image_source", settings=camera, filters=[])
        script = {"path": str(PROJECT / "data/scripts/background_matting.lua"),
                  "settings": {"camera": "Camera", "scene": "Other", "seconds": 3}}
        collection["sources"].append({"id": "scene", "name": "Other", "settings": {"items": []}})
        collection["scene_order"].append({"name": "Other"})
        collection["modules"] = {"scripts-tool": [script]}
        scenes.write_text(json.dumps(collection))

    def run(self):
        xvfb, self.display = self.demo.start_xvfb()
        try:
            variables = dict(self.demo.environment(self.folder), DISPLAY=self.display, QT_QPA_PLATFORM="xcb",
                             OBS_PLUGINS_PATH=str(self.plugins), OBS_PLUGINS_DATA_PATH=str(self.folder / "data"))
            variables.pop("WAYLAND_DISPLAY", None)
            self.variables = variables
            obs = self.demo.start_obs(self.folder, variables)
            try:
                self.remote = self.demo.connect(obs, self.port, self.password, self.folder)
                self.story()
                # OBS 29 closes its window within the handler of the signal, whatever it is doing: not while it makes the panel.
                time.sleep(5)
            finally:
                self.demo.stop(obs, signal.SIGINT)
        finally:
            self.demo.stop(xvfb, signal.SIGTERM)
        log = self.log()
        assert obs.returncode == 0, f"OBS ended with status {obs.returncode}"
        assert "Number of memory leaks: 0" in log, "something was leaked; see obs.log"

    # ---- What a streamer does

    def story(self):
        # OBS answers before it has read its scenes.
        self.wait(lambda: self.ask("GetSourceFilterList", self.remote.NOT_YET, sourceName="Camera") is not None, "camera")
        self.ask("CreateSourceFilter", sourceName="Camera", filterName=FILTER, filterKind="background_matting",
                 filterSettings={"capture_countdown": 3})
        self.ask("OpenInputFiltersDialog", inputName="Camera")
        self.wait(lambda: self.pixel("Camera", 10, 10) is not None, "a picture of the camera")
        time.sleep(4)
        self.picture("1_new")
        capture = self.hotkey("capture_background")
        self.ask("TriggerHotkeyByName", hotkeyName=capture)
        time.sleep(1)
        self.picture("2_countdown")
        self.wait(lambda: self.settings().get("background"), "a captured background")
        self.ask("SetInputSettings", inputName="Camera", inputSettings={"file": f"{self.folder}/source.png"})
        self.wait(self.is_matted, "a matte")
        time.sleep(4)
        self.picture("3_matting")
        self.record()
        for name, change in (("4_behind", {"behind": "blurred"}), ("6_advanced", {"behind": "nothing", "advanced": True})):
            if self.pictures:
                self.ask("SetSourceFilterSettings", sourceName="Camera", filterName=FILTER, filterSettings=change)
                time.sleep(3)
                if "advanced" in change:
                    self.scroll_down(8)
                    self.picture("5_middle")
                    self.scroll_down(60)
                self.picture(name)

        self.follow_script()

    def follow_script(self):
        """The example of README: when its scene goes live it captures where there is no background, unless that is cancelled, and
        tells how the filter is."""
        counting = "The filter of Camera: counting_down"
        before, first, said = self.settings()["background"], self.hotkey("capture_background"), self.log().count(counting)
        self.switch_to("Other")
        self.ask("CreateSourceFilter", sourceName="Camera", filterName="New", filterKind="background_matting")
        self.switch_to("Scene")
        self.switch_to("Other")
        self.wait(lambda: self.log().count(counting) > said, "capture of the script", 30)
        self.ask("TriggerHotkeyByName", hotkeyName=self.hotkey("capture_background", but=first))
        time.sleep(6)
        assert self.log().count(counting) == said + 1, "the script has captured again what was cancelled"
        assert not self.settings("New").get("background"), "a cancelled capture has captured"
        assert self.settings()["background"] == before, "the script has captured without a need"
        self.ask("SetSourceFilterEnabled", sourceName="Camera", filterName=FILTER, filterEnabled=False)
        self.wait(lambda: "The filter of Camera: off" in self.log(), "word of the script", 20)
        self.switch_to("Scene")

    def switch_to(self, scene):
        self.ask("SetCurrentProgramScene", sceneName=scene)
        time.sleep(1)

    def is_matted(self):
        """The room's corner is the coast's, the person's middle is the camera's."""
        room, person = self.pixel("Camera", 10, 10), self.pixel("Camera", 640, 500)
        return bool(room and person) and sum(room) < 30 and sum(person) > 30

    def record(self):
        self.ask("StartRecord")
        time.sleep(2)
        path = self.ask("StopRecord")["outputPath"]
        self.wait(lambda: not self.ask("GetRecordStatus")["outputActive"], "the recording's end")
        probed = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-of", "json",
                                 "-show_entries", "stream=nb_read_frames,width,height", path],
                                capture_output=True, check=True, text=True)
        stream = json.loads(probed.stdout)["streams"][0]
        assert int(stream["nb_read_frames"]) > 10 and stream["width"] == 1280, stream
        frame = self.video_pixel(path, 10, 10), self.video_pixel(path, 640, 500)
        coast = self.video_pixel(self.folder / "backdrop.png", 10, 10)
        assert all(abs(a - b) < 30 for a, b in zip(frame[0], coast)), f"the room's corner is {frame[0]}, not {coast}"

    # ---- The means for it

    def ask(self, kind, not_yet=(), **data):
        return self.remote.request(kind, not_yet, **data)

    def wait(self, condition, what, seconds=120):
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"no {what} after {seconds} s; see {self.folder}/obs.log"
            time.sleep(0.3)

    def log(self):
        return (self.folder / "obs.log").read_text(errors="replace")

    def settings(self, name=FILTER):
        return self.ask("GetSourceFilter", sourceName="Camera", filterName=name)["filterSettings"]

    def hotkey(self, name, but=None):
        found = []

        def look():
            found[:] = [key for key in self.ask("GetHotkeyList")["hotkeys"]
                        if key.startswith(f"background_matting.{name}.") and key != but]
            return found
        self.wait(look, f"hotkey {name}")
        return found[0]

    def pixel(self, source, x, y):
        ppm = self.remote.screenshot(source, self.remote.NOT_YET, imageFormat="ppm")
        if not ppm:
            return None
        at = len(ppm) - 3 * 1280 * 720 + 3 * (1280 * y + x)
        return tuple(ppm[at:at + 3])

    @staticmethod
    def video_pixel(path, x, y):
        frame = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-frames:v", "1", "-vf", f"format=rgb24,crop=1:1:{x}:{y}",
                                "-f", "rawvideo", "-pix_fmt", "rgb24", "-"], capture_output=True, check=True)
        return tuple(frame.stdout[:3])

    def xdotool(self, *arguments):
        return subprocess.run(["xdotool", *arguments], env=self.variables, capture_output=True, text=True, check=False).stdout

    def dialog(self):
        ids = []

        def look():
            ids[:] = self.xdotool("search", "--name", "Camera").split()
            return ids
        self.wait(look, "filter dialog", 30)
        return dict(line.split("=") for line in self.xdotool("getwindowgeometry", "--shell", ids[-1]).split())

    def scroll_down(self, steps):
        place = self.dialog()
        # On the left of the controls: a wheel on one of them may turn it.
        self.xdotool("mousemove", str(int(place["X"]) + 300), str(int(place["Y"]) + int(place["HEIGHT"]) - 100))
        self.xdotool("click", "--repeat", str(steps), "--delay", "10", "5")
        time.sleep(1)

    def picture(self, name):
        """The dialog, or with --pictures kept; always taken, so that drawing it is tested."""
        place = self.dialog()
        target = (self.pictures or self.folder) / f"window_{name}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "x11grab", "-video_size",
                        f"{place['WIDTH']}x{place['HEIGHT']}", "-i", f"{self.display}+{place['X']},{place['Y']}",
                        "-frames:v", "1", "-q:v", "2", target], check=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--language", default="en-US")
    parser.add_argument("--pictures", type=lambda path: pathlib.Path(path).resolve())
    arguments = parser.parse_args()
    require_tools()
    enter_private_network()
    Window(arguments.build, arguments.language, arguments.pictures).run()
    print("the filter was added, has captured by its hotkey, matted, and was recorded")


if __name__ == "__main__":
    main()
