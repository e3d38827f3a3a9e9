"""One experiment a file: which trainings it asks for, the paper's figures beside their outcomes, and what is claimed.

Vocabulary  experiment, printed, claim, choice
Imports     parity.papers.trainings
"""
