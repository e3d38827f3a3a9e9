"""Optimisers under test: is every parameter right after every step, and every state?

Vocabulary  course (parameters, and the gradients of every step), walk (a course under an optimiser: what it left after
            each step), live optimiser (one of the subject, built on live pairs), cell
Imports     parity.verdict for arithmetic, gauge and comparison, parity.catalogue.optimisers, the adapter contract

A quantity is a parameter, or a state of one as parameter.state, over all steps: its first axis counts them. Gradients
are written into the live buffers of the subject and cleared there after each step, so that a state which is the
gradient's own memory shows.
"""

from parity.stepping.checks import CHECKS
from parity.stepping.trial import StepTrial

__all__ = ["CHECKS", "StepTrial"]
