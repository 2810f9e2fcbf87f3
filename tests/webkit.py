"""Debian's WebKit, which is near Safari's, driven as the standard has it (WebDriver), on a screen that nobody sees."""

from __future__ import annotations

import glob
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.firefox import KEYS, PATIENCE

DRIVER, SCREEN = "WebKitWebDriver", "Xvfb"
WINDOWS = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"


class WebKit:
    """A window of WebKit's own small browser: where it goes. What a page asks for and complains of is not told."""

    def __init__(self, port: int, binary: str) -> None:
        self._address = f"http://127.0.0.1:{port}"
        options = {"binary": binary, "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        self._address += f"/session/{self._call('/session', {'capabilities': wanted})['sessionId']}"

    def close(self) -> None:
        """End the session, and with it the browser."""
        self._call("", method="DELETE")

    def open(self, file: Path, width: int = 1280, height: int = 900) -> WebKit:
        """Go to a file in a window of a size, as far as its frame may be that small."""
        self._call("/window/rect", {"width": width, "height": height})
        self._call("/url", {"url": "about:blank"})
        self._call("/url", {"url": file.as_uri()})
        return self

    def evaluate(self, expression: str) -> Any:
        """Value of an expression, which JSON can hold."""
        script = f"Promise.resolve({expression}).then((value) => arguments[0](value === undefined ? null : value))"
        return self._call("/execute/async", {"script": script, "args": []})

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as a reader does, and wait for the frame in which that is drawn."""
        strokes = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self._call("/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})
        self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def _call(self, place: str, data: dict[str, Any] | None = None, method: str = "POST") -> Any:
        request = urllib.request.Request(
            self._address + place,
            method=method,
            data=None if data is None else json.dumps(data).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.loads(answer.read())["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{place}: {error.read().decode(errors='replace')[:1000]}") from None


@pytest.fixture(scope="session")
def webkit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebKit]:
    """Give Debian's WebKit; where the tests run for good, there must be one."""
    windows = sorted(glob.glob(WINDOWS))
    missing = [name for name in (DRIVER, SCREEN) if shutil.which(name) is None] + ([] if windows else ["MiniBrowser"])
    if missing:
        assert os.environ.get("CI") != "true", f"{' and '.join(missing)}: not installed"
        pytest.skip(f"{' and '.join(missing)}: not installed")
    home = str(tmp_path_factory.mktemp("webkit"))
    with ExitStack() as stack:
        screen = subprocess.Popen(
            [SCREEN, "-displayfd", "1", "-screen", "0", "1600x1200x24", "-nolisten", "tcp"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(_end, screen)
        assert screen.stdout is not None
        display = screen.stdout.readline().decode().strip()
        where = {"DISPLAY": f":{display}", "GDK_BACKEND": "x11", "HOME": home, "XDG_RUNTIME_DIR": home}
        drawn = {"LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_DISABLE_COMPOSITING_MODE": "1", "NO_AT_BRIDGE": "1"}
        port = _free_port()
        driver = subprocess.Popen(
            [DRIVER, f"--port={port}"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **where, **drawn},
        )
        stack.callback(_end, driver)
        _wait_for(port, driver)
        window = WebKit(port, windows[-1])
        yield window
        window.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for(port: int, driver: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and driver.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"{DRIVER} did not start")
