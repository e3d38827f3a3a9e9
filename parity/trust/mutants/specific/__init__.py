"""Faults that only some modules can have: a file for each kind of module, discovered here; each yields its mutants."""
