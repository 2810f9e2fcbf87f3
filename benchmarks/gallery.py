"""The gallery: ``docs/gallery.md`` and its pictures, made by the very code that stands beside them.

Run it from the project's folder: ``python benchmarks/gallery.py`` draws all pictures anew and writes the page (half a
minute); names of pictures as arguments draw these alone.
"""

from __future__ import annotations

import argparse
import io
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.files import whole
from sim.plots import save

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "gallery.md"
PICTURES = ROOT / "docs" / "pictures"
MOST_BYTES = 250_000

INTRODUCTION = """\
# Gallery

Every picture here was drawn by the lines above it; `python benchmarks/gallery.py` runs them again. A plot draws on the
axes that it is given (`ax=`), or on a figure of its own, and gives them back; it neither shows anything nor changes a
setting of matplotlib. The title says what was found. Colours can be told apart by the colour-blind, and every colour
is doubled by a dash, a mark or a label.

Names may be in any script. An SVG keeps its text as text, which can be searched and copied; whoever shows it picks the
fonts. A PNG takes fonts that are installed where it is drawn, and a note names the letters that none of them has (in
Python the warning `sim.errors.MissingGlyphs`); on Debian `fonts-noto-cjk` and `fonts-noto-core` have nearly all. An
Arabic or Hebrew name stands by itself and turns no date around; in a PNG that takes matplotlib 3.11, since earlier ones
draw every script from left to right and join no letters.

On the command line `switchrisk plot tiktok --kind all --out pictures` writes the pictures of a run, and
`switchrisk sweep tiktok --plot surface.svg` that of a sweep. In Python, first of all:
"""

SETUP = """\
import sim

result = sim.run("tiktok")
surface = sim.sweep("tiktok")
"""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture: its file's name, what a reader sees in it, and the code whose last line draws it."""

    name: str
    caption: str
    code: str


TABLE = (
    Picture(
        "fan",
        "Revenue by month. Half of all paths lie in the darkest band, 95 % in all three; thin lines are single paths, "
        "the dashed line is what would come in without any event. Short lines from below are renewals of the contract.",
        "result.plot.fan()",
    ),
    Picture(
        "exceedance",
        "The probability that more is lost than an amount, with the revenue at risk and the expected shortfall at the "
        "height of their chance. The band is a 95 % interval at each amount: far out there are few paths to go by.",
        "result.plot.exceedance()",
    ),
    Picture(
        "event_months",
        "When each event comes, if it does. One that another sets off, or that an offer puts off, counts in the month "
        "in which it arises in the end.",
        'sim.run("tiktok-all-risks").plot.event_months()',
    ),
    Picture(
        "concentration",
        "How much of the revenue hangs on one customer, on average over paths.",
        "result.plot.concentration()",
    ),
    Picture(
        "story",
        "One path, here on the border of the worst hundredth: what happened to whom, which clauses were in force, and "
        "what it cost.",
        "result.plot.story(level=0.99)",
    ),
    Picture(
        "process",
        "The same of a path with a process of your own in the SimPy model.",
        """\
def outage(world):
    yield world.until("2025-03")
    world.change("tiktok", "outage", usage=0.3)
    yield world.wait(6)
    world.restore("tiktok", "outage")


sim.trace("tiktok-sudden-loss", path=7, processes=[outage]).plot()""",
    ),
    Picture(
        "side_by_side",
        "Axes of your own: without a commitment on the left, and beside it how the concentration falls.",
        """\
from matplotlib.figure import Figure

left, right = Figure(figsize=(14, 4.5), layout="constrained").subplots(1, 2)
free = sim.run("tiktok-no-commitment")
free.plot.fan(left, samples=0)
free.plot.concentration(right)""",
    ),
    Picture(
        "tornado",
        "What would change the answer: revenue at risk with each assumption at its low and at its high, on common "
        "draws. The whisker is the 95 % interval of the change.",
        'sim.tornado("tiktok").plot()',
    ),
    Picture(
        "doubt",
        "What doubt about the numbers does: loss exceedance at the file's numbers, the band in which nine draws of ten "
        "lie, and chance and doubt together, with the revenue at risk of both.",
        'sim.doubt("tiktok-in-doubt").plot.exceedance()',
    ),
    Picture(
        "drivers",
        "Which numbers in doubt move revenue at risk: alone, with what they do together with others, in the tail, and "
        "which way; beside what noise alone may do.",
        'sim.drivers("tiktok-in-doubt").plot.drivers()',
    ),
    Picture(
        "boxes",
        "In which region of the numbers in doubt revenue at risk is above 1,200 million: draws by the two numbers that "
        "tell most, and the box.",
        'sim.where("tiktok-in-doubt", "revenue_at_risk.0.95 > 1200").plot.boxes()',
    ),
    Picture(
        "choices",
        "Which choice is the better one over doubt: what each is worth more than the first, its draws sorted from the "
        "worst to the best. Where a curve crosses the line is the share of draws in which it is worse.",
        'sim.choose("tiktok-choices").plot.choices()',
    ),
    Picture(
        "waterfall",
        "Which event costs how much: Shapley values, so that the order does not matter, from the baseline to what is "
        "left of it.",
        'sim.attribute("tiktok-all-risks").plot.waterfall()',
    ),
    Picture(
        "comparison",
        "Losses of several scenarios side by side, on the same draws.",
        """\
several = sim.compare("tiktok", "tiktok-no-offer", "tiktok-no-commitment", "tiktok-all-risks")
several.plot.losses()""",
    ),
    Picture(
        "difference",
        "How much the offer helps: differences of the measures with their 95 % intervals, path against path.",
        'sim.compare("tiktok", "tiktok-no-offer").plot.difference()',
    ),
    Picture(
        "heatmap",
        "A sweep over two axes: the revenue at risk in every cell, contours at round losses, a cross where the "
        "scenario stands, hatching where the error is large.",
        "surface.plot.heatmap()",
    ),
    Picture(
        "lines",
        "The same surface as lines, with 95 % bands.",
        'surface.plot.lines(measure="expected_loss")',
    ),
    Picture(
        "tolerance",
        "How likely the switch may be before a loss can no longer be borne: more than this is lost with a chance of "
        "5 %.",
        "surface.plot.tolerance(probability=0.05)",
    ),
)
"""The pictures in the order of the page."""


