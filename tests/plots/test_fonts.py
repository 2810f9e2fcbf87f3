"""Names in any script: which fonts are taken, what is said where none is there, what is read from the right."""

from __future__ import annotations

import io
import json
import re
import warnings
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

import sim
from sim.errors import MissingGlyphs
from sim.plots import fonts, pictures, save
from tests.command import Run
from tests.plots.conftest import drawn, hostile, texts

FAMILY = "A font with one letter"
ONE, OTHER = "会", "社"
ARABIC, HEBREW = "شركة النور 5", "שלום עולם 7"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A machine that has matplotlib's own fonts and, besides, the files that a test puts on the list."""
    from matplotlib import font_manager

    installed: list[str] = []
    own = [entry for entry in font_manager.fontManager.ttflist if "mpl-data" in entry.fname]
    monkeypatch.setattr(font_manager.fontManager, "ttflist", own)
    monkeypatch.setattr(font_manager, "findSystemFonts", lambda *_, **__: list(installed))
    monkeypatch.setattr(fonts, "_found", {})
    return installed


def font_file(file: Path) -> str:
    """A font in which one letter is a full square, and all else is missing."""
    from fontTools.fontBuilder import FontBuilder
    from fontTools.pens.ttGlyphPen import TTGlyphPen

    pen = TTGlyphPen(None)
    for k, corner in enumerate([(0, 0), (0, 1000), (1000, 1000), (1000, 0)]):
        pen.lineTo(corner) if k else pen.moveTo(corner)
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "square"])
    builder.setupCharacterMap({ord(ONE): "square"})
    builder.setupGlyf({".notdef": TTGlyphPen(None).glyph(), "square": square})
    builder.setupHorizontalMetrics({".notdef": (1000, 0), "square": (1000, 0)})
    builder.setupHorizontalHeader(ascent=1000, descent=0)
    builder.setupNameTable({"familyName": FAMILY, "styleName": "Regular"})
    builder.setupOS2(usWeightClass=400)
    builder.setupPost()
    builder.save(file)
    return str(file)


def picture(name: str) -> Any:
    """A picture on which the name stands as a lane, in the title and in a label."""
    return pictures(sim.run(hostile(name), paths=20))["story"]()


def ink(name: str) -> float:
    """How much is drawn of a text that stands alone in a picture."""
    from matplotlib.figure import Figure
    from PIL import Image

    figure = Figure(figsize=(1, 1), dpi=100)
    ax = figure.add_axes((0, 0, 1, 1))
    ax.set_axis_off()
    ax.text(0.5, 0.5, name, ha="center", va="center", fontsize=36)
    file = io.BytesIO()
    save(ax, file, "png", dpi=100)
    return float(np.mean(np.asarray(Image.open(file).convert("L")) < 128))


