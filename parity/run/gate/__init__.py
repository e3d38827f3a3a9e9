"""The gate: what of a run makes its exit status 1, beside tests that fail; and whose commit it was.

Vocabulary  aspect (numbers, behaviour, conventions), required module, floor, origin
Imports     the catalogue, the command line's words; the records of a run are plain dictionaries here
"""
