"""What an optimiser that goes astray looks like: its rule is written out with one thing wrong, and compared.

Vocabulary  rule (one step of one parameter), wrong (what is otherwise in it), course
Imports     parity.stepping
"""

from parity.diagnosis.steps.explain import explain as explain
