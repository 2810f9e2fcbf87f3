"""The page in Firefox and WebKit: it opens quietly, a dial moves the numbers to where the formula has them, it fits.

What is tried in Chromium at length is not tried again; what differs between browsers is.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.report import Report
from sim.report import make_report as report
from tests.firefox import Firefox
from tests.report.conftest import EVEN
from tests.webkit import WebKit

Window = Firefox | WebKit


@pytest.fixture(params=["firefox", "webkit"])
def window(request: pytest.FixtureRequest) -> Window:
    """One browser after the other."""
    found: Window = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def even(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(EVEN, paths=256).save(tmp_path_factory.mktemp("even") / "report.html")


def measure(page: Window, key: str) -> float:
    return float(page.evaluate(f"""document.querySelector('tr[data-measure="{key}"]').dataset.value"""))


def text(page: Window, selector: str) -> str:
    found: str = page.evaluate(f"document.querySelector('{selector}').innerText")
    return found.replace("\u00a0", " ")


def is_quiet(page: Window) -> bool:
    """Whether nothing was asked for over a network, nor complained of, as far as the browser tells."""
    return isinstance(page, WebKit) or page.asked == page.said == []


def test_it_opens_quietly_and_draws(reference: Report, window: Window, tmp_path: Path) -> None:
    file = reference.save(tmp_path / "report.html")
    page = window.open(file)
    assert text(page, "#headline") == f"{reference.headline}."
    assert float(page.evaluate("document.documentElement.dataset.ready")) < 5000
    assert page.evaluate("document.querySelectorAll('#fan svg path').length") > 3
    assert page.evaluate("document.querySelectorAll('#exceedance svg path').length") > 1
    # The heat map has pixels of more than one colour.
    assert (
        page.evaluate(
            """(() => {
             const canvas = document.querySelector('#surface canvas');
             const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
             const colors = new Set();
             for (let k = 0; k < data.length; k += 4) colors.add(data.slice(k, k + 4).join());
             return colors.size;
           })()"""
        )
        > 10
    )
    assert is_quiet(page)


def test_what_is_asked_for_and_said_is_seen(firefox: Firefox, tmp_path: Path) -> None:
    picture = "http://127.0.0.1:49151/picture.png"
    script = "console.error('loud'); none()"
    (tmp_path / "loud.html").write_text(f"<meta charset=utf-8><img src='{picture}'><script>{script}</script>")
    page = firefox.open(tmp_path / "loud.html")
    assert page.asked == [picture]
    assert page.said == ["error: loud", "error: ReferenceError: none is not defined"]


def test_a_dial_moves_the_numbers(even: Path, window: Window) -> None:
    page = window.open(even)
    # 60 is lost with an even chance.
    assert measure(page, "expected_loss") == pytest.approx(30, rel=1e-12)
    page.evaluate("document.getElementById('probability').focus()")
    page.press("Home", *["ArrowRight"] * 4)
    assert text(page, "#probability-value") == "4 %"
    # Nothing is lost in 95 of 100 cases, and the worst five hold four of 60: 48 on average.
    assert measure(page, "expected_loss") == pytest.approx(0.04 * 60, rel=1e-12)
    assert measure(page, "revenue_at_risk.0.95") == pytest.approx(0, abs=1e-9)
    assert measure(page, "expected_shortfall.0.95") == pytest.approx(48, rel=1e-6)
    page.evaluate("document.getElementById('timing').focus()")
    page.press("End")
    # In the last month ten are lost once.
    assert measure(page, "expected_loss") == pytest.approx(0.04 * 10, rel=1e-12)
    page.evaluate("document.getElementById('back').click()")
    page.press("Tab")
    assert measure(page, "expected_loss") == pytest.approx(30, rel=1e-12)
    assert is_quiet(page)


def test_an_address_brings_back_where_the_dials_stood(even: Path, window: Window) -> None:
    page = window.open(even)
    page.evaluate("document.getElementById('probability').focus()")
    page.press("Home")
    assert measure(page, "expected_loss") == 0
    page.evaluate("void (location.hash = '#p=0.25&t=2025-09')")
    page.press("Tab")
    # A quarter of four months of ten.
    assert measure(page, "expected_loss") == pytest.approx(10, rel=1e-12)


@pytest.mark.parametrize("width", [1280, 360])
def test_it_fits(reference: Report, window: Window, tmp_path: Path, width: int) -> None:
    page = window.open(reference.save(tmp_path / "report.html"), width=width)
    # The frame of a window may not become as narrow as that.
    width = max(width, page.evaluate("innerWidth"))
    assert page.evaluate("document.documentElement.scrollWidth") <= width <= 1280
    sizes: Any = page.evaluate(
        "[...document.querySelectorAll('#fan svg, #exceedance svg, #surface svg')]"
        ".map((one) => { const box = one.getBoundingClientRect(); return [box.width, box.height]; })"
    )
    assert len(sizes) == 3
    assert all(width / 4 < wide <= width and high > 100 for wide, high in sizes)


def test_a_long_table_opens(reference: Report, window: Window, tmp_path: Path) -> None:
    page = window.open(reference.save(tmp_path / "report.html"))
    table = "document.querySelector('[aria-labelledby=assumptions-title] table').checkVisibility()"
    assert not page.evaluate(table)
    page.evaluate("document.querySelector('[aria-labelledby=assumptions-title] summary').click()")
    assert page.evaluate(table)
