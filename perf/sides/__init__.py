"""What is timed: both sides of a row, from the same draw, doing the same work; and whether they agree.

Vocabulary  side, work, mode, contest, agreement
Imports     perf.method.work, parity
"""
