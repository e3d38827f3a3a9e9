"""Faults of every module: changes of a quantity, always or sometimes, and the tables of them."""
