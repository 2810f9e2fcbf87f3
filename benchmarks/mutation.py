"""Mutation score: how many small defects in what the numbers are made by the tests notice.

Run it from the project's folder::

    python benchmarks/mutation.py --sample 500 --seed 1 --workers 2 --json survivors.json
    python benchmarks/mutation.py --again survivors.json          # its survivors once more, of unchanged modules
    python benchmarks/mutation.py --modules rules path            # of some modules only

Each mutant is the source with one change (:func:`alternatives`), run by the tests that :data:`TESTS` names, in that
order, until one fails. It is made and tested in a process forked from this one, which has loaded the libraries but
nothing of the project. All of it happens in a copy of the tree in a temporary folder, so that the working tree stays as
it is. ``docs/mutation.md`` tells the last result and what has survived, ``docs/decisions/0006-mutation-score.md`` why
no ready-made tool does this.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import importlib.abc
import importlib.util
import itertools
import json
import math
import os
import random
import re
import resource
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import CodeType
from typing import Any

TREE = Path(__file__).resolve().parents[1]
COPIED = ("sim", "tests", "scenarios", "seeds", "docs", "pyproject.toml")

FILES = {
    "rules": ("scenario/rules",),
    "laws": ("scenario/laws/law", "scenario/laws/continuous", "scenario/laws/stepwise", "scenario/laws/months"),
    "draws": ("chance/draws",),
    "path": ("chance/path",),
    "terms": ("scenario/terms",),
    "kernel": ("engines/kernel", "engines/dues", "engines/settled"),
    "money": ("engines/money", "engines/one_offs"),
    "model": ("engines/model", "engines/clock", "engines/customer", "engines/agreement", "engines/collected"),
    "strata": ("engines/strata", "engines/short_cuts"),
    "independent": ("estimates/independent",),
    "estimators": ("estimates/estimators",),
    "mixtures": ("estimates/mixtures", "answers/plan"),
    "differences": ("estimates/differences", "simulation/common_draws"),
    "attribute": ("answers/attribute", "estimates/shapley"),
    "tornado": ("answers/tornado", "answers/ranges"),
    "choices": ("estimates/regrets", "estimates/worth_of_knowing", "simulation/under_choices"),
    "doubt": tuple(f"estimates/{name}" for name in ("bands", "predictive", "parts_of_variance", "exceeding")),
    "drivers": tuple(f"estimates/{name}" for name in ("first_order", "shapley_effects", "of_each_draw", "peeling")),
}
LEDGERS, CLOSED, EXACT, RELATIONS, BY_PATH = (
    f"truth/test_{name}.py" for name in ("ledgers", "closed_forms", "enumeration", "relations", "paths")
)
BESIDES, REPEATS = "truth/test_besides.py", "truth/test_repeats.py"
LEDGER, AGREEMENT, DRAWS, SHOCKS, MEASURES = (
    *("engines/test_ledger_by_hand.py", "engines/test_agreement.py"),
    *("chance/test_draws.py", "chance/test_shocks.py", "answers/run/test_measures.py"),
)
TESTS = {
    "rules": (
        *(LEDGERS, "scenario/test_rules.py", LEDGER, SHOCKS, MEASURES, "simulation/test_shards.py"),
        *(CLOSED, BY_PATH, RELATIONS, EXACT, AGREEMENT),
    ),
    "terms": ("scenario/test_terms.py", LEDGERS, BY_PATH),
    "laws": ("scenario/laws/test_laws.py", "scenario/laws/test_months.py", CLOSED, DRAWS, EXACT),
    "draws": (DRAWS, SHOCKS, LEDGERS, BESIDES, REPEATS, EXACT),
    "path": (LEDGERS, LEDGER, SHOCKS, AGREEMENT),
    "kernel": (LEDGERS, LEDGER, BESIDES, REPEATS, SHOCKS, CLOSED, BY_PATH, AGREEMENT, DRAWS, RELATIONS),
    "money": (LEDGERS, LEDGER, BESIDES, CLOSED, AGREEMENT),
    "model": (
        LEDGERS,
        LEDGER,
        "engines/test_ledger.py",
        "engines/test_model_processes.py",
        "cli/test_trace.py",
        REPEATS,
        *(BY_PATH, AGREEMENT),
    ),
    "strata": ("engines/test_strata.py", "answers/sweep/test_cells.py", "answers/sweep/test_reference_work.py"),
    "independent": ("estimates/test_independent.py", MEASURES, "simulation/test_shards.py", CLOSED, RELATIONS),
    "estimators": (MEASURES, "estimates/test_registry.py", "answers/test_compare.py"),
    "mixtures": tuple(
        f"answers/sweep/test_{name}.py"
        for name in ("plan", "cells", "axes", "surface", "tails", "reference_work", "precision")
    ),
    "differences": (
        *("estimates/test_differences.py", "simulation/test_common_draws.py"),
        *("answers/test_attribute.py", "answers/test_compare.py"),
    ),
    "attribute": ("answers/test_attribute.py", "estimates/test_shapley.py", "answers/test_in_common.py"),
    "tornado": ("answers/test_tornado.py", "answers/test_in_common.py"),
    "choices": (
        *(f"estimates/test_{name}.py" for name in ("regrets", "worth_of_knowing")),
        "truth/test_choices_under_doubt.py",
    ),
    "doubt": (
        *(f"estimates/test_{name}.py" for name in ("bands", "predictive", "parts_of_variance", "exceeding")),
        *("answers/test_doubt.py", "truth/test_under_doubt.py"),
    ),
    "drivers": (
        *(f"estimates/test_{name}.py" for name in ("first_order", "shapley_effects", "of_each_draw", "peeling")),
        *("answers/test_drivers.py", "answers/test_where.py"),
    ),
}
"""The tests that are to notice a module's mutants, those first that notice many in little time."""

