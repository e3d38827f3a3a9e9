"""A computation run again with every rounding moved: Monte Carlo arithmetic (Parker 1997), on torch's kernels.

Vocabulary  kernel (an operation of ATen), how it rounds, step, program (the kernels of one run, in
            order), followed (a program that is run again)
"""
