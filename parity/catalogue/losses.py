"""What the pages of all losses share."""

# Where zeros would pass: the patterns of a page's `degenerate`.
DEGENERATE = {
    "* float16 normal 0.0001 dx": "1e-4 of a mean over the batch is below the normal numbers of float16",
    "* not-finite 1.0 output": "a loss summed over the batch is not finite if one term is not",
}
