"""One value for a measure on a page: parts and changes from fewer paths, put to the values that its headline tells."""

from __future__ import annotations

from dataclasses import replace

from sim.answers.attribute import Attribution, Contribution
from sim.answers.tornado import Tornado
from sim.estimates.estimate import Estimate
from sim.estimates.measures import MEASURES, Estimates, level_name


def to_the_headline(found: Attribution, estimates: Estimates) -> Attribution:
    """An attribution whose parts make up other totals than its own, in the same shares.

    Parameters
    ----------
    found
        From paths of its own; its shares are far better known than its totals, for contributions are on common draws.
    estimates
        The same measures, better known.

    Returns
    -------
    Attribution
        Contributions and their errors are those of ``found``, each times the new total over the old; one alone is the
        new total, with its error. A measure without shares, for its total is not above zero, stays as it is: see
        :func:`without_shares`.
    """
    bare = without_shares(found)
    asked = [(measure, level) for measure, level, _ in found.totals.rows()]
    times = {
        (measure.name, level): 1.0
        if (measure.name, level) in bare
        else estimates.of(measure, level).value / found.total(measure.name, level).value
        for measure, level in asked
    }

    def put(part: Contribution) -> Contribution:
        scaled = [
            (measure, None if level is None else float(level), _times(part.to(measure.name, level), by))
            for measure, level in asked
            for by in (times[measure.name, level],)
        ]
        return replace(part, estimates=Estimates.gathered(totals if len(found.contributions) == 1 else scaled))

    totals = [
        (
            measure,
            None if level is None else float(level),
            found.total(measure.name, level) if (measure.name, level) in bare else estimates.of(measure, level),
        )
        for measure, level in asked
    ]
    return replace(found, contributions=tuple(map(put, found.contributions)), totals=Estimates.gathered(totals))


def without_shares(found: Attribution) -> set[tuple[str, str | None]]:
    """Measures, with their levels, whose total is not above zero, so that nothing is a share of it."""
    return {
        (measure.name, level)
        for measure, level, _ in found.totals.rows()
        if not found.contributions or found.share(found.contributions[0], measure.name, level) is None
    }


def base_of(found: Tornado, estimates: Estimates) -> Estimate:
    """What a tornado's changes are added to: its measure as the headline has it."""
    measure = MEASURES[found.measure]
    return estimates.of(measure, level_name(found.level) if measure.by_level else None)


def _times(found: Estimate, by: float) -> Estimate:
    ends = (found.standard_error, found.low, found.high)
    error, low, high = (None if end is None else by * end for end in ends)
    return replace(found, value=by * found.value, standard_error=error, low=low, high=high)
