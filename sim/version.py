"""The version of the package; also what the build reads."""

__version__ = "0.5.0"
