"""Sweeps and quasi-random points: against closed forms, exact enumeration, both engines and plain Monte Carlo."""
