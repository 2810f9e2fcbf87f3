"""Lines and tables that keep to the terminal's width; text that is nothing but text."""

from __future__ import annotations

import click
import pytest

from sim.cli.terminal import Column, Terminal, columns, one_line, wrapped


def test_lines_break_at_spaces_and_long_words_are_cut() -> None:
    assert wrapped("one two three", 7) == ["one two", "three"]
    assert wrapped("abcdefghij kl", 4) == ["abcd", "efgh", "ij", "kl"]
    assert wrapped("", 10) == [""]
    # A percent sign stays with its number.
    assert wrapped("about 50 %", 8) == ["about", "50 %"]


def test_wide_letters_take_two_columns() -> None:
    assert columns("顧客") == 4
    assert all(columns(line) <= 5 for line in wrapped("顧客顧客顧客", 5))


def test_a_table_keeps_to_the_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    lines = Terminal(color=False).table(
        (Column("name", wraps=True), Column("amount", right=True)), [["word " * 20, "1.0"], ["顧客", "−10.5"]]
    )
    assert max(columns(click.unstyle(line)) for line in lines) == 50
    assert lines[-1].startswith("顧客 ")
    assert lines[-1].endswith("−10.5")


def test_text_of_a_file_becomes_one_inert_line() -> None:
    assert one_line("a\n  b\tc \x1b[31m\u202e") == r"a b c \x1b[31m\u202e"


def test_what_json_does_not_know_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(json=True).document({"a": [1.5, float("nan")], "b": {"c": float("-inf")}, "d": None})
    assert capsys.readouterr().out == '{"a": [1.5, null], "b": {"c": null}, "d": null}\n'


@pytest.mark.parametrize("width", range(16, 50))
def test_long_words_are_broken_at_their_signs(width: int) -> None:
    path = "events.in_house_llm.timing.lognormal.median"
    lines = wrapped(f"a share of 41 % at {path} is new", width)
    assert "".join(lines).replace(" ", "") == f"ashareof41%at{path}isnew"
    assert max(map(len, lines)) <= width
    # A line ends with a word of the text or a sign of the path.
    ends = ("a", "share", "of", "41 %", "at", "is", "new", "median", ".", "_")
    assert all(line.endswith(ends) for line in lines), lines
    assert wrapped("n" * 25, 10) == ["n" * 10, "n" * 10, "n" * 5]
