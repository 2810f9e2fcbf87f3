"""Scenarios with finitely many paths, between them of every feature of the language but fluctuating demand."""

from __future__ import annotations

from typing import Any

LEVELS = [0.8, 0.95]


def _data(months: int, customers: dict[str, Any], events: dict[str, Any], **more: Any) -> dict[str, Any]:
    data = {"scenario": 1, "name": "enumerated", "start": "2024-03", "months": months, "money": "USD million"}
    customers = {id_: {"growth": 0, **customer} for id_, customer in customers.items()}
    parts = {"vendor": {"name": "vendor"}, "customers": customers, "events": events, **more}
    risk = {"levels": LEVELS, **parts.pop("risk", {})}
    return {**data, **parts, "risk": risk}


def _table(**weights: float) -> dict[str, Any]:
    """``_table(m3=0.4, m8=0.6)``: a table of months."""
    return {"table": {int(month[1:]): weight for month, weight in weights.items()}}


DATED = {"month": "2024-06"}
ENUMERATED: dict[str, dict[str, Any]] = {
    "a plan, and what is not in it": _data(
        18,
        {
            "tiktok": {"revenue": 20, "contract": {"term": 6, "renews": "2024-05", "notice": 2, "commitment": 0.7}},
            "others": {"revenue": 30, "growth": 0.2},
        },
        {
            # A budgeted rise of all prices, and half of a customer's volume that is known to go: no renewal commits.
            "price_rise": {"hits": "all", "planned": True, "timing": {"month": "2024-09"}, "price": {"to": 1.1}},
            "known_end": {
                "hits": "tiktok",
                "planned": True,
                "timing": {"month": "2024-10"},
                "usage": {"to": 0.5, "over": 3},
                "triggers": {"follows": {"after": {"fixed": 2}}},
            },
            "follows": {"hits": "others", "planned": True, "usage": {"to": 0.9}, "lasts": {"fixed": 4}},
            "leave": {
                "hits": "tiktok",
                "choice": True,
                "probability": 0.6,
                "timing": _table(m3=0.4, m8=0.4, m13=0.2),
                "usage": {"to": 0.2},
            },
            "ban": {"hits": "tiktok", "probability": 0.4, "timing": _table(m5=0.5, m9=0.5), "usage": {"to": 0}},
        },
        vendor={"name": "vendor", "capacity": {"initial": 52}},
        risk={"target": 880},
    ),
    "one of several outcomes": _data(
        16,
        {
            "tiktok": {"revenue": 20, "contract": {"term": 6, "renews": "2024-05", "notice": 2, "commitment": 0.5}},
            "others": {"revenue": 30, "growth": 0.1},
        },
        {
            # By itself or set off; its notice is drawn once, whatever comes of it.
            "law": {
                "hits": "tiktok",
                "probability": 0.6,
                "timing": _table(m2=0.4, m7=0.6),
                "notice": _table(m0=0.5, m1=0.5),
                "usage": {"to": 0.5, "over": 2},
                "lasts": _table(m3=0.5, m9=0.5),
                "triggers": {"follow": {"probability": 0.4}},
                "outcomes": {
                    "sold": {"weight": 0.5, "usage": {"to": 0.8}, "permanent": 0.5},
                    "banned": {"usage": {"to": 0}, "triggers": {"follow": {"after": _table(m2=0.5, m4=0.5)}}},
                    "fined": {"weight": 0.2, "usage": {"to": 1}, "once": {"amount": 25}, "triggers": {}},
                },
            },
            "follow": {"hits": "others", "probability": 0.2, "timing": {"fixed": 5}, "usage": {"to": 0.9}},
            "spark": {"hits": "tiktok", "probability": 0.5, "timing": DATED, "triggers": {"law": {"probability": 0.5}}},
        },
        risk={"target": 760},
    ),
    "what is lost once": _data(
        14,
        {"tiktok": {"revenue": 20, "contract": {"notice": 2}}, "others": {"revenue": 60, "growth": 0.4, "pool": True}},
        {
            "bill": {"hits": "tiktok", "probability": 0.7, "timing": _table(m2=0.5, m13=0.5), "once": {"amount": 15}},
            "leave": {
                "hits": "tiktok",
                "choice": True,
                "probability": 0.5,
                "timing": _table(m3=0.4, m8=0.3, m12=0.3),
                "usage": {"to": 0.2},
                "once": {"amount": -12.5},
                "triggers": {"penalty": {"probability": 0.5, "after": _table(m1=0.5, m4=0.5)}},
            },
            "penalty": {"hits": "all", "once": {"table": {4: 0.25, 30: 0.75}}},
        },
        vendor={"name": "vendor", "discount_rate": 0.09},
        risk={"target": 1180, "window": {"first": "2024-04", "last": "2025-03"}},
    ),
    "two events on one customer": _data(
        14,
        {"tiktok": {"revenue": 20, "growth": 0.2}, "others": {"revenue": 60, "growth": 0.4, "pool": True}},
        {
            "own_model": {
                "hits": "tiktok",
                "choice": True,
                "probability": 0.6,
                "timing": _table(m2=0.2, m6=0.5, m9=0.3),
                "usage": {"to": 0.3, "over": 4, "shape": "s_curve"},
            },
            "ban": {"hits": "tiktok", "probability": 0.3, "timing": DATED, "usage": {"to": 0.6, "over": 3}},
            "renegotiation": {
                "hits": "tiktok",
                "probability": 0.5,
                "timing": _table(m1=0.5, m8=0.5),
                "price": {"to": 0.8, "over": 2, "shape": "exponential"},
            },
        },
        vendor={"name": "vendor", "discount_rate": 0.09},
        risk={"target": 1180},
    ),
    "a chain of triggers": _data(
        12,
        {"alpha": {"revenue": 10}, "beta": {"revenue": 7}},
        {
            # The file's order is not the order of settling.
            "third": {"hits": "beta", "probability": 0.2, "timing": {"fixed": 4}, "usage": {"to": 0}},
            "second": {
                "hits": "alpha",
                "probability": 0.5,
                "timing": _table(m3=0.5, m9=0.5),
                "usage": {"to": 0.5},
                "triggers": {"third": {"probability": 0.6}},
            },
            "first": {
                "hits": ["alpha", "beta"],
                "timing": {"hazard": {"2024-03": 0.3, "2024-09": 0.7}},
                "triggers": {
                    "second": {"probability": 0.7, "after": _table(m1=0.3, m2=0.3, m5=0.4)},
                    "third": {"probability": 0.5, "after": {"table": {1.5: 0.5, 4: 0.5}}},
                },
            },
        },
    ),
    "an offer against an event that is also triggered": _data(
        16,
        {
            "tiktok": {"revenue": 20, "contract": {"notice": 2}},
            "others": {"revenue": 30, "growth": {"2024-03": 0.6, "2024-12": 0.1}},
        },
        {
            "own_model": {
                "hits": "tiktok",
                "choice": True,
                "probability": 0.5,
                "timing": _table(m2=0.3, m4=0.4, m11=0.3),
                "usage": {"to": 0.1, "over": 3},
                "triggers": {"copycat": {"probability": 0.5, "after": {"fixed": 2}}},
            },
            "suspension": {
                "hits": "tiktok",
                "probability": 0.4,
                "timing": _table(m1=0.5, m6=0.5),
                "usage": {"to": 0},
                "lasts": _table(m2=0.5, m4=0.5),
                "triggers": {"own_model": {"probability": 0.5, "after": _table(m1=0.5, m3=0.5)}},
            },
            "copycat": {"hits": "others", "probability": 0, "timing": {"fixed": 1}, "usage": {"to": 0.9}},
        },
        levers={"offer": {"against": "own_model", "discount": 0.15, "months": 5, "acceptance": 0.4}},
    ),
    "temporary events": _data(
        15,
        {"tiktok": {"revenue": 10, "contract": {"term": 6, "renews": "2024-07", "commitment": 0.7}}},
        {
            "suspension": {
                "hits": "tiktok",
                "probability": 0.6,
                "timing": _table(m1=0.3, m3=0.3, m8=0.4),
                "usage": {"to": 0.2},
                "lasts": {"table": {0: 0.1, 1.5: 0.3, 4: 0.5, 30: 0.1}},
                "permanent": 0.2,
            },
            "slump": {
                "hits": "all",
                "probability": 0.5,
                "timing": _table(m2=0.5, m7=0.5),
                "usage": {"to": 0.5, "over": 2},
                "lasts": _table(m3=0.6, m6=0.4),
                "voids_commitment": False,
            },
            "rebate": {
                "hits": "tiktok",
                "probability": 0.5,
                "timing": {"fixed": 4},
                "price": {"to": 0.75},
                "lasts": {"fixed": 5},
                "voids_commitment": True,
            },
        },
    ),
    "laws of notice, duration and level": _data(
        14,
        {"alpha": {"revenue": 12, "growth": 0.1, "contract": {"notice": 4}}, "beta": {"revenue": 5}},
        {
            "leave": {
                "hits": "alpha",
                "choice": True,
                "notice": _table(m0=0.3, m3=0.7),
                "probability": 0.7,
                "timing": _table(m2=0.5, m5=0.5),
                "usage": {
                    "to": {"table": {0.1: 0.5, 0.6: 0.3, 1.2: 0.2}},
                    "over": {"table": {0: 0.4, 2.5: 0.6}},
                    "shape": "exponential",
                },
                "price": {"to": {"table": {0.8: 0.5, 1.1: 0.5}}, "over": _table(m1=0.5, m4=0.5)},
            },
            "wave": {
                "hits": ["alpha", "beta"],
                "probability": 0.4,
                "notice": {"fixed": 1},
                "timing": {"month": "2024-05"},
                "usage": {"to": {"table": {0.5: 0.5, 0.9: 0.5}}, "over": 2, "shape": "step"},
            },
        },
        risk={"target": 190},
    ),
    "contracts": _data(
        20,
        {
            "alpha": {
                "revenue": 10,
                "growth": 0.3,
                "contract": {"term": 6, "renews": "2024-07", "notice": 3, "commitment": 0.8},
            },
            "beta": {"revenue": 8, "contract": {"term": 9, "renews": "2023-10", "commitment": 0.5}},
        },
        {
            "leave": {
                "hits": "alpha",
                "choice": True,
                "probability": 0.7,
                "timing": _table(m2=0.2, m4=0.3, m5=0.2, m12=0.3),
                "usage": {"to": 0.1, "over": 4},
            },
            "pause": {
                "hits": "beta",
                "choice": True,
                "probability": 0.8,
                "timing": _table(m1=0.4, m4=0.6),
                "usage": {"to": 0},
                "lasts": _table(m4=0.5, m8=0.5),
            },
            "embargo": {
                "hits": "all",
                "probability": 0.4,
                "timing": _table(m3=0.5, m13=0.5),
                "usage": {"to": 0.4},
                "lasts": {"fixed": 2},
            },
        },
    ),
    "capacity": _data(
        16,
        {
            "tiktok": {"revenue": 20, "growth": 0.1},
            "others": {"revenue": 60, "growth": {"2024-03": 0.6, "2024-11": 0.2}, "pool": True},
            "small": {"revenue": 5, "contract": {"term": 12, "renews": "2024-05", "commitment": 0.9}},
        },
        {
            "own_model": {
                "hits": "tiktok",
                "probability": 0.6,
                "timing": _table(m2=0.3, m5=0.4, m10=0.3),
                "usage": {"to": 0.1, "over": 3},
            },
            "boom": {
                "hits": "others",
                "probability": 0.5,
                "timing": _table(m3=0.5, m6=0.5),
                "usage": {"to": 1.4, "over": 4, "shape": "s_curve"},
                "price": {"to": 1.1},
            },
            "cut": {"hits": "all", "probability": 0.3, "timing": {"fixed": 7}, "price": {"to": 0.9}},
            "small_leaves": {"hits": "small", "choice": True, "probability": 0.5, "timing": DATED, "usage": {"to": 0}},
        },
        vendor={"name": "vendor", "capacity": {"initial": 82, "growth": {"2023-01": 0.5, "2024-08": 0.1}}},
        risk={"target": 1360},
    ),
    "one event for each customer": _data(
        12,
        {
            "alpha": {"revenue": 10, "contract": {"notice": 3}},
            "beta": {"revenue": 6, "contract": {"notice": 1}},
            "rest": {"revenue": 20},
        },
        {
            "spark": {
                "hits": "alpha",
                "probability": 0.3,
                "timing": {"fixed": 2},
                "triggers": {"departures": {"probability": 0.6, "after": _table(m1=0.5, m4=0.5)}},
            },
            "departures": {
                "hits": ["alpha", "beta"],
                "each": True,
                "choice": True,
                "probability": 0.5,
                "timing": _table(m3=0.5, m6=0.5),
                "usage": {"to": 0, "over": 2},
                "triggers": {"panic": {"probability": 0.5}},
            },
            "panic": {"hits": "rest", "probability": 0.1, "timing": {"month": "2025-01"}, "usage": {"to": 0.7}},
        },
    ),
    "what is known": _data(
        18,
        {"tiktok": {"revenue": 20, "growth": 0.1}, "others": {"revenue": 10, "growth": -0.2}},
        {
            "own_model": {
                "hits": "tiktok",
                "probability": 0.6,
                "timing": {"from": "2023-11", **_table(m4=0.2, m7=0.3, m10=0.2, m15=0.2, m40=0.1)},
                "usage": {"to": 0.2},
            },
            "ban": {
                "hits": "tiktok",
                "probability": 0.5,
                "timing": {"hazard": {"2024-01": 0.9, "2024-08": 0.5, "2025-02": 0}},
                "usage": {"to": 0.5},
            },
            "merger": {
                "hits": "others",
                "timing": {"from": "2024-05", "exponential": {"mean": 20}},
                "price": {"to": 1.2},
            },
            "dated": {"hits": "others", "probability": 0.5, "timing": {"month": "2024-04"}, "price": {"to": 0.9}},
        },
        known="2024-06",
        vendor={"name": "vendor", "discount_rate": 0.2},
        risk={"window": {"first": "2024-07", "last": "2025-05"}, "target": 270},
    ),
    "gains and losses": _data(
        10,
        {"alpha": {"revenue": 10}, "beta": {"revenue": 10}},
        {
            "grows": {"hits": "beta", "probability": 0.7, "timing": _table(m2=0.5, m4=0.5), "usage": {"to": 1.5}},
            "leaves": {"hits": "alpha", "probability": 0.3, "timing": {"fixed": 5}, "usage": {"to": 0}},
        },
    ),
    "an offer that a contract outlasts": _data(
        18,
        {"tiktok": {"revenue": 10, "contract": {"term": 6, "renews": "2024-03", "notice": 1, "commitment": 0.9}}},
        {
            "own_model": {
                "hits": ["tiktok"],
                "choice": True,
                "voids_commitment": True,
                "timing": _table(m4=0.5, m5=0.2, m6=0.3),
                "usage": {"to": 0.5, "over": 6},
            },
            "churn": {
                "hits": "tiktok",
                "choice": True,
                "notice": 0,
                "probability": 0.5,
                "timing": _table(m3=0.5, m10=0.5),
                "usage": {"to": 0.8},
                "lasts": _table(m2=0.5, m7=0.5),
                "permanent": 0.2,
            },
        },
        levers={"offer": {"against": "own_model", "discount": 0.2, "months": 4, "acceptance": 0.4}},
    ),
    "notice of several contracts": _data(
        9,
        {
            "alpha": {"revenue": 4, "contract": {"notice": 2}},
            "beta": {"revenue": 9, "contract": {"notice": 2, "term": 4, "renews": "2024-05", "commitment": 1}},
        },
        {
            "both_leave": {
                "hits": ["beta", "alpha"],
                "choice": True,
                "probability": 0.6,
                "timing": {"gamma": {"mean": 5, "sd": 2}},
                "usage": {"to": 0},
            },
            "rises": {
                "hits": "all",
                "each": True,
                "probability": 0.5,
                "notice": _table(m1=0.5, m2=0.5),
                "timing": {"fixed": 1},
                "price": {"to": {"table": {1.1: 0.5, 1.3: 0.5}}, "over": 3},
            },
        },
    ),
    "a commitment by the quarter": _data(
        18,
        {
            "tiktok": {
                "revenue": 20,
                "starts": "2024-04",
                "season": {7: 1.5, 1: 0.5, 11: 1.2},
                "contract": {
                    "first": {"begins": "2024-03", "months": 14},
                    "term": 12,
                    "commitment": {
                        "share": 0.9,
                        "running": 19,
                        "per": "quarter",
                        "rises": 0.1,
                        "carry": True,
                        "buyout": 0.5,
                    },
                },
            },
            "alpha": {
                "revenue": 10,
                "ends": "2025-05",
                "contract": {"term": 8, "renews": "2024-05", "commitment": {"share": 1, "of": "money", "per": "year"}},
            },
        },
        {
            "boost": {
                "hits": "tiktok",
                "choice": True,
                "probability": 0.5,
                "timing": {"fixed": 2},
                "usage": {"to": 1.4},
                "lasts": _table(m2=0.5, m5=0.5),
            },
            "leave": {
                "hits": "tiktok",
                "choice": True,
                "probability": 0.6,
                "timing": _table(m6=0.4, m8=0.4, m12=0.2),
                "usage": {"to": 0.2},
            },
            "rebate": {
                "hits": "all",
                "probability": 0.5,
                "timing": {"fixed": 4},
                "price": {"to": 0.8},
                "lasts": {"fixed": 12},
            },
            "ban": {
                "hits": "tiktok",
                "probability": 0.4,
                "timing": {"fixed": 7},
                "usage": {"to": 0.5},
                "lasts": _table(m1=0.5, m3=0.5),
            },
        },
    ),
    "notice for a renewal": _data(
        26,
        {
            "alpha": {
                "revenue": 10,
                "contract": {
                    "term": 6,
                    "renews": "2024-01",
                    "notice": 2,
                    "auto_renews": True,
                    "commitment": {"amount": {"2024-01": 54, "2025-03": 60}, "per": "term"},
                },
            },
            "beta": {
                "revenue": 7,
                "contract": {"term": 9, "renews": "2024-06", "notice": 1, "auto_renews": True, "commitment": 0.8},
            },
            "gamma": {
                "revenue": 4,
                "contract": {"first": {"begins": "2024-02", "months": 17}, "commitment": {"share": 0.9, "per": "year"}},
            },
        },
        {
            "churn": {
                "hits": "alpha",
                "choice": True,
                "probability": 0.9,
                "timing": {"at_renewal": {"2024-01": 0.2, "2025-01": 0.4}},
                "usage": {"to": 0.3},
            },
            "objection": {
                "hits": "beta",
                "choice": True,
                "leaves": "at_renewal",
                "probability": 0.6,
                "timing": _table(m2=0.3, m9=0.3, m11=0.4),
                "usage": {"to": 0},
            },
            "trim": {
                "hits": ["alpha", "beta"],
                "choice": True,
                "notice": 1,
                "recommits": True,
                "probability": 0.5,
                "timing": {"fixed": 3},
                "usage": {"to": 0.7},
            },
            "leave": {
                "hits": ["beta", "gamma"],
                "choice": True,
                "notice": 3,
                "probability": 0.4,
                "timing": _table(m4=0.5, m10=0.5),
                "usage": {"to": 0.4},
            },
        },
        risk={"target": 480},
    ),
}
