"""The one schema of the scenario language, version 1.

It validates, it exports the JSON Schema for editors, and its descriptions are the language's reference. What needs more
than one place of a scenario to judge (ids that must exist, dates within the horizon) is in ``sim.language.checks``.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from sim.language.values import Choice, Flag, Identifier, Key, Month, Number, NumberOrMonth, Text, refusal, show


def _say_in_json(schema: dict[str, Any], part: type[BaseModel]) -> None:
    """Say in the JSON Schema which keys go together."""
    if not issubclass(part, Part):
        return
    rules: list[dict[str, Any]] = [{"oneOf": [{"required": [key]} for key in group]} for group in part.exactly_one]
    rules += [{"not": {"required": list(pair)}} for pair in part.excludes]
    if part.needs:
        schema["dependentRequired"] = {key: list(others) for key, others in part.needs.items()}
    if len(rules) == 1:
        schema.update(rules[0])
    elif rules:
        schema["allOf"] = rules


class Part(BaseModel):
    """What every mapping of the language shares: no other keys than these, and nothing is converted silently."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, defer_build=True, json_schema_extra=_say_in_json
    )

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = ()
    """Groups of keys of which exactly one must be given. Validation, merging and JSON Schema go by these three."""
    needs: ClassVar[dict[str, tuple[str, ...]]] = {}
    """Keys that may be given only together with others."""
    excludes: ClassVar[tuple[tuple[str, str], ...]] = ()
    """Pairs of keys that must not be given together; when the second is merged in, an inherited first goes."""

    @model_validator(mode="before")
    @classmethod
    def _is_a_mapping(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            keys = [field.alias or name for name, field in cls.model_fields.items()]
            raise refusal(show(data), f"a mapping with {', '.join(keys)}")
        return data

    @model_validator(mode="after")
    def _keys_fit_together(self) -> Part:
        given = given_keys(self)
        for group in self.exactly_one:
            chosen = [key for key in group if key in given]
            if len(chosen) != 1:
                found = f"{' and '.join(chosen)} together" if chosen else f"none of {', '.join(group)}"
                raise refusal(found, f"exactly one of {', '.join(group)}", at=",".join(chosen))
        for key, others in self.needs.items():
            lacking = [other for other in others if other not in given]
            if key in given and lacking:
                found, allowed = f"{key} without {' and '.join(lacking)}", f"{key} only with {' and '.join(others)}"
                help = f"add {' and '.join(lacking)}, or leave {key} out"
                raise refusal(found, allowed, help, at=key)
        for first, second in self.excludes:
            if first in given and second in given:
                raise refusal(f"{first} beside {second}", f"one of {first}, {second}", at=f"{first},{second}")
        return self


def given_keys(part: BaseModel) -> set[str]:
    """Give the keys that stand in the file, as they are written there."""
    fields = type(part).model_fields
    return {fields[name].alias or name for name in part.model_fields_set}


# The branches of a union are told apart by the shape of what stands there, so that only one of them answers.


def _mapping_or_scalar(value: Any) -> str:
    return "<mapping>" if isinstance(value, dict) else "<scalar>"


def _list_or_scalar(value: Any) -> str:
    return "<list>" if isinstance(value, list) else "<scalar>"


def _list_or_mapping(value: Any) -> str:
    return "<list>" if isinstance(value, list) else "<mapping>"


# --- leaves ---------------------------------------------------------------------------------------------------------

Share = Annotated[float, Number(ge=0, le=1)]
NotNegative = Annotated[float, Number(ge=0)]
Positive = Annotated[float, Number(gt=0)]
Whole = Annotated[int, Number(ge=0, whole=True)]
Rate = Annotated[float, Number(gt=-1)]
YearMonth = Annotated[str, Month()]
Line = Annotated[str, Text("a text")]
Name = Annotated[str, Text("a name")]
Truth = Annotated[bool, Flag()]
Id = Annotated[str, Identifier()]

# --- laws -----------------------------------------------------------------------------------------------------------


class ExponentialPart(Part):
    """A constant rate: what is left to wait does not depend on how long one has waited."""

    mean: Positive = Field(description="Mean, in months (or as a share).")


class LognormalPart(Part):
    """The logarithm is normal; skewed to the right. Its spread is given by `sigma` or by `p90`."""

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("sigma", "p90"),)

    median: Positive = Field(description="Median: half of the probability lies below.")
    sigma: NotNegative | None = Field(None, description="Standard deviation of the logarithm.")
    p90: Positive | None = Field(
        None, description="The value below which 90 % of the probability lies; at least the median."
    )

    @model_validator(mode="after")
    def _p90_not_below_median(self) -> LognormalPart:
        if self.p90 is not None and self.p90 < self.median:
            raise refusal(
                f"p90 {self.p90:g} below the median {self.median:g}", "p90 of at least the median", at="median,p90"
            )
        if self.p90 is not None and self.p90 / self.median > 1e300:
            raise refusal("a p90 out of all proportion to the median", "p90 of at most 1e300 medians", at="median,p90")
        return self


