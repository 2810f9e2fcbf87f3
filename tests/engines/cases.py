"""Defects to plant in one engine, and scenarios in which each of them shows; used by ``test_planted_defects.py``."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Defect:
    """In the source of ``module``, as ``engine`` alone sees it, ``old`` is replaced by ``new``, ``times`` times."""

    engine: str
    rule: str
    module: str
    old: str
    new: str
    times: int = 1


def _in(module: str, rule: str, old: str, new: str, times: int = 1) -> list[Defect]:
    """A defect of one engine's own code."""
    return [Defect(module, rule, module, old, new, times)]


def _in_fate(rule: str, old: str, new: str) -> list[Defect]:
    """A defect in how the model sees what chance holds for its path."""
    return [Defect("model", rule, "fate", old, new)]


def _seen_by_either(module: str, rule: str, old: str, new: str, times: int = 1) -> list[Defect]:
    """A defect in what the engines share, once as only the kernel sees it and once as only the model does."""
    return [Defect(engine, rule, module, old, new, times) for engine in ("kernel", "model")]


DEFECTS: list[Defect] = list(
    itertools.chain(
        # The floor: who uses less than committed pays all the same.
        _in("kernel", "floor", "else rules.shortfall(self.floor, self.volume)", "else 0.0"),
        _in("model", "floor", "unused = rules.shortfall(customer.standing_floor(), customer.volume)", "unused = 0.0"),
        _in(
            "kernel",
            "floor",
            "floor_of(commitment, volume, renewals), events",
            "floor_of(commitment, demand, renewals), events",
        ),
        _in(
            "model",
            "floor",
            "customer.floor = rules.committed_volume(contract.commitment, customer.volume)",
            "customer.floor = rules.committed_volume(contract.commitment, customer.demand)",
        ),
        _seen_by_either("rules", "floor", "first = renews % term or term", "first = term"),
        _seen_by_either("rules", "floor", "(served * volume + unused)", "(served * (volume + unused))"),
        # Capacity: what is above it goes unserved.
        _in("kernel", "capacity", "volume = volume + book.volume", "volume = np.maximum(volume, book.volume)"),
        _in("model", "capacity", "sum(customer.volume for customer in customers)", "sum(c.demand for c in customers)"),
        _seen_by_either("rules", "capacity", "scarce = volume > capacity", "scarce = volume < 0"),
        _in("kernel", "capacity", "scenario.capacity.growth)", "(0.0,) * scenario.months)"),
        _in("model", "capacity", "scenario.capacity.growth)", "(0.0,) * scenario.months)"),
        # An accepted offer postpones the event, and its discount holds until then.
        _in("kernel", "accepted offer", "np.where(accepted, rules.postponed(arises, lever.months), arises)", "arises"),
        _in("model", "accepted offer", "self.wait(rules.postponed(0, lever.months), Phase.ARISE)", "self.wait(0)"),
        _in("model", "accepted offer", "if not self.fate.accepts(event):", "if self.fate.accepts(event):"),
        _in(
            "kernel",
            "accepted offer",
            "draws.accepts(event) & (arises < scenario.months)",
            "draws.accepts(event) & (arises < scenario.months) & (arises == draws.own_month(event))",
        ),
        _in(
            "model",
            "accepted offer",
            "if lever is not None:\n            why",
            'if lever is not None and why == "by itself":\n            why',
        ),
        _in("kernel", "retention discount", "np.where(running, rules.offer_price(lever.discount), 1.0)", "np.ones(1)"),
        _in(
            "model",
            "retention discount",
            "customer.discounts[lever.id] = lever.discount",
            "customer.discounts[lever.id] = 0",
        ),
        _in("kernel", "retention discount", "rules.postponed(settled.offered, lever.months))", "settled.offered + 1)"),
        _in("model", "retention discount", "del customer.discounts[lever.id]", "pass"),
        _seen_by_either("rules", "retention discount", "return 1 - discount", "return 1 - discount / 2"),
        # Triggers.
        _in("kernel", "trigger", "np.where(draws.sets_off(event, trigger), set_off, NEVER)", "set_off"),
        _in("model", "trigger", "if self.fate.sets_off(event, trigger):", "if True:"),
        _in("kernel", "trigger", "arises = np.minimum(arises, candidate)", "arises = np.maximum(arises, candidate)"),
        _in(
            "model",
            "trigger",
            'self.cause(trigger.target, f"set off by {event.id}")',
            "if self.fate.own_month(self.scenario.events[self.scenario.event_index[trigger.target]]) < 2**30:\n"
            '            self.cause(trigger.target, f"set off by {event.id}")',
        ),
        _in("kernel", "trigger", "set_off = arises + draws", "set_off = np.minimum(arises, offered) + draws"),
        _in("kernel", "trigger's delay", "arises + draws.trigger_delay(event, trigger)", "arises"),
        _in(
            "model",
            "trigger's delay",
            "self.wait(self.fate.trigger_delay(event, trigger), Phase.ARISE)",
            "self.wait(0)",
        ),
        # Notice.
        _in("kernel", "notice", "rules.taking_effect(arises, draws.notice(event))", "arises"),
        _in("model", "notice", "self.wait(rules.taking_effect(0, notice), Phase.EFFECT)", "self.wait(0, Phase.EFFECT)"),
        _in("kernel", "notice law", "draws.notice(event))", "np.minimum(draws.notice(event), 4))"),
        _in("model", "notice law", "notice = self.fate.notice(event)", "notice = min(self.fate.notice(event), 4)"),
        # Effects that end, or turn out not to.
        _in("kernel", "ending", "np.arange(since, months)[:, np.newaxis] < settled.ends", "True"),
        _in("model", "ending", "self.wait(rules.ending(0, lasts), Phase.EFFECT)", "self.wait(1 + lasts, Phase.EFFECT)"),
        _seen_by_either("rules", "ending", "begins + np.maximum(1, lasts)", "begins + lasts"),
        _in(
            "kernel",
            "permanent",
            "np.where(draws.permanent(event), NEVER, rules.ending(begins, lasts))",
            "rules.ending(begins, lasts)",
        ),
        _in_fate(
            "permanent",
            "if event.lasts is None or self._of(self.draws.permanent(event)):",
            "if event.lasts is None:",
        ),
        # Who is leaving renews without commitment.
        _in("kernel", "renewal without commitment", "if refused.any():", "if False:"),
        _in("model", "renewal without commitment", "if customer.leaving:", "if False:"),
        _in(
            "kernel",
            "renewal without commitment",
            "[:, np.newaxis], settled.arises, settled.ends, lowers)",
            "[:, np.newaxis], settled.begins, settled.ends, lowers)",
        ),
        _in("model", "renewal without commitment", "customer.leaving[event.id] = event.id", "pass"),
        _in(
            "kernel",
            "renewal without commitment",
            "settled.arises, settled.ends, lowers)",
            "settled.arises, NEVER, lowers)",
        ),
        _in("model", "renewal without commitment", "customer.leaving, customer.voided_by):", "customer.voided_by):"),
        _seen_by_either("rules", "renewal without commitment", "return to < 1\n", "return to < 2\n"),
        [Defect("kernel", "renewal without commitment", "rules", "(arises <= renewal)", "(arises < renewal)")],
        _seen_by_either(
            "rules",
            "month 0 renewal",
            "return (0, *range(first, months, term))",
            "return tuple(range(first, months, term))",
        ),
        # Who is cut off owes nothing while it lasts.
        _in("kernel", "voided floor", "if np.any(voids):", "if False:"),
        _in("model", "voided floor", "return 0.0 if self.voided_by else self.floor", "return self.floor"),
        _in(
            "kernel",
            "voided floor",
            "is_in_effect(months, settled.begins, settled.ends)",
            "is_in_effect(months, settled.begins, NEVER)",
        ),
        _in("model", "voided floor", "customer.leaving, customer.voided_by):", "customer.leaving):"),
        _in("kernel", "voided floor", "return event.voids\n", "pass\n"),
        _in("model", "voided floor", "voids = event.voids\n", "voids = None\n"),
        _seen_by_either(
            "rules", "voided floor", "return lowers_usage(to) & (not choice)", "return lowers_usage(to) & True"
        ),
        # Several events on one customer multiply.
        _in(
            "kernel",
            "overlapping events",
            "np.multiply(result, factor, out=result)",
            "np.minimum(result, amount * factor)",
        ),
        _in(
            "model",
            "overlapping events",
            "self.volume *= effect.factor(month)",
            "self.volume = demand * effect.factor(month)",
        ),
        # Levels and months given by laws.
        _in(
            "kernel",
            "severity law",
            "factor = rules.effect_factor(to, way)",
            "factor = rules.effect_factor(np.mean(to), way)",
        ),
        _in_fate(
            "severity law",
            "self._of(self.draws.level(event, kind, effect))",
            "np.mean(self.draws.level(event, kind, effect))",
        ),
        _in("kernel", "severity law", 'if kind == "usage" else draws.level(event, kind, effect)', "if True else 1.0"),
        _in_fate("severity law", "self.draws.level(event, kind, effect)", 'self.draws.level(event, "usage", effect)'),
        _in("kernel", "severity law", "elapsed, 0), over,", "elapsed, 0), over.max(),"),
        _in_fate(
            "severity law",
            "return int(self._of(self.draws.over(event, kind, effect)))",
            "return int(np.max(self.draws.over(event, kind, effect)))",
        ),
        # The way from here to there.
        _in("kernel", "ramp shapes", "[since:, months - begins]", "[:, np.minimum(months - begins + 1, months)]"),
        _in("kernel", "ramp shapes", "np.where(elapsed >= 0, way, 0.0)", "way"),
        _in("model", "ramp shapes", "rules.progress(month - self.begun,", "rules.progress(month - self.begun + 1,"),
        _seen_by_either("rules", "ramp shapes", 'if shape == "step":', "if False:"),
        _seen_by_either("rules", "ramp shapes", "t * t * (3 - 2 * t)", "t * t * (4 - 3 * t)"),
        _seen_by_either("rules", "ramp shapes", "-3 * (elapsed + 1)", "-4 * (elapsed + 1)"),
        _seen_by_either(
            "rules", "ramp shapes", "t = np.minimum(elapsed + 1, span) / span", "t = np.minimum(elapsed, span) / span"
        ),
        _seen_by_either("rules", "ramp shapes", "np.where(np.equal(over, 0), 1.0, way)", "way"),
        # Price.
        _in("kernel", "price", "if any(settled.event.price is not None for settled in events):", "if False:"),
        _in("model", "price", "for effect in self.price.values():", "for effect in ():"),
        _seen_by_either("rules", "price", "price * (served * volume + unused)", "price * served * volume + unused"),
        # One event for each customer.
        _in(
            "kernel",
            "each copies",
            "arises = draws.own_month(event)",
            "arises = draws.own_month(__import__('dataclasses').replace(event, id=event.origin))",
        ),
        _in(
            "model",
            "each copies",
            "month = self.fate.own_month(event)",
            "month = self.fate.own_month(__import__('dataclasses').replace(event, id=event.origin))",
        ),
        _in(
            "kernel",
            "each copies",
            "draws.notice(event))",
            "draws.notice(__import__('dataclasses').replace(event, hits=(0,))))",
        ),
        _in(
            "model",
            "each copies",
            "notice = self.fate.notice(event)",
            "notice = self.fate.notice(__import__('dataclasses').replace(event, hits=(0,)))",
        ),
        # When an event arises by itself.
        _seen_by_either("draws", "known", "timing.known, months", "0, months"),
        _seen_by_either("draws", "own month", "timing.counted_from, timing", "0, timing"),
        _seen_by_either(
            "draws", "own month", "at_month_thresholds(timing.month, ", "at_month_thresholds(timing.month + 1, "
        ),
        _in("kernel", "own month", "arises = draws.own_month(event)", "arises = draws.own_month(event) + 1"),
        _in("model", "own month", "yield self.until(month, Phase.ARISE)", "yield self.until(month, Phase.RENEW)"),
        # The twin without events.
        _in(
            "kernel",
            "baseline twin",
            "floor_of(commitment, demand, renewals) if commitment > 0 else None)",
            "None)",
        ),
        _in(
            "model",
            "baseline twin",
            "twin.floor = rules.committed_volume(contract.commitment, twin.volume)",
            "twin.floor = 0.0",
        ),
        _in(
            "kernel",
            "baseline twin",
            "served = served_share(scenario, twin)",
            "served = served_share(scenario, actual)",
        ),
        _in(
            "model",
            "baseline twin",
            "self._served_share(month, self.twins.values())",
            "self._served_share(month, self.customers.values())",
        ),
        _in("model", "baseline twin", "twin.use(demand, month)", "twin.use(customer.volume, month)"),
        # Demand and its shocks.
        _in("kernel", "demand", "rules.blended_shock(customer.market, market, own)", "own"),
        _in_fate("demand", "market[self.row]", "0.0"),
        _seen_by_either("rules", "demand", "volatility**2 / 24", "volatility**2 / 12"),
        _seen_by_either("rules", "demand", "math.sqrt(1 - market**2)", "(1 - market)"),
        # Concentration counts named customers only.
        _in("kernel", "concentration", "if not stream.pool:", "if True:"),
        _in("model", "concentration", "if not customer.stream.pool:", "if True:"),
    )
)

