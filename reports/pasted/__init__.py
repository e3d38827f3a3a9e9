"""The tables that people paste into papers: verdicts by module, and times, in LaTeX or as comma-separated values.

Vocabulary  pasted table, format, entry
Imports     the rooms of Markdown, for what they count; nothing of html
"""
