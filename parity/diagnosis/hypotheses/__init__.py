"""Hypotheses: what may have been computed in place of the truth. Each is a generator of explanations of a symptom."""
