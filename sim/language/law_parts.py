"""Laws as they are written: the keys of each with their ranges, and the law that comes of them."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Discriminator, Field, Tag, model_validator

from sim.language.hints import date, numeral, numerals, under
from sim.language.part import Part, Share, YearMonth, mapping_or_scalar
from sim.language.values import LARGEST, Key, Number, month_number, refusal
from sim.scenario.laws import (
    LAWS,
    AtRenewal,
    Exponential,
    Fixed,
    Gamma,
    Hazard,
    Law,
    Lognormal,
    Table,
    Triangular,
    Uniform,
    Weibull,
)

_AboveZero = Annotated[float, Number(gt=0, le=LARGEST)]
_FromZero = Annotated[float, Number(ge=0, le=LARGEST)]
_Spread = Annotated[float, Number(ge=0, le=100)]
_WeibullShape = Annotated[float, Number(ge=0.01, le=LARGEST)]
_MOST_MEDIANS = 1e50


class ExponentialPart(Part):
    """A constant rate: what is left to wait does not depend on how long one has waited."""

    alone: ClassVar[str] = "mean"

    mean: _AboveZero = Field(description="Mean, in months (or as a share).")

    def law(self) -> Law:
        """The law."""
        return Exponential(self.mean)


class LognormalPart(Part):
    """The logarithm is normal; skewed to the right. Its spread is given by `sigma` or by `p90`."""

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("sigma", "p90"),)
    in_order: ClassVar[tuple[str, ...]] = ("median", "sigma")

    median: _AboveZero = Field(description="Median: half of the probability lies below.")
    sigma: _Spread | None = Field(None, description="Standard deviation of the logarithm.")
    p90: _AboveZero | None = Field(
        None, description="The value below which 90 % of the probability lies; at least the median."
    )

    @model_validator(mode="after")
    def _p90_not_below_median(self) -> LognormalPart:
        if self.p90 is not None and self.p90 < self.median:
            raise refusal(
                f"p90 {self.p90:g} below the median {self.median:g}", "p90 of at least the median", at="median,p90"
            )
        if self.p90 is not None and self.p90 / self.median > _MOST_MEDIANS:
            allowed = f"p90 of at most {_MOST_MEDIANS:g} medians"
            raise refusal("a p90 out of all proportion to the median", allowed, at="median,p90")
        return self

    def law(self) -> Law:
        """The law."""
        if self.sigma is not None:
            return Lognormal(self.median, self.sigma)
        return Lognormal.from_p90(self.median, self.p90 or self.median)


class GammaPart(Part):
    """Skewed to the right, lighter in the tail than the lognormal."""

    in_order: ClassVar[tuple[str, ...]] = ("mean", "sd")

    mean: _AboveZero = Field(description="Mean.")
    sd: _FromZero = Field(description="Standard deviation.")

    def law(self) -> Law:
        """The law."""
        return Gamma(self.mean, self.sd)


class WeibullPart(Part):
    """Survival exp(-(x/scale)^shape): the rate rises with time for a shape above 1, falls below 1."""

    in_order: ClassVar[tuple[str, ...]] = ("shape", "scale")

    shape: _WeibullShape = Field(description="Shape; 1 is the exponential law.")
    scale: _AboveZero = Field(description="Scale: the value below which 63 % of the probability lies.")

    def law(self) -> Law:
        """The law."""
        return Weibull(self.shape, self.scale)


class UniformPart(Part):
    """Evenly between two values."""

    in_order: ClassVar[tuple[str, ...]] = ("low", "high")

    low: _FromZero = Field(description="Lowest value.")
    high: _FromZero = Field(description="Highest value; at least `low`.")

    @model_validator(mode="after")
    def _in_order(self) -> UniformPart:
        if self.high < self.low:
            raise refusal(f"high {self.high:g} below low {self.low:g}", "low <= high", at="low,high")
        return self

    def law(self) -> Law:
        """The law."""
        return Uniform(self.low, self.high)


class TriangularPart(Part):
    """Between two values, most likely at the mode."""

    in_order: ClassVar[tuple[str, ...]] = ("low", "mode", "high")

    low: _FromZero = Field(description="Lowest value.")
    mode: _FromZero = Field(description="Most likely value, from `low` to `high`.")
    high: _FromZero = Field(description="Highest value.")

    @model_validator(mode="after")
    def _in_order(self) -> TriangularPart:
        if not self.low <= self.mode <= self.high:
            found = f"low {self.low:g}, mode {self.mode:g}, high {self.high:g}"
            raise refusal(found, "low <= mode <= high", at="low,mode,high")
        return self

    def law(self) -> Law:
        """The law."""
        return Triangular(self.low, self.mode, self.high)


TableOfValues = Annotated[dict[Annotated[str, Key()], Share], Field(min_length=1)]
FixedValue = _FromZero

_LAWS = tuple(key for key in LAWS if key not in (Hazard.key, AtRenewal.key))


class LawPart(Part):
    """A law of a delay or duration in months, or of a share: exactly one of the keys."""

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (_LAWS,)

    exponential: ExponentialPart | None = Field(None, description="Exponential law, by its mean.")
    lognormal: LognormalPart | None = Field(None, description="Lognormal law, by its median and sigma or p90.")
    gamma: GammaPart | None = Field(None, description="Gamma law, by its mean and sd.")
    weibull: WeibullPart | None = Field(None, description="Weibull law, by shape and scale.")
    uniform: UniformPart | None = Field(None, description="Uniform law, from low to high.")
    triangular: TriangularPart | None = Field(None, description="Triangular law, by low, mode and high.")
    fixed: FixedValue | None = Field(None, description="Always this value.")
    table: TableOfValues | None = Field(None, description="Values and their probabilities, which sum to 1.")

    @classmethod
    def meant(cls, data: Any) -> str | None:
        """Say which law a lone number, or two or three of them, may stand for."""
        number, several = numeral(data), numerals(data)
        if number is not None:
            return f"write {under((Fixed.key,), (number,))}"
        for law, part in ((Uniform.key, UniformPart), (Triangular.key, TriangularPart)):
            if several is not None and len(several) == len(part.in_order):
                return f"write {under((law,), (under(part.in_order, several),))}"
        return None

    @property
    def key(self) -> str:
        """Which law it is."""
        (key,) = (key for key in LAWS if getattr(self, key, None) is not None)
        return key

    def law(self, start: int = 0) -> Law:
        """Build the law; ``start`` is the scenario's first month, for the dates of a hazard."""
        given: Any = getattr(self, self.key)
        match self.key:
            case Fixed.key:
                return Fixed(given)
            case Table.key:
                atoms = sorted((float(value), weight) for value, weight in given.items())
                return Table(tuple(value for value, _ in atoms), tuple(weight for _, weight in atoms))
            case Hazard.key:
                return Hazard(tuple(sorted((month_number(date) - start, chance) for date, chance in given.items())))
        law: Law = given.law()
        return law


