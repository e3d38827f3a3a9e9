"""Trainings on both sides, from the same bits on the same batches: what of the papers is run, and kept when it is done.

Vocabulary  setting, material, side, stepper, watch, outcome
Imports     the framework (`ours`) and torch.nn (`theirs`)

Whatever decides an outcome stands in this folder: an outcome is kept until a file here changes.
"""
