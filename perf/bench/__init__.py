"""A row, from its name to its finding.

Vocabulary  row, contest, finding, allowance
Imports     perf.sides, perf.physics, perf.cuda, perf.method, perf.statistics, parity
"""