LIBRARIES = (
    *("click.testing", "hypothesis", "numpy", "pandas", "pydantic", "pytest", "rich.console"),
    *("scipy.special", "scipy.stats", "simpy", "yaml"),
)
CPU_SECONDS_A_TEST = 90
"""After which a test counts as hanging; the longest of them takes a sixth of it."""
WALL_SECONDS = 900
BYTES = 4 * 2**30

# Mutants


@dataclass(frozen=True)
class Mutant:
    """One change in one file: ``index`` is its place among the file's mutants."""

    module: str
    file: str
    index: int
    line: int
    was: str
    now: str

    def __str__(self) -> str:
        return f"sim/{self.file}.py:{self.line}  {self.was}  =>  {self.now}"


ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
    ast.RShift: ast.LShift,
}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
SWAPPED = {
    a: b
    for pair in (("min", "max"), ("minimum", "maximum"), ("any", "all"), ("ceil", "floor"))
    for a, b in (pair, pair[::-1])
}
SIDES = {"left": "right", "right": "left"}
# What is no behaviour: annotations and decorators, and arguments that only guard or show.
SKIPPED_FIELDS = {"annotation", "returns", "decorator_list"}
SKIPPED_ARGUMENTS = {"strict", "repr", "compare", "init"}


def alternatives(node: ast.AST, field: str) -> Iterator[ast.AST]:
    """What may stand in the place of a node, which is its parent's ``field``."""
    match node:
        case ast.BinOp(left, op, right) if type(op) in ARITHMETIC:
            yield ast.BinOp(left, ARITHMETIC[type(op)](), right)
        case ast.AugAssign(target, op, amount):
            yield ast.AugAssign(target, ARITHMETIC[type(op)](), amount)
            yield ast.Pass()
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.Compare(left, ops, comparators):
            for i, sense in enumerate(ops):
                for other in COMPARISONS[type(sense)]:
                    yield ast.Compare(left, [*ops[:i], other(), *ops[i + 1 :]], comparators)
        case ast.BoolOp(op, operands):
            yield ast.BoolOp(ast.And() if isinstance(op, ast.Or) else ast.Or(), operands)
        case ast.Constant(bool() as truth):
            yield ast.Constant(not truth)
        case ast.Constant(int() as number):
            yield ast.Constant(number + 1)
        case ast.Constant(float() as number):
            yield ast.Constant(number * 2 if number else 1.0)
        case ast.Constant(str() as text) if re.fullmatch(r"[a-z][a-z._]*", text):  # names; prose is not behaviour
            yield ast.Constant(SIDES.get(text, f"{text}x"))
        case ast.Name(name, context) if name in SWAPPED and isinstance(context, ast.Load):
            yield ast.Name(SWAPPED[name], context)
        case ast.Attribute(value, name, context) if name in SWAPPED:
            yield ast.Attribute(value, SWAPPED[name], context)
        case ast.Return(ast.Name() | ast.Call()):
            yield ast.Return(ast.Constant(None))
        case ast.Expr() | ast.Raise() | ast.Continue() | ast.Break() | ast.Delete():
            yield ast.Pass()
        case ast.Assign(targets) if not all(isinstance(target, (ast.Name, ast.Tuple)) for target in targets):
            yield ast.Pass()
    condition = field in ("test", "ifs") and not isinstance(node, (ast.Compare, ast.BoolOp, ast.UnaryOp))
    if condition and isinstance(node, ast.expr):
        yield ast.UnaryOp(ast.Not(), node)