class GammaPart(Part):
    """Skewed to the right, lighter in the tail than the lognormal."""

    mean: Positive = Field(description="Mean.")
    sd: NotNegative = Field(description="Standard deviation.")


class WeibullPart(Part):
    """Survival exp(-(x/scale)^shape): the rate rises with time for a shape above 1, falls below 1."""

    shape: Positive = Field(description="Shape; 1 is the exponential law.")
    scale: Positive = Field(description="Scale: the value below which 63 % of the probability lies.")


class UniformPart(Part):
    """Evenly between two values."""

    low: NotNegative = Field(description="Lowest value.")
    high: NotNegative = Field(description="Highest value; at least `low`.")

    @model_validator(mode="after")
    def _in_order(self) -> UniformPart:
        if self.high < self.low:
            raise refusal(f"high {self.high:g} below low {self.low:g}", "low <= high", at="low,high")
        return self


class TriangularPart(Part):
    """Between two values, most likely at the mode."""

    low: NotNegative = Field(description="Lowest value.")
    mode: NotNegative = Field(description="Most likely value, from `low` to `high`.")
    high: NotNegative = Field(description="Highest value.")

    @model_validator(mode="after")
    def _in_order(self) -> TriangularPart:
        if not self.low <= self.mode <= self.high:
            found = f"low {self.low:g}, mode {self.mode:g}, high {self.high:g}"
            raise refusal(found, "low <= mode <= high", at="low,mode,high")
        return self


TableOfValues = Annotated[dict[Annotated[str, Key()], Share], Field(min_length=1)]
FixedValue = Annotated[float, Number(ge=0)]

_LAWS = ("exponential", "lognormal", "gamma", "weibull", "uniform", "triangular", "fixed", "table")


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


HazardSchedule = Annotated[
    dict[YearMonth, Annotated[float, Number(ge=0, lt=1)]],
    Field(min_length=1),
]


class TimingPart(LawPart):
    """When an event arises by itself: a month, a hazard, or a law of the delay, counted from `from` or the start."""

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("month", "hazard", *_LAWS),)
    excludes: ClassVar[tuple[tuple[str, str], ...]] = (("from", "month"), ("from", "hazard"))

    month: YearMonth | None = Field(None, description="The very month, not before the start.")
    hazard: HazardSchedule | None = Field(
        None, description="Probability to arise within a year given not before, each from its month on."
    )
    from_: YearMonth | None = Field(
        None,
        alias="from",
        description="The month from which a law counts; default: the start. Not with month or hazard.",
    )


_A_LAW = "a law such as {uniform: {low: 0, high: 0.4}}"
_A_DELAY = "a law such as {uniform: {low: 3, high: 9}}"
MonthsOrLaw = Annotated[
    Annotated[int, Number(ge=0, whole=True, alternative=_A_DELAY), Tag("<scalar>")]
    | Annotated[LawPart, Tag("<mapping>")],
    Discriminator(_mapping_or_scalar),
]
LevelOrLaw = Annotated[
    Annotated[float, Number(ge=0, le=100, alternative=_A_LAW), Tag("<scalar>")] | Annotated[LawPart, Tag("<mapping>")],
    Discriminator(_mapping_or_scalar),
]
Growth = Annotated[
    Annotated[float, Number(gt=-1, alternative="a schedule such as {2024-03: 0.60, 2025-03: 0.40}"), Tag("<scalar>")]
    | Annotated[dict[YearMonth, Rate], Field(min_length=1), Tag("<mapping>")],
    Discriminator(_mapping_or_scalar),
]

# --- vendor and customers -------------------------------------------------------------------------------------------


class CapacityPart(Part):
    """What the vendor can serve in a month, at list price."""

    initial: NotNegative = Field(description="Capacity in month 0, in the scenario's unit a month.")
    growth: Growth = Field(description="Growth a year: a number, or a schedule by month.")


class VendorPart(Part):
    """Who sells."""

    name: Name = Field(description="The vendor's name, for readers.")
    discount_rate: Rate | None = Field(
        None, description="Discount rate a year; without one, losses are not discounted."
    )
    capacity: CapacityPart | None = Field(None, description="Capacity at list price; without it, all demand is served.")


