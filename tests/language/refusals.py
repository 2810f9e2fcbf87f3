"""What is refused: changes of the base, each with the path and the words in which it must be told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A change of the base that is refused: old and new text (``^|`` marks the caret), and what must be said."""

    id: str
    old: str
    new: str
    path: str
    words: tuple[str, ...]
    nearest: str | None = None
    help: str | None = None


def case(
    id: str, old: str, new: str, path: str, *words: str, nearest: str | None = None, help: str | None = None
) -> Case:
    return Case(id, old, new, path, words, nearest, help)


KEYS = [
    case("misspelt root key", "risk:", "^|rsik:", "rsik", "unknown key rsik", "months", nearest="risk"),
    case("misspelt key in a flow mapping", "discount_rate: 0.09", "^|dicount_rate: 0.09", "vendor.dicount_rate",
         "unknown key dicount_rate", "name, discount_rate, capacity", nearest="discount_rate"),
    case("misspelt law", "{fixed: 3}", "{^|fixd: 3}", "events.ban.lasts.fixd", "unknown key fixd", nearest="fixed"),
    case("growth at the root", "money:", "^|growth: 0.1\nmoney:", "growth", "unknown key growth",
         help="growth belongs under vendor.capacity, customers.<id>"),
    case("probability of a customer", "market: 0.5", "^|probability: 0.5", "customers.alpha.probability",
         "unknown key probability", help="probability belongs under events.<id>"),
    case("key in capitals", "pool: true", "^|Pool: true", "customers.others.Pool", "unknown key Pool", nearest="pool"),
    case("month where a law is due", "{fixed: 3}", "{^|month: 2024-09}", "events.ban.lasts.month", "unknown key month",
         help="month belongs under events.<id>.timing"),
    case("hazard where it is no timing", "{fixed: 3}", "{^|hazard: {2024-03: 0.1}}", "events.ban.lasts.hazard",
         "unknown key hazard", help="hazard belongs under events.<id>.timing"),
    case("missing key", "  beta:\n    revenue: 5\n    growth: {2024-03: 0.2, 2025-03: 0.1}",
         "  ^|beta: {growth: 0}", "customers.beta.revenue", "no revenue", help="add the key revenue"),
    case("an event that nothing sets off", "    timing: {month: 2024-10}\n", "", "events.ban",
         "an event without timing that no event sets off", "a timing, or a trigger",
         help="let another event set it off: triggers: {ban: {}}"),
    case("a chance without timing",
         "probability: 0.5\n    timing: {from: 2024-01, lognormal: {median: 12, p90: 30}}", "probability: ^|0.5",
         "events.leave.probability", "the probability 0.5 without timing",
         "a timing, or a probability of 0", help="leave probability out where only another event sets it off"),
    case("missing law parameter", "{median: 12, p90: 30}", "{median: 12}", "events.leave.timing.lognormal",
         "none of sigma, p90", "exactly one of sigma, p90"),
    case("an id in capitals", "  beta:\n", "  ^|Beta:\n", "customers.Beta", "`Beta`", "an id", help="write beta"),
    case("an id that is a truth value", "  offer:", "  ^|no:", "levers.no", "`no` as id", help='"no"'),
    case("all as an id", "  others:", "  ^|all:", "customers.all", "`all` as id"),
    case("a customer that is nothing", "  beta:\n    revenue: 5\n    growth: {2024-03: 0.2, 2025-03: 0.1}",
         "  beta: {revenue: 5, growth: 0}\n  gamma:^|",
         "customers.gamma", "nothing (null)", "a mapping", help="leave the key out"),
    case("customers as a list", "capacity: {initial: 60, growth: 0.2}", "^|capacity: [60, 0.2]", "vendor.capacity",
         "a list of 2", "a mapping with initial, growth"),
]  # fmt: skip

