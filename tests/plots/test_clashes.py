"""No text of a picture stands on another or beyond the picture, and no line goes through one."""

from __future__ import annotations

from typing import Any

import pytest
from matplotlib.figure import Figure

import sim
from sim.language import load_text
from sim.plots import pictures
from sim.plots.style import broken, folded
from tests.by_hand import EVEN, PROBABILITY
from tests.plots.clashes import clashes
from tests.plots.conftest import case, hostile, many

LONG = "A customer with a rather long name, Incorporated"


def late() -> dict[str, Any]:
    """Contracts that renew one after the other at the end, where names have no room to the right."""
    found = many()
    for k, customer in enumerate(found["customers"].values()):
        if "contract" in customer:
            customer["contract"] |= {"renews": f"2029-{1 + k % 12:02d}", "term": 60}
    return found


CASES: dict[str, Any] = {
    "reference": "tiktok",
    "a customer": case(36),
    "a month": case(1),
    "thirty years": case(360),
    "many": many(),
    "late": late(),
    "long names": hostile(LONG),
}


def test_a_clash_is_seen() -> None:
    """What the other tests ask finds each kind."""
    ax = Figure().subplots()
    ax.text(0.2, 0.5, "one")
    assert clashes(ax) == []
    ax.text(0.21, 0.5, "two")
    ax.text(0.9, 0.1, "far beyond the axes and the picture")
    ax.plot([0.05, 0.6], [0.7, 0.7], label="level")
    ax.text(0.1, 0.69, "three")
    ax.text(0.4, 0.69, "four", bbox={"facecolor": "white"})
    ax.set(xlim=(0, 1), ylim=(0, 1))
    assert sorted(clashes(ax)) == [
        "line “level” through “three”",
        "“far beyond the axes and the picture” leaves the picture",
        "“one” over “two”",
    ]


@pytest.mark.parametrize("name", CASES)
def test_pictures_of_a_run(name: str) -> None:
    result = sim.run(CASES[name], paths=100 if name == "thirty years" else 400)
    for kind, draw in pictures(result).items():
        assert clashes(draw()) == [], kind
    assert clashes(result.plot.story(level=0.99)) == []
    for by in ("quarter", "year"):
        assert clashes(result.plot.fan(by=by)) == [], by


@pytest.mark.parametrize("levels", [[0.5], [0.9, 0.95, 0.99, 0.995], [0.94, 0.95, 0.96], [0.999]])
@pytest.mark.parametrize("paths", [20, 600])
def test_levels_near_each_other_and_beyond_the_paths(levels: list[float], paths: int) -> None:
    for scenario in (case(36, risk={"levels": levels}), load_text(EVEN, set={"risk.levels": levels})):
        assert clashes(sim.run(scenario, paths=paths).plot.exceedance()) == []


@pytest.mark.parametrize("probability", [0.001, 0.012, 0.03, 0.045, 0.06, 0.9, 1])
def test_revenue_at_risk_of_zero_or_beside_a_jump(probability: float) -> None:
    jump = load_text(EVEN, set={PROBABILITY: probability})
    smooth = case(36)
    smooth["events"]["leaves"]["probability"] = probability
    for scenario in (jump, smooth):
        assert clashes(sim.run(scenario, paths=1000).plot.exceedance()) == []


def test_pictures_of_other_answers() -> None:
    several = sim.compare("tiktok", "tiktok-no-offer", "tiktok-no-commitment", "tiktok-all-risks", paths=600)
    parts = sim.attribute("tiktok-all-risks", paths=256)
    found = sim.tornado("tiktok-all-risks", paths=256)
    surface = sim.sweep("tiktok", paths=256)
    drawings = {
        "comparison": several.plot.draw(),
        "fewer": sim.compare("tiktok-all-risks", "tiktok", paths=600).plot.difference(),
        "waterfall": parts.plot.waterfall(),
        "of the shortfall": parts.plot.waterfall(measure="expected_shortfall"),
        "tornado": found.plot(),
        "of the loss": found.plot(measure="expected_loss"),
        "heatmap": surface.plot.heatmap(),
        "lines": surface.plot.lines(),
        "tolerance": surface.plot.tolerance(),
    }
    assert {name: clashes(drawn) for name, drawn in drawings.items()} == {name: [] for name in drawings}


