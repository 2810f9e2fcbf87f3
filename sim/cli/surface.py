"""A sweep as text: a table of the revenue at risk, the worst error, where the base case stands, how it was made."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from sim.cli.terminal import Column, Terminal, columns, one_line
from sim.estimates.independent import LEAST_TAIL
from sim.estimates.measures import (
    CHANCE_OF_LOSS,
    EXPECTED_LOSS,
    EXPECTED_REVENUE,
    EXPECTED_SHORTFALL,
    REVENUE_AT_RISK,
)

if TYPE_CHECKING:
    import numpy as np

    from sim.answers.sweep import Sweep
    from sim.words.numbers import Scale

MOST_ROWS = 12
MOST_TABLES = 4
BASE = "*"


def report(terminal: Terminal, sweep: Sweep, explained: bool) -> list[str]:
    """All that a reader gets; the base case alone where quiet."""
    from sim.words.labels import axis_caption, measure_caption, unit_and_discounting
    from sim.words.stops import stops_note

    scenario = sweep.scenario
    level = next(iter(sweep.cells[REVENUE_AT_RISK.name]))
    base = _base(terminal, sweep, level)
    if terminal.quiet:
        return base
    first, last = scenario.month_label(scenario.risk.first), scenario.month_label(scenario.risk.last)
    lines = [
        *(terminal.title(line) for line in terminal.wrap(one_line(scenario.name))),
        *(
            terminal.dim(line)
            for line in terminal.wrap(f"{first} … {last} · {one_line(unit_and_discounting(scenario))}")
        ),
        "",
        *terminal.wrap(f"{_cells(sweep)} swept over:"),
    ]
    beside = [axis.path for axis in sweep.plan.axes]
    for k, axis in enumerate(sweep.plan.axes):
        ends = sorted({axis.values[0], axis.values[-1]}, key=axis.values.index)
        span = " … ".join(sweep.stop(k, value) for value in ends)
        count = len(axis.values)
        text = f"{axis_caption(scenario, axis.path)}: {count} value{'s' if count > 1 else ''}, {span}"
        if note := stops_note(scenario, axis.path, axis.values, beside):
            text += f"; {note}"
        lines += terminal.wrap(one_line(text), "  ", "    ")
    title = f"{measure_caption(REVENUE_AT_RISK, level)}, {one_line(_scale(sweep, level).unit)}"
    lines += ["", terminal.title(title)]
    lines += _one_axis(terminal, sweep, level) if len(sweep.plan.axes) == 1 else _tables(terminal, sweep, level)
    lines += ["", *base, *_worst(terminal, sweep, level)]
    if explained:
        lines += ["", terminal.title("How it was planned")]
        for text in sweep.explain():
            lines += terminal.wrap(f"- {one_line(text)}", "", "  ")
    return [*lines, "", *(terminal.dim(line) for line in _how_made(terminal, sweep))]


def _scale(sweep: Sweep, level: str) -> Scale:
    """The one unit of the tables."""
    from sim.words.numbers import scale_for

    measures = ((REVENUE_AT_RISK.name, level), (EXPECTED_SHORTFALL.name, level), (EXPECTED_LOSS.name, None))
    shown = measures if len(sweep.plan.axes) == 1 else measures[:1]
    ends = (
        float(end) for key in shown for values in (sweep.estimates[key].value,) for end in (values.min(), values.max())
    )
    return scale_for(ends, sweep.scenario.money)


def _cells(sweep: Sweep) -> str:
    shape = sweep.plan.shape
    total = 1
    for count in shape:
        total *= count
    product = f"{' × '.join(f'{count:,}' for count in shape)} = " if len(shape) > 1 else ""
    return f"{product}{total:,} cell{'s' if total > 1 else ''}"


def _on_grid(sweep: Sweep, k: int) -> int | None:
    """Place of the base case on an axis; None where it is no value of it."""
    axis = sweep.plan.axes[k]
    base = sweep.base[axis.path]
    return next((i for i, value in enumerate(axis.values) if _same(value, base)), None)


def _same(value: float | str, base: float | str | None) -> bool:
    if isinstance(value, str) or isinstance(base, str) or base is None:
        return value == base
    return abs(value - base) <= 1e-9 * abs(value)


def _one_axis(terminal: Terminal, sweep: Sweep, level: str) -> list[str]:
    """Several measures beside each other, a row a value."""
    import numpy as np

    from sim.words.labels import places_of

    axis = sweep.plan.axes[0]
    here = _on_grid(sweep, 0)
    rows_shown = places_of(len(axis.values), 2 * MOST_ROWS, () if here is None else (here,))
    ends = sweep.interval[REVENUE_AT_RISK.name][level]
    factor = _scale(sweep, level).factor
    ends = {end: factor * values for end, values in ends.items()}
    at_risk, reach = factor * sweep.cells[REVENUE_AT_RISK.name][level], (ends["high"] - ends["low"]) / 2
    (shortfall, its_error), (loss, error) = (
        (factor * found.value, factor * np.asarray(found.standard_error))
        for found in (sweep.estimates[EXPECTED_SHORTFALL.name, level], sweep.estimates[EXPECTED_LOSS.name, None])
    )
    decimals = [
        _decimals(values, errors) for values, errors in ((at_risk, reach), (shortfall, its_error), (loss, error))
    ]
    rows = [
        [
            sweep.stop(0, axis.values[k]) + (BASE if k == here else ""),
            _amount(at_risk[k], decimals[0]),
            f"{_amount(ends['low'][k], decimals[0])} … {_amount(ends['high'][k], decimals[0])}",
            f"{_amount(shortfall[k], decimals[1])} ± {_error(its_error[k], decimals[1])}",
            f"{_amount(loss[k], decimals[2])} ± {_error(error[k], decimals[2])}",
        ]
        for k in rows_shown
    ]
    shape = (
        Column("value", right=True),
        Column(f"at risk {100 * float(level):g} %", right=True),
        Column("95 % interval", right=True),
        Column("shortfall", right=True),
        Column("expected loss", right=True),
    )
    return [*terminal.table(shape, rows), *_thinned(terminal, sweep, [(len(rows_shown), 0, "rows")], here is not None)]


def _tables(terminal: Terminal, sweep: Sweep, level: str) -> list[str]:
    """The first axis down, the second across; a table for each combination of the others."""
    import numpy as np

    from sim.words.labels import axis_caption, places_of, value_caption
    from sim.words.stops import resulting_month

    axes, scenario = sweep.plan.axes, sweep.scenario
    values, ends = sweep.cells[REVENUE_AT_RISK.name][level], sweep.interval[REVENUE_AT_RISK.name][level]
    factor = _scale(sweep, level).factor
    values, reach = factor * values, factor * (ends["high"] - ends["low"]) / 2
    decimals = _decimals(values, reach)
    here = [_on_grid(sweep, k) for k in range(len(axes))]
    written = np.frompyfunc(lambda value: _amount(value, decimals), 1, 1)(values)
    heads = [value_caption(value) for value in axes[1].values]
    widest = max(*(columns(text) for text in (*heads, *written.ravel().tolist())), 1) + 1
    names, beside = [sweep.stop(0, value) for value in axes[0].values], [axis.path for axis in axes]
    margin = max(map(columns, names)) + 1
    meant = [resulting_month(scenario, axes[1].path, value, beside) for value in axes[1].values]
    notes = [_none_at_all(sweep, k) for k in (0, 1)]
    if any(meant) and notes[0]:  # then the words for nothing stand above, and the months below the heads
        names = [value_caption(value) for value in axes[0].values]
        margin = max(map(columns, names)) + 1
    else:
        notes[0] = ""
    fitting = max(2, (terminal.width - margin) // (widest + 2))
    rows_shown, columns_shown = (
        places_of(len(axes[k].values), most, [p for p in (here[k],) if p is not None])
        for k, most in ((0, MOST_ROWS), (1, fitting))
    )
    room = margin + sum(max(widest, columns(meant[k]) + 1) + 2 for k in columns_shown) <= terminal.width
    months = ["", *(f"{meant[k]} " for k in columns_shown)] if any(meant) and room else []
    if months:
        notes[1] = "; below: the median month"
    others = list(itertools.product(*(range(len(axis.values)) for axis in axes[2:])))
    base_at = None if None in here[2:] else others.index(tuple(k for k in here[2:] if k is not None))
    tables_shown = places_of(len(others), MOST_TABLES, () if base_at is None else (base_at,))
    lines = terminal.wrap(one_line(f"down: {axis_caption(scenario, axes[0].path)}{notes[0]}"), "  ", "    ")
    lines += terminal.wrap(one_line(f"across: {axis_caption(scenario, axes[1].path)}{notes[1]}"), "  ", "    ")
    marked = None not in here
    for t in tables_shown:
        place = others[t]
        for axis, k in zip(axes[2:], place, strict=True):
            text = f"{axis_caption(scenario, axis.path)}: {sweep.stop(axes.index(axis), axis.values[k])}"
            lines += ["", *terminal.wrap(one_line(text))] if axis is axes[2] else terminal.wrap(one_line(text))
        shape = (Column("", right=True), *(Column(heads[k] + " ", right=True) for k in columns_shown))
        table = [months] if months else []
        for i in rows_shown:
            cells = [
                written[(i, k, *place)] + (BASE if marked and here == [i, k, *place] else " ") for k in columns_shown
            ]
            table.append([names[i], *cells])
        lines += terminal.table(shape, table)
    shown = [
        (len(rows_shown), len(axes[0].values), "rows"),
        (len(columns_shown), len(axes[1].values), "columns"),
        (len(tables_shown), len(others), "tables"),
    ]
    return [*lines, *_thinned(terminal, sweep, shown, marked)]


def _none_at_all(sweep: Sweep, k: int) -> str:
    """What a probability of nothing on an axis comes to, for its caption."""
    from sim.words.stops import none_at_all

    axis = sweep.plan.axes[k]
    found = {none_at_all(sweep.scenario, axis.path, value) for value in axis.values}
    return "".join(f"; 0: {words}" for words in found if words)


def _thinned(terminal: Terminal, sweep: Sweep, shown: list[tuple[int, int, str]], marked: bool) -> list[str]:
    said = []
    for count, total, what in shown:
        total = total or len(sweep.plan.axes[0].values)
        if count < total:
            said.append(f"{count} of {total} {what}")
    texts = [f"{BASE} the base case."] if marked else []
    if said:
        texts.append(f"Shown: {', '.join(said)}; --csv and --json give all.")
    return [terminal.dim(line) for line in terminal.wrap(" ".join(texts))] if texts else []


def _decimals(values: np.ndarray, reach: np.ndarray) -> int:
    """Decimals for all cells: two digits of the largest error, four of the largest value at most, none if whole."""
    import numpy as np

    from sim.words.numbers import decimals_for

    values, reach = values[np.isfinite(values)], reach[np.isfinite(reach)]
    if len(values) == 0 or np.allclose(values, np.rint(values), rtol=1e-12, atol=1e-9):
        return 0
    largest = float(np.abs(values).max())
    digits = decimals_for(largest, None)
    return min(digits, decimals_for(largest, float(reach.max()))) if len(reach) and reach.max() > 0 else digits


def _error(error: float, decimals: int) -> str:
    """An error with the decimals of its column; in two digits of its own where it would be nothing."""
    from sim.words.numbers import number

    return number(float(error), float(error)) if 0 < error < 0.5 * 10**-decimals else _amount(error, decimals)


def _amount(value: float, decimals: int) -> str:
    if value != value:
        return "–"
    return f"{round(float(value), decimals) or 0.0:,.{decimals}f}".replace("-", "−")


def _base(terminal: Terminal, sweep: Sweep, level: str) -> list[str]:
    """What the base case has at risk, with its interval."""
    from sim.words.labels import value_caption
    from sim.words.numbers import scale_for

    estimates = sweep.estimates_at_base()
    if estimates is None:
        return terminal.wrap(f"{sweep.base_line()}.")
    stands = ", ".join(
        f"{path.rsplit('.', 1)[1]} {value_caption(value)}" for path, value in sweep.base.items() if value is not None
    )
    found = estimates.of(REVENUE_AT_RISK, level)
    reach, scale = found.half_width, scale_for([found.value], one_line(sweep.scenario.money))
    text = sweep.base_line(REVENUE_AT_RISK, level, of=f"({stands})" if stands else "")
    if found.low is not None and found.high is not None:
        text += f"; 95 % interval {scale.number(found.low, reach)} … {scale.number(found.high, reach)}"
    baseline = estimates.of(EXPECTED_LOSS).value + estimates.of(EXPECTED_REVENUE).value
    if baseline:
        text += f", {100 * found.value / baseline:.1f} % of baseline revenue"
    return terminal.wrap(one_line(f"{text}."))


def _worst(terminal: Terminal, sweep: Sweep, level: str) -> list[str]:
    """The largest error over the cells, and the bound on what bins add to it."""
    import numpy as np

    from sim.words.labels import value_caption

    scale = _scale(sweep, level)
    ends, values = sweep.interval[REVENUE_AT_RISK.name][level], sweep.cells[REVENUE_AT_RISK.name][level]
    reach = (ends["high"] - ends["low"]) / 2
    if not np.isfinite(reach).any():
        return terminal.wrap("No errors: a single path, or a single replication, tells none.")
    k = int(np.nanargmax(reach))
    error, value = float(reach.flat[k]), float(values.flat[k])
    place = np.unravel_index(k, values.shape)
    cell = ", ".join(
        f"{axis.path.rsplit('.', 1)[1]} {value_caption(axis.values[int(i)])}"
        for axis, i in zip(sweep.plan.axes, place, strict=True)
    )
    text = "Largest error of any cell: none." if error == 0 else (
        f"Largest error of any cell: ±{scale.number(error, error)} (half of its 95 % interval), at {cell}, where "
        f"the value is {scale.number(value, error)}."
    )  # fmt: skip
    if sweep.bin_width > 0:
        text += f" Counting losses in bins adds at most {scale.number(sweep.bin_width, sweep.bin_width)} in any cell."
    # Where no loss can happen there is no tail to be thin.
    at_stake = sweep.interval[CHANCE_OF_LOSS.name]["high"] > 0
    thin = int((at_stake & (next(iter(sweep.tail_paths.values())) < LEAST_TAIL)).sum())
    if thin:
        text += (
            f" In {thin:,} of {values.size:,} cells fewer than {LEAST_TAIL} paths lie beyond the revenue at risk; "
            "errors there are approximate."
        )
    return terminal.wrap(one_line(text))


def _how_made(terminal: Terminal, sweep: Sweep) -> list[str]:
    text = f"{sweep.seconds:.2f} s · scenario sha256 {sweep.scenario.sha256[:12]}"
    if sweep.sampling == "sobol":
        text = f"Errors come from {sweep.replications} scramblings of the paths · {text}"
    if sweep.precision is not None:
        reached, asked = sweep.precision["reached"], sweep.precision["asked"]
        shown = "unknown" if reached is None else f"{100 * reached:.2g} %"
        text += f" · largest standard error {shown} (asked for: {100 * asked:.3g} %)"
    return terminal.wrap(text)
