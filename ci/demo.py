# SPDX-License-Identifier: GPL-2.0-or-later
"""OBS with the demo's scene, in a folder of its own; ci/run.sh and ci/try_packages.sh prepare that folder and call this.

demo.py FOLDER                 opens OBS on the present display and waits until it is closed
demo.py --headless FOLDER      runs OBS under Xvfb until it has matted, and saves what is on air in FOLDER
        --panels PROGRAM       the build's demo_pictures: puts that side by side into FOLDER.png
"""

import argparse
import base64
import configparser
import hashlib
import json
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import sys
import time

import websocket

WIDTH, HEIGHT = 1280, 720
NAME = "Demo"
FIRST_MATTE_SECONDS = 180
# What shows every flaw of an edge, which a coast at dusk hides: as OBS has colours.
PLAIN = {"white": 0xFFFFFFFF, "black": 0xFF000000, "green": 0xFF40B000}
PLAIN_ITEM = 3
# A child that gets this in front of its command dies with us, however we do.
DIES_WITH_US = ["setpriv", "--pdeathsig", "KILL"]


class Failure(Exception):
    """Its text says what happened and what to do."""


def say(text):
    print(f"run: {text}", file=sys.stderr, flush=True)


# ---- What OBS finds in its folder


def source(kind, name, settings, filters=()):
    return {"id": kind, "versioned_id": kind, "name": name, "settings": settings, "enabled": True,
            "mixers": 0, "filters": list(filters)}


def scene_item(number, name, visible=True):
    return {"id": number, "name": name, "visible": visible, "pos": {"x": 0.0, "y": 0.0}, "scale": {"x": 1.0, "y": 1.0},
            "align": 5, "bounds_type": 0, "scale_filter": "disable", "blend_method": "default", "blend_type": "normal"}


def scene_collection(demo):
    matting = source("background_matting", "Background Matting", {"background": f"{demo}/plate.png"})
    camera = {"local_file": f"{demo}/camera.mkv", "looping": True, "restart_on_activate": False}
    plain = {"width": WIDTH, "height": HEIGHT, "color": PLAIN["white"]}
    scene = {"id_counter": 3, "items": [scene_item(1, "Coast"), scene_item(PLAIN_ITEM, "Plain", visible=False),
                                        scene_item(2, "Camera")]}
    return {"name": NAME, "current_scene": "Scene", "current_program_scene": "Scene", "current_transition": "Cut",
            "scene_order": [{"name": "Scene"}],
            "sources": [source("image_source", "Coast", {"file": f"{demo}/backdrop.png"}),
                        source("color_source", "Plain", plain),
                        source("ffmpeg_source", "Camera", camera, [matting]),
                        source("scene", "Scene", scene)]}


def write_ini(path, sections):
    ini = configparser.RawConfigParser()
    ini.optionxform = str
    ini.read_dict(sections)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        ini.write(file, space_around_delimiters=False)


def write_config(demo, remote_control):
    config = demo / "home/.config/obs-studio"
    for name in ("global.ini", "user.ini"):  # OBS 31 and newer have most of it in the latter
        write_ini(config / name, {
            "General": {"FirstRun": "true", "EnableAutoUpdates": "false", "InfoIncrement": 9999},
            "Basic": {"Profile": NAME, "ProfileDir": NAME, "SceneCollection": NAME, "SceneCollectionFile": NAME},
            "OBSWebSocket": remote_control})
    write_ini(config / f"basic/profiles/{NAME}/basic.ini", {
        "General": {"Name": NAME},
        "Video": {"BaseCX": WIDTH, "BaseCY": HEIGHT, "OutputCX": WIDTH, "OutputCY": HEIGHT, "FPSCommon": 30},
        "SimpleOutput": {"FilePath": demo}})
    scenes = config / f"basic/scenes/{NAME}.json"
    scenes.parent.mkdir(parents=True, exist_ok=True)
    scenes.write_text(json.dumps(scene_collection(demo), indent=1))


# ---- Processes


