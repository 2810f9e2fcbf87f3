"""Names for readers, cut where they are wide, and numbers rounded by what of their error says something."""

from __future__ import annotations

import pytest

from sim.words import numbers
from sim.words.labels import short


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("x" * 10, "x" * 10),
        ("x" * 11, "x" * 9 + "…"),
        ("é" * 10, "é" * 10),
        ("é" * 11, "é" * 9 + "…"),
        ("客" * 5, "客" * 5),  # ten columns
        ("客" * 6, "客" * 4 + "…"),  # eight and the sign for the cut; a fifth letter would need two more
        ("ab客客客客客", "ab客客客…"),
    ],
)
def test_a_name_takes_ten_columns_at_most(name: str, shown: str) -> None:
    assert short(name, 10) == shown


def test_what_comes_of_adding_up_is_no_error() -> None:
    # A sum of 120 amounts is right to about 1e-14 of it; a standard error of that size says nothing of paths.
    assert numbers.with_error({"value": 100.328190749, "standard_error": 1.3e-15}) == ("100.3", "± 0")
    assert numbers.with_error({"value": 100.328190749, "standard_error": 1.3e-4}) == ("100.32819", "± 0.00013")
