"""What was probably meant by a key or a value that is refused: the words of newcomers, and shapes that lack a layer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sim.language.reader import Scalar

# Patterns are compiled when something is refused, not before: `check` should not wait for them.
_YEAR = r"(19|20|21)[0-9]{2}"
_MONTH = r"[0-9]{4}-(0[1-9]|1[0-2])"
_PLAIN_NUMBER = r"[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?"
_AMOUNT = r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]+)\.?"
_IN_MONTHS = {"d": 1 / 30, "day": 1 / 30, "w": 7 / 30, "wk": 7 / 30, "week": 7 / 30, "m": 1.0, "mo": 1.0, "mth": 1.0,
              "month": 1.0, "q": 3.0, "quarter": 3.0, "y": 12.0, "yr": 12.0, "year": 12.0}  # fmt: skip

SYNONYMS: Mapping[str, Mapping[str, str]] = {
    "ScenarioPart": {"doubts": "doubt", "uncertainty": "doubt", "choice": "choices", "options": "choices",
                     "alternatives": "choices", "decisions": "choices", "title": "name", "description": "about",
                     "horizon": "months", "periods": "months",
                     "currency": "money", "unit": "money", "offers": "levers", "streams": "customers",
                     "clients": "customers", "company": "vendor", "supplier": "vendor"},
    "VendorPart": {"discount": "discount_rate", "wacc": "discount_rate"},
    "CustomerPart": {"amount": "revenue", "sales": "revenue", "demand": "revenue", "spend": "revenue",
                     "correlation": "market", "start": "starts", "end": "ends", "from": "starts", "until": "ends",
                     "seasonality": "season"},
    "ContractPart": {"renewal": "renews", "length": "term", "months": "term", "minimum": "commitment",
                     "autorenew": "auto_renews", "auto_renew": "auto_renews", "auto_renewal": "auto_renews",
                     "evergreen": "auto_renews", "first_term": "first", "initial_term": "first", "initial": "first"},
    "CommitmentPart": {"period": "per", "rollover": "carry", "carry_over": "carry", "escalator": "rises",
                       "growth": "rises", "total": "amount", "minimum": "amount", "termination_fee": "buyout"},
    "FirstTermPart": {"starts": "begins", "start": "begins", "from": "begins", "term": "months", "length": "months"},
    "EventPart": {"customer": "hits", "customers": "hits", "target": "hits", "who": "hits", "chance": "probability",
                  "when": "timing", "date": "timing", "duration": "lasts", "effect": "usage", "impact": "usage",
                  "delay": "timing"},
    "EffectPart": {"level": "to", "months": "over", "duration": "over"},
    "TriggerPart": {"chance": "probability", "delay": "after", "timing": "after"},
    "LeverPart": {"event": "against", "probability": "acceptance", "chance": "acceptance", "duration": "months"},
    "RiskPart": {"level": "levels", "confidence": "levels", "plan": "target",
                 "fiscal_year": "year_starts", "fiscal_year_start": "year_starts", "year_start": "year_starts",
                 "year_begins": "year_starts", "year": "year_starts"},
    "ChoicePart": {"sets": "set", "changes": "set", "overrides": "set", "costs": "cost", "price": "cost",
                   "title": "name", "label": "name"},
    "DoubtPart": {"range": "ranges", "number": "numbers", "paths": "draws"},
}  # fmt: skip
"""What newcomers call a key, by the schema's part in which they look for it."""


NOT_RENEWED = (
    "a contract that ends after its term has it as the only one: first: {begins: 2026-04, months: 36}, no term"
)
"""How it is said that nothing renews."""

_MONTHS = "say how many months it has: months: 36"

_WITHIN = "evenly over so many months from the start is uniform: {low: 0, high: 60}"

OTHERWISE: Mapping[str, Mapping[str, str]] = {
    "ContractPart": dict.fromkeys(
        ("renewals", "renewable", "last", "end", "ends", "until", "expires", "expiry", "fixed_term", "ends_after",
         "max_terms", "terms"), NOT_RENEWED),
    "TimingPart": dict.fromkeys(("within", "between", "until", "before", "by", "range", "random"), _WITHIN),
    "FirstTermPart": dict.fromkeys(("ends", "end", "until", "last"), _MONTHS),
}  # fmt: skip
"""What newcomers look for a key for and is said by others, by the schema's part in which they look for it."""