def test_differences_stand_on_the_side_away_from_zero() -> None:
    even = load_text(EVEN)
    ax = sim.compare(even, even.with_({PROBABILITY: 0.4}), even.with_({PROBABILITY: 0.6}), paths=2000).plot.difference()
    ax.get_figure(root=True).draw_without_rendering()
    zero = ax.transData.transform((0, 0))[0]
    amounts = [text for text in ax.texts if text.get_text()[0] in "+−"]
    assert len(amounts) >= 2
    for text in amounts:
        box = text.get_window_extent()
        assert box.x1 < zero if text.get_text().startswith("−") else box.x0 > zero, text.get_text()


@pytest.mark.parametrize("width", range(12, 60))
def test_lines_end_between_words_and_not_within_an_amount(width: int) -> None:
    words = "Of the loss USD 426.5 million ± 7.6 (61 %) come from 4 of 9 others, 95 % interval, or 12 bn"
    whole = ["USD 426.5 million ± 7.6 (61 %)", "4 of 9", "95 %", "12 bn"]
    lines = folded(words, width).split("\n")
    assert " ".join(lines).replace("\u00a0", " ") == words or width < len(whole[0])
    for one in whole:
        assert len(one) > width or any(one in line.replace("\u00a0", " ") for line in lines), one
    assert max(map(len, lines)) <= width


def test_a_word_that_fits_a_line_is_not_cut() -> None:
    # In two lines of equal length, of 34 letters, the name of 40 letters would be cut, though 60 have room.
    name = "Donaudampfschifffahrtsgesellschaft_Wien_"
    words = f"{name} leaves the vendor in 2025-03 for good"
    assert folded(words, 60).split("\n") == [name, "leaves the vendor in 2025-03 for good"]
    assert all(name in folded(words, width) for width in range(40, 90))


def test_a_word_that_is_longer_than_a_line_ends_it_at_a_sign() -> None:
    path = "events.in_house_llm.timing.lognormal.median"
    for width in range(13, 43):
        lines = broken(path, width)
        assert "".join(lines) == path
        assert all(line[-1] in "._" for line in lines[:-1])
        assert max(map(len, lines)) <= width
    assert broken("n" * 25, 10) == ["n" * 10, "n" * 10, "n" * 5]


@pytest.mark.parametrize(
    ("money", "times", "unit"),
    [
        ("JPY", 1e9, "JPY billion"),
        ("USD million", 1e-5, "USD"),
        ("EUR", 1e3, "EUR"),  # six digits before the point, which still fit
    ],
)
def test_amounts_of_any_size_leave_room_for_each_other(money: str, times: float, unit: str) -> None:
    text = f"{EVEN}evidence: {{{PROBABILITY}: {{assumption: made up, low: 0.2, high: 0.8}}}}\n"
    size = {"money": money, "customers.one.revenue": 10 * times, "customers.rest.revenue": 30 * times}
    data = load_text(text, set=size)
    result = sim.run(data, paths=400)
    compared = sim.compare(data, data.with_({"vendor.discount_rate": 0.2}), labels=("as it is", "discounted"), paths=64)
    drawn = {
        "fan": result.plot.fan(),
        "exceedance": result.plot.exceedance(),
        "losses": compared.plot.losses(),
        "tornado": sim.tornado(data, paths=64).plot(),
        "attribution": sim.attribute(data, paths=64).plot.waterfall(),
        "sweep": sim.sweep(data, axes={PROBABILITY: [0.2, 0.5]}, paths=64).plot.lines(),
    }
    for name, ax in drawn.items():
        assert clashes(ax) == [], name
        axis = ax.yaxis if name in ("fan", "sweep") else ax.xaxis
        assert axis.label.get_text().replace("\u00a0", " ").endswith(f", {unit}"), name
        ticks = [label.get_text() for label in axis.get_ticklabels()]
        assert len({*ticks}) == len(ticks), name
        assert max(map(len, ticks)) <= len("1,000,000"), name
