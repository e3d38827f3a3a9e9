"""How to read a timing page."""

LEGEND = """\
**Ratio.** Time of the subject divided by time of torch.nn, with its 95 % interval. Both sides are timed in turn, in \
blocks of about 0.4 ms that stand as A B B A or B A A B, so that both meet the same drift of the machine; both are \
built anew, in random order and elsewhere in memory, again and again until the interval is narrow. The ratio is the \
Hodges-Lehmann estimate over these rebuilds, the interval that of the exact signed-rank test. It is not the quotient \
of the two times beside it, which are medians over all blocks.

**Work.** Both sides do the same: the output, in a forward that a backward can follow; the gradients of the input \
and of every parameter, cleared beforehand, outside the timed span. Torch gives them by torch.autograd.grad, which \
is its fastest way; a subject adds them to what it has cleared. A training step is timed whole: clear, forward, \
loss, backward, update; the input takes a gradient on both sides. One thread, garbage collection off, TF32 off. \
What is freed stays with the process (freed memory, in the settings above), so that no page is cleared by the system \
within a run.

**Verdict.** On the interval, never on the estimate. ▼ SLOWER: all of it is above the gate (1.05 where none was \
given). ? UNCLEAR: it holds the gate; not counted as passed. ▲ FASTER: all of it is below 1 / gate. = LEVEL: neither \
slower by more than the gate nor proven faster by as much. A SLOWER row under a gate was confirmed in a fresh process.

**Void.** A row is timed only where parity passes, before and after: every quantity within the limit of the parity \
harness, on the row's options (inputs of more than 20,000 elements are cut along the batch), and what was timed \
itself is near torch at full size. ∅ VOID rows have no time. ! IMPOSSIBLE: faster than 105 % of what this machine \
was measured to reach, so the measurement must be wrong.

**Rates.** Bytes are the least that a run must move: what comes in and what goes out, each once. Operations are \
those of matrix products and convolutions, two a multiply-add. Ceilings are measured in the same run: bytes by the \
better of a copy and a sum of a working set near that size (caches differ), operations by the better of a matrix \
product and a convolution. The rate shown is the one that comes nearer to its ceiling.

**Memory.** Peak: the most that torch's allocator had given out at once during one run, above what it had at the \
start. Saved: what forward keeps for backward, each storage once, inputs and parameters among it.

**torch.compile.** Its time divided by plain torch's, forward and backward together, on the same rows.

**Noise grade.** By `make bench-selftest`: A, B or C where 90 % of comparisons of torch with itself have a \
half-width of at most 1, 1.5 or 3 %, with at most 1 % false alarms and at least 90 % coverage; D otherwise."""
