"""The papers' comparisons, run again: one experiment a file.

Vocabulary  experiment, paper, run
Imports     stands on top of the verdict and the subjects; nothing imports it but the tests
"""
