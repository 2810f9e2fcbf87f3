"""A contract's calendar by hand: terms, periods and their minima, occasions to leave (``docs/model.md`` section 5)."""

from __future__ import annotations

from typing import Any

import pytest

from sim.language import load
from sim.scenario.laws import AtRenewal
from sim.scenario.parts import Commitment, Contract, Delay, FirstTerm, Stream
from sim.scenario.terms import (
    Period,
    Term,
    has_floor,
    has_terms,
    not_renewed,
    occasions,
    owes_dues,
    signed_term,
    terms_of,
    turns_of,
)

YEARLY = Commitment(share=0.8, per="year")


def _stream(contract: Contract | None, **fields: Any) -> Stream:
    return Stream("a", "a", 100.0, (0.0,) * 60, contract=contract, **fields)


def _months(terms: tuple[Term, ...]) -> list[tuple[int, int, int]]:
    return [(term.renewal, term.fixed, term.last) for term in terms]


def _periods(term: Term) -> list[tuple[int, int]]:
    return [(period.first, period.last) for period in term.periods]


def test_terms_are_counted_from_any_renewal_and_the_first_month_stands_for_the_one_before_it() -> None:
    # Renewals at −2, 10 and 22; at 34 the horizon of 30 is over.
    contract = Contract(term=12, renews=10, commitment=YEARLY)
    assert _months(terms_of(_stream(contract), 30)) == [(-2, 0, 9), (10, 10, 21), (22, 22, 29)]
    later = Contract(term=12, renews=46, commitment=YEARLY)
    assert terms_of(_stream(later), 30) == terms_of(_stream(contract), 30)


def test_a_customer_has_only_its_own_months_of_a_term() -> None:
    contract = Contract(term=12, renews=10, commitment=YEARLY)
    found = terms_of(_stream(contract, starts=4, ends=13), 30)
    assert _months(found) == [(-2, 4, 9), (10, 10, 13)]
    assert [_periods(term) for term in found] == [[(4, 9)], [(10, 13)]]


def test_a_first_term_is_followed_by_ordinary_ones_and_preceded_by_none() -> None:
    contract = Contract(term=12, first=FirstTerm(5, 18), commitment=YEARLY)
    # From 5 for 18 months, then 23, 35, ...
    found = terms_of(_stream(contract), 30)
    assert _months(found) == [(5, 5, 22), (23, 23, 29)]
    # Its second year has six months of the term.
    assert _periods(found[0]) == [(5, 16), (17, 22)]
    before = Contract(term=12, first=FirstTerm(-30, 18), commitment=YEARLY)
    # −30, then −12, 0, 12: month 0 renews.
    assert _months(terms_of(_stream(before), 20)) == [(0, 0, 11), (12, 12, 19)]
    under_way = Contract(term=12, first=FirstTerm(-5, 18), commitment=YEARLY)
    assert _months(terms_of(_stream(under_way), 20)) == [(-5, 0, 12), (13, 13, 19)]


def test_a_first_term_alone_is_the_only_one() -> None:
    alone = Contract(first=FirstTerm(5, 18), commitment=YEARLY)
    assert not_renewed(alone) == 23
    found = terms_of(_stream(alone), 30)
    assert _months(found) == [(5, 5, 22)]
    assert _periods(found[0]) == [(5, 16), (17, 22)]
    # One that began before is held from the customer's first month, one that is over by then from none.
    assert _months(terms_of(_stream(Contract(first=FirstTerm(-5, 18), commitment=YEARLY), starts=2), 30)) == [
        (-5, 2, 12)
    ]
    assert terms_of(_stream(Contract(first=FirstTerm(-18, 18), commitment=YEARLY)), 30) == ()
    assert _months(terms_of(_stream(Contract(first=FirstTerm(-17, 18), commitment=YEARLY)), 30)) == [(-17, 0, 0)]
    assert terms_of(_stream(Contract(first=FirstTerm(30, 18), commitment=YEARLY)), 30) == ()
    # What is signed is that term, whole, until it is over.
    stream = _stream(alone)
    assert [None if (term := signed_term(stream, m)) is None else (term.renewal, term.last) for m in (0, 22, 23)] == [
        (5, 22),
        (5, 22),
        None,
    ]
    for renews in (Contract(term=12, first=FirstTerm(5, 18)), Contract(term=12, renews=5), Contract(notice=3), None):
        assert not_renewed(renews) is None
        assert has_terms(renews) is (renews is not None and renews.term is not None)
    assert has_terms(alone)


