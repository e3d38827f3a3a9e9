"""Every number that a verdict depends on, each with its reason."""

import torch

# An error may be this many times u x gauge. The gauge is the size at which rounding errors are expected to be found, as
# a standard deviation; errors of n roundings exceed lambda times it with a probability below 2 exp(-lambda^2 / 2)
# (Hoeffding's inequality, applied to rounding by Higham & Mary 2019, theorem 2.4): 3e-14 an element for lambda = 8.
LIMIT = 8.0

# Where torch.nn itself is off by more than LIMIT, the gauge is too small there, and this is allowed: a kernel may
# approximate a function by fewer digits than its formula rounds, as torch's float32 GELU does its erf (9.7 u x gauge of
# one draw), and in a deep network of few digits a step may turn out larger than any that was measured. torch's own
# error is no limit, for another right order of summation is off by a little more as often as by a little less (a
# denoiser in float16: 8.188 beside torch's 8.182). An element that is no farther from the truth than torch.nn's own
# passes whatever its error: nobody is asked for more.
OF_TORCH = 2 * LIMIT


def allowed(of_torch: float) -> float:
    """Return the largest error that passes where the largest of torch.nn is this, both in units of u x gauge."""
    return OF_TORCH if of_torch > LIMIT else LIMIT


# Runs of the float64 reference that estimate a response (a root mean square over runs). With signs as perturbations a
# response to one rounding is exact in one run; sixteen runs leave a factor of 1.5 either way for many of them.
RESPONSES = 16

# Of formats of 16 bits a kink within reach of rounding is no rare thing in a network, and of 16,000 configurations one
# was accused for a kink that all sixteen runs had missed: nobody is, before so many runs have missed it. In any format
# the same holds of a quantity of which roundings decide whether some element is a number: others may be such.
RESPONSES_AGAIN = 8 * RESPONSES

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
# random signs: one side of a tie at x = 0 is missed with a probability of 2^-16. A change by less than the share SET
# counts as none: it is the smooth change of the truth.
NUDGE = 2.0**-48
NUDGES = 16
SET = 2.0**-20

# Two subgradients at a kink are the same choice if they differ by no more than this share: the choices themselves (0,
# the slope on either side, their mean) are far apart, and float32's rounding is far below it.
SAME_SUBGRADIENT = 1e-2

# How often a quantity is drawn until a draw of it proves something. Of 200 seeds of the cases where chance plays most a
# tenth proved nothing in the worst (Softmax in bfloat16, offset): all of five independent draws do so once in 10^5.
DRAWS = 5

# Where a nan's comparison decides, an answer may be as far beyond the least and the most that other conventions gave as
# this share of the distance between the two: those that are drawn need not meet the ends of a sum of many.
CONVENTION = 0.25

# To find what a function tends to at infinity, infinities are drawn as two to an exponent between these, each its own:
# of two the ratio is at least 2^10 in nine of ten draws, and no sum or square of them overflows float64. What moves by
# less than the root of the least one's reciprocal has a limit, and what is beyond the root of the least one grows.
FAR = 200.0, 400.0

# What a module drew is not by chance if counts that are no likelier have less than this probability together. The test
# is exact, so a right module is accused of one draw at most so often; of the 10,000 draws that a run judges, in one run
# of 100,000.
LUCK = 1e-9

# What is less likely than this is no accusation yet; but of two readings of one draw, by the outputs and by the
# gradients, the other is taken if it is likelier by the same factor. Whichever is taken, the two must agree.
UNLIKELY = 0.01

# Calls of a module that draws, to see whether its draws are independent: of two calls that are alike by chance in half
# of their elements, 64 pairs that all agree have a probability of 2^-64, and LUCK is shared by some 200 tests.
CALLS = 64

# Steps that a module is trained for: a cache that is full after so many calls, or an average over so many batches,
# shows. Most of what a module keeps from step to step it keeps from the first.
TRAINED_STEPS = 100

# Of these, the steps that are weighed by the gauge: the first; the second, whose parameters are the first that were
# changed; one when every batch has come again; the last. The gauge of each costs as much as 50 steps. The others are
# held against the truth by the largest size of the last gauge, grown as the quantity has grown: a step that is off by
# more than LIMIT times u times this is weighed as well, so that what is not weighed is right by the gauge's largest
# size, and nothing but the gauge accuses.
WEIGHED_STEPS = (1, 2, 10, 100)

# Unit roundoff of storage: half the distance from 1 to the next number.
STORAGE = {dtype: torch.finfo(dtype).eps / 2 for dtype in (torch.float64, torch.float32, torch.bfloat16, torch.float16)}

# Unit roundoff at which sums are accumulated: bfloat16 and float16 are summed in float32 by every major library.
ACCUMULATION = STORAGE | {torch.bfloat16: STORAGE[torch.float32], torch.float16: STORAGE[torch.float32]}

# Unit roundoff of a float32 factor of a matrix product where TF32 is allowed (10 explicit bits).
TF32 = 2.0**-11

# Of the timing harness, of the papers' trainings and of the judgement on the diagnosis.

# Elements of the input on which parity is asked of a row that is timed: the gauge runs its reference RESPONSES times,
# and for that many this takes less than the timing itself.
TIMED_ELEMENTS = 20_000

