"""Scenarios whose pictures are known by hand, and what tests ask of axes."""

from __future__ import annotations

import io
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.text import Text

import sim
from sim.language import load_text
from sim.plots import save
from tests.by_hand import EVEN

NAMES = [
    r"$x^2$ \frac{1}{0}",
    "<script>alert(1)</script>",
    "n" * 300,
    "שלום עולם 🎉 会社",
    "%s {0} %(x)d & &amp;",
    "_hidden",
]
"""Names that mean something to mathematics, a browser, a template or a legend, and some that no font has."""


def case(months: int, **more: Any) -> dict[str, Any]:
    """A named customer with a contract, who may leave, beside a pool; growth and noise in both."""
    return {
        "scenario": 1,
        "name": "A case",
        "start": "2025-03",
        "months": months,
        "money": "USD million",
        "vendor": {"name": "The vendor"},
        "customers": {
            "one": {
                "name": "Customer One",
                "revenue": 10,
                "growth": 0.1,
                "volatility": 0.2,
                "contract": {"term": 12, "renews": "2025-09", "notice": 2, "commitment": 0.5},
            },
            "rest": {"name": "The rest", "revenue": 30, "growth": 0.05, "volatility": 0.1, "pool": True},
        },
        "events": {
            "leaves": {
                "name": "One leaves",
                "hits": "one",
                "choice": True,
                "probability": 0.6,
                "timing": {"exponential": {"mean": max(1, months / 3)}},
                "usage": {"to": 0, "over": 6},
            }
        },
        **more,
    }


def many() -> dict[str, Any]:
    """Twelve named customers with contracts of their own, each of whom may leave."""
    wide = case(60)
    for i in range(12):
        wide["customers"][f"c{i}"] = {
            "name": f"Customer number {i}",
            "revenue": 3 + i,
            "growth": 0.1,
            "volatility": 0.2,
            "contract": {"term": 12, "renews": f"2025-{4 + i % 9:02d}", "notice": 1, "commitment": 0.3},
        }
    wide["events"] = {
        f"e{i}": {
            "name": f"Customer number {i} goes its own way",
            "hits": f"c{i}",
            "choice": True,
            "probability": 0.1 + 0.05 * i,
            "timing": {"lognormal": {"median": 10 + 3 * i, "sigma": 0.5}},
            "usage": {"to": 0.1, "over": 3},
        }
        for i in range(12)
    }
    return wide


def hostile(name: str) -> dict[str, Any]:
    """The case with one name for everything."""
    scenario = case(
        24, levers={"stay": {"name": name, "against": "leaves", "discount": 0.1, "months": 3, "acceptance": 1}}
    )
    scenario["name"] = scenario["vendor"]["name"] = scenario["customers"]["one"]["name"] = name
    scenario["events"]["leaves"]["name"] = name
    scenario["money"] = f"k {name}"[:40].strip()
    return scenario


@pytest.fixture(scope="package")
def noisy() -> sim.Result:
    """500 independent paths of the case over three years."""
    return sim.run(case(36), paths=500, sampling="plain")


@pytest.fixture(scope="package")
def halves() -> sim.Result:
    """400 independent paths, each with a loss of 60 or none (see :mod:`tests.by_hand`)."""
    return sim.run(load_text(EVEN), paths=400, sampling="plain")


def texts(ax: Any) -> list[Text]:
    """Every text on the figure that axes stand on."""
    return [text for text in ax.get_figure(root=True).findobj(Text) if text.get_text()]


def legend(ax: Any) -> dict[str, Any]:
    """What the legend names, by the words, each on one line."""
    handles, labels = ax.get_legend_handles_labels()
    return {one_line(label): handle for handle, label in zip(handles, labels, strict=True)}


def title(ax: Any) -> str:
    """The finding, on one line."""
    return one_line(ax.get_title(loc="left"))


def about(ax: Any) -> str:
    """The line below the title."""
    said = map(one_line, (text.get_text() for text in ax.texts))
    return next(words for words in said if " paths" in words or "seed" in words)


def one_line(text: str) -> str:
    return " ".join(text.split())


def drawn(ax: Any, format: str = "png") -> bytes:
    file = io.BytesIO()
    save(ax, file, format)
    return file.getvalue()


def settings() -> dict[str, Any]:
    return dict(matplotlib.rcParams)


def corners(band: Any) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end of a band by its abscissas, in rising order."""
    points = band.get_paths()[0].vertices
    x = np.unique(points[:, 0])
    ends = [[fold(points[points[:, 0] == at, 1]) for at in x] for fold in (np.min, np.max)]
    return np.array(ends[0]), np.array(ends[1])
