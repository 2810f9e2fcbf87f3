"""The bar: from when on it is shown, and what it says of the time that is left; by a clock that the test turns."""

from __future__ import annotations

import io

import pytest

from sim.cli import terminal
from sim.cli.terminal import Terminal, time_left


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(terminal.time, "monotonic", one.monotonic)
    return one


def shown(monkeypatch: pytest.MonkeyPatch) -> Screen:
    """A screen in the place of standard error; within a test, for pytest puts its own there before each."""
    one = Screen()
    monkeypatch.setattr("sys.stderr", one)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return one


@pytest.mark.parametrize(
    ("elapsed", "share", "said"),
    [
        (10.0, 0.05, ""),  # too early to say
        (9.0, 0.1, "81 s left"),  # 9 s for a tenth
        (10.0, 0.5, "10 s left"),
        (30.0, 0.25, "2 min left"),  # 90 s in coarse words
        (3600.0, 0.25, "3 h left"),
        (10.0, 0.999, "1 s left"),
    ],
)
def test_what_is_left_follows_from_what_was_done(elapsed: float, share: float, said: str) -> None:
    assert time_left(elapsed, share) == said


def test_the_bar_comes_after_a_second_and_says_what_is_left(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = shown(monkeypatch)
    with Terminal().progress("simulating") as progress:
        clock.now = 0.9
        progress(1, 100)
        assert screen.getvalue() == ""
        clock.now = 2.0
        progress(5, 100)
        assert "simulating" in screen.getvalue() and "5%" in screen.getvalue()
        assert "left" not in screen.getvalue()
        clock.now = 8.0
        progress(20, 100)  # 8 s for a fifth: 32 s more, however the work was told before
        assert "20%" in screen.getvalue() and "32 s left" in screen.getvalue()
        clock.now = 8.05
        progress(90, 100)  # too soon to draw again
        assert "90%" not in screen.getvalue()
        clock.now = 20.0
        progress(50, 100)
        assert "20 s left" in screen.getvalue()


def test_work_that_ends_within_a_second_shows_nothing(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = shown(monkeypatch)
    with Terminal().progress("simulating") as progress:
        clock.now = 1.5
        progress(100, 100)
    assert screen.getvalue() == ""


def test_a_screen_that_goes_away_ends_no_work(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = shown(monkeypatch)

    def gone(_: str) -> int:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(screen, "write", gone)
    with Terminal().progress("simulating") as progress:
        clock.now = 2.0
        progress(50, 100)
        clock.now = 3.0
        progress(60, 100)


def test_the_quiet_get_none(monkeypatch: pytest.MonkeyPatch) -> None:
    shown(monkeypatch)
    with Terminal(quiet=True).progress("simulating") as progress:
        assert progress is None