class ContractPart(Part):
    """A customer's contract; term and renews may be left out together where only a notice applies."""

    needs: ClassVar[dict[str, tuple[str, ...]]] = {
        "commitment": ("term", "renews"),
        "term": ("renews",),
        "renews": ("term",),
    }

    term: Annotated[int, Number(ge=1, whole=True)] | None = Field(
        None, description="Months from one renewal to the next."
    )
    renews: YearMonth | None = Field(None, description="One of the months in which it renews.")
    notice: Whole = Field(0, description="Months of notice before the customer's own choice takes effect.")
    commitment: Share = Field(
        0.0,
        description="Share of the volume at the last renewal, paid for until the next, used or not (take-or-pay).",
    )


class CustomerPart(Part):
    """A stream of revenue: a named customer, or a pool of many."""

    name: Name | None = Field(None, description="Label for readers; default: the id.")
    revenue: NotNegative = Field(description="Demand in month 0, a month, before capacity and events.")
    growth: Growth = Field(description="Growth a year: a number, or a schedule by month.")
    volatility: NotNegative = Field(0.0, description="Volatility of demand a year.")
    market: Annotated[float, Number(ge=-1, le=1)] = Field(0.0, description="Correlation with the market's shock.")
    contract: ContractPart | None = Field(None, description="The contract, where there is one.")
    pool: Truth = Field(False, description="Many customers, none of them large.")


# --- events ---------------------------------------------------------------------------------------------------------


class EffectPart(Part):
    """A change of usage or price towards a level, over some months."""

    to: LevelOrLaw = Field(description="Share that is left in the end; above 1 it grows. A number or a law.")
    over: MonthsOrLaw = Field(0, description="Months that the change takes; 0 is at once. A number or a law.")
    shape: Annotated[
        Literal["step", "linear", "s_curve", "exponential"], Choice(("step", "linear", "s_curve", "exponential"))
    ] = Field("linear", description="How the change proceeds.")


class TriggerPart(Part):
    """An event that sets off another."""

    probability: Share = Field(1.0, description="Probability that it does.")
    after: LawPart | None = Field(None, description="Delay, a law that is positive; default: at once.")


Hits = Annotated[
    Annotated[str, Identifier("a customer's id, a list of ids, or `all`"), Tag("<scalar>")]
    | Annotated[list[Id], Field(min_length=1), Tag("<list>")],
    Discriminator(_list_or_scalar),
]


class EventPart(Part):
    """Something that may happen, once, to one or more customers."""

    needs: ClassVar[dict[str, tuple[str, ...]]] = {"permanent": ("lasts",)}

    name: Name | None = Field(None, description="Label for readers; default: the id.")
    hits: Hits = Field(description="Whom it hits: a customer's id, a list of ids, or `all`.")
    each: Truth = Field(False, description="One independent event for each customer that is hit.")
    choice: Truth = Field(False, description="Whether it is the customer's own choice.")
    notice: MonthsOrLaw | None = Field(
        None,
        description="Months from arising to taking effect, or a law; default: the contract's for a choice, else 0.",
    )
    probability: Share = Field(1.0, description="Probability that it arises by itself at all.")
    timing: TimingPart = Field(description="When it arises by itself.")
    usage: EffectPart | None = Field(None, description="What it does to the usage.")
    price: EffectPart | None = Field(None, description="What it does to the price.")
    lasts: LawPart | None = Field(None, description="How many months its effect lasts, a law; default: for good.")
    permanent: Share = Field(0.0, description="Probability that it lasts for good all the same; only with `lasts`.")
    voids_commitment: Truth | None = Field(
        None,
        description="Whether it voids the commitment; default: where usage falls and it is not a choice.",
    )
    triggers: dict[Id, TriggerPart] | None = Field(None, description="Events that it sets off, by id.")


class LeverPart(Part):
    """An offer to stay, made where the event would arise."""

    name: Name | None = Field(None, description="Label for readers; default: the id.")
    against: Id = Field(description="The event, which must be the choice of one customer.")
    discount: Share = Field(description="Discount on the price while the offer holds.")
    months: Whole = Field(description="Months that the offer holds, and by which the event is put off.")
    acceptance: Share = Field(description="Probability that the customer accepts.")


# --- what is measured, swept and run --------------------------------------------------------------------------------


class WindowPart(Part):
    """The months over which the loss is measured, both included."""

    first: YearMonth = Field(description="First month.")
    last: YearMonth = Field(description="Last month.")