NUMBERS = [
    case("nan", "revenue: 10", "revenue: ^|.nan", "customers.alpha.revenue", "`.nan`", "a number of at least 0"),
    case("infinity", "revenue: 10", "revenue: ^|.inf", "customers.alpha.revenue", "`.inf`", "a number"),
    case("beyond floating point", "revenue: 10", "revenue: ^|1e400", "customers.alpha.revenue",
         "`1e400`, beyond 1.8e308"),
    case("true as a probability", "probability: 0.5\n", "probability: ^|true\n", "events.leave.probability", "`true`",
         "a number from 0 to 1"),
    case("a percentage", "probability: 0.5\n", "probability: ^|50%\n", "events.leave.probability", "`50%`", help="0.5"),
    case("a percentage without its sign", "probability: 0.5\n", "probability: ^|50\n", "events.leave.probability",
         "`50`",
         help="0.5"),
    case("a little above 1", "probability: 0.5\n", "probability: ^|1.000000000001\n", "events.leave.probability",
         "`1.000000000001`", "from 0 to 1"),
    case("octal of YAML 1.1", "term: 12", "term: ^|010", "customers.alpha.contract.term", "`010`", help="write 10"),
    case("octal of YAML 1.2", "term: 12", "term: ^|0o14", "customers.alpha.contract.term", "`0o14`",
         help="decimal: 12"),
    case("hexadecimal", "term: 12", "term: ^|0x1F", "customers.alpha.contract.term", "`0x1F`", help="decimal: 31"),
    case("underscores", "paths: 1000", "paths: ^|1_000", "run.paths", "`1_000`", help="1000"),
    case("commas", "paths: 1000", "paths: ^|'1,000'", "run.paths", '"1,000"', help="1000"),
    case("sexagesimal", "over: 6", "over: ^|1:30", "events.leave.usage.over", "`1:30`", help="1:30 is text"),
    case("a word", "revenue: 10", "revenue: ^|ten", "customers.alpha.revenue", "`ten`", "a number of at least 0"),
    case("no for a number", "revenue: 10", "revenue: ^|no", "customers.alpha.revenue", "`no`"),
    case("nothing", "revenue: 10", "revenue:^|", "customers.alpha.revenue", "nothing (null)", help="leave the key out"),
    case("a quoted number", "revenue: 10", 'revenue: ^|"10"', "customers.alpha.revenue", "quoted",
         help="without quotes"),
    case("a fraction", "revenue: 10", "revenue: ^|1/12", "customers.alpha.revenue", "`1/12`", help="decimal number"),
    case("digits of another script", "revenue: 10", "revenue: ^|١٢", "customers.alpha.revenue", "a number"),
    case("a list for a number", "revenue: 10", "^|revenue: [10]", "customers.alpha.revenue", "a list of 1"),
    case("half a month", "term: 12", "term: ^|1.5", "customers.alpha.contract.term", "`1.5`",
         "a whole number of at least 1"),
    case("5,000 digits", "seed: 1}", "seed: ^|" + "9" * 5000 + "}", "run.seed", "a number of 5000 characters"),
    case("an exponent beyond everything", "seed: 1}", "seed: ^|1e-99999999999999999999}", "run.seed", "whole number"),
    case("growth of -100 %", "growth: 0.1\n    market", "growth: ^|-1\n    market", "customers.alpha.growth", "`-1`",
         "above -1",
         "a schedule"),
    case("yes as a truth value", "choice: true", "choice: ^|yes", "events.leave.choice", "`yes`", help="write true"),
    case("True as a truth value", "choice: true", "choice: ^|True", "events.leave.choice", "`True`", help="write true"),
    case("1 as a truth value", "choice: true", "choice: ^|1", "events.leave.choice", "`1`", "true or false"),
    case("a quoted truth value", "choice: true", "choice: ^|'true'", "events.leave.choice", "true or false",
         help="without quotes"),
    case("another language version", "scenario: 1", "scenario: ^|2", "scenario", "`2`", "the number 1"),
]  # fmt: skip

