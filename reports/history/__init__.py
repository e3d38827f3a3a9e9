"""Runs of one library over its commits: a line a module, of its failures, its largest error, its times.

Vocabulary  series, point
Imports     the sides of a comparison, the records; the figures need matplotlib, which a page does not
"""
