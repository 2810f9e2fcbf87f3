"""Randomness as an input: a draw is a pure function of (seed, stream name, path number).

Nothing else in the package draws. A stream's name is made of ids of the scenario, never of positions, and its Philox
key is a hash of the name and the seed; path i owns a fixed block of the stream's counters. So any path can be replayed
alone, more paths keep the first ones, a longer horizon keeps the earlier months, and another customer or event leaves
all other draws as they were. Only the generator's raw words are used: they are what numpy keeps stable.
See ``docs/trust.md``.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import math
from collections.abc import Callable
from typing import Any

import numpy as np

from sim.chance import sobol
from sim.chance.again import first_months_again
from sim.chance.joint import DEMAND, MARKET, Order
from sim.scenario.laws import (
    NEVER,
    SCALE,
    UNIFORM_BITS,
    Fixed,
    Law,
    at_month_thresholds,
    first_month,
    month_thresholds,
    values,
    whole_months,
)
from sim.scenario.parts import AtMonth, Delay, Effect, Event, Scenario, Trigger

STREAM_VERSION = 1
"""Version of which word belongs to which draw of independent paths; part of every stream's key."""

VERSIONS = {"plain": STREAM_VERSION, "sobol": 2}
"""Version of the draws by method; recorded in results. Quasi-random ones of version 1 had no joint sequence."""

WORDS_A_COUNTER = 4

NORMAL_BITS = 52
"""Bits of a normal's uniform: with half a step added it is exact, above 0 and below 1; with 53 it could round to 1."""

_ONE = np.float64(1).view(np.int64)

MONTHS_A_PURPOSE = 12
JOINT = ("*joint*", "points")
"""Name of the joint quasi-random sequence among the streams."""

# A number where nothing is random, else one value a path.
Months = int | np.ndarray
Share = float | np.ndarray

Shared = dict[tuple[str, str, int, int, int], np.ndarray]
"""Uniforms and normals by entity, purpose, number of draws, first path and number of paths."""


def stream_key(seed: int, entity: str, purpose: str) -> np.ndarray:
    """Philox key of a stream: BLAKE2b of version, seed and names, each with its length so that no two run together.

    Returns
    -------
    ndarray of uint64, shape (2,)
    """
    parts = [b"switchrisk draws", str(STREAM_VERSION).encode(), str(seed).encode(), entity.encode(), purpose.encode()]
    text = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return np.frombuffer(hashlib.blake2b(text, digest_size=16).digest(), dtype="<u8")


