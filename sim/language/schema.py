"""The one schema of the scenario language, version 1.

It validates, it exports the JSON Schema for editors, and its descriptions are the language's reference. What needs more
than one place of a scenario to judge (ids that must exist, dates within the horizon) is in ``sim.language.checks``.
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from sim.errors import inert
from sim.language.choice_parts import ChoicePart
from sim.language.customer_parts import CustomerPart, GroupPart, Growth
from sim.language.doubt_parts import DoubtPart
from sim.language.hints import date, numeral, under
from sim.language.law_parts import LawPart, TimingPart
from sim.language.part import (
    Id,
    Line,
    Name,
    NotNegative,
    Part,
    Rate,
    Share,
    Truth,
    Whole,
    YearMonth,
    mapping_or_scalar,
)
from sim.language.reader import Scalar
from sim.language.values import CalendarMonth, Choice, Identifier, Number, NumberOrMonth, Text, refusal


def _list_or_scalar(value: Any) -> str:
    return "<list>" if isinstance(value, list) else "<scalar>"


def _list_or_mapping(value: Any) -> str:
    return "<list>" if isinstance(value, list) else "<mapping>"


_A_LAW = "a law such as {uniform: {low: 0, high: 0.4}}"
_A_DELAY = "a law such as {uniform: {low: 3, high: 9}}"
MonthsOrLaw = Annotated[
    Annotated[int, Number(ge=0, whole=True, alternative=_A_DELAY), Tag("<scalar>")]
    | Annotated[LawPart, Tag("<mapping>")],
    Discriminator(mapping_or_scalar),
]
LevelOrLaw = Annotated[
    Annotated[float, Number(ge=0, le=100, alternative=_A_LAW), Tag("<scalar>")] | Annotated[LawPart, Tag("<mapping>")],
    Discriminator(mapping_or_scalar),
]
# --- vendor and customers -------------------------------------------------------------------------------------------


class CapacityPart(Part):
    """What the vendor can serve in a month, at list price."""

    alone: ClassVar[str] = "initial"
    in_order: ClassVar[tuple[str, ...]] = ("initial", "growth")

    initial: NotNegative = Field(description="Capacity in month 0, in the scenario's unit a month.")
    growth: Growth = Field(0.0, description="Growth a year: a number, or a schedule by month.")


class VendorPart(Part):
    """Who sells."""

    name: Name | None = Field(None, description="The vendor's name, for readers; default: the vendor.")
    discount_rate: Rate | None = Field(
        None, description="Discount rate a year; without one, losses are not discounted."
    )
    capacity: CapacityPart | None = Field(None, description="Capacity at list price; without it, all demand is served.")

    @classmethod
    def meant(cls, data: Any) -> str | None:
        """Say where a lone name stands."""
        named = isinstance(data, Scalar) and isinstance(data.value, str) and not data.is_null
        return f"write {under(('name',), (inert(data.value, 60),))}" if named else None


NO_VENDOR = VendorPart.model_construct(_fields_set=set())
"""What holds where a scenario says nothing of its vendor."""


# --- events ---------------------------------------------------------------------------------------------------------


class EffectPart(Part):
    """A change of usage or price towards a level, over some months."""

    alone: ClassVar[str] = "to"
    in_order: ClassVar[tuple[str, ...]] = ("to", "over")

    to: LevelOrLaw = Field(description="Share that is left in the end; above 1 it grows. A number or a law.")
    over: MonthsOrLaw = Field(0, description="Months that the change takes; 0 is at once. A number or a law.")
    shape: Annotated[
        Literal["step", "linear", "s_curve", "exponential"], Choice(("step", "linear", "s_curve", "exponential"))
    ] = Field("linear", description="How the change proceeds.")


class OncePart(LawPart):
    """What is lost once, beside revenue: an amount, or a law of it."""

    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("amount", *LawPart.exactly_one[0]),)

    amount: Annotated[float, Number()] | None = Field(
        None, description="An amount in the scenario's unit; below 0 it is a gain, such as a fee that the vendor gets."
    )

    @classmethod
    def meant(cls, data: Any) -> str | None:
        """Say how an amount is written, or which law numbers may stand for."""
        number = numeral(data)
        return f"write {under(('amount',), (number,))}" if number is not None else super().meant(data)


class TriggerPart(Part):
    """An event that sets off another."""

    alone: ClassVar[str] = "probability"

    probability: Share = Field(1.0, description="Probability that it does.")
    after: LawPart | None = Field(None, description="Delay, a law that is positive; default: at once.")


class OutcomePart(Part):
    """What may come of an event; exactly one of its outcomes happens. Its keys replace the event's own, each whole."""

    name: Name | None = Field(None, description="Label for readers; default: the id.")
    weight: Share | None = Field(
        None, description="Probability of this outcome where the event happens; one may leave it out and has the rest."
    )
    usage: EffectPart | None = Field(None, description="What it does to the usage.")
    price: EffectPart | None = Field(None, description="What it does to the price.")
    lasts: LawPart | None = Field(None, description="How many months its effect lasts, a law.")
    permanent: Share = Field(0.0, description="Probability that it lasts for good all the same.")
    voids_commitment: Truth | None = Field(None, description="Whether it voids the commitment.")
    recommits: Truth = Field(False, description="Whether the customer renews for what is left, where usage falls.")
    triggers: dict[Id, TriggerPart] | None = Field(None, description="Events that it sets off, by id.")
    once: OncePart | None = Field(None, description="What is lost once, beside revenue.")