def test_a_font_that_was_installed_since_is_found(
    bare: list[str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bare.append(font_file(tmp_path / "one.ttf"))
    bare.append(str(tmp_path / "none.ttf"))
    (tmp_path / "none.ttf").write_bytes(b"no font")
    # A letter is the whole square of its size: 36 points are 50 dots of 100 in each direction.
    assert ink(ONE) == pytest.approx(0.25, abs=0.02)
    ax = picture(name := f"{ONE}{ONE} Ltd")
    assert drawn(ax) == drawn(picture(name))
    assert not caplog.records  # that it has no bold letters, say
    assert all((FAMILY in text.get_fontfamily()) == (ONE in text.get_text()) for text in texts(ax))


def test_what_no_font_has_is_told_once_and_by_name(bare: list[str], tmp_path: Path) -> None:
    bare.append(font_file(tmp_path / "one.ttf"))
    ax = picture(f"{ONE}{OTHER} Zürich Ω Я")
    with pytest.warns(MissingGlyphs) as told:
        drawn(ax)
    assert len(told) == 1
    assert str(told[0].message).startswith(f"no installed font has {OTHER}: boxes")
    # Whoever shows an SVG has fonts of their own.
    assert OTHER in drawn(ax, "svg").decode()


def test_many_letters_are_counted(bare: list[str]) -> None:
    many = "".join(chr(0x4E00 + k) for k in range(15))
    with pytest.warns(MissingGlyphs, match=f"has {' '.join(many[:12])} and 3 more: "):
        drawn(picture(many))


def test_the_command_says_it_in_a_note(bare: list[str], inside: Run, tmp_path: Path) -> None:
    (tmp_path / "named.yaml").write_text(json.dumps(hostile(OTHER)))
    done = inside("plot", "named.yaml", "--paths", "20", "--kind", "all", "--format", "png", "--out", "p")
    assert done.returncode == 0, done.stderr
    assert done.stderr.count(f"note: no installed font has {OTHER}: ") == 1
    for words in (["plot", "named.yaml", "--out", "fan.svg"], ["plot", "named.yaml", "--out", "fan.png", "--quiet"]):
        done = inside(*words, "--paths", "20")
        assert (done.returncode, done.stderr) == (0, "")
    assert f"no installed font has {OTHER}" in inside("run", "named.yaml", "--paths", "20", "--out", "kept").stderr


@pytest.mark.parametrize("name", ["Zürich Ω Я", ARABIC, HEBREW, "会社", "कंपनी", "한국"])
def test_an_svg_holds_its_text_as_text(name: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        root = ElementTree.fromstring(drawn(picture(name), "svg"))
    said = [re.sub("[\u200e\u2066-\u2069]", "", "".join(text.itertext())) for text in root.iter(f"{SVG}text")]
    assert f"Offer: {name}" in said
    assert "Month" in said
    families = {re.search("font-family: ([^;]*)", text.get("style", ""))[1] for text in root.iter(f"{SVG}text")}
    assert all(family.startswith("'DejaVu Sans', 'Verdana'") and "sans-serif" in family for family in families)


@pytest.mark.parametrize("name", [ARABIC, HEBREW], ids=["arabic", "hebrew"])
def test_what_is_read_from_the_right_turns_no_date_around(browser: Any, tmp_path: Path, name: str) -> None:
    ax = picture(name)
    (tmp_path / "story.html").write_bytes(b"<meta charset=utf-8>" + drawn(ax, "svg").split(b"\n", 3)[3])
    page = browser.new_page()
    page.goto((tmp_path / "story.html").as_uri())
    lines = page.evaluate(
        """() => [...document.querySelectorAll('svg text')].map((text) => {
             const said = text.textContent;
             return [said, [...said].map((_, k) => text.getStartPositionOfChar(k).x)];
           })"""
    )
    page.close()
    parts = name.split()
    dated = 0
    for said, x in lines:
        if name not in said:
            continue
        # What is read from the left stands in its order...
        for stretch in re.finditer(r"20\d\d-\d\d\s…\s20\d\d-\d\d\s·\sseed\s1|Offer: |Contract: ", said):
            assert list(x[stretch.start() : stretch.end()]) == sorted(x[stretch.start() : stretch.end()]), said
            dated += "20" in stretch.group()
        # ... and the name in the other: its last word and its number to the left of its first.
        begins = said.index(name)
        places = [x[begins + name.index(part)] for part in parts]
        assert places == sorted(places, reverse=True), said
        after = said[begins + len(name) :].strip("\u2069")
        if after:
            assert x[said.index(after)] >= max(places), said
    assert dated == 1


@pytest.mark.parametrize(
    ("line", "isolated"),
    [
        ("A name · 2025-01", "A name · 2025-01"),
        ("会社 · 2025-01", "会社 · 2025-01"),
        ("שלום · 2025-01 … 2026-12", "<שלום> · 2025-01 … 2026-12"),
        ("“שלום, 7 (a)” arises on 5 % of paths", "“<שלום, 7 (a)>” arises on 5 % of paths"),
        ("Contract: שלום (עולם)", "Contract: <שלום (עולם)>"),
        ("Median delay, months (שלום)", "Median delay, months (<שלום>)"),
        ("שלום renews", "<שלום> renews"),
        ("Loss, k שלום\nשלום 7", "Loss, k <שלום>\n<שלום 7>"),
    ],
)
def test_what_is_isolated(line: str, isolated: str) -> None:
    marked = fonts.isolated(line)
    assert marked.replace("\u200e", "").replace("\u2067", "<").replace("\u2069", ">") == isolated
    assert fonts.isolated(marked) == marked
    assert fonts.isolated(marked, isolate=False) == line
