"""What an answer starts from, in the same words everywhere: measures, their values, how many paths of which kind."""

from __future__ import annotations

from collections.abc import Iterable

from sim.chance.sampling import Sampling
from sim.estimates.estimate import Estimate
from sim.estimates.measures import Measure
from sim.scenario.parts import Scenario
from sim.words import numbers
from sim.words.labels import measure_caption, short

Measured = tuple[Measure, str | None, Estimate]
"""A measure, its level where it has levels, and what it is."""


def sampled_in_words(sampled: Sampling) -> str:
    """How something was sampled: ``16,384 quasi-random paths, seed 1``."""
    kind = "quasi-random" if sampled.scrambled else "independent"
    return f"{sampled.paths:,} {kind} path{'' if sampled.paths == 1 else 's'}, seed {sampled.seed}"


def base_line(scenario: Scenario, sampled: Sampling, measured: Iterable[Measured], of: str = "") -> str:
    """The base case of an answer, from which its changes, shares or cells are to be read.

    Two answers on other paths have other values of one measure; with this line a reader sees why.

    Parameters
    ----------
    measured
        The measures that the answer is about, in the base case.
    of
        Which scenario, or which place, where that has to be said.

    Returns
    -------
    str
        ``Base: revenue at risk 95 % USD 1,830 ± 10 million (16,384 quasi-random paths, seed 1)``, without a full stop.
        It may hold text of the scenario.
    """
    said = ", ".join(_said(scenario, *one) for one in measured)
    return f"Base{f' {of}' if of else ''}: {said} ({sampled_in_words(sampled)})"


def _said(scenario: Scenario, measure: Measure, level: str | None, found: Estimate) -> str:
    caption = measure_caption(measure, level)
    caption = caption[:1].lower() + caption[1:]
    if measure.is_share:
        return f"{caption} {numbers.share_with_interval(found)[0]}"
    # A value that is known by its interval alone is rounded by half of it, as in tables.
    reach = found.half_width if found.standard_error is None else found.standard_error
    scale = numbers.scale_for([found.value], short(scenario.money))
    found = found.times(scale.factor)
    value, error = numbers.to_add_up([Estimate(found.value, None if reach is None else reach * scale.factor)])[0]
    if found.standard_error is not None and error != "0":
        value += f" ± {error}"
    return f"{caption} {numbers.with_unit(value, short(scenario.money))}"
