"""Cards for a notebook: what they say, and that no text in them does anything."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import sim
from sim.words.card import card
from tests.by_hand import CERTAIN

HOSTILE = "<script>alert(1)</script> & \"quotes\" 'too' $x^2$ \x1b[31m" + "long " * 100


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def seen(html: str) -> Seen:
    parser = Seen()
    parser.feed(html)
    return parser


def test_hostile_text_is_text() -> None:
    found = seen(card(HOSTILE, HOSTILE, [[HOSTILE, HOSTILE]], HOSTILE, head=[HOSTILE, HOSTILE]))
    assert found.tags == {"div", "strong", "table", "tr", "th", "td", "span"}
    assert not any("$" in text and len(text) > 1 for text in found.text)  # nothing to typeset
    assert found.attributes == {"style"}
    assert "<script>alert(1)</script>" in "".join(found.text)
    assert "\x1b" not in "".join(found.text)
    # The headline may be a few sentences, all else is cut.
    longest = sorted(map(len, found.text))
    assert longest[-2] <= 310
    assert len(seen(card("name", "word " * 200, [], "note")).text[1]) <= 600


def test_a_result_says_its_measures_with_their_errors(tmp_path: Path) -> None:
    file = tmp_path / "certain.yaml"
    file.write_text(CERTAIN)
    found = seen(sim.run(file)._repr_html_())
    assert "A certain exit" in found.text
    # Six months of 10 are lost on every path, of a baseline of 12 x 40 = 480.
    assert any(
        "does not exceed USD 60 million of the USD 480 million expected without events (13 %)." in text
        for text in found.text
    )
    row = found.text.index("Expected baseline")
    assert found.text[row + 1 : row + 3] == ["480.0", "± 0"]


def test_a_result_and_a_sweep_are_harmless_whatever_their_names(tmp_path: Path) -> None:
    text = CERTAIN.replace("name: A certain exit", "name: '<img src=x onerror=alert(1)>'")
    text = text.replace("money: USD million", "money: '<b>USD</b>'")
    file = tmp_path / "hostile.yaml"
    file.write_text(text + "sweep: {events.leaves.probability: [0, 0.5, 1]}\n")
    for result in (sim.run(file), sim.sweep(file, paths=64)):
        assert seen(result._repr_html_()).tags == {"div", "strong", "table", "tr", "th", "td"} - (
            set() if isinstance(result, sim.Result) else {"th"}
        )