TEXTS = [
    case("no for a name", "name: Case", "name: ^|no", "name", "`no`", help='"no"'),
    case("on for a name", "name: Case", "name: ^|On", "name", "`On`", help='"On"'),
    case("true for a name", "name: Vendor", "name: ^|true", "vendor.name", "`true`", help='"true"'),
    case("null for a name", "name: Vendor", "name: ^|~", "vendor.name", "nothing (null)"),
    case("an empty name", "name: Case", "name: ^|''", "name", "an empty text"),
    case("a line end in a name", "name: Case", 'name: ^|"a\\nb"', "name", "line ends", "on one line"),
    case("a control character in a name", "name: Case", 'name: ^|"a\\x1b[31mb"', "name", "control character U+001B"),
    case("a mark that turns text around", "name: Case", 'name: ^|"a\\u202Eb"', "name", "control character U+202E"),
    case("a shape that does not exist", "shape: linear", "shape: ^|linaer", "events.leave.usage.shape", "`linaer`",
         "step, linear, s_curve, exponential", nearest="linear"),
    case("a list for a name", "name: Case", "^|name: [a, b]", "name", "a list of 2"),
]  # fmt: skip

DATES = [
    case("month 13", "start: 2024-03", "start: ^|2024-13", "start", "`2024-13`", "a month as YYYY-MM"),
    case("one digit", "month: 2024-10", "month: ^|2024-9", "events.ban.timing.month", "`2024-9`", help="2024-09"),
    case("a day", "month: 2024-10", "month: ^|2024-10-01", "events.ban.timing.month", "`2024-10-01`",
         help="leave out the day"),
    case("a year", "month: 2024-10", "month: ^|2025", "events.ban.timing.month", "`2025`",
         help="add the month: 2025-01"),
    case("a word for a month", "first: 2024-06", "first: ^|June", "risk.window.first", "`June`", "YYYY-MM"),
    case("known before the start", "known: 2024-04", "known: ^|2024-02", "known", "2024-02, before the start",
         "2024-03 to 2026-02"),
    case("known after the horizon", "known: 2024-04", "known: ^|2026-03", "known", "2026-03, after the horizon"),
    case("an event before the start", "month: 2024-10", "month: ^|2024-02", "events.ban.timing.month",
         "2024-02, before the start", "from 2024-03 on"),
    case("a window from before the start", "first: 2024-06", "first: ^|2024-02", "risk.window.first",
         "before the start"),
    case("a window beyond the horizon", "last: 2025-05", "last: ^|2026-03", "risk.window.last", "after the horizon"),
    case("a window that ends before it starts", "last: 2025-05", "last: ^|2024-05", "risk.window.last",
         "2024-05, before the window's first month", "2024-06"),
    case("growth that begins late", "{2024-03: 0.2, 2025-03: 0.1}", "{2025-03: 0.1, ^|2024-04: 0.2}",
         "customers.beta.growth.2024-04", "begins in 2024-04, after the start", "at most 2024-03"),
    case("a growth date that is none", "{2024-03: 0.2, 2025-03: 0.1}", "{2024-03: 0.2, ^|2025: 0.1}",
         "customers.beta.growth.2025", "`2025`", "a month as YYYY-MM", help="2025-01"),
    case("no growth dates", "{2024-03: 0.2, 2025-03: 0.1}", "{}", "customers.beta.growth", "an empty mapping",
         "at least one"),
]  # fmt: skip