def environment(demo):
    home = demo / "home"
    result = dict(os.environ, HOME=str(home), XDG_CONFIG_HOME=str(home / ".config"),
                  XDG_CACHE_HOME=str(home / ".cache"), XDG_DATA_HOME=str(home / ".local/share"))
    # With another HOME, X would no longer find the user's key to the display.
    result.setdefault("XAUTHORITY", str(pathlib.Path.home() / ".Xauthority"))
    return result


def start_obs(demo, variables):
    # In a session of its own: Ctrl-C is for us, and we end OBS in order.
    return subprocess.Popen(
        [*DIES_WITH_US, "obs", "--multi", "--disable-updater", "--verbose",
         "--profile", NAME, "--collection", NAME, "--scene", "Scene"],
        env=variables, stdin=subprocess.DEVNULL, stdout=(demo / "obs.log").open("w"), stderr=subprocess.STDOUT,
        start_new_session=True)


def start_xvfb():
    reading, writing = os.pipe()
    xvfb = subprocess.Popen(
        [*DIES_WITH_US, "Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x900x24", "-nolisten", "tcp"],
        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=[writing], start_new_session=True)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        number = pipe.readline().strip()
    if not number:
        stop(xvfb, signal.SIGTERM)
        raise Failure("Xvfb does not start; try it by itself: Xvfb -displayfd 1")
    return xvfb, f":{number}"


def stop(process, how):
    if process.poll() is None:
        process.send_signal(how)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def log_tail(demo):
    lines = (demo / "obs.log").read_text(errors="replace").splitlines()
    ours = [line for line in lines if "background-matting" in line][-5:]
    return "\n".join(["", *(ours or lines[-5:]), f"The whole log is {demo}/obs.log."])


# ---- OBS's remote control


class RemoteControl:
    """The little of obs-websocket 5 that is needed here."""
    NOT_YET = 207, 600, 702  # OBS is not ready, has not read its scenes, or the source has no size
    refusal = ""  # the last request's, if it was refused so

    def __init__(self, port, password):
        self.socket = websocket.create_connection(f"ws://127.0.0.1:{port}", timeout=60)
        asked = self.receive(0)["authentication"]
        digest = password
        for salt in (asked["salt"], asked["challenge"]):
            digest = base64.b64encode(hashlib.sha256((digest + salt).encode()).digest()).decode()
        self.socket.send(json.dumps({"op": 1, "d": {"rpcVersion": 1, "authentication": digest,
                                                    "eventSubscriptions": 0}}))
        self.receive(2)

    def receive(self, operation):
        message = json.loads(self.socket.recv())
        if message["op"] != operation:
            raise Failure(f"OBS's remote control says what it should not: {message}")
        return message["d"]

    def request(self, kind, not_yet=(), **data):
        """What OBS answers; None where it refuses with one of these codes."""
        self.socket.send(json.dumps({"op": 6, "d": {"requestType": kind, "requestId": "1", "requestData": data}}))
        answer = self.receive(7)
        status, self.refusal = answer["requestStatus"], ""
        if not status["result"]:
            self.refusal = f"OBS refuses {kind} {json.dumps(data)}: {status.get('comment', 'no reason given')} ({status['code']})."
            if status["code"] not in not_yet:
                raise Failure(self.refusal)
        return answer.get("responseData", {}) if status["result"] else None

    def screenshot(self, name, not_yet=(), **how):
        answer = self.request("GetSourceScreenshot", not_yet, sourceName=name, **how)
        return base64.b64decode(answer["imageData"].split(",")[1]) if answer else b""


def connect(obs, port, password, demo):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if obs.poll() is not None:
            raise Failure("OBS has ended before it was ready." + log_tail(demo))
        try:
            return RemoteControl(port, password)
        except (OSError, websocket.WebSocketException):
            time.sleep(0.2)
    raise Failure("OBS does not answer." + log_tail(demo))


