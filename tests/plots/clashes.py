"""What is written over something else in a picture: text over text, lines through text, text beyond the picture."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.text import Text
from matplotlib.transforms import Bbox

SLACK = 1.0
"""Points by which a text's box is larger than its letters, on each side."""


def clashes(drawn: Any) -> list[str]:
    """Every clash of the figure that something was drawn on, in words."""
    axes = drawn.flat[0] if isinstance(drawn, np.ndarray) else drawn
    figure = axes.get_figure(root=True)
    for _ in range(2):  # until the layout has settled
        figure.draw_without_rendering()
    shown = [(text, _box(text)) for text in _visible(figure)]
    found = [
        f"“{one.get_text()}” over “{other.get_text()}”"
        for (one, first), (other, second) in combinations(shown, 2)
        if first.overlaps(second) and one.get_text() != other.get_text()
    ]
    whole = figure.bbox.padded(2 * SLACK)
    found += [f"“{text.get_text()}” leaves the picture" for text, box in shown if not _within(box, whole)]
    lines = list(_lines(figure))
    patches = [patch for ax in figure.findobj(Axes) for patch in ax.patches if patch.get_fill()]
    bars = [(patch.get_window_extent(), patch.get_zorder()) for patch in patches]
    for text, box in shown:
        patch = text.get_bbox_patch()
        behind = [text.get_zorder()] if patch is not None else []
        behind += [zorder for bar, zorder in bars if _within(box, bar)]
        for ends, zorder, name in lines:
            covered = any(front > zorder for front in behind)
            if not covered and any(_crosses(box, *pair) for pair in pairwise(ends)):
                found.append(f"{name} through “{text.get_text()}”")
                break
    return found


def _visible(figure: Any) -> Iterator[Text]:
    """Texts that are seen, ticks of axes that are off and labels beyond the scale left out."""
    hidden: set[int] = set()
    for axis in figure.findobj(Axis):
        low, high = sorted(axis.get_view_interval())
        room = 1e-9 * (high - low)
        off = not (axis.axes.axison and axis.get_visible())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            if off or not low - room <= tick.get_loc() <= high + room:
                hidden |= {id(tick.label1), id(tick.label2)}
        if off:
            hidden |= {id(axis.label), id(axis.offsetText)}
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip() and id(text) not in hidden:
            yield text


def _box(text: Text) -> Bbox:
    return Text.get_window_extent(text).padded(-SLACK)


def _within(box: Bbox, whole: Bbox) -> bool:
    return box.x0 >= whole.x0 and box.x1 <= whole.x1 and box.y0 >= whole.y0 and box.y1 <= whole.y1


def _lines(figure: Any) -> Iterator[tuple[np.ndarray, float, str]]:
    """Lines in the picture, not its grid nor what a legend shows: points, order of drawing, what it is."""
    legends = [legend for ax in figure.findobj(lambda artist: hasattr(artist, "get_legend"))
               if (legend := ax.get_legend()) is not None]  # fmt: skip
    apart = {id(part) for legend in legends for part in legend.findobj()}
    apart |= {id(line) for axis in figure.findobj(Axis) for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
              for line in (tick.tick1line, tick.tick2line, tick.gridline)}  # fmt: skip
    for line in figure.findobj(Line2D):
        if id(line) in apart or not line.get_visible():
            continue
        points = line.get_transform().transform(np.column_stack(line.get_data(orig=False)))
        if line.get_drawstyle() == "steps-post" and len(points) > 1:
            x, y = points.T
            points = np.column_stack([np.repeat(x, 2)[1:], np.repeat(y, 2)[:-1]])
        marked = line.get_marker() not in ("None", "", None, " ")
        if line.get_linestyle() not in ("None", "none") and len(points) > 1:
            yield points, line.get_zorder(), f"line “{line.get_label()}”"
        if marked:
            for x, y in points:
                yield np.array([[x, y], [x, y]]), line.get_zorder(), f"mark “{line.get_label()}”"
    for collection in figure.findobj(LineCollection):
        if id(collection) in apart or not collection.get_visible():
            continue
        transform = collection.get_transform()
        for path in collection.get_paths():
            yield transform.transform(path.vertices), collection.get_zorder(), f"strokes “{collection.get_label()}”"


def _crosses(box: Bbox, start: np.ndarray, end: np.ndarray) -> bool:
    """Whether a piece of a line has a point within a box."""
    if not np.isfinite([start, end]).all():
        return False
    low, high = 0.0, 1.0
    for at, way, least, most in zip(start, end - start, box.min, box.max, strict=True):
        if way == 0:
            if not least < at < most:
                return False
            continue
        enters, leaves = sorted([(least - at) / way, (most - at) / way])
        low, high = max(low, enters), min(high, leaves)
    return low < high or (bool((start == end).all()) and low <= high)
