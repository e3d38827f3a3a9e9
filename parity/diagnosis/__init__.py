"""What a wrong quantity looks like: explanations are tried against the numbers, and those that fit are said.

Vocabulary  symptom, hypothesis, explanation
Imports     parity.verdict; the checks call it when a quantity fails
"""

from parity.diagnosis.explain import explain as explain
