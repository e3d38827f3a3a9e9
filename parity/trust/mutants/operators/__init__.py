"""Faults of the operators of a tape: what may be wrong with any, and with each."""

from parity.trust.mutants.operators.tables import mutants as mutants
