"""Operators on tensors, as entries of their own: asked of a subject that says that it has them (`operators = True`).

A module named Tensor.<method> is y = x.method(other, *arguments, **keywords), where other is a parameter if it has a
shape: its gradient is compared too.
"""
