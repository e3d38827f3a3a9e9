"""The timing harness; empty of code so far."""
