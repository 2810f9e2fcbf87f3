"""The page in Firefox: it opens quietly, a dial that is moved moves the numbers to where the formula has them, it fits.

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


@pytest.fixture(scope="module")
def even(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return report(EVEN, paths=256).save(tmp_path_factory.mktemp("even") / "report.html")


def measure(page: Firefox, key: str) -> float:
    return float(page.evaluate(f"""document.querySelector('tr[data-measure="{key}"]').dataset.value"""))


def text(page: Firefox, selector: str) -> str:
    found: str = page.evaluate(f"document.querySelector('{selector}').innerText")
    return found.replace("\u00a0", " ")


def test_it_opens_quietly_and_draws(reference: Report, firefox: Firefox, tmp_path: Path) -> None:
    file = reference.save(tmp_path / "report.html")
    page = firefox.open(file)
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
    assert page.asked == []  # the file itself, which comes over no network, is not told of
    assert page.said == []


def test_what_is_asked_for_and_said_is_seen(firefox: Firefox, tmp_path: Path) -> None:
    (tmp_path / "loud.html").write_text(
        "<meta charset=utf-8><img src='http://127.0.0.1:49151/picture.png'><script>console.error('loud'); none()</script>"
    )
    page = firefox.open(tmp_path / "loud.html")
    assert page.asked == ["http://127.0.0.1:49151/picture.png"]
    assert page.said == ["error: loud", "error: ReferenceError: none is not defined"]


def test_a_dial_moves_the_numbers(even: Path, firefox: Firefox) -> None:
    page = firefox.open(even)
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
    assert page.said == []


def test_an_address_brings_back_where_the_dials_stood(even: Path, firefox: Firefox) -> None:
    page = firefox.open(even)
    page.evaluate("document.getElementById('probability').focus()")
    page.press("Home")
    assert measure(page, "expected_loss") == 0
    page.evaluate("void (location.hash = '#p=0.25&t=2025-09')")
    page.press("Tab")
    # A quarter of four months of ten.
    assert measure(page, "expected_loss") == pytest.approx(10, rel=1e-12)


@pytest.mark.parametrize("width", [1280, 360])
def test_it_fits(reference: Report, firefox: Firefox, tmp_path: Path, width: int) -> None:
    page = firefox.open(reference.save(tmp_path / "report.html"), width=width)
    assert page.evaluate("document.documentElement.clientWidth") <= width
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes: Any = page.evaluate(
        "[...document.querySelectorAll('#fan svg, #exceedance svg, #surface svg')]"
        ".map((one) => { const box = one.getBoundingClientRect(); return [box.width, box.height]; })"
    )
    assert len(sizes) == 3
    assert all(width / 4 < wide <= width and high > 100 for wide, high in sizes)


def test_a_long_table_opens(reference: Report, firefox: Firefox, tmp_path: Path) -> None:
    page = firefox.open(reference.save(tmp_path / "report.html"))
    table = "document.querySelector('[aria-labelledby=assumptions-title] table').checkVisibility()"
    assert not page.evaluate(table)
    page.evaluate("document.querySelector('[aria-labelledby=assumptions-title] summary').click()")
    assert page.evaluate(table)
