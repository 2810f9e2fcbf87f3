"""What a planned event can't have: it is in the baseline too, in which nothing is that is in no plan."""

from __future__ import annotations

from collections.abc import Callable

from sim.language.document import Steps
from sim.language.outcomes import fates
from sim.language.schema import ScenarioPart, TriggerPart

Add = Callable[..., None]
"""Notes a problem: its path, what was found and what is allowed, and more by name."""


def refuse(part: ScenarioPart, add: Add) -> None:
    """Refuse planned events that cost something once, that others set off, and that an offer is against."""
    events = part.events or {}
    planned = {id_ for id_, event in events.items() if event.planned}
    for id_ in planned:
        for steps, fate in fates(events[id_]):
            if fate.once is not None:
                own = steps if steps and events[id_].once is None else ()
                help = "what is planned is no loss: leave once out, or take it as a loss without planned"
                add(("events", id_, *own, "once"), "once of a planned event", "once of what is in no plan", help=help)
                break
    for id_, event in events.items():
        triggers: list[tuple[Steps, dict[str, TriggerPart]]] = [(("triggers",), event.triggers or {})]
        triggers += [(("outcomes", k, "triggers"), one.triggers or {}) for k, one in (event.outcomes or {}).items()]
        for steps, targets in triggers:
            for target in targets:
                if target in planned and id_ not in planned:
                    found = f"{target}, which is planned, set off by what is not"
                    help = f"let {id_} be planned too, or {target} not"
                    allowed = "a planned event set off by planned ones"
                    add(("events", id_, *steps, target), found, allowed, help=help, key=True)
    for id_, lever in (part.levers or {}).items():
        if lever.against in planned:
            found, allowed = f"{lever.against}, which is planned", "an event that is in no plan"
            add(("levers", id_, "against"), found, allowed, help="what is planned is no loss that an offer could avert")