HazardSchedule = Annotated[
    dict[YearMonth, Annotated[float, Number(ge=0, lt=1)]],
    Field(min_length=1),
]


AtRenewalSchedule = Annotated[
    Annotated[float, Number(ge=0, le=1, alternative="a schedule such as {2025-01: 0.1, 2026-01: 0.2}"), Tag("<scalar>")]
    | Annotated[dict[YearMonth, Share], Field(min_length=1), Tag("<mapping>")],
    Discriminator(mapping_or_scalar),
]


class TimingPart(LawPart):
    """When an event arises by itself: a month, a hazard, at renewals, or a law from `from` or the start on."""

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("month", "hazard", "at_renewal", *_LAWS),)
    excludes: ClassVar[tuple[tuple[str, str], ...]] = (("from", "month"), ("from", "hazard"), ("from", "at_renewal"))

    month: YearMonth | None = Field(None, description="The very month, not before the start.")
    hazard: HazardSchedule | None = Field(
        None, description="Probability to arise within a year given not before, each from its month on."
    )
    at_renewal: AtRenewalSchedule | None = Field(
        None,
        description="Probability to arise for a renewal, given not before: in time for its notice, so that it takes "
        "effect there; a number, or a schedule by month.",
    )
    from_: YearMonth | None = Field(
        None,
        alias="from",
        description="The month from which a law counts; default: the start. Not with month, hazard or at_renewal.",
    )

    def chance_at(self, month: str) -> float:
        """Probability to arise for a renewal in a month, by ``at_renewal``; 0 before a schedule's first entry."""
        if not isinstance(self.at_renewal, dict):
            return self.at_renewal or 0.0
        return next((self.at_renewal[since] for since in sorted(self.at_renewal, reverse=True) if since <= month), 0.0)

    @classmethod
    def meant(cls, data: Any) -> str | None:
        """Say how a date is written, or which law numbers may stand for."""
        month = date(data)
        return f"write {under(('month',), (month,))}" if month is not None else super().meant(data)