LAW = "{from: 2024-01, lognormal: {median: 12, p90: 30}}"
TIMING = "events.leave.timing"
LAWS = [
    case("p90 below the median", "p90: 30", "p90: ^|11", f"{TIMING}.lognormal.p90", "p90 11 below the median 12"),
    case("two spreads", "p90: 30", "p90: 30, sigma: ^|1", f"{TIMING}.lognormal.sigma", "sigma and p90 together",
         "exactly one"),
    case("two laws", "lognormal: {median: 12, p90: 30}",
         "lognormal: {median: 12, p90: 30}, ^|fixed: 3".replace("^|fixed: 3", "fixed: ^|3"),
         f"{TIMING}.fixed", "lognormal and fixed together", "exactly one"),
    case("no law", LAW, "{from: 2024-01}", TIMING, "none of month, hazard, exponential", "exactly one"),
    case("from beside a month", "{month: 2024-10}", "{month: 2024-10, from: ^|2024-01}", "events.ban.timing.from",
         "from beside month"),
    case("from beside a hazard", LAW, "{from: 2024-01, ^|hazard: {2024-03: 0.1}}", f"{TIMING}.hazard",
         "from beside hazard"),
    case("hazard of 1", LAW, "{hazard: {2024-03: ^|1}}", f"{TIMING}.hazard.2024-03", "`1`", "from 0 and below 1"),
    case("a mean of 0", LAW, "{exponential: {mean: ^|0}}", f"{TIMING}.exponential.mean", "`0`", "above 0"),
    case("a negative sigma", "p90: 30", "sigma: ^|-0.1", f"{TIMING}.lognormal.sigma", "from 0 to 100"),
    case("uniform upside down", LAW, "{uniform: {low: 6, high: ^|5}}", f"{TIMING}.uniform.high", "high 5 below low 6"),
    case("a mode outside", LAW, "{triangular: {low: 1, mode: 9, high: ^|5}}", f"{TIMING}.triangular.high",
         "low 1, mode 9, high 5", "low <= mode <= high"),
    case("a delay of 0", LAW, "{fixed: ^|0}", f"{TIMING}.fixed", "a delay that can be 0", "above 0"),
    case("an atom at 0", LAW, "{^|table: {0: 0.5, 30: 0.5}}", f"{TIMING}.table", "a delay that can be 0"),
    case("an after of 0", "after: {gamma: {mean: 4, sd: 2}}", "after: {fixed: ^|0}",
         "events.ban.triggers.leave.after.fixed",
         "a delay that can be 0"),
    case("a table that sums to 0.9", LAW, "{^|table: {6: 0.4, 12: 0.5}}", f"{TIMING}.table", "sum to 0.9", "sum to 1"),
    case("a table that sums to 1 + 2e-9", LAW, "{^|table: {6: 0.5, 12: 0.500000002}}", f"{TIMING}.table",
         "sum to 1.000000002"),
    case("the same value twice", LAW, "{table: {6: 0.5, ^|6.0: 0.5}}", f"{TIMING}.table.6.0", "the same value as 6"),
    case("a key that is no number", LAW, "{table: {^|six: 1}}", f"{TIMING}.table.six", "`six`",
         "a number of at least 0 as key"),
    case("a negative key", LAW, "{table: {^|-6: 1}}", f"{TIMING}.table.-6", "`-6`", "a number of at least 0 as key"),
    case("a law that is over", LAW, "{from: 2024-01, uniform: {low: 1, high: 3}}", TIMING,
         "nothing is left after 2024-04"),
    case("a fixed delay that is over", LAW, "{from: 2024-01, fixed: 3}", TIMING, "nothing is left after 2024-04"),
    case("a number where a law is due", "{fixed: 3}", "^|3", "events.ban.lasts", "`3`", "a mapping with exponential"),
    case("a level above 100", "to: 0.1", "to: ^|100.5", "events.leave.usage.to", "`100.5`", "from 0 to 100",
         "or a law such as"),
    case("a level that may be above 100", "to: 0.1", "to: {^|uniform: {low: 0, high: 101}}",
         "events.leave.usage.to.uniform",
         "a level of up to 101"),
]  # fmt: skip

