"""A scenario to turn by hand: in a notebook with sliders, anywhere else by :meth:`Explorer.set`."""

from sim.explorer.exploring import Explorer, explore

__all__ = ["Explorer", "explore"]
