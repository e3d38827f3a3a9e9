"""Faults of behaviour: promises of the contract, and the classes that break them."""
