"""The one shape of a number with its error."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sim.estimates import replications


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with what is known of its error; None where it can't be estimated, or is not how the error is told.

    Attributes
    ----------
    value
        The value.
    standard_error
        Its standard error.
    low, high
        Ends of its 95 % interval.
    note
        What a reader of the error has to know.
    tail_paths
        Paths beyond the quantile, where the value is about these alone.
    """

    value: float
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    note: str | None = None
    tail_paths: int | None = None

    @classmethod
    def of(cls, value: float, standard_error: float | None, count: int) -> Estimate:
        """Make an estimate whose error came from so many independent replications (Student's quantile)."""
        if standard_error is None:
            return cls(value)
        reach = replications.student(count) * standard_error
        return cls(value, float(standard_error), float(value - reach), float(value + reach))

    @property
    def half_width(self) -> float | None:
        """Half the width of the 95 % interval, or two standard errors; None where neither is known."""
        if self.standard_error is not None:
            return 2 * float(self.standard_error)
        if self.low is not None and self.high is not None:
            return (float(self.high) - float(self.low)) / 2
        return None

    def times(self, factor: float) -> Estimate:
        """The same in another unit; itself where that is the same unit, so that no digit moves."""
        if factor == 1:
            return self

        def of(number: float | None) -> float | None:
            return None if number is None else number * factor

        return replace(
            self,
            value=self.value * factor,
            standard_error=of(self.standard_error),
            low=of(self.low),
            high=of(self.high),
        )

    def to_dict(self) -> dict[str, float | None]:
        """Value, standard error and interval as plain data."""
        return {"value": self.value, "standard_error": self.standard_error, "low": self.low, "high": self.high}
