"""Layers that walk along a sequence, written wrong: wrong.py says how, faults.py in which words."""
