"""The room of sweeps: what a run over configurations that nobody chose says, in Markdown and as a figure.

Vocabulary  chunk (what was counted of a range of numbers), met (which values, and which pairs, a configuration had)
Imports     the records, columns, words and header of reports
"""
