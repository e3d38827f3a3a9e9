"""The papers' comparisons, run again.

Vocabulary  experiment, paper, run
Rooms       experiments  one file an experiment: its settings, what the paper printed, what is claimed
            trainings    what is run: data, both sides, walks in lockstep, searches; its files decide every outcome
Imports     stands on top of the verdict and the subjects; perf times its trainings
"""
