"""One customer's full commitment as the months pass, for the SimPy model: used, settled, bought out (section 5).

The calendar is :mod:`sim.scenario.terms`, the formulas are :mod:`sim.scenario.rules`; how the books are kept between
them is the model's own, month by month.
"""

from __future__ import annotations

from dataclasses import dataclass

from sim.scenario import rules
from sim.scenario.parts import Commitment, Stream
from sim.scenario.terms import Period, Term, terms_of


@dataclass(frozen=True, slots=True)
class Due:
    """What is billed beside use: a ``true_up`` where a period is settled, or a ``buyout``.

    Attributes
    ----------
    kind
        Which of the two.
    amount
        At list price where the commitment is of volume, else in money.
    minimum, used, carried
        Of the period under way, so far; of a buyout, what it is a share of is ``minimum``.
    """

    kind: str
    amount: float
    minimum: float
    used: float
    carried: float


class Agreement:
    """A commitment's books.

    Attributes
    ----------
    unit
        What the last renewal commits to, 0 where it commits to nothing.
    term
        The term under way; None before the first.
    """

    def __init__(self, commitment: Commitment, stream: Stream, months: int) -> None:
        self.commitment = commitment
        self.unit = 0.0
        self.term: Term | None = None
        self._starts = stream.starts
        self._by_month = {term.fixed: term for term in terms_of(stream, months)}
        self._waiting: list[Period] = []
        self._minimum = self._used = self._left_out = self._carried = 0.0
        self._free = False

    @property
    def of_money(self) -> bool:
        """Whether it is the bill that counts, and not the volume."""
        return self.commitment.of == "money"

    @property
    def minimum(self) -> float:
        """The minimum of the period under way, all of its months."""
        return self.unit * self._waiting[0].minimum if self._waiting and not self._free else 0.0

    def renew(self, month: int, level: float, price: float, commits: bool) -> None:
        """Begin the term that is fixed in a month, from the volume without season and the price in it."""
        commitment = self.commitment
        self.term = self._by_month[month]
        self._waiting = list(self.term.periods)
        self._free, self._carried = False, 0.0
        if commitment.share is None:
            unit = 1.0
        elif commitment.running is not None and self.term.renewal <= self._starts:
            unit = commitment.running
        else:
            unit = float(rules.committed_volume(commitment.share, price * level if self.of_money else level))
        self.unit = unit if commits else 0.0
        self._open()

    def _open(self) -> None:
        self._minimum = self._used = self._left_out = 0.0

    def pass_month(self, month: int, volume: float, price: float, void: bool, leaves: bool) -> list[Due]:
        """Take a month's use, and tell what falls due in it.

        Parameters
        ----------
        void
            Whether the commitment is void in it.
        leaves
            Whether the customer's leaving for good takes effect in it.
        """
        if not self._waiting or month < self._waiting[0].first:
            return []
        dues = []
        period = self._waiting[0]
        share = period.minima[month - period.first]
        if leaves and self.commitment.buyout is not None and self.unit > 0 and not self._free:
            self._free = True
            if not void:
                under_way = self.unit * (period.minimum - self._left_out) - self._used - self._carried
                later = self.unit * sum(other.minimum for other in self._waiting[1:])
                bound = float(rules.still_committed(under_way, later, self.commitment.carry))
                paid = float(rules.buyout_price(self.commitment.buyout, bound))
                dues.append(Due("buyout", paid, bound, self._used, self._carried))
        if void:
            self._left_out += share
        else:
            self._minimum += self.unit * share
            self._used += price * volume if self.of_money else volume
        if month == period.last:
            if not self._free:
                books = (self._minimum, self._used, self._carried)
                dues.append(Due("true_up", float(rules.owed(*books)), *books))
            if self.commitment.carry:
                self._carried = float(rules.carried_over(self._minimum, self._used, self._carried))
            self._waiting.pop(0)
            self._open()
        return dues