Hits = Annotated[
    Annotated[str, Identifier("a customer's id, a list of ids, or `all`"), Tag("<scalar>")]
    | Annotated[list[Id], Field(min_length=1), Tag("<list>")],
    Discriminator(_list_or_scalar),
]


class EventPart(Part):
    """Something that may happen, once unless it repeats, to one or more customers."""

    needs: ClassVar[dict[str, tuple[str, ...]]] = {"permanent": ("lasts",)}
    more_rules: ClassVar[tuple[dict[str, Any], ...]] = (
        {"anyOf": [{"required": ["timing"]}, {"properties": {"probability": {"const": 0}}}]},
        {"anyOf": [{"not": {"required": ["repeats"]}}, {"required": ["lasts"]}, {"required": ["outcomes"]}]},
    )

    name: Name | None = Field(None, description="Label for readers; default: the id.")
    hits: Hits = Field(description="Whom it hits: a customer's id, a list of ids, or `all`.")
    each: Truth = Field(False, description="One independent event for each customer that is hit.")
    choice: Truth = Field(False, description="Whether it is the customer's own choice.")
    planned: Truth = Field(
        False, description="Whether it is in the plan: then it is in the baseline too, on the same paths, and no loss."
    )
    notice: MonthsOrLaw | None = Field(
        None,
        description="Months from arising to taking effect, or a law; default: the contract's for a choice, else 0.",
    )
    probability: Share = Field(1.0, description="Probability that it arises by itself at all; without `timing` 0.")
    timing: TimingPart | None = Field(
        None, description="When it arises by itself; without it, only where another event sets it off."
    )
    usage: EffectPart | None = Field(None, description="What it does to the usage.")
    price: EffectPart | None = Field(None, description="What it does to the price.")
    lasts: LawPart | None = Field(None, description="How many months its effect lasts, a law; default: for good.")
    permanent: Share = Field(0.0, description="Probability that it lasts for good all the same; only with `lasts`.")
    repeats: Truth = Field(
        False,
        description="Whether it may come again once it is over, by the same law and probability; only with `lasts`, "
        "its own or an outcome's.",
    )
    voids_commitment: Truth | None = Field(
        None,
        description="Whether it voids the commitment; default: where usage falls and it is not a choice.",
    )
    leaves: Annotated[Literal["after_notice", "at_renewal"], Choice(("after_notice", "at_renewal"))] = Field(
        "after_notice",
        description="When a choice takes effect: after its notice, or at the first renewal from then on.",
    )
    recommits: Truth = Field(False, description="Whether the customer renews for what is left, where usage falls.")
    triggers: dict[Id, TriggerPart] | None = Field(None, description="Events that it sets off, by id.")
    once: OncePart | None = Field(
        None, description="What is lost once, beside revenue, in the month in which it takes effect."
    )
    outcomes: Annotated[dict[Id, OutcomePart], Field(min_length=1)] | None = Field(
        None, description="What may come of it, by id: exactly one happens, and replaces what it holds of the above."
    )

    @model_validator(mode="after")
    def _knows_when(self) -> EventPart:
        if self.timing is None and "probability" in self.model_fields_set and self.probability > 0:
            found = f"the probability {self.probability:g} without timing"
            help = "say when it arises, or leave probability out where only another event sets it off"
            raise refusal(found, "a timing, or a probability of 0", help, at="probability")
        if "repeats" in self.model_fields_set and self.lasts is None and not self.outcomes:
            help = "add lasts, or leave repeats out"
            raise refusal("repeats without lasts", "repeats only with lasts", help, at="repeats")
        return self


