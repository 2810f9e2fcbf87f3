"""Pictures of results; the only door to matplotlib.

Every function draws on the axes that it is given, or on a figure of its own, and gives back what it drew on. None
shows anything, uses pyplot, or leaves a setting behind. Names of a scenario are text and nothing else.
"""

from sim.plots.attributions import AttributionPlots
from sim.plots.choices import ChoicePlots
from sim.plots.comparisons import ComparisonPlots
from sim.plots.doubts import DoubtPlots
from sim.plots.drivers import BoxPlots, DriverPlots
from sim.plots.runs import ResultPlots, pictures
from sim.plots.style import format_of, save
from sim.plots.sweeps import SweepPlots
from sim.plots.swimlanes import draw_story
from sim.plots.tornados import draw_tornado

__all__ = [
    "AttributionPlots",
    "BoxPlots",
    "ChoicePlots",
    "ComparisonPlots",
    "DoubtPlots",
    "DriverPlots",
    "ResultPlots",
    "SweepPlots",
    "draw_story",
    "draw_tornado",
    "format_of",
    "pictures",
    "save",
]
