"""Tests against values known by other means: an independent valuation and exact enumeration."""
