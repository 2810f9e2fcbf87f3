"""Whom an event hits: customers by their ids, all of them, or groups: one customer each, with several agreements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sim.language.customer_parts import CustomerPart

ALL = "all"


class Parties:
    """The customers of a scenario and the groups that they belong to.

    Parameters
    ----------
    customers
        By id, in the order of the file.
    """

    def __init__(self, customers: Mapping[str, CustomerPart]) -> None:
        self.customers = customers
        self.groups: dict[str, list[str]] = {}
        for id_, customer in customers.items():
            if customer.group is not None:
                self.groups.setdefault(customer.group, []).append(id_)
        # Read by each event that hits all: thousands of them would go through thousands of customers each.
        everyone: dict[str, list[str]] = {}
        for id_ in customers:
            everyone.setdefault(self.party(id_), []).append(id_)
        self._everyone = list(everyone.items())

    def party(self, customer: str) -> str:
        """The group of a customer, else the customer itself."""
        return self.customers[customer].group or customer

    def hit(self, hits: str | Sequence[str]) -> list[str]:
        """Customers that an event hits, each once, in the order in which it names them or their groups."""
        return list(dict.fromkeys(customer for _, those in self.each(hits) for customer in those))

    def each(self, hits: str | Sequence[str]) -> list[tuple[str, list[str]]]:
        """Who is hit by himself where an event is one for each: a customer, or a group with all its agreements.

        A group is meant where it is named, or where all customers are; an agreement that is named is by itself.
        """
        if hits == ALL:
            return self._everyone
        named = [hits] if isinstance(hits, str) else hits
        return [(id_, self.groups.get(id_, [id_])) for id_ in named if id_ in self.groups or id_ in self.customers]

    def count(self, customers: Sequence[str]) -> int:
        """How many customers some agreements are of: those of a group are one's."""
        return len({self.party(customer) for customer in customers})
