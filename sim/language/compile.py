"""From a checked document to the frozen parts that engines read: months as numbers, schedules by month, copies made."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sim.errors import TooLarge
from sim.language.axes import Grid, grid_of
from sim.language.checks import check
from sim.language.choices import choices_of
from sim.language.customer_parts import CommitmentPart
from sim.language.document import Document, Findings, Steps, Valid
from sim.language.doubted import in_doubt
from sim.language.law_parts import TimingPart
from sim.language.laws import amount_or_law, level_or_law, whole_or_law
from sim.language.limits import cells_of, estimate, too_large
from sim.language.noting import Noting
from sim.language.outcomes import bare, if_it_happens, weights
from sim.language.part import Part
from sim.language.parties import Parties
from sim.language.reader import problem_at
from sim.language.schema import NO_VENDOR, EffectPart, EventPart, ScenarioPart
from sim.language.validation import validate
from sim.language.values import month_number
from sim.scenario import parts
from sim.scenario.axis import Axis
from sim.scenario.laws import NEVER, AtRenewal, Law
from sim.scenario.months import format_month
from sim.scenario.terms import occasions


def compile_document(document: Document, findings: Findings) -> parts.Scenario:
    """Check a merged scenario and compile it.

    Parameters
    ----------
    document : Document
        The tree after extends and overrides.
    findings : Findings
        What came up on the way so far; it is told together with what comes up here.

    Returns
    -------
    Scenario

    Raises
    ------
    ScenarioError
        Where anything is refused, with all of it.
    TooLarge
        Where it would need more memory than the machine has.
    """
    validated = validate(document, findings)
    check(document, validated, findings)
    grid = grid_of(document, validated, findings)
    findings.raise_if_any()
    assert validated.part is not None
    before, document = document.valid, replace(document, valid=Valid(document.root, validated.part, {}))
    _refuse_too_large(document, validated.part, grid)
    axes, lost = grid.axes(document, findings)
    findings.raise_if_any()
    if lost:
        document = document.without_axes(lost)
        validated = validate(document, findings)
    assert validated.part is not None
    data = plain_document(validated.part, before)
    document = replace(document, valid=Valid(document.root, validated.part, data))
    doubt = in_doubt(Noting(document, validated, validated.part, findings), _checked)
    choices = choices_of(document, validated.part, doubt, findings)
    findings.raise_if_any()
    return replace(_Compiler(document, validated.part).scenario(axes, data), doubt=doubt, choices=choices)


def _checked(path: Steps, found: str, *_: Any, **__: Any) -> None:
    raise AssertionError(f"{'.'.join(path)}: {found}, of which the checks knew nothing")


def _refuse_too_large(document: Document, part: ScenarioPart, grid: Grid) -> None:
    months, paths = part.months, (part.run.paths if part.run is not None else 0)
    shape = " x ".join(_count(count) for count in grid.counts[:4]) + (" x …" if len(grid.counts) > 4 else "")
    events = (part.events or {}).values()
    parties = Parties(part.customers)
    copies = sum(
        (len(parties.each(event.hits)) if event.each else 1) * (1 + len(event.outcomes or {})) for event in events
    )
    for path, what, needed, help in (
        (("run", "paths"), f"{_count(paths)} paths", estimate(months=months, paths=paths), "ask for fewer paths"),
        (
            ("sweep",),
            f"a grid of {shape}",
            estimate(months=months, cells=cells_of(grid.counts)),
            "ask for fewer values",
        ),
        (("events",), f"{_count(copies)} events", estimate(months=months, events=copies), "let fewer events be `each`"),
    ):
        message = too_large(what, needed)
        if message is not None:
            problem = problem_at(document.mark(path), path, message, "what fits into memory", help=help)
            raise TooLarge(f"{'.'.join(path)}: {message}", help=help, problems=[problem])


def _count(number: int) -> str:
    return f"{number:,}" if number < 10**15 else "over 1e15"


def plain_document(part: ScenarioPart, before: Valid | None = None) -> dict[str, Any]:
    """Write what stands in a scenario, and nothing else, as plain data: the same for 1e5, 100000 and 100000.0.

    Parts that stood in another scenario before are written as they were there.
    """
    written = {} if before is None else dict(_written(before.part, before.data))

    def tidy(value: Any) -> Any:
        if isinstance(value, Part):
            if id(value) in written:
                return written[id(value)]
            fields = type(value).model_fields
            given = [name for name in fields if name in value.model_fields_set]
            return {fields[name].alias or name: tidy(getattr(value, name)) for name in given}
        if isinstance(value, dict):
            return {key: tidy(item) for key, item in value.items()}
        if isinstance(value, list):
            return [tidy(item) for item in value]
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
            return int(value)
        return value

    data: dict[str, Any] = tidy(part)
    return data


def _written(part: ScenarioPart, data: Mapping[str, Any]) -> Iterator[tuple[int, Any]]:
    """What the parts at the top of a scenario, and those below their ids, are as plain data; by the part's identity."""
    for key, written in data.items():
        value = getattr(part, key)
        if isinstance(value, Part):
            yield id(value), written
        elif isinstance(value, dict):
            yield from ((id(value[id_]), one) for id_, one in written.items() if isinstance(value[id_], Part))


