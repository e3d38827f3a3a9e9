"""Trust: the harness itself, tested. What it must catch, what it must not accuse, and how little it can see.

Vocabulary  mutant (a planted fault), null (a subject that computes nothing), alternative (a correct implementation),
            false alarm (an alternative accused), survivor (a mutant not caught), part (a piece of the work)
Imports     everything else in parity; nothing imports this room
"""
