"""The true causes of the planted faults, in the words that a diagnosis is judged by."""

CAUSES = frozenset({
    # wrong everywhere by one rule
    "sign", "factor 2", "factor 1/N", "scale 1.001", "mean for sum", "sum for mean", "missing factor", "offset",
    "missing term", "extra term", "wrong formula", "wrong axis", "option ignored", "constant off", "absolute value",
    "derivative at the wrong tensor", "stale", "cotangent ignored", "batch averaged", "zero", "overflow",
    # wrong in place or order
    "transposed", "kernel flipped", "channels swapped", "groups mixed", "shifted by one", "wrong order",
    # wrong in places
    "one wrong element", "zero element", "zero tail", "zero border", "zero channel", "zero sample", "wrong sample",
    "nan planted", "nan swallowed", "infinity clamped", "wrong at a tie",
    # too few digits
    "downcast bfloat16", "downcast tf32",
    # right only sometimes
    "wrong for N = 1", "wrong for N > 1", "wrong for N = 0", "only contiguous right", "only first batch size right",
    "only first call right", "wrong at an offset in memory", "only full storage right", "wrong for one option alone",
    "wrong beyond a block",
    # of modules that draw, or have modes
    "wrong rate", "draws hang together", "mode ignored",
    # the contract
    "uninitialised memory", "not accumulated", "doubled", "not cleared", "stale parameter list", "input changed",
    "target changed", "cotangent changed", "parameter changed", "gradient changed by forward",
    "result overwritten later",
    "not deterministic", "first forward remembered", "backward not repeatable", "backward before forward accepted",
    "wrong error", "bad input accepted", "bad options accepted", "unusable after refusal", "wrong dtype", "wrong shape",
    "state not loaded", "state aliased", "state incomplete", "copy shares memory", "copy loses values",
})  # fmt: skip
