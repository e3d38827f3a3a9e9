"""What a run must at least move and compute, what this machine can, and what memory it takes.

Vocabulary  traffic, ceiling, share, peak, saved
Imports     perf.method
"""