PERIODS: Mapping[str, str] = {
    "calendar year": "write year: it is a calendar year where the term begins in January",
    "fiscal year": "write year: it is counted from the beginning of the term",
    "contract year": "write year",
    **dict.fromkeys(("yearly", "annual", "annually", "annum", "12", "years"), "write year"),
    **dict.fromkeys(("quarterly", "3", "quarters", "calendar quarter"), "write quarter"),
    **dict.fromkeys(("monthly", "1", "months", "calendar month"), "write month"),
    **dict.fromkeys(("total", "contract", "whole term", "initial term"), "write term"),
}
"""What newcomers call a commitment's period."""

_OF_LAWS = frozenset(
    ("normal", "lognormal", "uniform", "triangular", "gamma", "exponential", "weibull", "table", "fixed", "mean",
     "median", "sd", "sigma", "low", "high", "mode", "min", "max", "p10", "p50", "p90", "range", "expected", "rate")
)  # fmt: skip


def is_of_a_law(keys: Iterable[Any]) -> bool:
    """Whether keys are those of a distribution, where there may be none."""
    return any(str(key).lower() in _OF_LAWS for key in keys)


_SHARE = "a shortfall is billed in full: to bill a share of it can't be said yet"
_TIERS = "there are no prices in tiers yet: an event's price for the average that a customer pays is nearest"
_TERM = "an offer of a new term can't be said yet: recommits: true on an event is nearest, for one who signs again"
_CURRENCY = "there is one unit for all amounts, `money`: convert what is in another currency at a rate of your plan"
_DRIVERS = "drivers that move several doubts are not there yet: each doubt moves by itself"
_RANKS = "doubts that go together are not there yet: each moves by itself"
_SAMPLES = "draws from a file are not there yet: give each number a law of its own, such as {p10: …, p90: …}"

NOT_YET: Mapping[str, Mapping[str, str]] = {
    "CustomerPart": {**dict.fromkeys(("tiers", "price_tiers", "rate_card", "volume_discount"), _TIERS),
                     **dict.fromkeys(("currency", "fx", "money"), _CURRENCY)},
    "ContractPart": dict.fromkeys(("tiers", "price_tiers", "rate_card", "volume_discount"), _TIERS),
    "CommitmentPart": {**dict.fromkeys(("tiers", "price_tiers"), _TIERS), "currency": _CURRENCY,
                       **dict.fromkeys(("shortfall", "shortfall_share", "percent", "billed", "true_up", "penalty"),
                                       _SHARE)},
    "LeverPart": dict.fromkeys(("term", "contract", "commitment", "extends", "new_term", "renews"), _TERM),
    "VendorPart": {"currency": _CURRENCY},
    "DoubtPart": {**dict.fromkeys(("drivers", "driver"), _DRIVERS),
                  **dict.fromkeys(("ranks", "rank", "correlation", "correlations", "together"), _RANKS),
                  **dict.fromkeys(("samples", "sample"), _SAMPLES)},
}  # fmt: skip
"""What there is and a scenario can't say yet, with the nearest thing that it can, by the schema's part."""


def numeral(value: Any) -> str | None:
    """The text of a lone number, as it would stand in a file; None where a value is none."""
    if not isinstance(value, Scalar) or isinstance(value.value, bool):
        return None
    if isinstance(value.value, str):
        return value.value if value.plain and re.fullmatch(_PLAIN_NUMBER, value.value) else None
    return None if value.value is None else f"{value.value:.12g}"


def date(value: Any) -> str | None:
    """The month that a lone value means: one as YYYY-MM, or the first of a year."""
    text = str(value.value) if isinstance(value, Scalar) else ""
    if re.fullmatch(_MONTH, text):
        return text
    return f"{text}-01" if re.fullmatch(_YEAR, text) else None


def numerals(value: Any) -> list[str] | None:
    """The texts of a list of numbers."""
    if not isinstance(value, list):
        return None
    texts = [text for item in value if (text := numeral(item)) is not None]
    return texts if texts and len(texts) == len(value) else None


def under(keys: Sequence[str], texts: Sequence[str]) -> str:
    """A mapping on one line."""
    return f"{{{', '.join(f'{key}: {text}' for key, text in zip(keys, texts, strict=True))}}}"


def with_unit(text: str, whole: bool) -> str | None:
    """What a number with a unit of time behind it is in months; of other words behind it, the number alone."""
    found = re.fullmatch(_AMOUNT, text.strip())
    if found is None:
        return None
    number, unit = found.groups()
    if re.fullmatch("[eE]", unit):
        return None
    factor = _IN_MONTHS.get(unit.lower(), _IN_MONTHS.get(unit.lower().removesuffix("s")))
    if factor is None:
        return f"write the number alone: {number}"
    months = float(number) * factor
    return f"write it in months: {max(1, round(months)) if whole else f'{months:.3g}'}"