def digest(data: dict[str, Any]) -> str:
    """Hash plain data: SHA-256 of its JSON, in the order in which ids stand."""
    text = json.dumps(data, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def timing_of(
    timing: TimingPart, start: int, known: int, occasions: Sequence[int] = (), notice: int = 0
) -> parts.AtMonth | parts.Delay:
    """Compile when an event arises.

    Parameters
    ----------
    timing
        As it is written.
    start, known
        The scenario's start, from year 0, and the month number by which it had not happened.
    occasions, notice
        Months in which the customer can leave at a renewal, and how many months before it must say so.
    """
    if timing.month is not None:
        return parts.AtMonth(month_number(timing.month) - start)
    if timing.at_renewal is not None:
        # Occasions whose notice was due by then are past.
        chances = [(month - notice, timing.chance_at(format_month(start + month))) for month in occasions]
        return parts.Delay(AtRenewal(tuple((a, chance) for a, chance in chances if a > known)), 0, known)
    counted_from = 0 if timing.from_ is None else month_number(timing.from_) - start
    return parts.Delay(timing.law(start), counted_from, known)


class _Compiler:
    """One scenario being compiled."""

    def __init__(self, document: Document, part: ScenarioPart) -> None:
        self.document = document
        self.part = part
        self.start = month_number(part.start)
        self.known = 0 if part.known is None else self.month(part.known)
        self.customers = list(part.customers)
        self.index = {id_: i for i, id_ in enumerate(self.customers)}
        self.by_month: dict[object, tuple[float, ...]] = {}
        self.parties = Parties(part.customers)
        self.streams = tuple(self.stream(id_) for id_ in self.customers)

    def month(self, date: str) -> int:
        return month_number(date) - self.start

    def scenario(self, axes: tuple[Axis, ...], data: dict[str, Any]) -> parts.Scenario:
        part = self.part
        vendor = part.vendor or NO_VENDOR
        capacity, run = vendor.capacity, part.run
        return parts.Scenario(
            name=part.name,
            start=self.start,
            months=part.months,
            money=part.money,
            vendor=vendor.name or "",
            streams=self.streams,
            events=self.events(),
            levers=self.levers(),
            together=tuple(parts.Together(tuple(one.events), one.correlation) for one in part.together or ()),
            risk=self.risk(),
            known=self.known,
            discount_rate=vendor.discount_rate,
            capacity=None if capacity is None else parts.Capacity(capacity.initial, self.growth(capacity.growth)),
            about=part.about,
            axes=axes,
            paths=100_000 if run is None else run.paths,
            seed=1 if run is None else run.seed,
            file=self.document.name,
            sha256=digest(data),
            document=data,
            source=self.document,
            folder=self.document.folder,
        )

    def growth(self, growth: float | dict[str, float]) -> tuple[float, ...]:
        """Expand a number or a schedule to one yearly growth a month; equal ones are shared."""
        key = tuple(growth.items()) if isinstance(growth, dict) else growth
        if key not in self.by_month:
            if isinstance(growth, dict):
                steps = sorted((self.month(date), rate) for date, rate in growth.items())
                rates: list[float] = []
                for (month, rate), after in zip(steps, [*(m for m, _ in steps[1:]), self.part.months], strict=True):
                    rates += [rate] * (min(after, self.part.months) - max(month, 0))
                self.by_month[key] = tuple(rates)
            else:
                self.by_month[key] = (growth,) * self.part.months
        return self.by_month[key]

    def stream(self, id_: str) -> parts.Stream:
        customer = self.part.customers[id_]
        contract = None
        if customer.contract is not None:
            given = customer.contract
            first = given.first
            contract = parts.Contract(
                notice=min(given.notice, NEVER),
                term=None if given.term is None else min(given.term, NEVER),
                renews=None if given.renews is None else self.month(given.renews),
                commitment=self.commitment(given.commitment),
                first=None if first is None else parts.FirstTerm(self.month(first.begins), min(first.months, NEVER)),
                auto_renews=given.auto_renews,
            )
        return parts.Stream(
            id=id_,
            name=customer.name or id_,
            revenue=customer.revenue,
            growth=self.growth(customer.growth),
            volatility=customer.volatility,
            market=customer.market,
            pool=customer.pool,
            contract=contract,
            starts=0 if customer.starts is None else self.month(customer.starts),
            ends=None if customer.ends is None else self.month(customer.ends),
            season=self.season(customer.season),
            group=None if customer.group is None else parts.Group(customer.group, self.called(customer.group)),
        )

    def season(self, season: dict[str, float] | None) -> tuple[float, ...] | None:
        """Write the factors out, month 0's calendar month first; none where all are 1."""
        factors = tuple((season or {}).get(str((self.start + k) % 12 + 1), 1.0) for k in range(12))
        return None if set(factors) == {1.0} else factors

    def commitment(self, given: float | CommitmentPart) -> parts.Commitment | None:
        """Compile a commitment, in short or in full; none where it can come to nothing but 0."""
        if not isinstance(given, CommitmentPart):
            return parts.Commitment(share=given) if given > 0 else None
        amount = () if given.amount is None else self.amounts(given.amount)
        if not (given.share or given.running or any(value > 0 for _, value in amount)):
            return None
        return parts.Commitment(
            share=given.share,
            amount=amount,
            running=given.running,
            of=given.of or ("volume" if given.share is not None else "money"),
            per=given.per,
            rises=given.rises,
            carry=given.carry,
            buyout=given.buyout,
        )

    def amounts(self, amount: float | dict[str, float]) -> tuple[tuple[int, float], ...]:
        """Steps of an amount: a number holds from the first."""
        if not isinstance(amount, dict):
            return ((-NEVER, amount),)
        return tuple(sorted((self.month(date), value) for date, value in amount.items()))

    def events(self) -> tuple[parts.Event, ...]:
        copies = {id_: self.copies(id_, event) for id_, event in (self.part.events or {}).items()}
        return tuple(
            built for id_, event in (self.part.events or {}).items() for built in self.event(id_, event, copies)
        )

    def copies(self, id_: str, event: EventPart) -> list[tuple[str, tuple[int, ...]]]:
        """List the events that one of the file stands for: ids, and the streams that each hits."""
        if event.each:
            each = self.parties.each(event.hits)
            return [(f"{id_}.{party}", tuple(self.index[one] for one in those)) for party, those in each]
        return [(id_, tuple(self.index[customer] for customer in self.parties.hit(event.hits)))]

    def event(
        self, id_: str, event: EventPart, copies: dict[str, list[tuple[str, tuple[int, ...]]]]
    ) -> Sequence[parts.Event]:
        name = event.name or id_
        built: list[parts.Event] = []
        for copy_id, hits in copies[id_]:
            called = f"{name}: {self.called(copy_id.removeprefix(f'{id_}.'))}" if event.each else name
            if not event.outcomes:
                built.append(self.one(copy_id, id_, called, hits, event, copies))
                continue
            itself = self.one(copy_id, id_, called, hits, bare(event), copies)
            shares = tuple(parts.Outcome(f"{copy_id}.{k}", weight) for k, weight in weights(event).items())
            built.append(replace(itself, outcomes=shares))
            for k, outcome in event.outcomes.items():
                fate = if_it_happens(event, outcome)
                one = self.one(f"{copy_id}.{k}", id_, f"{called}: {outcome.name or k}", hits, fate, copies)
                built.append(replace(one, probability=0.0, timing=None, outcome_of=copy_id))
        return built

    def called(self, party: str) -> str:
        """Name of a customer or a group."""
        if party in self.part.customers:
            return self.part.customers[party].name or party
        group = (self.part.groups or {}).get(party)
        return party if group is None or group.name is None else group.name

    def one(
        self,
        id_: str,
        origin: str,
        name: str,
        hits: tuple[int, ...],
        event: EventPart,
        copies: dict[str, list[tuple[str, tuple[int, ...]]]],
    ) -> parts.Event:
        triggers = tuple(
            parts.Trigger(target, trigger.probability, None if trigger.after is None else trigger.after.law())
            for other, trigger in (event.triggers or {}).items()
            for target, _ in copies[other]
        )
        return parts.Event(
            id=id_,
            origin=origin,
            name=name,
            hits=hits,
            choice=event.choice,
            probability=0.0 if event.timing is None else event.probability,
            timing=self.timing(event, hits),
            notice=None if event.notice is None else whole_or_law(event.notice),
            usage=self.effect(event.usage),
            price=self.effect(event.price),
            lasts=None if event.lasts is None else event.lasts.law(),
            permanent=event.permanent,
            voids=event.voids_commitment,
            triggers=triggers,
            leaves=event.leaves,
            recommits=event.recommits,
            once=None if event.once is None else amount_or_law(event.once),
            planned=event.planned,
            repeats=event.repeats,
        )

    def timing(self, event: EventPart, hits: Sequence[int]) -> parts.AtMonth | parts.Delay | None:
        if event.timing is None:
            return None
        if event.timing.at_renewal is None:
            return timing_of(event.timing, self.start, self.known)
        (stream,) = (self.streams[i] for i in hits)
        notice = parts.notice_of(None if event.notice is None else whole_or_law(event.notice), event.choice, stream)
        assert not isinstance(notice, Law)  # the checks see to it
        return timing_of(event.timing, self.start, self.known, occasions(stream, self.part.months, notice), notice)

    def effect(self, effect: EffectPart | None) -> parts.Effect | None:
        if effect is None:
            return None
        return parts.Effect(level_or_law(effect.to), whole_or_law(effect.over), effect.shape)

    def levers(self) -> tuple[parts.Lever, ...]:
        built = []
        for id_, lever in (self.part.levers or {}).items():
            event = (self.part.events or {})[lever.against]
            ((against, _),) = self.copies(lever.against, event)
            months = min(lever.months, NEVER)
            built.append(parts.Lever(id_, against, lever.discount, months, lever.acceptance, lever.name))
        return tuple(built)

    def risk(self) -> parts.Risk:
        risk, last = self.part.risk, self.part.months - 1
        if risk is None:
            return parts.Risk(first=0, last=last)
        window = risk.window
        return parts.Risk(
            levels=tuple(risk.levels),
            first=0 if window is None else self.month(window.first),
            last=last if window is None else self.month(window.last),
            target=risk.target,
            year_starts=risk.year_starts,
        )
