"""The tape: a graph of operators built on the fly, and one sweep back through it.

Vocabulary  Variable, GradOperator, leaf, constant, cotangent, sweep; composed (of elementary operators), fused (one
            operator that calls a layer's own pair of functions)
Imports     the layers and losses of the framework, whose formulas it calls and never repeats
Source      Paper 002; the reverse mode: Linnainmaa 1970; Griewank & Walther 2008, Evaluating Derivatives, chapter 3
"""

from framework.tape.again import DifferentiableOnceError as DifferentiableOnceError
from framework.tape.again import grad as grad
from framework.tape.as_layer import AsLayer as AsLayer
from framework.tape.bridge import Sequential as Sequential
from framework.tape.bridge import composed as composed
from framework.tape.bridge import on_tape as on_tape
from framework.tape.joining import cat as cat
from framework.tape.joining import where as where
from framework.tape.module import Module as Module
from framework.tape.operators.operator import GradOperator as GradOperator
from framework.tape.variable import Variable as Variable
from framework.tape.variable import no_tape as no_tape