class TogetherPart(Part):
    """Events that tend to come together: a normal copula with one factor joins what decides when each arises."""

    events: Annotated[list[Id], Field(min_length=1)] = Field(
        description="Ids of events with a timing; one with `each` stands for its copies."
    )
    correlation: Annotated[float, Number(ge=0, lt=1)] = Field(
        description="Correlation of their scores, from 0 to below 1; each event's own law stays what it is."
    )


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

    @classmethod
    def meant(cls, data: Any) -> str | None:
        """Say how two months are written."""
        months = [date(item) for item in data] if isinstance(data, list) else []
        ends = [month for month in months if month is not None]
        return f"write {under(('first', 'last'), ends)}" if len(ends) == len(months) == 2 else None


class RiskPart(Part):
    """What is measured."""

    levels: Annotated[list[Annotated[float, Number(gt=0, lt=1)]], Field(min_length=1)] = Field(
        [0.95, 0.99], description="Levels of revenue at risk and expected shortfall."
    )
    window: WindowPart | None = Field(None, description="Months over which the loss is measured; default: all.")
    target: NotNegative | None = Field(None, description="Revenue in the window that the plan asks for.")
    year_starts: Annotated[int, CalendarMonth()] = Field(
        1, description="Calendar month in which years begin, 1 to 12, by which results are told: 7 for July."
    )


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

    alone: ClassVar[str] = "paths"
    in_order: ClassVar[tuple[str, ...]] = ("paths", "seed")

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
    Discriminator(mapping_or_scalar),
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
    vendor: VendorPart | None = Field(None, description="The vendor: who sells to the customers.")
    customers: Annotated[dict[Id, CustomerPart], Field(min_length=1)] = Field(description="Streams of revenue, by id.")
    groups: dict[Id, GroupPart] | None = Field(
        None, description="Customers with several agreements, by id; `customers.<id>.group` names one."
    )
    events: dict[Id, EventPart] | None = Field(None, description="What may happen, by id.")
    together: list[TogetherPart] | None = Field(
        None, description="Sets of events that tend to come together; an event is in one at most."
    )
    levers: dict[Id, LeverPart] | None = Field(None, description="Retention offers, by id.")
    risk: RiskPart | None = Field(None, description="What is measured.")
    sweep: dict[str, AxisValues] | None = Field(None, description="Axes of a grid: dotted path to values.")
    run: RunPart | None = Field(None, description="How a run is made.")
    evidence: dict[str, Evidence] | None = Field(None, description="Where numbers come from, by dotted path.")
    doubt: DoubtPart | None = Field(None, description="Numbers that are in doubt, and how.")
    choices: dict[Id, ChoicePart] | None = Field(
        None,
        description="What can be done, by id, two or more; the others are held against the first.",
        json_schema_extra={"minProperties": 2},
    )


def json_schema() -> dict[str, Any]:
    """Export the JSON Schema (draft 2020-12) by which editors check and complete a scenario file.

    A file that extends another may leave out what it inherits, and remove it by null; it has definitions of its own.
    """
    from sim.language.editors import for_editors

    return for_editors(ScenarioPart.model_json_schema(by_alias=True), root="Scenario")
