"""Every number that a verdict depends on, each with its reason."""

import torch

# An error may be this many times u x gauge. The gauge is the size at which rounding errors are expected to be found, as
# a standard deviation; errors of n roundings exceed lambda times it with a probability below 2 exp(-lambda^2 / 2)
# (Hoeffding's inequality, applied to rounding by Higham & Mary 2019, theorem 2.4): 3e-14 an element for lambda = 8.
LIMIT = 8.0

# Runs of the float64 reference that estimate a response (a root mean square over runs). With signs as perturbations a
# response to one rounding is exact in one run; sixteen runs leave a factor of 1.5 either way for many of them.
RESPONSES = 16

# Relative perturbation by which a response is measured in float64: its square (2^-52) and the truth's own rounding
# (2^-53 / 2^-26) both stay near 1e-8 of the response.
LEAST_STEP = 2.0**-26

# Operations are perturbed by these multiples of u in turn (of LEAST_STEP for float64), so that a kink within reach of
# honest rounding is crossed in some runs: one that lies a standard deviation away is missed by all sixteen with a
# probability near 0.001.
STRIDES = (1, 2, 4, 8)

# Where a run is off by more than LIMIT times the smooth response, it crossed a kink (the derivative of ReLU inside a
# network, say). Either side of it is right, so this multiple of the jump is allowed.
JUMP = 2.0

# To find the set of subgradients at a kink, inputs are moved NUDGES times by NUDGE of their size and by NUDGE^2, with
# random signs: one side of a tie at x = 0 is missed with a probability of 2^-16. A change by less than the share SET is
# none: it is the smooth change of the truth.
NUDGE = 2.0**-48
NUDGES = 16
SET = 2.0**-20

# Two subgradients at a kink are the same choice if they differ by no more than this share: the choices themselves (0,
# the slope on either side, their mean) are far apart, and float32's rounding is far below it.
SAME_SUBGRADIENT = 1e-2

# Unit roundoff of storage: half the distance from 1 to the next number.
STORAGE = {dtype: torch.finfo(dtype).eps / 2 for dtype in (torch.float64, torch.float32, torch.bfloat16, torch.float16)}

# Unit roundoff at which sums are accumulated: bfloat16 and float16 are summed in float32 by every library of note.
ACCUMULATION = STORAGE | {torch.bfloat16: STORAGE[torch.float32], torch.float16: STORAGE[torch.float32]}

# Unit roundoff of a float32 factor of a matrix product where TF32 is allowed (10 explicit bits).
TF32 = 2.0**-11
