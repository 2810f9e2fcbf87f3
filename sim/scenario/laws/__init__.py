"""Laws of delays, durations and shares, and the months that follow from them (``docs/model.md`` section 3)."""

from sim.scenario.laws.continuous import Exponential, Gamma, Lognormal, Triangular, Uniform, Weibull
from sim.scenario.laws.law import Law
from sim.scenario.laws.months import (
    NEVER,
    SCALE,
    UNIFORM_BITS,
    at_month_thresholds,
    counted_anew,
    first_month,
    is_exhausted,
    month_thresholds,
    month_weights,
    values,
    whole_months,
)
from sim.scenario.laws.stepwise import AtRenewal, Fixed, Hazard, Table

LAWS: dict[str, type[Law]] = {
    law.key: law
    for law in (Exponential, Lognormal, Gamma, Weibull, Uniform, Triangular, Fixed, Table, Hazard, AtRenewal)
}
"""Every law by its name in the scenario language."""

__all__ = [
    "LAWS",
    "NEVER",
    "SCALE",
    "UNIFORM_BITS",
    "AtRenewal",
    "Exponential",
    "Fixed",
    "Gamma",
    "Hazard",
    "Law",
    "Lognormal",
    "Table",
    "Triangular",
    "Uniform",
    "Weibull",
    "at_month_thresholds",
    "counted_anew",
    "first_month",
    "is_exhausted",
    "month_thresholds",
    "month_weights",
    "values",
    "whole_months",
]
