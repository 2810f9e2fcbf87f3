"""Customers and their contracts as they are written: the keys of each with their ranges, and which go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from sim.language.hints import NOT_RENEWED, PERIODS, is_of_a_law
from sim.language.part import (
    LARGEST_RATE,
    Id,
    Name,
    NotNegative,
    Part,
    Rate,
    Share,
    Truth,
    Whole,
    YearMonth,
    given_keys,
    mapping_or_scalar,
)
from sim.language.reader import Scalar
from sim.language.values import Choice, Month, MonthOfTheYear, Number, refusal, show


def _is_no_law(data: Any) -> Any:
    """Refuse a distribution of a growth as one, not key by key."""
    if isinstance(data, dict) and is_of_a_law(data):
        help = "give one rate, or a schedule by month; how much a customer's demand varies about it is its volatility"
        raise refusal(show(data), "a number above -1, or a schedule such as {2024-03: 0.60, 2025-03: 0.40}", help)
    return data


@dataclass(frozen=True)
class PeriodWord(Choice):
    """Over which period use is held against a minimum."""

    def parse(self, value: Any) -> str:
        """Take one of the words; say which stands for what others call it."""
        given = str(value.value if isinstance(value, Scalar) else value).lower().replace("_", " ").replace("-", " ")
        if given in PERIODS:
            raise refusal(show(value), self.allowed, PERIODS[given])
        return super().parse(value)


PER = ("month", "quarter", "year", "term")

Growth = Annotated[
    Annotated[
        float,
        Number(gt=-1, le=LARGEST_RATE, alternative="a schedule such as {2024-03: 0.60, 2025-03: 0.40}"),
        Tag("<scalar>"),
    ]
    | Annotated[dict[YearMonth, Rate], Field(min_length=1), BeforeValidator(_is_no_law), Tag("<mapping>")],
    Discriminator(mapping_or_scalar),
]

LARGEST_COMMITMENT = 1e30
"""Far below what a revenue may grow to, and within what a picture's single precision holds."""

Amounts = Annotated[
    Annotated[
        float,
        Number(ge=0, le=LARGEST_COMMITMENT, alternative="a schedule such as {2025-01: 10, 2026-01: 12}"),
        Tag("<scalar>"),
    ]
    | Annotated[
        dict[YearMonth, Annotated[float, Number(ge=0, le=LARGEST_COMMITMENT)]], Field(min_length=1), Tag("<mapping>")
    ],
    Discriminator(mapping_or_scalar),
]

_A_FULL_FORM = "its full form such as {share: 0.8, per: year}"


class CommitmentPart(Part):
    """What a customer commits to, in full: a lone share is a floor on each month's volume."""

    alone: ClassVar[str] = "share"
    number_is: ClassVar[str] = "share"
    exactly_one: ClassVar[tuple[tuple[str, ...], ...]] = (("share", "amount"),)
    needs: ClassVar[dict[str, tuple[str, ...]]] = {"running": ("share",)}

    share: Share | None = Field(
        None, description="Minimum of a month as a share of the volume, or of the bill, at the last renewal."
    )
    amount: Amounts | None = Field(
        None, description="Minimum of a whole period, in the scenario's unit: a number, or a schedule by month."
    )
    running: Annotated[float, Number(ge=0, le=LARGEST_COMMITMENT)] | None = Field(
        None,
        description="With `share`: minimum of a month in the term under way in the first month, in the scenario's "
        "unit; default: the share of that month.",
    )
    of: Annotated[Literal["volume", "money"], Choice(("volume", "money"))] | None = Field(
        None,
        description="What counts: `volume` at list price, or `money`, which is what is billed; "
        "default: volume for a share, money for an amount.",
    )
    per: Annotated[Literal["month", "quarter", "year", "term"], PeriodWord(PER)] = Field(
        "month", description="Over which period use is held against the minimum, counted from the renewal."
    )
    rises: Annotated[float, Number(gt=-1, le=10)] = Field(
        0.0, description="Share by which the minimum grows on each anniversary of a renewal."
    )
    carry: Truth = Field(False, description="Whether use above a minimum counts towards the next ones of the term.")
    buyout: Share | None = Field(
        None,
        description="Share of what is still committed that a customer who leaves pays at once; "
        "default: it stays bound.",
    )

    @model_validator(mode="after")
    def _rises_by_itself(self) -> CommitmentPart:
        if self.rises and isinstance(self.amount, dict):
            help = "let the schedule's amounts rise, or give one amount"
            raise refusal("rises beside a schedule of amounts", "one of the two", help, at="rises")
        if self.rises and self.amount is not None and self.per == "term":
            help = "an amount for the whole term has no years to rise in: give it in full, or per: year"
            raise refusal("rises with an amount per term", "rises with an amount per year or shorter", help, at="rises")
        return self


