"""Altered formulas: torch.nn's function written out, then written wrong.

A family of formulas is tried only where its right one gives the truth: nothing asks for the name of a module.
"""