def wait_for_matte(remote, obs, demo):
    """Until the filter draws anything: before its first matte it draws nothing."""
    begin = time.monotonic()
    while time.monotonic() < begin + FIRST_MATTE_SECONDS:
        if obs.poll() is not None:
            raise Failure("OBS has ended." + log_tail(demo))
        picture = remote.screenshot("Camera", remote.NOT_YET, imageFormat="ppm", imageWidth=64, imageHeight=36)
        if any(picture[-64 * 36 * 3:]):
            return time.monotonic() - begin
        time.sleep(0.2)
    raise Failure(f"nothing was matted in {FIRST_MATTE_SECONDS} seconds. {remote.refusal}" + log_tail(demo))


def take_pictures(remote, obs, demo):
    """Of what is on air; and the same person over plain colours. Files and labels, in turns."""
    def take(name):
        time.sleep(1)  # until what has changed is drawn
        wait_for_matte(remote, obs, demo)  # on a busy machine the engine may have been started again
        (demo / name).write_bytes(remote.screenshot("Scene", imageFormat="png"))
        return demo / name

    panels = [take("composite.png"), "On air"]
    remote.request("SetSceneItemEnabled", sceneName="Scene", sceneItemId=PLAIN_ITEM, sceneItemEnabled=True)
    for name, colour in PLAIN.items():
        remote.request("SetInputSettings", inputName="Plain", inputSettings={"color": colour})
        panels += [take(f"over_{name}.png"), f"Over {name}"]
    return panels


# ---- The two ways to run


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run_headless(demo, panels):
    port, password = free_port(), secrets.token_hex(16)
    write_config(demo, {"FirstLoad": "false", "ServerEnabled": "true", "ServerPort": port, "AuthRequired": "true",
                        "ServerPassword": password})
    xvfb, display = start_xvfb()
    try:
        variables = dict(environment(demo), DISPLAY=display, QT_QPA_PLATFORM="xcb")
        variables.pop("WAYLAND_DISPLAY", None)
        say("starting OBS under Xvfb")
        obs = start_obs(demo, variables)
        try:
            remote = connect(obs, port, password, demo)
            say("OBS runs; waiting for the first matte")
            seconds = wait_for_matte(remote, obs, demo)
            say(f"matted {seconds:.1f} s later; taking the pictures")
            time.sleep(2)  # a moment in the middle of the stream, not its very start
            on_air = take_pictures(remote, obs, demo)
        finally:
            stop(obs, signal.SIGINT)
    finally:
        stop(xvfb, signal.SIGTERM)
    if panels:
        pictures = [demo / "source.png", "Camera", demo / "plate.png", "Captured background", *on_air]
        subprocess.run([panels, "panels", f"{demo}.png", *pictures], check=True)
        say(f"{os.path.relpath(demo)}.png shows the camera, the captured background and the results")


def run_on_display(demo):
    write_config(demo, {"FirstLoad": "false", "ServerEnabled": "false"})
    say("opening OBS: right-click the source Camera and choose Filters to see the filter; Ctrl-C here ends it, too")
    obs = start_obs(demo, environment(demo))
    try:
        obs.wait()
    finally:
        stop(obs, signal.SIGINT)
    log = (demo / "obs.log").read_text(errors="replace")
    if "Unable to open X display" in log or "Could not load the Qt platform plugin" in log:
        raise Failure("OBS cannot open the display; ci/run.sh --headless needs none." + log_tail(demo))
    if obs.returncode != 0:
        raise Failure(f"OBS has ended with status {obs.returncode}." + log_tail(demo))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--headless", action="store_true")
    parser.add_argument("--panels")
    parser.add_argument("folder", type=lambda path: pathlib.Path(path).resolve())
    arguments = parser.parse_args()
    # As Ctrl-C does, so that everything is ended in order.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if arguments.headless:
            run_headless(arguments.folder, arguments.panels)
        else:
            run_on_display(arguments.folder)
    except KeyboardInterrupt:
        say("interrupted")
        sys.exit(130)
    except Failure as failure:
        say(failure)
        sys.exit(1)


if __name__ == "__main__":
    main()
