"""Checks of training: what a module gives once a step has changed its parameters, and a hundred have."""