def words(
    seed: int, entity: str, purpose: str, draws: int, first: int, count: int, bits: int = UNIFORM_BITS
) -> np.ndarray:
    """Integer uniforms on [0, 2**bits) of the paths ``first`` to ``first + count - 1``.

    Parameters
    ----------
    seed
        The scenario's seed, not negative, of any size.
    entity, purpose
        The stream's name, such as ``tiktok`` and ``demand.0``.
    draws
        How many draws the purpose has; fixed for the purpose, since it decides where each path's counters stand.
    first, count
        The paths.
    bits
        Leading bits of the generator's words that are kept.

    Returns
    -------
    ndarray of int64, shape (count, draws)
    """
    counters = -(-draws // WORDS_A_COUNTER)
    generator = np.random.Philox(counter=first * counters, key=stream_key(seed, entity, purpose))
    raw = generator.random_raw(count * counters * WORDS_A_COUNTER)
    raw >>= np.uint64(64 - bits)
    integers: np.ndarray = raw.view(np.int64).reshape(count, -1)[:, :draws]
    return integers


def normals(seed: int, entity: str, draws: int, first: int, count: int) -> np.ndarray:
    """Standard normals by inverse CDF, in purposes ``demand.0``, ``demand.1``, ... of twelve months each.

    Returns
    -------
    ndarray, shape (count, draws)
        Laid out draw by draw: each draw of all paths lies together in memory.
    """
    from scipy.special import ndtri

    uniforms = np.empty((draws, count))
    for start in range(0, draws, MONTHS_A_PURPOSE):
        stop = min(start + MONTHS_A_PURPOSE, draws)
        year = words(seed, entity, f"demand.{start // MONTHS_A_PURPOSE}", MONTHS_A_PURPOSE, first, count, NORMAL_BITS)
        # As the fraction of a number from 1 to 2 a word needs no conversion; k / 2**52 and half a step remain, exactly.
        year |= _ONE
        np.subtract(year.view(np.float64)[:, : stop - start].T, 1 - 2.0**-53, out=uniforms[start:stop])
    ndtri(uniforms, out=uniforms)
    return uniforms.T


@functools.lru_cache(maxsize=4096)
def scrambling_keys(seed: int, entity: str, purpose: str) -> tuple[bytes, ...]:
    """Keys of a stream's independent scramblings, as in :func:`stream_key`."""
    return tuple(
        stream_key(seed, entity, f"{purpose}#{scrambling}").tobytes() for scrambling in range(sobol.SCRAMBLINGS)
    )


def bridged_normals(points: np.ndarray) -> np.ndarray:
    """Standard normals from quasi-random points, through a Brownian bridge that spans all of them.

    Parameters
    ----------
    points
        Coordinates, integers below 2**32; shape (draws, count), the coarse course first.

    Returns
    -------
    ndarray, shape (count, draws)
        Laid out as those of :func:`normals`.
    """
    from scipy.special import ndtri

    uniforms = points.astype(float)
    uniforms += 0.5
    uniforms *= 2.0**-sobol.BITS
    ndtri(uniforms, out=uniforms)
    return sobol.bridged(uniforms).T


def scores(words: np.ndarray) -> np.ndarray:
    """Standard normal scores of words."""
    from scipy.special import ndtri

    # With a bit less, half a step added is exact, above 0 and below 1.
    score: np.ndarray = ndtri(((words >> UNIFORM_BITS - NORMAL_BITS) + 0.5) * 2.0**-NORMAL_BITS)
    return score


def joined(common: np.ndarray, own: np.ndarray, correlation: float) -> np.ndarray:
    """Words of the scores √ρ·z + √(1−ρ)·ε: uniform again, and joined by a normal copula with one factor."""
    from scipy.special import ndtr

    uniform = ndtr(math.sqrt(correlation) * common + math.sqrt(1 - correlation) * own)
    words: np.ndarray = np.minimum(uniform * SCALE, SCALE - 1).astype(np.int64)
    return words


def own_month_thresholds(event: Event, months: int) -> np.ndarray:
    """Integers that decide an event's own month (section 3): it arises in the first month whose entry exceeds the word.

    Returns
    -------
    ndarray of int64, shape (months,)
    """
    return _thresholds(event.timing, event.probability, months)


@functools.lru_cache(maxsize=4096)
def _thresholds(timing: AtMonth | Delay | None, probability: float, months: int) -> np.ndarray:
    if timing is None:
        return np.zeros(months, dtype=np.int64)
    if isinstance(timing, AtMonth):
        return at_month_thresholds(timing.month, months, probability)
    return month_thresholds(timing.law, timing.counted_from, timing.known, months, probability)


class Draws:
    """All that chance decides on the paths ``first`` to ``first + count - 1`` of a scenario.

    Each method names one draw of the model and gives one value a path, or one number where nothing is random. Every
    draw is made when it is first asked for and belongs to a stream of its own.

    Parameters
    ----------
    scenario
        The scenario.
    seed
        Its seed, or another.
    first, count
        The paths.
    sampling
        ``plain`` for independent paths, ``sobol`` for scrambled quasi-random points (see :mod:`sim.chance.sobol`).
    shared
        Where variants of a scenario, on the same seed and sampling, leave uniforms and normals for each other.
    order
        Which quasi-random draws are points of the joint sequence; None: as the scenario's own ids say.
    """

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        first: int,
        count: int,
        sampling: str = "plain",
        shared: Shared | None = None,
        order: Order | None = None,
    ) -> None:
        self.scenario = scenario
        self.seed = seed
        self.first = first
        self.count = count
        self.sampling = sampling
        self._order = Order.of(scenario) if order is None and sampling == "sobol" else order
        self._shared = shared
        self._made: dict[tuple[str, str], Any] = {}
        self._given: dict[str, int] = {}
        self._all: Draws | None = None
        self._rows: np.ndarray | None = None

    def given(self, event: str, month: int) -> Draws:
        """The same draws, with one event's own month given: NEVER, or a month whatever its law says (section 8)."""
        other = copy.copy(self)
        other._given = {**self._given, event: month}
        return other

    def on(self, rows: np.ndarray) -> Draws:
        """The same draws on some of the paths alone, ``rows`` being their places among all.

        It is for what events draw: fewer paths are less work where a law makes values of words. These are drawn for
        all paths, once.
        """
        some = copy.copy(self)
        some.count, some._all, some._rows, some._made = len(rows), self, rows, {}
        return some

    def _once(self, entity: str, purpose: str, make: Callable[[], Any]) -> Any:
        # A draw is asked for by each stream that an event hits, and by each path of the SimPy model in turn.
        key = (entity, purpose)
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def _left(self, entity: str, purpose: str, draws: int, make: Callable[[], np.ndarray]) -> np.ndarray:
        if self._shared is None:
            return make()
        key = (entity, purpose, draws, self.first, self.count)
        if key not in self._shared:
            self._shared[key] = make()
        return self._shared[key]

    def _words(self, entity: str, purpose: str) -> np.ndarray:
        whole = self._all
        if whole is not None:
            words: np.ndarray = whole._once(entity, f"{purpose}: words", lambda: whole._words(entity, purpose))
            return words[self._rows]
        return self._left(entity, purpose, 1, lambda: self._make_words(entity, purpose))

    def _make_words(self, entity: str, purpose: str) -> np.ndarray:
        if self.sampling == "sobol":
            point = self._points(entity, purpose, 1)[0].astype(np.int64)
            # The middle of the point's cell; a 53-bit uniform has finer steps than its 32 bits.
            middle: np.ndarray = (point << UNIFORM_BITS - sobol.BITS) + (1 << UNIFORM_BITS - sobol.BITS - 1)
            return middle
        return words(self.seed, entity, purpose, 1, self.first, self.count)[:, 0]

    def _points(self, entity: str, purpose: str, draws: int) -> np.ndarray:
        """Quasi-random coordinates of a purpose's draws: of the joint sequence as far as it goes, then of its own."""
        dimensions = () if self._order is None else self._order.dimensions(entity, purpose, draws)
        rest = draws - len(dimensions)
        found = []
        if dimensions:
            found.append(sobol.joint(scrambling_keys(self.seed, *JOINT), dimensions, self.first, self.count))
        if rest:
            keys = scrambling_keys(self.seed, entity, purpose)
            found.append(sobol.scrambled(keys, rest, self.first, self.count))
        return found[0] if len(found) == 1 else np.concatenate(found)

    def _happens(self, entity: str, purpose: str, probability: float) -> bool | np.ndarray:
        if probability in (0.0, 1.0):
            return probability == 1.0
        happens: np.ndarray = self._once(
            entity, purpose, lambda: self._words(entity, purpose) < round(probability * SCALE)
        )
        return happens

    def _months(self, entity: str, purpose: str, law: int | Law) -> Months:
        if isinstance(law, int):
            return law
        if isinstance(law, Fixed):
            return math.ceil(law.value)
        months: np.ndarray = self._once(entity, purpose, lambda: whole_months(law, self._words(entity, purpose)))
        return months

    def shocks(self, stream: int) -> tuple[np.ndarray | None, np.ndarray | None]:
        """The market's and the stream's own standard normals for months 1 to T-1, each None where it plays no part.

        Returns
        -------
        market, own : ndarray, shape (count, months - 1), or None
        """
        customer = self.scenario.streams[stream]
        months = self.scenario.months - 1
        if customer.volatility == 0 or months == 0:
            return None, None
        market = own = None
        if customer.market != 0:
            market = self._once(MARKET, DEMAND, lambda: self._normals(MARKET, months))
        if abs(customer.market) != 1:
            own = self._normals(customer.id, months)
        return market, own

    def shocks_once(self, stream: int) -> tuple[np.ndarray | None, np.ndarray | None]:
        """The same as :meth:`shocks`, kept: for the SimPy model, which asks path by path."""
        kept: tuple[np.ndarray | None, np.ndarray | None] = self._once(
            self.scenario.streams[stream].id, "shocks", lambda: self.shocks(stream)
        )
        return kept

    def _normals(self, entity: str, months: int) -> np.ndarray:
        def make() -> np.ndarray:
            if self.sampling == "sobol":
                return bridged_normals(self._points(entity, DEMAND, months))
            return normals(self.seed, entity, months, self.first, self.count)

        return self._left(entity, DEMAND, months, make)

    def own_month(self, event: Event) -> np.ndarray:
        """Month in which the event arises by itself, NEVER where it does not within the horizon (section 3).

        Returns
        -------
        ndarray of int64, shape (count,)
        """
        if event.id in self._given:
            return np.full(self.count, self._given[event.id], dtype=np.int64)
        thresholds = own_month_thresholds(event, self.scenario.months)
        if thresholds[-1] == 0:
            return np.full(self.count, NEVER, dtype=np.int64)
        month: np.ndarray = self._once(event.id, "arises", lambda: first_month(thresholds, self._arising(event)))
        return month

    def month_again(self, event: Event, since: np.ndarray) -> np.ndarray:
        """Month in which an event comes another time, NEVER where it does not within the horizon (section 3).

        Parameters
        ----------
        event
            As it comes this time.
        since
            The last month in which it was in effect before, by path; within the horizon.
        """
        assert isinstance(event.timing, Delay)
        words = self.words_again(event)
        return first_months_again(event.timing, event.probability, self.scenario.months, since, words)

    def words_again(self, event: Event) -> np.ndarray:
        """Words that decide whether and when an event comes another time: of no set, each is for a first coming."""
        words: np.ndarray = self._once(event.id, "arises", lambda: self._words(event.id, "arises"))
        return words

    def _arising(self, event: Event) -> np.ndarray:
        """The word that decides an event's own month: its own, joined with those of its set, if it is in one."""
        own = self._words(event.id, "arises")
        together = self.scenario.set_of(event)
        if together is None or together.correlation == 0:
            return own
        # The set goes by the first of its events, which is in no other.
        first = together.events[0]
        common = self._once(first, "together", lambda: scores(self._words(first, "together")))
        return joined(common, scores(own), together.correlation)

    def is_moved_by_its_set(self, event: Event) -> bool | np.ndarray:
        """Whether the event's own month is another one than it would be outside of its set."""
        together = self.scenario.set_of(event)
        if together is None or together.correlation == 0 or event.id in self._given:
            return False
        thresholds = own_month_thresholds(event, self.scenario.months)
        moved: np.ndarray = self._once(
            event.id,
            "moved",
            lambda: self.own_month(event) != first_month(thresholds, self._words(event.id, "arises")),
        )
        return moved

    def sets_off(self, event: Event, trigger: Trigger) -> bool | np.ndarray:
        """Whether the event, where it arises, sets off its trigger's target."""
        return self._happens(f"{event.id}>{trigger.target}", "fires", trigger.probability)

    def trigger_delay(self, event: Event, trigger: Trigger) -> Months:
        """Whole months from the event's arising to its target's."""
        return 0 if trigger.after is None else self._months(f"{event.id}>{trigger.target}", "after", trigger.after)

    def notice(self, event: Event) -> Months:
        """Whole months from the event's arising to its taking effect."""
        return self._months(event.outcome_of or event.id, "notice", self.scenario.notice(event))

    def outcome(self, event: Event) -> int | np.ndarray:
        """Number of the outcome that happens where the event does; one uniform decides, in the order of the file."""
        weights = [outcome.weight for outcome in event.outcomes]
        if len(weights) == 1:
            return 0
        upto = np.array([round(math.fsum(weights[:k]) * SCALE) for k in range(1, len(weights))], dtype=np.int64)
        number: np.ndarray = self._once(
            event.id, "outcome", lambda: np.searchsorted(upto, self._words(event.id, "outcome"), side="right")
        )
        return number

    def level(self, event: Event, kind: str, effect: Effect) -> Share:
        """Level ``to`` of the event's effect on ``usage`` or ``price``."""
        law = effect.to
        if not isinstance(law, Law):
            return law
        purpose = f"{kind}.to"
        level: np.ndarray = self._once(event.id, purpose, lambda: values(law, self._words(event.id, purpose)))
        return level

    def over(self, event: Event, kind: str, effect: Effect) -> Months:
        """Whole months that the effect on ``usage`` or ``price`` takes."""
        return self._months(event.id, f"{kind}.over", effect.over)

    def lasts(self, event: Event) -> Months | None:
        """Whole months that a temporary event's effect holds; None for an event without an end."""
        return None if event.lasts is None else self._months(event.id, "lasts", event.lasts)

    def permanent(self, event: Event) -> bool | np.ndarray:
        """Whether a temporary event turns out permanent."""
        return event.lasts is None or self._happens(event.id, "permanent", event.permanent)

    def once(self, event: Event) -> Share:
        """What is lost once where the event takes effect, beside revenue."""
        law = event.once
        assert law is not None
        if not isinstance(law, Law):
            return law
        amount: np.ndarray = self._once(event.id, "once", lambda: values(law, self._words(event.id, "once")))
        return amount

    def accepts(self, event: Event) -> bool | np.ndarray:
        """Whether the customer accepts the offer that the lever against this event makes."""
        lever = self.scenario.lever_against[event.id]
        return self._happens(lever.id, "accepts", lever.acceptance)
