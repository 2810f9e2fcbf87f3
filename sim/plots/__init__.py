"""Pictures of results; the only door to matplotlib.

Every function draws on the axes that it is given, or on a figure of its own, and gives back what it drew on. None
shows anything, uses pyplot, or leaves a setting behind. Names of a scenario are text and nothing else.
"""

from sim.plots.runs import ResultPlots
from sim.plots.style import format_of, save
from sim.plots.sweeps import SweepPlots

__all__ = ["ResultPlots", "SweepPlots", "format_of", "save"]
