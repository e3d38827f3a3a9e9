"""Checks of numbers: what a subject computes, against the truth."""