def test_where_a_contract_begins_renews_and_ends() -> None:
    alone, followed = Contract(first=FirstTerm(5, 18)), Contract(term=4, first=FirstTerm(5, 18))
    assert turns_of(_stream(alone), 30) == ((5, "begins"), (23, "ends"))
    assert turns_of(_stream(followed), 30) == ((5, "begins"), (23, "renews"), (27, "renews"))
    # What is under way begins before; what ends with the customer, or after the horizon, is not seen to end.
    assert turns_of(_stream(alone, starts=7), 30) == ((23, "ends"),)
    assert turns_of(_stream(alone, ends=22), 30) == ((5, "begins"),)
    assert turns_of(_stream(alone), 23) == ((5, "begins"),)
    assert turns_of(_stream(Contract(term=12, renews=-2)), 30) == ((10, "renews"), (22, "renews"))
    assert turns_of(_stream(Contract(first=FirstTerm(-18, 18))), 30) == ()


@pytest.mark.parametrize(
    ("per", "periods"),
    [
        # A term of 14 months from −3 to 10: months 0 to 10 are left of it.
        ("month", [(m, m) for m in range(11)]),
        ("quarter", [(0, 2), (3, 5), (6, 8), (9, 10)]),
        ("year", [(0, 8), (9, 10)]),
        ("term", [(0, 10)]),
    ],
)
def test_periods_are_counted_from_the_renewal_itself(per: Any, periods: list[tuple[int, int]]) -> None:
    contract = Contract(term=14, renews=-3, commitment=Commitment(share=1.0, per=per))
    assert _periods(terms_of(_stream(contract), 11)[0]) == periods


def test_minima_of_a_share_are_multiples_of_the_month_that_fixes_it() -> None:
    contract = Contract(term=24, renews=-3, commitment=Commitment(share=0.5, per="year", rises=0.1))
    (term,) = terms_of(_stream(contract), 21)
    # Anniversaries of −3 after month 0: month 9, and month 21, which is the next renewal's.
    assert term.periods[0].minima == (1.0,) * 9
    assert term.periods[1].minima == pytest.approx((1.1,) * 12)
    assert term.periods[1].minimum == pytest.approx(13.2)


def test_an_amount_is_spread_over_the_months_of_a_whole_period() -> None:
    amounts = ((-6, 120.0), (5, 240.0))
    contract = Contract(term=18, renews=-2, commitment=Commitment(amount=amounts, of="money", per="year"))
    (term, following) = terms_of(_stream(contract), 20)
    # What is in force in the period's first month that there is: 120 from 0 on, 240 from 10 on. The second year of the
    # term has six months, and six twelfths of the amount.
    assert term.periods == (Period(0, 9, (10.0,) * 10), Period(10, 15, (20.0,) * 6))
    assert following.periods == (Period(16, 19, (20.0,) * 4),)
    late = Contract(term=18, renews=-2, commitment=Commitment(amount=((5, 240.0),), of="money", per="year"))
    # Before the first entry there is none.
    assert terms_of(_stream(late), 20)[0].periods[0].minimum == 0.0


def test_a_season_shifts_the_minimum_within_a_period_and_leaves_its_sum() -> None:
    # Month 0 is January: 0.4 in it, 1.6 in December (month 11), 1 else; the year's mean is 1.
    season = (0.4, *(1.0,) * 10, 1.6)
    contract = Contract(term=12, renews=0, commitment=Commitment(share=1.0, per="year"))
    (term,) = terms_of(_stream(contract, season=season), 12)
    assert term.periods[0].minima == pytest.approx(season)
    quarterly = Contract(term=12, renews=0, commitment=Commitment(share=1.0, per="quarter"))
    (term,) = terms_of(_stream(quarterly, season=season), 12)
    # 0.4, 1, 1 with a mean of 0.8; 1, 1, 1.6 with a mean of 1.2.
    assert term.periods[0].minima == pytest.approx((0.5, 1.25, 1.25))
    assert term.periods[3].minima == pytest.approx((1 / 1.2, 1 / 1.2, 1.6 / 1.2))
    monthly = Contract(term=12, renews=0, commitment=Commitment(share=1.0, rises=0.1))
    # A month is the whole of its period: none of its season is in the minimum.
    assert {period.minima for period in terms_of(_stream(monthly, season=season), 12)[0].periods} == {(1.0,)}


def test_the_mean_season_is_that_of_the_whole_period_whatever_there_is_of_it() -> None:
    season = (0.4, *(1.0,) * 10, 1.6)
    contract = Contract(term=12, renews=-6, commitment=Commitment(share=1.0, per="year"))
    # July to June: the mean is 1, though of its months only January to June are there.
    assert terms_of(_stream(contract, season=season), 6)[0].periods[0].minima == pytest.approx(season[:6])
    short = Contract(term=14, renews=-2, commitment=Commitment(share=1.0, per="year"))
    # The last period of the term has two months, November and December, with a mean of 1.3.
    assert terms_of(_stream(short, season=season), 12)[0].periods[1].minima == pytest.approx((1 / 1.3, 1.6 / 1.3))


