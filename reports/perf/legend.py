"""How to read a timing page."""

from reports.columns import readings
from reports.perf.columns import COMPILED, PEAK, RATE, RATIO, SAVED, SHARE, VERDICT

LEGEND = f"""\
**Ratio.** {readings(RATIO)}

**Work.** Both sides do the same: the output, in a forward that a backward can follow; the gradients of the input \
and of every parameter, cleared beforehand, outside the timed span. Torch gives them by torch.autograd.grad, which \
is its fastest way; a subject adds them to what it has cleared. A training step is timed whole: clear, forward, \
loss, backward, update; the input takes a gradient on both sides. One thread, garbage collection off, TF32 off. \
What is freed stays with the process (freed memory, in the settings above), so that no page is cleared by the system \
within a run.

**Verdict.** {readings(VERDICT)}

**Void.** A row is timed only where parity passes, before and after: every quantity within the limit of the parity \
harness, on the row's options (inputs of more than 20,000 elements are cut along the batch), and what was timed \
itself is near torch at full size. ∅ VOID rows have no time. ! IMPOSSIBLE: faster than 105 % of what this machine \
was measured to reach, so the measurement must be wrong.

**Rates.** {readings(RATE, SHARE)}

**Memory.** {readings(PEAK, SAVED)}

**torch.compile.** {readings(COMPILED)}

**Noise grade.** By `make bench-selftest`: A, B or C where 90 % of comparisons of torch with itself have a \
half-width of at most 1, 1.5 or 3 %, with at most 1 % false alarms and at least 90 % coverage; D otherwise."""
