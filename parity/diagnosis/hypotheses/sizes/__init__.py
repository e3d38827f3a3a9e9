"""Hypotheses of size: a factor, and the numbers that it may come from; a multiple that is added, a bound."""
