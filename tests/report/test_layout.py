"""How the page is laid out in a real browser: what stays in view, what is folded, where lines break."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sim.report import Report
from tests.browser import Opened

Open = Callable[..., Opened]


def test_the_dials_stay_in_view_as_long_as_something_follows_them(reference: Report, opened: Open) -> None:
    page = opened(reference)

    def shown_at(selector: str) -> bool:
        """Whether the dials are seen once the end of something is in the middle of the window."""
        return page.page.evaluate(
            """(selector) => {
              const end = document.querySelector(selector).getBoundingClientRect().bottom + scrollY;
              scrollTo(0, end - innerHeight / 2);
              return document.getElementById("dials").getBoundingClientRect().bottom > 0;
            }""",
            selector,
        )

    for follows in ("#fan", "#surface", "#measures"):
        assert shown_at(follows), follows
    for stays in ("table.bars", "table.tornado", "table.evidence"):
        assert not shown_at(stays), stays


def test_a_long_table_is_folded_and_whole_on_paper(reference: Report, opened: Open) -> None:
    page = opened(reference)
    table = "[aria-labelledby=assumptions-title] table"
    count = page.page.locator(f"{table} tbody tr").count()
    assert count > 12
    assert page.page.inner_text("[aria-labelledby=assumptions-title] summary") == f"Show all {count} numbers"
    # Five events are few.
    assert page.page.is_visible("table.arrivals")
    assert not page.page.is_visible(table)
    page.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.page.is_visible(table)
    page.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert not page.page.is_visible(table)
    page.page.click("[aria-labelledby=assumptions-title] summary")
    assert page.page.is_visible(table)
    page.page.evaluate("window.dispatchEvent(new Event('beforeprint')); window.dispatchEvent(new Event('afterprint'))")
    assert page.page.is_visible(table)  # whom the reader has opened stays open
    assert page.said == []


@pytest.mark.parametrize("width", [1280, 1000, 700, 360, 320])
def test_no_line_ends_within_a_word(reference: Report, opened: Open, width: int) -> None:
    page = opened(reference, width=width)
    page.page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    broken = page.page.evaluate(
        """() => {
          const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          for (let text = walker.nextNode(); text; text = walker.nextNode()) {
            if (text.parentElement.closest("script, style, code, a, .unseen")) continue;
            for (const word of text.data.matchAll(/[^\\s…–-]+/g)) {
              if (word[0].length > 20) continue;  // a hash, a path
              const range = document.createRange();
              range.setStart(text, word.index);
              range.setEnd(text, word.index + word[0].length);
              const tops = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
              if (tops.size > 1) found.push(word[0]);
            }
          }
          return found;
        }"""
    )
    assert broken == []
    assert page.page.evaluate("document.documentElement.scrollWidth") <= width
