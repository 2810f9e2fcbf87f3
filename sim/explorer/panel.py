"""The explorer in a notebook: sliders beside headline, table and picture. It shows and asks; what counts is elsewhere.

The only door to ipywidgets. All text of a scenario is escaped, and stands in places where notebooks set no formulas.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from sim.errors import SimError, UsageError, inert
from sim.explorer.knobs import Knob
from sim.language.turning import Value
from sim.words.labels import short
from sim.words.stops import none_at_all, resulting_month

if TYPE_CHECKING:
    from sim.explorer.exploring import Explorer
    from sim.scenario.parts import Scenario

LONGEST = 300
"""Characters of a text that are shown."""

GROUPS = {
    "event": "The event",
    "contract": "The contract",
    "capacity": "The vendor’s capacity",
    "offer": "The offer to stay",
    "more": "More",
}

_CELL = "padding:1px 14px 1px 0;text-align:{side};white-space:nowrap"


class Panel:
    """Widgets of an explorer.

    Attributes
    ----------
    whole
        All of them as one.
    sliders
        By path of the knob: a slider over its stops.
    headline, table, message, busy
        Texts: what is at risk, the measures, what went wrong, and that a simulation is under way.
    picture
        Loss exceedance.
    name, replace, save, reset
        A field for the file's name, whether one may be replaced, and two buttons.

    Raises
    ------
    UsageError
        Where ipywidgets is not installed.
    """

    def __init__(self, explorer: Explorer) -> None:
        try:
            import ipywidgets as widgets
        except ImportError:
            raise UsageError(
                "the explorer's sliders need ipywidgets, which is not installed",
                help="pip install 'switchrisk[notebook]'; without it, set() and the measures work all the same",
            ) from None
        self._explorer = explorer
        self._silent = False
        self.sliders: dict[str, Any] = {}
        self._notes: dict[str, Any] = {}
        self.headline, self.table, self.message = widgets.HTML(), widgets.HTML(), widgets.HTML()
        self.busy = widgets.HTML(layout=widgets.Layout(min_height="1.6em"))
        self.picture = widgets.Image(format="png", layout=widgets.Layout(max_width="100%", height="auto"))
        self.name = widgets.Text(placeholder="name of a new file", layout=widgets.Layout(width="16em"))
        self.replace = widgets.Checkbox(description="replace a file of that name", indent=False,
                                        layout=widgets.Layout(width="auto"))  # fmt: skip
        self.save = widgets.Button(description="Save as scenario", icon="save")
        self.reset = widgets.Button(description="Back to the base", icon="undo")
        self.save.on_click(self._save)
        self.reset.on_click(self._reset)
        knobs = [row for group in GROUPS for row in self._rows(widgets, group)]
        wrapping = widgets.Layout(display="flex", flex_flow="row wrap", align_items="flex-start")
        left = widgets.VBox(knobs, layout=widgets.Layout(width="25em", max_width="100%", margin="0 1em 0 0"))
        right = widgets.VBox([self.busy, self.picture, self.table], layout=widgets.Layout(flex="1 1 24em"))
        foot = widgets.HBox([self.name, self.save, self.replace, self.reset], layout=wrapping)
        self.whole = widgets.VBox([self.headline, widgets.Box([left, right], layout=wrapping), foot, self.message])
        self.show()

    def _rows(self, widgets: Any, group: str) -> Iterable[Any]:
        knobs = [knob for knob in self._explorer.knobs if knob.group == group]
        if knobs:
            yield widgets.HTML(f"<strong>{_text(self._title(group, knobs[0].path))}</strong>")
        for knob in knobs:
            slider = self.sliders[knob.path] = _slider(widgets, knob)
            slider.observe(self._moved, names="value")
            self._notes[knob.path] = widgets.HTML()
            yield widgets.VBox([self._notes[knob.path], slider])

    def _title(self, group: str, path: str) -> str:
        """What a group of knobs is called, with the name of what they belong to."""
        scenario, id = self._explorer.base, path.split(".")[1]
        names: dict[str, dict[str, str | None]] = {
            "event": {event.id: event.name for event in scenario.events},
            "contract": {stream.id: stream.name for stream in scenario.streams},
            "offer": {lever.id: lever.name for lever in scenario.levers},
        }
        return f"{GROUPS[group]}: {short(names[group].get(id) or id)}" if group in names else GROUPS[group]

    def show(self) -> None:
        """Bring all that is shown up to date with the explorer."""
        explorer = self._explorer
        self._silent = True
        try:
            values, scenario = explorer.values, explorer.scenario
            for knob in explorer.knobs:
                _set(self.sliders[knob.path], knob, values[knob.path])
                self._notes[knob.path].value = _note(knob, values[knob.path], scenario)
        finally:
            self._silent = False
        self.headline.value = (
            f'<div style="font-size:115%;line-height:1.4"><strong>{_text(explorer.headline)}</strong> '
            f"({_text(explorer.interval)}).</div>"
        )
        self.table.value = _table(("Measure", "Value", "Error", "Change from the base"), explorer.rows(), self._about())
        self.picture.value = explorer.picture()
        self.message.value = ""

    def _about(self) -> list[str]:
        explorer = self._explorer
        lines = [
            f"{explorer.scale.unit}; {explorer.paths:,} quasi-random paths, seed {explorer.seed}, the same for all."
        ]
        return [*lines, explorer.options] if explorer.overrides else lines

    def wanted(self) -> dict[str, Value]:
        """What the sliders ask for beyond what is set: where one stands elsewhere than its value."""
        values = self._explorer.values
        found = {}
        for knob in self._explorer.knobs:
            here = self.sliders[knob.path].value
            if values[knob.path] is not None and here != values[knob.path]:
                found[knob.path] = here
        return found

    def _moved(self, _: Any) -> None:
        if self._silent:
            return
        # Also what was refused before: it may have become valid together with this move.
        wanted = self.wanted()
        if not wanted:
            self.message.value = ""
            return
        self._attempt(lambda: self._explorer.set(wanted), slow=self._explorer.takes_long(wanted))

    def _reset(self, _: Any) -> None:
        self._attempt(self._explorer.reset)

    def _save(self, _: Any) -> None:
        def save() -> None:
            file = self._explorer.save(self.name.value.strip(), overwrite=self.replace.value)
            self.replace.value = False
            self.message.value = f"<div>Saved as <code>{_text(str(file))}</code>.</div>"

        self._attempt(save)

    def _attempt(self, action: Any, slow: bool = False) -> None:
        """Do something; what is refused is told in words, and everything else stays as it was."""
        if slow:
            self.busy.value = '<div role="status">Simulating …</div>'
        try:
            action()
        except SimError as error:
            self.message.value = _refusal(error)
        finally:
            if slow:
                self.busy.value = ""


def _slider(widgets: Any, knob: Knob) -> Any:
    # A slider of positions, not of numbers: those would be rounded to its steps by the front end, and set so.
    return widgets.SelectionSlider(
        options=_options(knob, knob.stops),
        value=knob.base,
        continuous_update=knob.only_weighs,  # what has to be simulated waits until the slider is let go
        layout=widgets.Layout(width="100%"),
    )


def _options(knob: Knob, values: Iterable[Value]) -> list[tuple[str, Value]]:
    return [(knob.shown(value), value) for value in values]


def _set(slider: Any, knob: Knob, value: Value | None) -> None:
    """Put a slider where its knob stands, with a stop more where it has none there."""
    slider.disabled = value is None
    if value is None or slider.value == value:
        return
    with slider.hold_sync():
        stops = [stop for _, stop in slider.options]
        if value not in stops:
            slider.options = _options(knob, sorted([*stops, value]))
        slider.value = value


def _note(knob: Knob, value: Value | None, scenario: Scenario) -> str:
    """What a slider is about, what its value comes to, and where the base stands if that is elsewhere."""
    note = _text(knob.label)
    if value is None:
        return f"{note} <em>(another law has taken its place)</em>"
    if month := resulting_month(scenario, knob.path, value):
        note = f"{note}; median month {month}"
    elif none := none_at_all(scenario, knob.path, value):
        note = f"{note}; {none}"
    return note if value == knob.base else f"{note} <em>(base: {_text(knob.shown(knob.base))})</em>"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], notes: Sequence[str]) -> str:
    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f'<{tag} style="{_CELL.format(side="right" if k else "left")}">{_text(cell)}</{tag}>'
            for k, cell in enumerate(row)
        )

    lines = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    below = "".join(
        f'<div style="opacity:0.75;font-size:85%;overflow-wrap:anywhere">{_text(note)}</div>' for note in notes
    )
    return f"<table><tr>{cells('th', head)}</tr>{lines}</table>{below}"


def _refusal(error: SimError) -> str:
    """What was refused, in words; of a scenario without the place in a file that nobody looks at."""
    said = [
        f"{problem.path}: {problem.found}; allowed: {problem.allowed}" if problem.allowed else problem.found
        for problem in error.problems
    ]
    lines = "".join(f"<div>{_text(line)}</div>" for line in said or [error.summary])
    help = "" if said or error.help is None else f"<div>{_text(error.help)}</div>"
    return f'<div role="alert" style="border-left:4px solid #D55E00;padding-left:8px">{lines}{help}</div>'


def _text(text: str) -> str:
    return escape(inert(" ".join(text.split()), LONGEST))
