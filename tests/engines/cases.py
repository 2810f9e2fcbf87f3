"""Five scenarios in which every rule acts, between them of all that the engines handle each in its own way."""

from __future__ import annotations

from typing import Any


def _data(months: int, **parts: Any) -> dict[str, Any]:
    head = {"scenario": 1, "name": "case", "start": "2024-03", "months": months, "money": "USD million"}
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
                "lasts": {"fixed": 3.5},
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
    "plans, outcomes, sets and what is lost once": _data(
        20,
        customers={
            "alpha": {
                "revenue": 10,
                "growth": 0.1,
                "contract": {"term": 6, "renews": "2024-05", "notice": 1, "commitment": 0.8},
            },
            "beta": {"revenue": 8, "growth": 0, "contract": {"term": 8, "renews": "2024-03", "commitment": 0.9}},
            "gamma": {"revenue": 6, "growth": 0.2},
        },
        events={
            "rise": {"hits": "all", "planned": True, "timing": {"month": "2024-09"}, "price": {"to": 1.2, "over": 3}},
            "known_end": {
                "hits": "beta",
                "planned": True,
                "probability": 0.7,
                "timing": {"uniform": {"low": 2, "high": 12}},
                "usage": {"to": 0.5},
                "lasts": {"table": {4: 0.5, 8: 0.5}},
                "triggers": {"smaller": {"probability": 0.6, "after": {"fixed": 2}}},
            },
            "smaller": {"hits": "alpha", "planned": True, "usage": {"to": 0.9}},
            "law": {
                "hits": ["alpha", "gamma"],
                "probability": 0.7,
                "timing": {"uniform": {"low": 0, "high": 12}},
                "notice": {"table": {0: 0.5, 2: 0.5}},
                "usage": {"to": 0.4, "over": 2},
                "lasts": {"fixed": 5},
                "once": {"amount": 3},
                "outcomes": {
                    "sold": {"weight": 0.4, "usage": {"to": 0.7}, "permanent": 0.5, "once": {"fixed": 7}},
                    "banned": {"usage": {"to": 0}, "voids_commitment": False, "triggers": {"bill": {}}},
                    "dropped": {"weight": 0.2, "usage": {"to": 1.2}, "price": {"to": 0.9}},
                },
            },
            "leave": {
                "hits": ["alpha", "gamma"],
                "each": True,
                "choice": True,
                "probability": 0.5,
                "timing": {"exponential": {"mean": 8}},
                "usage": {"to": 0.2},
                "once": {"amount": -4},
                "triggers": {"bill": {"probability": 0.7, "after": {"table": {1: 0.5, 3: 0.5}}}},
            },
            "bill": {"hits": "gamma", "once": {"uniform": {"low": 2, "high": 9}}},
            "outage": {
                "hits": ["alpha", "gamma"],
                "probability": 0.9,
                "timing": {"uniform": {"low": 1, "high": 7}},
                "notice": {"table": {0: 0.5, 1: 0.5}},
                "usage": {"to": {"uniform": {"low": 0.2, "high": 0.8}}},
                "lasts": {"uniform": {"low": 0, "high": 3}},
                "repeats": True,
                "once": {"uniform": {"low": 0, "high": 2}},
                "triggers": {"bill": {"probability": 0.3, "after": {"table": {0.5: 0.5, 2: 0.5}}}},
                "outcomes": {
                    "brief": {"weight": 0.6},
                    "grave": {"weight": 0.3, "usage": {"to": 0}, "lasts": {"fixed": 4}, "price": {"to": 0.9}},
                    "dear": {"once": {"amount": 9}, "triggers": {}},
                },
            },
            "weather": {
                "hits": "beta",
                "timing": {"hazard": {"2024-06": 0.95, "2025-02": 0.5}},
                "price": {"to": 0.7},
                "lasts": {"fixed": 1},
                "repeats": True,
            },
        },
        together=[
            {"events": ["leave"], "correlation": 0.8},
            {"events": ["law", "known_end"], "correlation": 0.6},
        ],
    ),
    "contracts as they are written": _data(
        30,
        customers={
            "alpha": {
                "revenue": 10,
                "growth": 0.1,
                "volatility": 0.3,
                "season": {1: 0.6, 7: 1.5, 8: 0.9},
                "contract": {
                    "term": 12,
                    "renews": "2023-11",
                    "notice": 3,
                    "auto_renews": True,
                    "commitment": {"share": 0.95, "running": 9, "per": "quarter", "rises": 0.1, "carry": True},
                },
            },
            "beta": {
                "revenue": 8,
                "starts": "2024-06",
                "ends": "2026-06",
                "season": {12: 2},
                "contract": {
                    "first": {"begins": "2024-05", "months": 14},
                    "term": 9,
                    "commitment": {
                        "amount": {"2024-01": 90, "2025-06": 110},
                        "per": "year",
                        "carry": True,
                        "buyout": 0.5,
                    },
                },
            },
            "gamma": {
                "revenue": 6,
                "volatility": 0.1,
                "contract": {
                    "term": 12,
                    "renews": "2024-08",
                    "commitment": {"share": 0.9, "of": "money", "per": "term", "buyout": 0.6},
                },
            },
            "epsilon": {
                "revenue": 5,
                "volatility": 0.2,
                "contract": {
                    "first": {"begins": "2024-02", "months": 15},
                    "commitment": {"share": 0.9, "running": 5.5, "per": "year", "carry": True},
                },
            },
            "delta": {
                "revenue": 7,
                "starts": "2024-05",
                "contract": {
                    "term": 9,
                    "renews": "2024-11",
                    "auto_renews": True,
                    "commitment": {"share": 0.8, "per": "year", "buyout": 0.4},
                },
            },
        },
        events={
            "churn": {
                "hits": "alpha",
                "choice": True,
                "probability": 0.8,
                "timing": {"at_renewal": {"2024-01": 0.3, "2025-09": 0.6}},
                "usage": {"to": 0.2},
            },
            "objection": {
                "hits": ["alpha", "delta"],
                "each": True,
                "choice": True,
                "leaves": "at_renewal",
                "probability": 0.9,
                "notice": {"table": {1: 0.5, 2.5: 0.5}},
                "timing": {"uniform": {"low": 1, "high": 20}},
                "usage": {"to": 0.5},
                "lasts": {"table": {5: 0.5, 15: 0.5}},
                "permanent": 0.5,
            },
            "quits": {
                "hits": ["beta", "gamma", "delta", "epsilon"],
                "each": True,
                "choice": True,
                "probability": 0.6,
                "timing": {"uniform": {"low": 3, "high": 25}},
                "usage": {"to": 0.1, "over": 3},
            },
            "trims": {
                "hits": ["gamma", "delta"],
                "each": True,
                "choice": True,
                "recommits": True,
                "probability": 0.7,
                "timing": {"uniform": {"low": 1, "high": 18}},
                "usage": {"to": 0.7},
            },
            "rebate": {
                "hits": "all",
                "probability": 0.5,
                "timing": {"uniform": {"low": 2, "high": 20}},
                "price": {"to": 0.8},
                "lasts": {"fixed": 9},
            },
            "embargo": {
                "hits": ["alpha", "beta"],
                "recommits": True,
                "probability": 0.5,
                "timing": {"uniform": {"low": 2, "high": 20}},
                "usage": {"to": 0.4},
                "lasts": {"table": {3: 0.5, 8: 0.5}},
            },
        },
    ),
}
