"""How pictures are drawn here: one fixed picture, by whose bytes two places are told apart.

What a picture's bytes depend on beside the result is much: matplotlib, the library that draws letters, fonts, a user's
own settings, the compression of PNG. Where this picture has the same bytes, so has another.
"""

from __future__ import annotations

import hashlib
import io

from sim.plots.style import FORMATS, LINES, headline, own_axes, save, styled


def fingerprint() -> str:
    """SHA-256 of a fixed picture, as SVG and as PNG."""
    with styled():
        ax = own_axes(4, 3)
        for i, (colour, dash, mark) in enumerate(LINES):
            ax.plot([0, 1, 2], [i, i + 0.7, i + 0.3], color=colour, linestyle=dash, marker=mark, label=f"{i}")
        ax.fill_between([0, 1, 2], 0, [1, 3, 2], alpha=0.3, hatch="//")
        ax.set_xlabel("Abc xyz 0123456789 −,.%", fontweight="bold")
        ax.set_ylabel("Ω я 中 ع ก", rotation=90)  # letters that one font may have and another not
        ax.grid(True)
        ax.legend(ncols=2)
        headline(ax, "How pictures are drawn here", "Two places whose sample is the same draw the same")
        found = hashlib.sha256()
        for format in FORMATS:
            file = io.BytesIO()
            save(ax, file, format)
            found.update(file.getvalue())
    return found.hexdigest()
