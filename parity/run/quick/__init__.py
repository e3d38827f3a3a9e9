"""A quick run: of every module the questions alone by which most planted faults are noticed first.

Vocabulary  question: a check in a dtype and a regime, of a module's first case, or of its other cases of one kind
Imports     parity.verdict; questions.json holds the counts, which `python -m parity questions` writes
"""
