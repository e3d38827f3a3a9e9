"""Faults of some modules alone: a file a kind of module, found by itself; each yields its mutants."""
