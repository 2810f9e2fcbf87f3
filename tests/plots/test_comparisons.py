"""What is on the axes of a comparison's pictures, not how they look."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from matplotlib.patches import Rectangle

import sim
from sim.errors import UsageError
from sim.language import load_text
from sim.plots import save
from tests.by_hand import CERTAIN, EVEN, MONTH, PROBABILITY

HOSTILE = r"$\frac{1}{0}$ <script>alert(1)</script> {x} %s 会社 " + "very long " * 30


@pytest.fixture(scope="module")
def three() -> sim.Comparison:
    """Losses: 60 on every path, 30 on every path, 60 on about half of the paths."""
    certain = load_text(CERTAIN)
    return sim.compare(
        certain,
        certain.with_({MONTH: "2025-10"}),
        load_text(EVEN),
        paths=3200,
        sampling="plain",
        labels=["now", "later", "perhaps"],
    )


def marks(ax: Any, kind: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for line in ax.lines if line.get_marker() == kind
            for x, y in zip(line.get_xdata(), line.get_ydata(), strict=True)]  # fmt: skip


def words(ax: Any) -> list[str]:
    return [text.get_text() for text in ax.texts]


def one_line(text: str) -> str:
    return " ".join(text.split())


def drawn(axes: Any) -> bytes:
    file = io.BytesIO()
    save(axes, file, "png")
    return file.getvalue()


def test_losses_in_rows(three: sim.Comparison) -> None:
    ax = three.plot.losses()
    assert [label.get_text() for label in ax.get_yticklabels()] == ["now", "later", "perhaps"]
    assert ax.get_ylim()[0] > ax.get_ylim()[1]  # the first on top
    assert marks(ax, "D") == [(60, 0), (30, 1), (60, 2)]  # revenue at risk 95 %
    assert marks(ax, "v") == [(60, 0), (30, 1), (60, 2)]  # expected shortfall: the worst lose 60
    share = float((three.results[2].loss > 0).mean())
    assert marks(ax, "o") == [(60, 0), (30, 1), (pytest.approx(60 * share), 2)]
    # Bands of the third row lie from 0 to 60, of the certain ones nowhere.
    widths = {
        (round(bar.get_y() + bar.get_height() / 2), bar.get_width()) for bar in ax.patches if isinstance(bar, Rectangle)
    }
    assert widths == {(0, 0), (1, 0), (2, 60)}
    assert one_line(ax.get_xlabel()) == "Loss over the window, USD million"
    assert one_line(ax.get_title(loc="left")) == (
        "Revenue at risk 95 %: USD 30 million with “later”, USD 60 million with “now”"
    )
    assert words(ax).count("60") == 4
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "median", "mean", "revenue at risk 95 %", "expected shortfall 95 %",
        "95 % of paths", "80 % of paths", "50 % of paths",
    ]  # fmt: skip
    assert marks(three.plot.losses(level=0.99), "D") == [(60, 0), (30, 1), (60, 2)]
    with pytest.raises(UsageError, match="level"):
        three.plot.losses(level=0.5)


def test_bands_hold_their_share_of_paths() -> None:
    found = sim.compare("tiktok", "tiktok-no-offer", paths=2000)
    bars = [bar for bar in found.plot.losses().patches if isinstance(bar, Rectangle)]
    first = [bar for bar in bars if bar.get_y() < 0.2]
    loss = found.results[0].loss
    for bar, share in zip(first, (0.95, 0.8, 0.5), strict=True):
        # The quantiles at both ends are among the paths; what equals the lower one counts too, and zero is many.
        inside = (loss >= bar.get_x()) & (loss <= bar.get_x() + bar.get_width())
        above = loss > bar.get_x() + bar.get_width()
        assert above.mean() == pytest.approx((1 - share) / 2, abs=1 / 2000)
        assert inside.mean() >= share


def test_differences_with_their_intervals(three: sim.Comparison) -> None:
    ax = three.plot.difference()
    rows = [label.get_text() for label in ax.get_yticklabels()]
    assert [row for row in rows if row] == [
        "Expected loss", "Revenue at risk 95 %", "Revenue at risk 99 %",
        "Expected shortfall 95 %", "Expected shortfall 99 %",
    ]  # fmt: skip
    assert len(rows) == 10
    later, perhaps = (np.array(marks(ax, kind))[:, 0] for kind in ("o", "s"))
    np.testing.assert_allclose(later, -30)
    loss = three.difference(of=2)
    np.testing.assert_allclose(perhaps, [loss.value, 0, 0, 0, 0], atol=1e-9)
    assert [line for line in ax.lines if list(line.get_xdata()) == [0, 0]]  # no difference
    ends = np.array([path.vertices[:, 0] for kind in ax.collections for path in kind.get_paths()])
    assert [loss.low, loss.high] in [pytest.approx(list(pair)) for pair in ends]
    assert one_line(ax.get_xlabel()) == "Difference to “now”, USD million"
    assert "−30 ± 0" in words(ax)
    error = loss.standard_error
    assert error is not None
    assert f"−{-loss.value:.2f} ± {error:.2f}" in words(ax)  # 60 * sqrt(0.25 / 3200) = 0.53: two digits of it
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["later", "perhaps"]


def test_one_measure_and_shares() -> None:
    found = sim.compare(load_text(EVEN), load_text(EVEN, set={PROBABILITY: 0.25}), paths=3200)
    ax = found.plot.difference(measure="probability_of_loss")
    assert one_line(ax.get_xlabel()) == "Difference to “An even chance”, percentage points"
    share = found.difference("probability_of_loss")
    assert marks(ax, "o") == [(pytest.approx(100 * share.value), 0)]
    assert "percentage points" in one_line(ax.get_title(loc="left"))
    assert ax.get_legend() is None
    one = found.plot.difference(measure="revenue_at_risk", level=0.99)
    assert [label.get_text() for label in one.get_yticklabels()] == ["Revenue at risk 99 %"]
    assert one_line(one.get_title(loc="left")) == "Revenue at risk 99 %: no difference" or found.paths < 16000
    for wrong in ({"measure": "hhi"}, {"measure": "revenue_at_risk", "level": 0.5}):
        with pytest.raises(UsageError, match="allowed"):
            found.plot.difference(**wrong)


def test_on_axes_that_are_given_and_both_together(three: sim.Comparison) -> None:
    from matplotlib.figure import Figure

    left, right = Figure().subplots(1, 2)
    assert three.plot.losses(left) is left
    assert three.plot.difference(right) is right
    both = three.plot.draw()
    assert len(both) == 2
    assert both[0].figure is both[1].figure
    assert drawn(both).startswith(b"\x89PNG")


@pytest.mark.filterwarnings("ignore::sim.errors.MissingGlyphs")  # as machines have fonts
def test_hostile_names_and_many_scenarios() -> None:
    base = load_text(EVEN, set={"name": HOSTILE, "money": r"$k_{x}$"})
    found = sim.compare(*(base.with_({PROBABILITY: k / 8}) for k in range(8)), paths=64)
    both = found.plot.draw()
    assert drawn(both).startswith(b"\x89PNG")
    for ax in both:
        texts = [ax.title, ax.xaxis.label, *ax.texts, *ax.get_yticklabels(), *ax.get_legend().get_texts()]
        assert not any(text.get_parse_math() for text in texts if text.get_text())
        assert max(len(line) for label in ax.get_yticklabels() for line in label.get_text().splitlines() or [""]) <= 27
    named = sim.compare(base, base.with_({PROBABILITY: 0}), paths=1, labels=[HOSTILE, HOSTILE + "2"])
    assert drawn(named.plot.draw()).startswith(b"\x89PNG")


def test_no_level_in_common_still_draws() -> None:
    one, two = (load_text(EVEN, set={"risk": {"levels": [level]}}) for level in (0.9, 0.95))
    found = sim.compare(one, two, paths=64)
    ax = found.plot.losses()
    assert marks(ax, "D") == []
    assert [label.get_text() for label in found.plot.difference().get_yticklabels()] == ["Expected loss"]
