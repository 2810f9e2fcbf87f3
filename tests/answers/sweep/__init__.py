"""Tests of sweeps: against closed forms, exact enumeration, both engines and plain Monte Carlo."""
