"""``backlog`` as a command: what it says, its JSON and its table."""

from __future__ import annotations

import json

import pytest

from tests.command import Run


def test_what_it_says(cli: Run) -> None:
    done = cli("backlog", "five-customers", "--against", "microsoft-backlog-2024-03", COLUMNS="80")
    assert (done.returncode, done.stderr) == (0, "")
    assert "is committed by terms under way or signed, and not used yet" in " ".join(done.stdout.split())
    assert "The backlog is" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_json_and_table(cli: Run) -> None:
    document = json.loads(cli("backlog", "five-customers", "--json").stdout)
    by_year = [amount for one in document["customers"].values() for amount in one["by_year"]]
    assert document["total"] == pytest.approx(sum(by_year))
    rows = cli("backlog", "five-customers", "--csv", "-").stdout.splitlines()
    assert rows[0] == "customer,year,committed"
    assert sum(float(row.split(",")[2]) for row in rows[1:]) == pytest.approx(document["total"])


def test_a_fact_that_is_none_is_refused(cli: Run) -> None:
    done = cli("backlog", "tiktok", "--against", "no-such-fact")
    assert (done.returncode, done.stdout) == (2, "")
    assert "which is no fact" in done.stderr