def changes(parent: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Every change of a tree, in order: (parent, field, place in the field if it is a list, what to put there)."""
    for field, value in ast.iter_fields(parent):
        if field in SKIPPED_FIELDS or isinstance(parent, (ast.Raise, ast.Assert)):
            continue
        listed = isinstance(value, list)
        for i, node in enumerate(value if listed else [value]):
            if not isinstance(node, ast.AST) or _is_prose(node, parent):
                continue
            yield from ((parent, field, i if listed else None, new) for new in alternatives(node, field))
            yield from changes(node)


def _is_prose(node: ast.AST, parent: ast.AST) -> bool:
    match node:
        case ast.Expr(ast.Constant(str())):
            return True
        case ast.Constant(str()):
            return isinstance(parent, ast.JoinedStr) or (
                isinstance(parent, ast.Call) and isinstance(parent.func, ast.Name) and parent.func.id == "cast"
            )
        case ast.keyword(name):
            return name in SKIPPED_ARGUMENTS
    return False


def _parsed(tree: Path, file: str) -> ast.Module:
    return ast.parse((tree / "sim" / f"{file}.py").read_text(encoding="utf-8"))


def mutants(tree: Path, modules: Sequence[str]) -> list[Mutant]:
    """All mutants of the modules."""
    found = []
    for module in modules:
        for file in FILES[module]:
            for index, (parent, field, i, new) in enumerate(changes(_parsed(tree, file))):
                old = getattr(parent, field) if i is None else getattr(parent, field)[i]
                was, now = (" ".join(ast.unparse(node).split())[:110] for node in (old, new))
                found.append(Mutant(module, file, index, old.lineno, was, now))
    return found


def _compiled(tree: Path, mutant: Mutant) -> CodeType:
    parsed = _parsed(tree, mutant.file)
    parent, field, i, new = next(itertools.islice(changes(parsed), mutant.index, None))
    if i is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[i] = new
    return compile(ast.fix_missing_locations(parsed), str(tree / "sim" / f"{mutant.file}.py"), "exec")


class Planted(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Imports the mutant in place of its module."""

    def __init__(self, tree: Path, mutant: Mutant) -> None:
        self.name = "sim." + mutant.file.replace("/", ".")
        self.code = _compiled(tree, mutant)

    def find_spec(self, fullname: str, path: Any, target: Any = None) -> Any:
        """Its own module only."""
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def get_code(self, fullname: str) -> CodeType:
        """The mutant."""
        return self.code

    def get_source(self, fullname: str) -> str | None:
        """Not told: the file's text is another."""
        return None


# Tests


class OneTestAtATime:
    """Ends the process where a single test takes too long: by CPU time, so that a busy machine does no harm."""

    def pytest_runtest_logstart(self) -> None:
        """Start the clock anew with each test."""
        signal.setitimer(signal.ITIMER_PROF, CPU_SECONDS_A_TEST)


def tested(tree: Path, module: str, mutant: Mutant | None, log: Path) -> int:
    """Run a module's tests in this process until one fails; 0 where none does, else pytest's exit code."""
    import hypothesis
    import pytest

    resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES))
    os.chdir(tree)
    sys.path.insert(0, str(tree))
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(out, 1)
    os.dup2(out, 2)
    if mutant is not None:
        sys.meta_path.insert(0, Planted(tree, mutant))
    hypothesis.settings.register_profile(
        "mutants",
        derandomize=True,
        database=None,
        deadline=None,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )
    hypothesis.settings.load_profile("mutants")
    options = ["-x", "--tb=line", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "-W", "default"]
    for file in TESTS[module]:
        code = int(pytest.main([*options, f"tests/{file}"], plugins=[OneTestAtATime()]))
        if code:
            return code
    return 0


