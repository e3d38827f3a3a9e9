"""The verdict on optimisers, put to the test: rules written a second time, faults planted in them, nulls.

Vocabulary  rule (one optimiser as a function of a tensor, made of parts), part (what a fault replaces), step mutant
Imports     parity.stepping for cells and verdict; never the framework
"""
