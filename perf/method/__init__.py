"""How two sides are timed against each other: blocks, quads, rebuilds.

Vocabulary  side, work, block, quad, rebuild, stopwatch
Imports     perf.statistics
"""