CommitmentOrShare = Annotated[
    Annotated[float, Number(ge=0, le=1, alternative=_A_FULL_FORM), Tag("<scalar>")]
    | Annotated[CommitmentPart, Tag("<mapping>")],
    Discriminator(mapping_or_scalar),
]


@dataclass(frozen=True)
class RenewalMonth(Month):
    """A month in which a contract renews; of one that does not, there is none."""

    def parse(self, value: Any) -> str:
        """Take a month; say what stands for none."""
        given = value.value if isinstance(value, Scalar) else value
        if given in (0, False) or str(given).lower() in _NOT:
            raise refusal(show(value), self.words, NOT_RENEWED)
        return super().parse(value)


_NOT = ("never", "no", "none", "not", "false", "once", "off")


class FirstTermPart(Part):
    """The first term of a contract, where it is of another length or begins at another time, or is the only one."""

    begins: YearMonth = Field(description="Month in which it begins; before it nothing is committed.")
    months: Annotated[int, Number(ge=1, whole=True)] = Field(description="How many months it has.")


class ContractPart(Part):
    """A customer's contract; without a term, neither its own nor a first one, there is a notice alone."""

    needs: ClassVar[dict[str, tuple[str, ...]]] = {"renews": ("term",), "auto_renews": ("term",)}
    more_rules: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "if": {"required": ["commitment"]},
            "then": {"anyOf": [{"required": ["term"]}, {"required": ["first"]}]},
        },
        {"if": {"required": ["term"]}, "then": {"anyOf": [{"required": ["renews"]}, {"required": ["first"]}]}},
    )

    term: Annotated[int, Number(ge=1, whole=True)] | None = Field(
        None, description="Months from one renewal to the next."
    )
    renews: Annotated[str, RenewalMonth()] | None = Field(None, description="One of the months in which it renews.")
    first: FirstTermPart | None = Field(
        None,
        description="The first term, where there is one of its own; later ones have `term` months. Without `term` it "
        "is the only one: the contract is not renewed, and from its end on nothing is committed.",
    )
    auto_renews: Truth = Field(
        False,
        description="Whether it renews unless the customer has given notice in time, by `notice`; if not, a renewal is "
        "agreed each time, unless an event keeps the customer from it.",
    )
    notice: Whole = Field(0, description="Months of notice before the customer's own choice takes effect.")
    commitment: CommitmentOrShare = Field(
        0.0,
        description="Share of the volume at the last renewal, paid for until the next, used or not (take-or-pay); "
        "or in full.",
    )

    def lacks(self, key: str, lacking: Sequence[str], others: Sequence[str]) -> PydanticCustomError:
        """Say that nothing renews beside a first term alone."""
        if "first" not in given_keys(self):
            return super().lacks(key, lacking, others)
        help = f"leave {key} out: a first term alone is not renewed; or add term, the months that it renews for"
        return refusal(f"{key} of a contract that has a first term and no other", f"{key} only with term", help, at=key)

    @model_validator(mode="after")
    def _has_terms(self) -> ContractPart:
        given = given_keys(self)
        if "first" in given:
            return self
        for key, others in (("commitment", ("term", "renews")), ("term", ("renews",))):
            lacking = [other for other in others if other not in given]
            if key in given and lacking:
                found = f"{key} without {' and '.join(lacking)}"
                allowed = f"{key} only with {' and '.join(others)}, or with first"
                raise refusal(found, allowed, f"add {' and '.join(lacking)}, or leave {key} out; {NOT_RENEWED}", at=key)
        return self


class GroupPart(Part):
    """One customer with several agreements, each of which stands under `customers`."""

    name: Name | None = Field(None, description="Label for readers; default: the id.")


CalendarMonth = Annotated[str, MonthOfTheYear()]


class CustomerPart(Part):
    """A stream of revenue: a named customer, or a pool of many."""

    name: Name | None = Field(None, description="Label for readers; default: the id.")
    revenue: NotNegative = Field(
        description="Demand in its first month, a month, before season, capacity and events; growth acts after it."
    )
    starts: YearMonth | None = Field(
        None, description="Its first month, not before the start: no demand before it; default: the start."
    )
    ends: YearMonth | None = Field(
        None, description="Its last month, of its contract too, without any event; default: it goes on."
    )
    season: Annotated[dict[CalendarMonth, Annotated[float, Number(gt=0, le=1000)]], Field(min_length=1)] | None = Field(
        None, description="Factor on its volume by calendar month, 1 to 12; 1 where none is named."
    )
    growth: Growth = Field(0.0, description="Growth a year: a number, or a schedule by month.")
    volatility: NotNegative = Field(0.0, description="Volatility of demand a year.")
    market: Annotated[float, Number(ge=-1, le=1)] = Field(0.0, description="Correlation with the market's shock.")
    contract: ContractPart | None = Field(None, description="The contract, where there is one.")
    group: Id | None = Field(
        None, description="The group that it is an agreement of: several agreements of one group are one customer's."
    )
    pool: Truth = Field(False, description="Many customers, none of them large.")
