"""Whether what a module drew is what its draws should be like: exact tests of counts.

A draw is True with one probability, independently of every other. Under that, each count here is of independent trials,
so that its p-value is exact; of n tests together each may have the n-th part of `limits.LUCK` (Bonferroni), which then
bounds the probability that any of them accuses a right module.

Vocabulary  draw, call, count, luck
"""
