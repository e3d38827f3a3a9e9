"""Statistics of ratios: numbers in, numbers out; neither torch nor a clock.

Vocabulary  interval, gate, verdict, alarm, coverage, grade
Imports     numpy, scipy; nothing of ours
"""
