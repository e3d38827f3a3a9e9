"""Hypotheses of attention: of its scores, and of the heads that they are shared out to."""
