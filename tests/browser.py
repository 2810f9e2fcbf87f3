"""A real browser to open reports in: one for all tests of a process, since two would not run beside each other."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.report import Report

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Give Debian's Chromium, or whichever there is; where the tests run for good, there must be one."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    must = os.environ.get("CI") == "true"
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        if must:
            raise
        pytest.skip("playwright is in the extra `dev`")
    if found is None:
        assert not must, f"none of {BROWSERS} is installed"
        pytest.skip("no Chromium is installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=found, args=SWITCHES.split())
        yield chromium
        chromium.close()


class Opened:
    """A report in a browser: what it asked for and complained of, and its dials."""

    def __init__(self, page: Any, file: Path) -> None:
        self.page = page
        self.address = file.as_uri()
        self.asked: list[str] = []
        self.said: list[str] = []
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.said.append(f"error: {error}"))
        page.on("dialog", lambda dialog: (self.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.add_init_script(
            "document.addEventListener('securitypolicyviolation', (e) => console.error('policy: ' + e.blockedURI))"
        )

    def open(self, address: str = "") -> Opened:
        """Go to the page, with what stands behind the # if anything."""
        self.page.goto("about:blank")
        self.page.goto(self.address + address)
        return self

    def set(self, **dials: int) -> None:
        """Move dials to a place of theirs, as a finger would, and wait until all is drawn."""
        for name, place in dials.items():
            self.page.eval_on_selector(
                f"#{name}",
                "(dial, place) => { dial.value = place; dial.dispatchEvent(new Event('input', {bubbles: true})); }",
                place,
            )
        self.settle()

    def settle(self) -> None:
        """Wait for the frame in which a change is drawn."""
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def wait_until(self, condition: str) -> None:
        """Wait for something to hold; the page's policy keeps it from being watched from within."""
        for _ in range(50):
            if self.page.evaluate(condition):
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"never: {condition}")

    def measure(self, key: str) -> dict[str, float]:
        """Read a row of the measures in full precision."""
        data: dict[str, str] = self.page.eval_on_selector(f'tr[data-measure="{key}"]', "(row) => ({...row.dataset})")
        return {name: float(value) for name, value in data.items() if name != "measure"}


@pytest.fixture
def opened(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Open reports, each in a window of its own."""
    pages = []

    def open_(found: Report, address: str = "", *, width: int = 1280, height: int = 900, dark: bool = False) -> Opened:
        file = found.save(tmp_path / f"report{len(pages)}.html")
        page = browser.new_page(
            viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light", has_touch=width < 600
        )
        pages.append(page)
        return Opened(page, file).open(address)

    yield open_
    for page in pages:
        page.close()
