"""The report: one HTML file that answers for any probability and timing of one event, with nothing behind it.

A cell of a sweep is a weighing of strata (``docs/model.md`` section 8). So the file carries the strata, counted, and
the weights at many stops of the timing; its script weighs, and never knows a law.
"""

from sim.report.reports import Report, make_report

__all__ = ["Report", "make_report"]
