"""Optimisers: what turns gradients into steps.

Vocabulary  pair (a value and its gradient), group (pairs that share options), option, state (what is kept from step
            to step, by torch's names)
Imports     framework.arguments; an optimiser knows nothing of modules, only the pairs of their param()
An optimiser is a file: a function `update`, which reads as the algorithm, of all values of a group at once, and the
class that holds groups and state.
"""
