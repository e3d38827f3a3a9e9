"""One run beside another of the same library: what is newly wrong, mended, drifting, missing, slower.

Vocabulary  side, state, change, cause
Imports     the records and their readers; the rooms of pages import nothing from here
"""