class RiskPart(Part):
    """What is measured."""

    levels: Annotated[list[Annotated[float, Number(gt=0, lt=1)]], Field(min_length=1)] = Field(
        [0.95, 0.99], description="Levels of revenue at risk and expected shortfall."
    )
    window: WindowPart | None = Field(None, description="Months over which the loss is measured; default: all.")
    target: NotNegative | None = Field(None, description="Revenue in the window that the plan asks for.")


class RangePart(Part):
    """Evenly spaced values, both ends included."""

    from_: Annotated[float | str, NumberOrMonth()] = Field(alias="from", description="First value.")
    to: Annotated[float | str, NumberOrMonth()] = Field(description="Last value.")
    count: Annotated[int, Number(ge=2, whole=True)] = Field(description="How many values.")


AxisValues = Annotated[
    Annotated[list[Annotated[float | str, NumberOrMonth()]], Field(min_length=1), Tag("<list>")]
    | Annotated[RangePart, Tag("<mapping>")],
    Discriminator(_list_or_mapping),
]


class RunPart(Part):
    """How a run is made."""

    paths: Annotated[int, Number(ge=1, whole=True)] = Field(100_000, description="Number of paths.")
    seed: Whole = Field(1, description="Seed of all draws.")


class EvidencePart(Part):
    """Where a number comes from: a fact, or an assumption with its reason."""

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("fact", "assumption"),)
    needs: ClassVar[dict[str, tuple[str, ...]]] = {
        "derived": ("fact",),
        "low": ("assumption", "high"),
        "high": ("assumption", "low"),
    }

    fact: Line | None = Field(None, description="Id of a fact.")
    derived: Line | None = Field(None, description="How the number follows from the fact.")
    assumption: Line | None = Field(None, description="Why this number is assumed.")
    low: Annotated[float, Number()] | None = Field(None, description="Lowest plausible value.")
    high: Annotated[float, Number()] | None = Field(None, description="Highest plausible value.")

    @model_validator(mode="after")
    def _in_order(self) -> EvidencePart:
        if self.low is not None and self.high is not None and self.high < self.low:
            raise refusal(f"high {self.high:g} below low {self.low:g}", "low <= high", at="low,high")
        return self


Evidence = Annotated[
    Annotated[str, Text("the id of a fact, or a mapping with fact or assumption"), Tag("<scalar>")]
    | Annotated[EvidencePart, Tag("<mapping>")],
    Discriminator(_mapping_or_scalar),
]


class ScenarioPart(Part):
    """A scenario of revenue at risk: one file, version 1 of the language."""

    extends: Annotated[str, Text("the path of a scenario file")] | None = Field(
        None, description="A scenario file, in this folder or below, that this one starts from."
    )
    scenario: Annotated[int, Number(ge=1, le=1, whole=True)] = Field(description="Version of the language: 1.")
    name: Name = Field(description="The scenario's name.")
    about: Annotated[str, Text("a text", lines=True, empty=True)] = Field(
        "", description="Free text, shown in reports."
    )
    start: YearMonth = Field(description="Month 0.")
    known: YearMonth | None = Field(
        None, description="What had not happened by this month is known; default: the start."
    )
    months: Annotated[int, Number(ge=1, le=1200, whole=True)] = Field(description="Months of the horizon.")
    money: Annotated[str, Text("a unit of money, such as USD million")] = Field(description="Unit of every amount.")
    vendor: VendorPart = Field(description="The vendor: who sells to the customers.")
    customers: Annotated[dict[Id, CustomerPart], Field(min_length=1)] = Field(description="Streams of revenue, by id.")
    events: dict[Id, EventPart] | None = Field(None, description="What may happen, by id.")
    levers: dict[Id, LeverPart] | None = Field(None, description="Retention offers, by id.")
    risk: RiskPart | None = Field(None, description="What is measured.")
    sweep: dict[str, AxisValues] | None = Field(None, description="Axes of a grid: dotted path to values.")
    run: RunPart | None = Field(None, description="How a run is made.")
    evidence: dict[str, Evidence] | None = Field(None, description="Where numbers come from, by dotted path.")


def json_schema() -> dict[str, Any]:
    """Export the JSON Schema (draft 2020-12) by which editors check and complete a scenario file.

    A file that extends another may leave out what it inherits, and remove it by null; it has definitions of its own.
    """
    from sim.language.editors import for_editors

    return for_editors(ScenarioPart.model_json_schema(by_alias=True), root="Scenario")