RULES = (
    "floor",
    "capacity",
    "accepted offer",
    "retention discount",
    "trigger",
    "trigger's delay",
    "notice",
    "notice law",
    "ending",
    "permanent",
    "renewal without commitment",
    "month 0 renewal",
    "voided floor",
    "overlapping events",
    "severity law",
    "ramp shapes",
    "price",
    "each copies",
    "known",
    "own month",
    "baseline twin",
    "demand",
    "concentration",
)


def _data(months: int, **parts: Any) -> dict[str, Any]:
    head = {"scenario": 1, "name": "planted", "start": "2024-03", "months": months, "money": "USD million"}
    return {**head, "vendor": {"name": "vendor"}, **parts}


SCENARIOS: dict[str, dict[str, Any]] = {
    "contracts under scarce capacity": _data(
        24,
        vendor={"name": "vendor", "capacity": {"initial": 40, "growth": 0.3}},
        customers={
            "alpha": {
                "revenue": 20,
                "growth": 0.1,
                "volatility": 0.2,
                "market": 0.5,
                "contract": {"term": 6, "renews": "2024-07", "notice": 2, "commitment": 0.8},
            },
            "beta": {"revenue": 8, "growth": -0.7, "contract": {"term": 9, "renews": "2023-10", "commitment": 0.9}},
            "others": {"revenue": 12, "growth": 0.5, "volatility": 0.1, "market": -0.4, "pool": True},
        },
        events={
            "leave": {
                "hits": "alpha",
                "choice": True,
                "probability": 0.6,
                "timing": {"uniform": {"low": 1, "high": 14}},
                "usage": {"to": 0.1, "over": 4},
                "price": {"to": 0.9},
            },
            "boost": {
                "hits": ["alpha", "beta"],
                "probability": 0.6,
                "timing": {"uniform": {"low": 0, "high": 12}},
                "usage": {"to": 1.5, "over": 3, "shape": "s_curve"},
            },
            "embargo": {
                "hits": "all",
                "probability": 0.6,
                "timing": {"uniform": {"low": 0, "high": 20}},
                "usage": {"to": 0.4},
                "lasts": {"table": {0: 0.2, 2: 0.4, 5: 0.4}},
                "permanent": 0.3,
            },
            "waiver": {
                "hits": "beta",
                "choice": True,
                "probability": 0.5,
                "timing": {"uniform": {"low": 2, "high": 15}},
                "usage": {"to": 0.2},
                "lasts": {"fixed": 4},
                "voids_commitment": True,
            },
        },
    ),
    "offers, triggers and copies": _data(
        20,
        known="2024-06",
        customers={
            "alpha": {"revenue": 10, "growth": 0, "contract": {"notice": 1}},
            "beta": {"revenue": 6, "growth": 0.1, "contract": {"notice": 3}},
            "gamma": {"revenue": 9, "growth": 0},
        },
        events={
            "departures": {
                "hits": ["alpha", "beta"],
                "each": True,
                "choice": True,
                "probability": 0.4,
                "timing": {"from": "2024-01", "uniform": {"low": 2, "high": 16}},
                "usage": {"to": 0, "over": 2},
                "triggers": {"follow": {"probability": 0.6, "after": {"table": {1: 0.5, 3: 0.5}}}},
            },
            "spark": {
                "hits": "gamma",
                "probability": 0.7,
                "timing": {"hazard": {"2024-03": 0.6}},
                "price": {"to": 0.8, "over": 4, "shape": "exponential"},
                "triggers": {
                    "departures": {"probability": 0.5, "after": {"uniform": {"low": 1, "high": 5}}},
                    "rival": {"probability": 0.5},
                },
            },
            "rival": {
                "hits": "gamma",
                "choice": True,
                "probability": 0.4,
                "timing": {"exponential": {"mean": 10}},
                "usage": {"to": 0.3},
                "triggers": {"follow": {"probability": 0.5}},
            },
            "follow": {"hits": "all", "probability": 0.2, "timing": {"month": "2024-09"}, "usage": {"to": 0.9}},
        },
        levers={"offer": {"against": "rival", "discount": 0.2, "months": 5, "acceptance": 0.6}},
    ),
    "laws and shapes": _data(
        18,
        customers={"alpha": {"revenue": 10, "growth": 0.2}, "beta": {"revenue": 5, "growth": 0}},
        events={
            "wave": {
                "hits": "all",
                "notice": {"uniform": {"low": 0, "high": 8}},
                "probability": 0.8,
                "timing": {"uniform": {"low": 0, "high": 8}},
                "usage": {"to": {"uniform": {"low": 0.1, "high": 0.9}}, "over": {"table": {1: 0.5, 5: 0.5}}},
                "price": {"to": {"triangular": {"low": 0.6, "mode": 0.8, "high": 1.2}}, "over": 3},
            },
            "slump": {
                "hits": "alpha",
                "probability": 0.5,
                "timing": {"gamma": {"mean": 5, "sd": 2}},
                "usage": {"to": {"table": {0.3: 0.5, 0.7: 0.5}}, "over": 0, "shape": "exponential"},
                "lasts": {"lognormal": {"median": 3, "sigma": 0.5}},
            },
            "step": {
                "hits": "beta",
                "timing": {"month": "2024-08"},
                "usage": {"to": 0.6, "over": 3, "shape": "step"},
                "price": {"to": 0.9, "over": {"uniform": {"low": 0, "high": 6}}, "shape": "s_curve"},
            },
        },
    ),
    "month 0": _data(
        9,
        customers={
            "alpha": {"revenue": 10, "growth": 0, "contract": {"term": 6, "renews": "2024-01", "commitment": 0.8}},
            "beta": {"revenue": 10, "growth": 0, "contract": {"term": 4, "renews": "2024-05", "commitment": 0.8}},
        },
        events={
            "leave": {
                "hits": "alpha",
                "choice": True,
                "notice": 2,
                "probability": 0.5,
                "timing": {"month": "2024-03"},
                "usage": {"to": 0.2},
            },
            "ban": {
                "hits": "beta",
                "choice": True,
                "probability": 0.5,
                "notice": 2,
                "timing": {"month": "2024-05"},
                "usage": {"to": 0.5, "over": 2},
            },
        },
    ),
}