def forked(tree: Path, module: str, mutant: Mutant | None, log: Path) -> int:
    """Process number of a child that tests the mutant and exits with 0 only if it survives."""
    child = os.fork()
    if child:
        return child
    code = 70
    with contextlib.suppress(BaseException):
        os.setpgid(0, 0)
        code = tested(tree, module, mutant, log)
    os._exit(code)


def _verdict(status: int) -> str:
    if os.WIFSIGNALED(status):
        return "hangs" if os.WTERMSIG(status) in (signal.SIGPROF, signal.SIGKILL) else "killed"
    return "killed" if os.WEXITSTATUS(status) else "survived"


def run(tree: Path, todo: Sequence[tuple[str, Mutant | None]], workers: int) -> list[tuple[str, float]]:
    """Test mutants of modules, some at a time; None is the module as it is.

    Returns
    -------
    list of (str, float)
        In the order of ``todo``, ``killed``, ``survived`` or ``hangs``, and the seconds it took.
    """
    results: dict[int, tuple[str, float]] = {}
    running: dict[int, tuple[int, float]] = {}
    coming = iter(range(len(todo)))
    start = time.monotonic()
    while len(results) < len(todo):
        for k in itertools.islice(coming, workers - len(running)):
            running[forked(tree, *todo[k], tree / f"log{k}")] = (k, time.monotonic())
        for child, (k, since) in list(running.items()):
            took = time.monotonic() - since
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                del running[child]
                results[k] = (_verdict(status), took)
                if results[k][0] == "survived" and todo[k][1] is not None:
                    print(f"survived: {todo[k][1]}", flush=True)
                if len(results) % 50 == 0:
                    print(f"{len(results)} of {len(todo)} in {time.monotonic() - start:.0f} s", flush=True)
            elif took > WALL_SECONDS:
                os.kill(child, signal.SIGKILL)
        time.sleep(0.02)
    return [results[k] for k in range(len(todo))]


# Score


def sampled(found: Sequence[Mutant], size: int, seed: int) -> list[Mutant]:
    """Random mutants without replacement, of each module in proportion to how many it has, ten at least."""
    chosen = []
    for module in FILES:
        group = [mutant for mutant in found if mutant.module == module]
        share = max(10, round(size * len(group) / len(found)))
        # A generator for each module: another module's source leaves this one's sample as it is.
        chosen += random.Random(f"{seed} {module}").sample(group, min(share, len(group)))
    return chosen


def score(found: Sequence[Mutant], verdicts: dict[Mutant, str], module: str) -> tuple[int, int, int, float, float]:
    """Of a module: mutants, tested, survivors, score, and the score's standard error by sampling."""
    there = sum(mutant.module == module for mutant in found)
    tested = [verdict for mutant, verdict in verdicts.items() if mutant.module == module]
    n, survivors = len(tested), tested.count("survived")
    if n == 0:
        return there, 0, 0, math.nan, math.nan
    p = 1 - survivors / n
    # Without replacement: the variance shrinks by the share that was not drawn.
    error = math.sqrt(p * (1 - p) / (n - 1) * (1 - n / there)) if n > 1 else math.nan
    return there, n, survivors, p, error


