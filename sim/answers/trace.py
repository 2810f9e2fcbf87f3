"""One path's story: the ledger that the SimPy model keeps, as a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from sim.chance.sampling import Sampling, whole_number
from sim.engines.valuation import window_sums
from sim.language import load

if TYPE_CHECKING:
    from sim.answers.story import Story
    from sim.engines.model import Process
    from sim.scenario.parts import Scenario


def trace(
    source: Any,
    *,
    path: int = 0,
    set: Mapping[str, Any] | None = None,
    seed: int | None = None,
    sampling: str = "sobol",
    processes: Iterable[Process] = (),
) -> Story:
    """Tell one path: what happened, when, why, and what it did to the money.

    Parameters
    ----------
    source, set, seed, sampling
        As for :func:`sim.run`; path by path the two see the same draws.
    path
        Number of the path.
    processes
        Processes of your own (see :class:`sim.engines.model.World`).

    Returns
    -------
    Story
        A DataFrame with a ``plot`` of its own. One row a line of the ledger: ``month`` (``YYYY-MM``), ``kind`` (event,
        offer, effect, ending, renewal, true_up, buyout, capacity, bill, month), ``who``, ``what``, ``why``, ``money``
        (a bill's amount; on the vendor's ``month`` lines its revenue) and ``lost`` (baseline less revenue,
        undiscounted, on the ``month`` lines). ``attrs`` holds ``path``, ``seed``, ``loss`` over the window and
        ``money``, the unit; ``entries`` the same lines as facts (see :mod:`sim.engines.ledger`).
    """
    scenario = load(source, set=set)
    chosen = Sampling.of(scenario, paths=1, seed=seed, method=sampling)
    return traced(scenario, chosen, whole_number("path", path, 0), processes)


def traced(scenario: Scenario, sampled: Sampling, path: int, processes: Iterable[Process] = ()) -> Story:
    """Tell one path of what was sampled so; else as :func:`trace`."""
    from sim.answers.story import Story
    from sim.engines import model
    from sim.engines.collected import collect
    from sim.engines.ledger import whole

    draws = sampled.draws(scenario, path, 1)
    (world,) = model.worlds(scenario, draws, processes, story=True)
    world.play()
    valuation = collect(scenario, path, [world])
    story = Story.of(scenario, whole(world.ledger, world.revenue, world.baseline))
    story.attrs.update(
        path=path,
        seed=sampled.seed,
        loss=float(window_sums(scenario, valuation.revenue, valuation.baseline, valuation.one_off).loss[0]),
        money=scenario.money,
    )
    return story