def draw(picture: Picture, names: dict[str, Any]) -> bytes:
    """Run a picture's code with the names of the setup; the axes that its last statement gives are saved as SVG."""
    *before, last = _statements(picture.code)
    own = dict(names)
    exec(compile("\n".join(before), picture.name, "exec"), own)
    file = io.BytesIO()
    save(eval(compile(last, picture.name, "eval"), own), file, "svg")
    return file.getvalue()


def page() -> str:
    """The page's text."""
    parts = [INTRODUCTION, f"```python\n{SETUP}```\n"]
    for picture in TABLE:
        title = picture.name.replace("_", " ").capitalize()
        parts.append(f"## {title}\n\n{picture.caption}\n\n```python\n{picture.code}\n```\n")
        parts.append(f"![{title}](pictures/{picture.name}.svg)\n")
    return "\n".join(parts)


def main(wanted: list[str]) -> int:
    """Draw pictures and write the page; 1 where a picture is too large to be kept."""
    PICTURES.mkdir(exist_ok=True)
    names: dict[str, Any] = {}
    exec(SETUP, names)
    too_large = []
    for picture in TABLE:
        if wanted and picture.name not in wanted:
            continue
        since = time.perf_counter()
        data = draw(picture, names)
        print(f"{picture.name}: {len(data) / 1000:.0f} kB, {time.perf_counter() - since:.2f} s")
        too_large += [picture.name] if len(data) > MOST_BYTES else []
        with whole(str(PICTURES / f"{picture.name}.svg")) as file:
            file.write(data)
    with whole(str(PAGE)) as file:
        file.write(page().encode())
    if too_large:
        print(f"larger than {MOST_BYTES / 1000:.0f} kB: {', '.join(too_large)}")
    return 1 if too_large else 0


def _statements(code: str) -> list[str]:
    """Texts of the statements of a code, in order."""
    import ast

    lines = code.split("\n")
    tree = ast.parse(code)
    return ["\n".join(lines[node.lineno - 1 : node.end_lineno]) for node in tree.body]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="pictures to draw; none: all")
    sys.exit(main(parser.parse_args().names))
