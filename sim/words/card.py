"""A result as a small card for a notebook: plain HTML, all text escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from sim.errors import inert

LONGEST = 300
"""Characters of a text that a card shows."""

LONGEST_HEADLINE = 600
"""Characters of what it says, which may be a few sentences."""

_CARD = "border:1px solid #8888;border-radius:6px;padding:0.6em 0.9em;max-width:46em;overflow-wrap:anywhere"
_CELL = "padding:0.1em 1em 0.1em 0;text-align:{side};vertical-align:top"


def card(title: str, headline: str, rows: Sequence[Sequence[str]], note: str, *, head: Sequence[str] = ()) -> str:
    """Lay a result out.

    Parameters
    ----------
    title, headline, note
        What it is about, what it says, how it was made.
    rows, head
        A small table, and the names of its columns; the first column is text, the others are numbers.

    Returns
    -------
    str
        HTML without scripts, classes or ids. No text can be anything but text.
    """
    lines = "".join(f"<tr>{''.join(_cell('td', k, text) for k, text in enumerate(row))}</tr>" for row in rows)
    names = f"<tr>{''.join(_cell('th', k, text) for k, text in enumerate(head))}</tr>" if head else ""
    return (
        f'<div style="{_CARD}"><div><strong>{_text(title)}</strong></div><div>{_text(headline, LONGEST_HEADLINE)}</div>'
        f'<table style="margin:0.5em 0">{names}{lines}</table>'
        f'<div style="opacity:0.75;font-size:85%">{_text(note)}</div></div>'
    )


def _cell(tag: str, column: int, text: str) -> str:
    side = "left" if column == 0 else "right"
    return f'<{tag} style="{_CELL.format(side=side)}">{_text(text)}</{tag}>'


def _text(text: str, longest: int = LONGEST) -> str:
    safe = escape(inert(" ".join(text.split()), longest))
    # Notebooks typeset what stands between $ or \( in one run of text; a sign in an element of its own begins nothing.
    return safe.replace("$", "<span>$</span>").replace("\\", "<span>\\</span>")
