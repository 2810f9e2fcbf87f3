"""Scenarios whose reports are known by hand, the reference case's report, and a real browser to open them in."""

from __future__ import annotations

import copy
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sim.report import Report
from sim.report import make_report as report

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)

PATHS = 4096

# Flat demand of 10 and 30 a month over 12 months: a baseline of 480. `one` leaves in 2025-07 with an even chance, at
# once and for good: 6 months of 10 are lost, 60, or nothing.
EVEN: dict[str, Any] = {
    "scenario": 1,
    "name": "An even chance",
    "start": "2025-01",
    "months": 12,
    "money": "USD million",
    "vendor": {"name": "The vendor"},
    "customers": {
        "one": {"name": "Customer One", "revenue": 10, "growth": 0},
        "rest": {"name": "The rest", "revenue": 30, "growth": 0, "pool": True},
    },
    "events": {
        "leaves": {
            "name": "One leaves",
            "hits": "one",
            "probability": 0.5,
            "timing": {"month": "2025-07"},
            "usage": {"to": 0},
        }
    },
    "run": {"paths": 1024, "seed": 1},
}


def changed(path: str = "", value: Any = None, base: dict[str, Any] | None = None) -> dict[str, Any]:
    """Give a scenario with the value at a dotted path set; None takes it out."""
    data = copy.deepcopy(EVEN if base is None else base)
    *steps, last = path.split(".")
    place = data
    for step in steps:
        place = place[step]
    if value is None:
        place.pop(last, None)
    else:
        place[last] = value
    return data


def demanding() -> dict[str, Any]:
    """Give a scenario in which no shortcut is open: capacity, commitment, notice, an offer, two events, volatility."""
    data = changed("months", 24)
    data["customers"]["one"] |= {"growth": 0.3, "volatility": 0.3, "market": 0.5}
    data["customers"]["one"]["contract"] = {"term": 12, "renews": "2025-04", "notice": 2, "commitment": 0.6}
    data["customers"]["rest"] |= {"growth": 0.2, "volatility": 0.2, "market": 0.5}
    data["vendor"]["capacity"] = {"initial": 40, "growth": 0.15}
    data["vendor"]["discount_rate"] = 0.08
    data["events"]["leaves"] |= {
        "choice": True,
        "timing": {"lognormal": {"median": 10, "sigma": 0.5}},
        "usage": {"to": 0.1, "over": 4},
    }
    data["events"]["cut"] = {
        "name": "A price cut",
        "hits": "all",
        "probability": 0.3,
        "timing": {"exponential": {"mean": 12}},
        "price": {"to": 0.9},
    }
    data["levers"] = {"offer": {"against": "leaves", "discount": 0.1, "months": 6, "acceptance": 0.4}}
    data["risk"] = {"levels": [0.9, 0.99], "target": 900}
    data["evidence"] = {
        "customers.one.revenue": {"assumption": "made up", "low": 5, "high": 15},
        "events.leaves.probability": {"assumption": "made up", "low": 0.1, "high": 0.9},
    }
    return data


@pytest.fixture(scope="session")
def reference() -> Report:
    return report("tiktok", paths=PATHS)


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