def report(found: Sequence[Mutant], verdicts: dict[Mutant, str]) -> None:
    """Print the score of each module and, weighted by how many mutants each has, of all."""
    print(f"{'module':10} {'mutants':>8} {'tested':>7} {'survived':>9} {'score':>7}  standard error")
    rows = [(module, *score(found, verdicts, module)) for module in FILES]
    rows = [row for row in rows if row[2]]
    for module, there, n, survivors, p, error in rows:
        print(f"{module:10} {there:8} {n:7} {survivors:9} {p:7.1%}  {error:.1%}")
    total = sum(row[1] for row in rows)
    p = sum(there / total * p for _, there, _, _, p, _ in rows)
    error = math.sqrt(sum((there / total * error) ** 2 for _, there, _, _, _, error in rows))
    tested, survivors = sum(row[2] for row in rows), sum(row[3] for row in rows)
    print(f"{'all':10} {total:8} {tested:7} {survivors:9} {p:7.1%}  {error:.1%}")
    print(f"hanging, which counts as noticed: {sum(verdict == 'hangs' for verdict in verdicts.values())}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sample", type=int, help="test this many mutants, drawn at random (default: all)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    parser.add_argument("--workers", type=int, default=1, help="processes at a time")
    parser.add_argument("--modules", nargs="+", choices=list(FILES), default=list(FILES))
    parser.add_argument("--json", type=Path, help="write the mutants that were tested and their verdicts to this file")
    parser.add_argument("--again", type=Path, help="test the survivors in such a file once more")
    parser.add_argument("--tests", nargs="+", help="by these files of tests/ only, such as new ones with --again")
    parser.add_argument("--list", action="store_true", help="show the mutants and test none")
    args = parser.parse_args()
    if args.tests is not None:
        TESTS.update(dict.fromkeys(TESTS, tuple(args.tests)))

    scratch = Path(tempfile.mkdtemp(prefix="mutation-")).resolve()
    try:
        for name in COPIED:
            source = TREE / name
            if source.is_dir():
                shutil.copytree(source, scratch / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
            else:
                shutil.copy(source, scratch / name)
        found = mutants(scratch, args.modules)
        todo = found if args.sample is None else sampled(found, args.sample, args.seed)
        if args.again is not None:
            before = json.loads(args.again.read_text(encoding="utf-8"))
            survivors = {(m["file"], m["index"], m["was"], m["now"]) for m in before if m["verdict"] == "survived"}
            todo = [mutant for mutant in found if (mutant.file, mutant.index, mutant.was, mutant.now) in survivors]
        if args.list:
            print("\n".join(map(str, todo)))
            return 0

        os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
        for library in LIBRARIES:
            importlib.import_module(library)
        modules = sorted({mutant.module for mutant in todo})
        unchanged = run(scratch, [(module, None) for module in modules], args.workers)
        for k, (module, (verdict, took)) in enumerate(zip(modules, unchanged, strict=True)):
            if verdict != "survived":
                print((scratch / f"log{k}").read_text(encoding="utf-8")[-3000:])
                print(f"{module}: its tests fail without any mutant")
                return 1
            print(f"{module}: its tests pass in {took:.0f} s", flush=True)
        results = run(scratch, [(mutant.module, mutant) for mutant in todo], args.workers)
        verdicts = {mutant: verdict for mutant, (verdict, _) in zip(todo, results, strict=True)}
        noticed = sorted(took for verdict, took in results if verdict == "killed")
        if noticed:
            print(f"a mutant is noticed in {noticed[len(noticed) // 2]:.1f} s (median)")
        if args.again is None:
            report(found, verdicts)
        else:
            print(f"still surviving: {sum(v == 'survived' for v in verdicts.values())} of {len(verdicts)}")
        if args.json is not None:
            rows = [{**asdict(mutant), "verdict": verdict} for mutant, verdict in verdicts.items()]
            args.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")
        return 0
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    sys.exit(main())
