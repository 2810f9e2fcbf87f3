"""CSV that a spreadsheet reads as what it is."""

from __future__ import annotations

import csv
import io

import pandas as pd
import pytest

from sim.words.csv import csv_of, csv_of_frame


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_would_act_is_only_text(text: str) -> None:
    written = io.StringIO(csv_of([[text, 'a "b", c', "a=b"]]).decode(), newline="")
    (row,) = csv.reader(written)
    assert row == ["'" + text.replace("\r", " "), 'a "b", c', "a=b"]


def test_numbers_are_kept_in_full_and_what_is_missing_is_nothing() -> None:
    frame = pd.DataFrame({"name": ["=x", None], "value": [0.1 + 0.2, float("nan")]})
    assert csv_of_frame(frame) == b"name,value\n'=x,0.30000000000000004\n,\n"
    assert csv_of([["a", -1.5, None]]) == b"a,-1.5,\n"