def test_without_a_contract_or_a_commitment_nothing_is_owed() -> None:
    assert terms_of(_stream(None), 12) == ()
    assert terms_of(_stream(Contract(notice=3)), 12) == ()
    plain = terms_of(_stream(Contract(term=6, renews=0)), 12)
    assert _months(plain) == [(0, 0, 5), (6, 6, 11)]
    assert [term.periods for term in plain] == [(), ()]


def test_which_commitments_are_no_more_than_a_floor() -> None:
    floor = Contract(term=12, renews=0, commitment=Commitment(share=0.8))
    assert has_floor(_stream(floor))
    assert not owes_dues(_stream(floor))
    for stream in (
        _stream(Contract(term=12, renews=0, commitment=YEARLY)),
        _stream(floor, starts=2),
        _stream(floor, ends=8),
        _stream(Contract(term=12, first=FirstTerm(0, 12), commitment=Commitment(share=0.8))),
        _stream(Contract(first=FirstTerm(0, 12), commitment=Commitment(share=0.8))),
    ):
        assert not has_floor(stream)
        assert owes_dues(stream)
    assert not owes_dues(_stream(Contract(term=12, renews=0)))
    assert not owes_dues(_stream(None))


@pytest.mark.parametrize(
    ("contract", "fields", "found"),
    [
        # Month 0 renews, but is no occasion: nothing comes before it.
        (Contract(term=12, renews=0), {}, (12, 24)),
        (Contract(term=12, renews=-2), {}, (10, 22)),
        (Contract(term=12, renews=-2), {"starts": 10}, (22,)),
        (Contract(term=12, renews=-2), {"ends": 22}, (10, 22)),
        (Contract(term=12, renews=-2), {"ends": 21}, (10,)),
        # A first term begins by what was signed before.
        (Contract(term=12, first=FirstTerm(4, 8)), {}, (12, 24)),
        (Contract(term=12, first=FirstTerm(-4, 8)), {}, (4, 16, 28)),
        (Contract(first=FirstTerm(4, 8)), {}, ()),
        (Contract(notice=2), {}, ()),
        (None, {}, ()),
    ],
)
def test_occasions(contract: Contract | None, fields: dict[str, Any], found: tuple[int, ...]) -> None:
    assert occasions(_stream(contract, **fields), 30) == found


def _timing(months: int, notice: int, at_renewal: Any, **more: Any) -> Delay:
    contract = {"term": 12, "renews": "2025-01", "notice": notice}
    event = {"hits": "one", "choice": True, "timing": {"at_renewal": at_renewal}, "usage": {"to": 0}}
    document = {"scenario": 1, "name": "x", "start": "2025-01", "months": months, "money": "m", **more}
    scenario = load(
        {**document, "customers": {"one": {"revenue": 1, "contract": contract}}, "events": {"leave": event}}
    )
    timing = scenario.events[0].timing
    assert isinstance(timing, Delay)
    return timing


def test_a_chance_at_renewals_is_one_of_the_months_in_which_notice_is_due() -> None:
    assert _timing(37, 0, 0.1).law == AtRenewal(((12, 0.1), (24, 0.1), (36, 0.1)))
    # In force at the renewal, not when notice is due: 0 at 12, 0.2 at 24, 0.3 at 36.
    dated = {"2026-12": 0.2, "2028-01": 0.3}
    assert _timing(36, 2, dated).law == AtRenewal(((10, 0.0), (22, 0.2), (34, 0.3)))


def test_occasions_of_which_notice_was_due_by_what_is_known_are_past() -> None:
    # Notice for month 12 is due in month 9.
    assert _timing(30, 3, 0.1, known="2025-09").law == AtRenewal(((9, 0.1), (21, 0.1)))
    assert _timing(30, 3, 0.1, known="2025-10").law == AtRenewal(((21, 0.1),))
    # Of what is past nothing is conditioned on: the chance at the next one is what it is.
    assert _timing(30, 3, 1.0, known="2025-10").law == AtRenewal(((21, 1.0),))


def test_a_longer_horizon_keeps_the_earlier_months() -> None:
    """Notice for a renewal beyond the horizon may be due within it: 33 is before 34, and 36 after."""
    assert _timing(34, 3, 0.1).law == AtRenewal(((9, 0.1), (21, 0.1), (33, 0.1)))
    assert _timing(33, 3, 0.1).law == AtRenewal(((9, 0.1), (21, 0.1)))
