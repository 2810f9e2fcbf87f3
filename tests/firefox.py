"""Debian's Firefox, driven as the standard has it (WebDriver BiDi): one for all tests of a process.

Playwright drives a Firefox of its own making only; this one is as users have it.
"""

from __future__ import annotations

import itertools
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BROWSERS = ("firefox-esr", "firefox")
PATIENCE = 30.0
"""Seconds that a start, and an answer, may take."""

SETTINGS = {
    "app.normandy.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,",
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}
"""What keeps a fresh profile from asking, fetching and telling."""

KEYS = {"ArrowRight": "\ue014", "ArrowLeft": "\ue012", "Home": "\ue011", "End": "\ue010", "Tab": "\ue004"}


class Firefox:
    """A browser with a single window: where it goes, what it asks for and complains of."""

    def __init__(self, socket: Any) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.asked: list[str] = []
        self.said: list[str] = []
        self._call("session.new", capabilities={})
        self._call("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        self._window = self._call("browsingContext.getTree")["contexts"][0]["context"]
        self._call(
            "script.addPreloadScript",
            functionDeclaration="() => document.addEventListener('securitypolicyviolation', "
            "(event) => console.error('policy: ' + event.blockedURI))",
        )

    def close(self) -> None:
        """End the session, and with it the browser."""
        self._call("browser.close")

    def open(self, file: Path, width: int = 1280, height: int = 900) -> Firefox:
        """Go to a file in a window of a size; what was asked and said before is forgotten."""
        size = {"width": width, "height": height}
        self._call("browsingContext.setViewport", context=self._window, viewport=size)
        self._call("browsingContext.navigate", context=self._window, url="about:blank", wait="complete")
        self.asked, self.said = [], []
        self._call("browsingContext.navigate", context=self._window, url=file.as_uri(), wait="complete")
        return self

    def evaluate(self, expression: str) -> Any:
        """Value of an expression, which JSON can hold."""
        found = self._call(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((value) => JSON.stringify(value ?? null))",
            target={"context": self._window},
            awaitPromise=True,
        )
        assert found["type"] == "success", found
        return json.loads(found["result"]["value"])

    def press(self, *keys: str) -> None:
        """Press keys one after the other, as a reader does, and wait for the frame in which that is drawn."""
        strokes = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self._call(
            "input.performActions",
            context=self._window,
            actions=[{"type": "key", "id": "keyboard", "actions": strokes}],
        )
        self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def _call(self, method: str, **arguments: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": arguments}))
        while True:
            answer = json.loads(self._socket.recv(timeout=PATIENCE))
            if answer.get("method") == "log.entryAdded":
                self.said.append(f"{answer['params']['level']}: {answer['params']['text']}")
            elif answer.get("method") == "network.beforeRequestSent":
                address = answer["params"]["request"]["url"]
                self.asked += [] if address.startswith("data:") else [address]  # which it has at hand
            elif answer.get("id") == number:
                assert answer["type"] == "success", answer
                result: dict[str, Any] = answer["result"]
                return result


@pytest.fixture(scope="session")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    """Give Debian's Firefox, or whichever there is; where the tests run for good, there must be one."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    must = os.environ.get("CI") == "true"
    if found is None:
        assert not must, f"none of {BROWSERS} is installed"
        pytest.skip("no Firefox is installed")
    try:
        from websockets.sync.client import connect
    except ImportError:
        if must:
            raise
        pytest.skip("websockets is in the extra `dev`")
    home = tmp_path_factory.mktemp("firefox")
    settings = "".join(f"user_pref({json.dumps(key)}, {json.dumps(value)});\n" for key, value in SETTINGS.items())
    (home / "user.js").write_text(settings)
    words = [found, "--headless", "--no-remote", "--profile", str(home), "--remote-debugging-port", "0"]
    log = home / "log"
    with log.open("wb") as out:
        process = subprocess.Popen(words, stdout=out, stderr=out, env={**os.environ, "HOME": str(home)})
    try:
        # No pings: they draw from the random numbers of the whole process, which Hypothesis takes for its test's doing.
        address = f"{_address(log, process)}/session"
        with connect(address, max_size=None, open_timeout=PATIENCE, ping_interval=None) as socket:
            window = Firefox(socket)
            yield window
            window.close()
        process.wait(PATIENCE)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _address(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Where it listens, which it says once it does."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and process.poll() is None:
        found = re.search(rb"WebDriver BiDi listening on (ws://\S+)", log.read_bytes())
        if found:
            return found[1].decode()
        time.sleep(0.05)
    raise AssertionError(f"Firefox did not start: {log.read_bytes().decode(errors='replace')[-2000:]}")