TOGETHER = [
    case("a customer that does not exist", "hits: alpha", "hits: ^|alhpa", "events.leave.hits", "no customer alhpa",
         "alpha, beta, others, all", nearest="alpha"),
    case("a customer in a list that does not exist", "[alpha, beta]", "[alpha, ^|betta]", "events.ban.hits.1",
         "no customer betta", nearest="beta"),
    case("a customer twice", "[alpha, beta]", "[alpha, beta, ^|alpha]", "events.ban.hits.2", "alpha twice"),
    case("nobody", "hits: [alpha, beta]", "^|hits: []", "events.ban.hits", "a list of 0", "at least one entry"),
    case("an event that does not exist", "against: leave", "against: ^|leaves", "levers.offer.against",
         "no event leaves",
         nearest="leave"),
    case("a trigger of nothing", "triggers: {leave:", "triggers: {^|leve:", "events.ban.triggers.leve", "no event leve",
         nearest="leave"),
    case("a cycle of triggers", "shape: linear}", "shape: linear}\n    triggers: {ban: {}}",
         "events.ban.triggers.leave", "a cycle of triggers: leave → ban → leave"),
    case("an event that triggers itself", "triggers: {leave:", "triggers: {^|ban:", "events.ban.triggers.ban",
         "a cycle of triggers: ban → ban"),
    case("an event without effect", "    usage: {to: 0.1, over: 6, shape: linear}\n", "", "events.leave",
         "without usage, price and triggers"),
    case("permanent without lasts", "    lasts: {fixed: 3}\n    permanent: 0.2", "    permanent: ^|0.2",
         "events.ban.permanent", "permanent without lasts"),
    case("a commitment without term", "{term: 12, renews: 2024-09, notice: 3, commitment: 0.5}",
         "{notice: 3, commitment: ^|0.5}", "customers.alpha.contract.commitment", "commitment without term and renews"),
    case("a term without renews", "{term: 12, renews: 2024-09, notice: 3, commitment: 0.5}", "{term: ^|12}",
         "customers.alpha.contract.term", "term without renews"),
    case("a commitment of a pool", "pool: true",
         "pool: true\n    contract: {term: 12, renews: 2024-09, commitment: ^|0.5}",
         "customers.others.contract.commitment", "a commitment of a pool"),
    case("a lever against what is no choice", "    choice: true\n", "", "levers.offer.against",
         "leave, which is not the customer's choice"),
    case("a lever against two customers", "hits: alpha", "hits: [alpha, beta]\n    each: true", "levers.offer.against",
         "the choice of 2 customers", "one customer"),
    case("two levers", "  offer:", "  first: {against: leave, discount: 0, months: 1, acceptance: 1}\n  offer:",
         "levers.offer.against", "a second lever against leave, beside first"),
    case("notices that differ", "  ban:\n    hits: [alpha, beta]",
         "  ban:\n    ^|hits: [alpha, beta]\n    choice: true", "events.ban.hits",
         "notices differ (alpha 3, beta 0)", help="each: true"),
    case("a level twice", "[0.95, 0.99]", "[0.95, ^|0.95]", "risk.levels.1", "the level 0.95 twice"),
    case("a level of 1", "[0.95, 0.99]", "[0.95, ^|1]", "risk.levels.1", "`1`", "above 0 and below 1"),
    case("a year from a thirteenth month", "levels: [0.95, 0.99]", "levels: [0.95, 0.99]\n  year_starts: ^|13",
         "risk.year_starts", "`13`", "a whole number from 1 to 12"),
    case("a year from July", "levels: [0.95, 0.99]", "levels: [0.95, 0.99]\n  year_starts: ^|July",
         "risk.year_starts", "`July`", "a whole number from 1 to 12", help="write 7"),
    case("a year from one July", "levels: [0.95, 0.99]", "levels: [0.95, 0.99]\n  year_starts: ^|2025-07",
         "risk.year_starts", "`2025-07`", help="it is the same every year: write 7"),
    case("no levels", "levels: [0.95, 0.99]", "^|levels: []", "risk.levels", "a list of 0", "at least one"),
]  # fmt: skip