# |subject - torch| / |torch|, as 2-norms, of what was timed at full size: a thousand times float32's rounding and more,
# far below any fault worth a name. It passes no verdict on rounding.
SCREEN = 1e-3

# Steps of a training in float32 that are compared with the float64 truth: each costs LOCKSTEP_RUNS walks in float64.
LOCKSTEP_STEPS = 100

# Perturbed float64 runs that show how far an honest training strays: the furthest of them so far counts.
LOCKSTEP_RUNS = 4

# A side may stray this many times as far: a fifth run of the same kind goes beyond the furthest of four in one case of
# five, but not by much, since what all of them grow by is the training's own growth.
LOCKSTEP_MARGIN = 2.0

# Agreement of two sides in float64 over a whole training, of the largest value in the tensor: ten million roundings,
# and far below what any fault but one of rounding does.
LOCKSTEP_AGREEMENT = 1e-9

# Beyond that, a side may stray this many times as far as torch.nn from itself: both differ by some units of rounding in
# every step, and torch.nn from itself by one unit at the start.
LOCKSTEP_CHAOS = 10.0

# Accuracy, in per cent, that paper 001's network must reach: what is printed there, 99.5 and 99.1, without its tenths.
PAPER_001_ACCURACY = 99.0

# The PSNR of paper 004's noisy patches, in dB: noise of 25/255 has 20.17, and a part of it is cut off at 0 and 1.
PAPER_004_NOISY = 20.0, 21.0

# Standard deviation of all output pixels below which the network of paper 004 has collapsed, as it did there: one
# colour everywhere has 0, and pictures some tenths.
PAPER_004_SPREAD = 0.05

# PSNR on unseen photographs, in dB, that the network must reach: an error of less than half the noise, which is 6 dB,
# with one to spare.
PAPER_004_PSNR = 27.5

# How far the two sides' mean PSNR may differ, in dB: 2 % of the error, less than one run differs from the next.
PAPER_004_APART = 0.2

# The ratio of times that stands in for the gate where none is given, and then names the verdict and fails nothing:
# three times the half-width that a row is measured to.
TIME_MARGIN = 1.05

# Of comparisons of torch with itself, the share that may be called slower, and the share of nominal 95 % intervals that
# must hold the truth, for the timings of a machine to be trusted: both leave room for what 420 comparisons scatter.
MOST_TIME_ALARMS = 0.01
LEAST_COVERAGE = 0.90

# Of a trust run: the share of the mutants that must be killed at every scale of the cotangent, all but what rounding
# hides; the share of the runs of correct implementations that may be accused, one cell in a thousand, and in a full run
# the upper end of its 95 % interval, which needs so many runs: by the rule of three, 3000 without an alarm give 0.1 %.
# The catalogue must hold so many mutants, and of each module, for these shares to say something.
LEAST_KILLED = 0.99
MOST_ALARMS = 0.001
MOST_ALARMS_BOUND = 0.003
LEAST_RUNS = 3000
LEAST_MUTANTS = 300
LEAST_OF_MODULE = 10  # of modules with parameters 15, which the catalogue's own test holds

# The gauge of what no operation makes worse, as a multiple of the truth: its own rounding, its input's, and that of one
# operation. A null within the limit of it is right for want of digits: in bfloat16 the limit is a tenth of the number,
# and 1.05 x, for one, is nearer than that to x.
NARROWEST = 3.0

# Share of the mutants for which the right explanation must come first: nineteen of twenty, since a wrong one sends its
# reader to look where nothing is wrong.
EXPLAINED_FIRST = 0.95

# Numbers of a smallest case, in the median over mutants: what a reader checks by hand, a matrix of 2 x 2 with its
# vectors.
SMALLEST_NUMBERS = 16

# Of the audit of independence, which passes no verdict on a number.

# Seconds of work that the audit of a module may take before it begins with another cell: four times what the slowest
# module of the framework takes. Cells of kinds that were not met come first; what is left over is listed. Half of it is
# for listening, so that what is slow is rehearsed too. Where a library waits, for another process or a disk, no core
# works, and a share of the time counts: one in as many as the processes for which a core is shared at the worst.
AUDIT_SECONDS = 40.0
AUDIT_LOAD = 8

# Cells that a subject's process is asked to listen to at once, and seconds until a profile of them is closed: it keeps
# some 2 kB an event, and a library of loops makes 300,000 events a second.
AUDIT_TOGETHER = 40
AUDIT_PROFILE = 0.5

# Seconds that the calls of one cell may take to be kept in a profile: beyond, names alone are kept. Cells that take a
# tenth of it at most are rehearsed, or else the shortest: a rehearsal makes each call ten times, most under a trace.
AUDIT_LONG = 2.0

# Crashes and hangs of a subject's process until the audit of a module is given up: each may cost a start, or a minute.
AUDIT_STOPS = 3

# Of a quick run, which passes no verdict on a module either: planted faults that a question must have noticed first for
# each second of a core that asking it takes. What is asked by that notices nine faults in ten; the next, of layouts,
# would make the run half as long again for three in a hundred.
QUICK_FAULTS_A_SECOND = 120
