"""The test of the diagnosis: mutants whose cause is known are explained, and the first explanation is judged.

Vocabulary  accepted (kinds and words that name a cause), first, listed, wrong, none
Imports     parity.diagnosis; the causes are those of parity.trust.mutants, which the diagnosis never sees
"""
