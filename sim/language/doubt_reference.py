"""What the language's reference page says of numbers in doubt."""

from __future__ import annotations

NUMBERS_IN_DOUBT = """\
## Numbers in doubt

A law in a number's place (`over: {uniform: {low: 3, high: 9}}`) is chance: each path draws its own. A number in doubt
is one number that we do not know: it is the same on all paths, and each draw of `switchrisk doubt` takes another for
it. The numbers stay where they are; `doubt` says beside them what else they may be. All other commands take them as
they stand, but for `tornado`, which sets each to the 10 % and the 90 % point of its law.

```yaml
doubt:
  numbers:
    customers.tiktok.revenue: {p10: 18, p50: 20, p90: 23}
    customers.tiktok.growth.2024-03: {p10: 0, p90: 0.8}               # the number in the file is the median
    customers.tiktok.contract.commitment: {low: 0, mode: 0.5, high: 0.8}
    customers.tiktok.contract.notice: {low: 0, high: 6}
    customers.tiktok.contract.renews: {values: {2025-01: 1, 2026-01: 2}}
    customers.others.growth: {shift: {p10: -0.15, p90: 0.2}}
  ranges: p10-p90
  draws: 1024
```

In doubt may be what a dotted path reaches under `vendor`, `customers`, `events` and `levers`, whether it is written
or a default, and `risk.target`; nothing in a list. A number is in one doubt at most. Its law is one of these:

| law | what it says |
|---|---|
| `{p10: 18, p50: 20, p90: 23}` | Percentiles, and the median; without `p50` that is the number in the file. |
| `{low: 0, mode: 0.5, high: 0.8}` | PERT: the utmost values, and the most likely one. |
| `{low: 0, high: 6}` | Uniform; of whole numbers each is equally likely. |
| `{values: {2025-01: 1, 2026-01: 2}}` | Values, each with its weight; also for months, words, true and false. |
| `{shift: {p10: -0.15, p90: 0.2}}` | What is added to a number, or to each number of a schedule. |

Any two percentiles that lie alike on either side will do, from `p1` and `p99` to `p49` and `p51`. They are met
exactly, and the law between and beyond them (J-QPD) keeps within the range that the number can have. A shift is told
by percentiles, with 0 for the median where `p50` is left out, or by ends.

The range of a number: above 0 for revenue, capacity, volatility, a target, a season, amounts of commitments and the
numbers of laws; above −1 for growth, the discount rate and `rises`; from 0 to 1 for shares, probabilities, weights,
hazards and correlations; from −1 to 1 for `market`; any for `once.amount`. A share `to` stays within 0 and 1 where
all that is said of it, the file's own number too, is at most 1; else it is above 0. Percentiles lie within the range,
ends may lie on its bounds. Whole numbers, such as a notice, are drawn half a step beyond their ends and rounded, so
that `{p10: 0, p90: 6}` means what it says.

`ranges` takes `low` and `high` of the assumptions under `evidence` for percentiles, `p10-p90` or `p5-p95`, and the
file's number for the median. Where an end lies on the bound of what the number can be, or where the number lies at an
end, they are the ends of a PERT law whose mode is the number; with `utmost` all are. A range on a schedule moves its
numbers together where they are equal. What can't be meant so (a range without its number, a point, a month, numbers
that differ) is not in doubt, and `check` lists it.

Each doubt has a stream of its own, named by its path, so that adding, removing or reordering others moves no draw of
it. A draw that contradicts the rest of the scenario, such as a `p90` below its median, is drawn anew, all of it.

In a file that extends another, `doubt` merges by path, a law is replaced whole, and `null` removes one. A number that
is set to another one, by the file, `--set` or Python, is in doubt no longer unless the same file says so; what is
removed takes its doubts along. `check` tells both.
"""