AXIS = "events.leave.probability: {from: 0, to: 1, count: 5}"
SWEEPS = [
    case("an axis over a name", AXIS, "^|vendor.name: [1, 2]", "sweep.vendor.name", "neither a number nor a month"),
    case("an axis over a mapping", AXIS, "^|customers.alpha: [1, 2]", "sweep.customers.alpha",
         "neither a number nor a month"),
    case("an axis over a misspelt key", AXIS, "^|events.leave.probabilty: [0, 1]", "sweep.events.leave.probabilty",
         "no probabilty under events.leave", nearest="probability"),
    case("an axis over a misspelt id", AXIS, "^|events.leaves.probability: [0, 1]", "sweep.events.leaves.probability",
         "no leaves under events", nearest="leave"),
    case("a value out of range", AXIS, "events.leave.probability: [0, ^|1.5]", "sweep.events.leave.probability.1",
         "`1.5`",
         "from 0 to 1"),
    case("a range out of range", AXIS, "events.leave.probability: {from: ^|-1, to: 1, count: 5}",
         "sweep.events.leave.probability.from", "`-1`", "from 0 to 1"),
    case("a month where a number is due", AXIS, "events.leave.probability: [0, ^|2024-03]",
         "sweep.events.leave.probability.1",
         "`2024-03`", "a number from 0 to 1"),
    case("a cell that is not valid", AXIS, "events.leave.timing.lognormal.median: [^|40, 12]",
         "sweep.events.leave.timing.lognormal.median.0", "the cell events.leave.timing.lognormal.median = 40",
         "p90 30 below"),
    case("months that do not come out even", AXIS, "events.ban.timing.month: {from: 2024-03, to: 2024-12, count: ^|5}",
         "sweep.events.ban.timing.month.count", "which are not all months"),
    case("whole numbers that do not come out even", AXIS,
         "customers.alpha.contract.notice: {from: 0, to: 5, count: ^|3}",
         "sweep.customers.alpha.contract.notice.count", "not all whole numbers"),
    case("axes that replace each other", AXIS,
         "^|events.leave.timing.lognormal.sigma: [1]\n  events.leave.timing.exponential.mean: [12]",
         "sweep.events.leave.timing.lognormal.sigma", "replaces"),
    case("axes that overlap", AXIS, "customers.beta.growth: [0.1]\n  ^|customers.beta.growth.2024-03: [0.1]",
         "sweep.customers.beta.growth.2024-03", "what customers.beta.growth sets too"),
    case("one value as a range", AXIS, "events.leave.probability: {from: 0, to: 1, count: ^|1}",
         "sweep.events.leave.probability.count", "at least 2"),
    case("no values", AXIS, "^|events.leave.probability: []", "sweep.events.leave.probability", "at least one"),
]  # fmt: skip

EVIDENCE = "customers.alpha.revenue: some-fact"
SOURCES = [
    case("evidence of nothing", EVIDENCE, "^|customers.alpha.revenu: some-fact", "evidence.customers.alpha.revenu",
         "no revenu under customers.alpha", nearest="revenue"),
    case("fact and assumption", EVIDENCE, "customers.alpha.revenue: {fact: a, assumption: ^|b}",
         "evidence.customers.alpha.revenue.assumption", "fact and assumption together"),
    case("derived from nothing", EVIDENCE, "^|customers.alpha.revenue: {derived: b}",
         "evidence.customers.alpha.revenue",
         "none of fact, assumption"),
    case("low without high", EVIDENCE, "customers.alpha.revenue: {assumption: a, low: ^|1}",
         "evidence.customers.alpha.revenue.low", "low without high"),
    case("low above high", EVIDENCE, "customers.alpha.revenue: {assumption: a, low: 2, high: ^|1}",
         "evidence.customers.alpha.revenue.high", "high 1 below low 2"),
    case("a plausible value that is none", EVIDENCE, "customers.alpha.revenue: {assumption: a, low: ^|-1, high: 1}",
         "evidence.customers.alpha.revenue.low", "`-1`", "at least 0"),
]  # fmt: skip

YAML = [
    case("a duplicate key", "known: 2024-04", "known: 2024-04\n^|start: 2024-03", "start", "on line 4 and on line 6"),
    case("a duplicate id", "  others:", "  ^|alpha:", "customers.alpha", "on line 13 and on line 21"),
    case("an anchor", "revenue: 10", "revenue: ^|&ten 10", "customers.alpha.revenue", "the anchor &ten"),
    case(
        "a tag", "name: Case", "name: ^|!!python/object:os.system x", "name", "the tag tag:yaml.org,2002:python/object"
    ),
    case(
        "a merge key",
        "    pool: true",
        "    pool: true\n    ^|<<: {market: 0}",
        "customers.others.<<",
        "the merge key <<",
    ),
]

CASES = [*KEYS, *NUMBERS, *TEXTS, *DATES, *LAWS, *TOGETHER, *SWEEPS, *SOURCES, *YAML]
