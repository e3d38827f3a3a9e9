"""What the pages of layers share that take a mean off: where rounding the input leaves little of what is then left."""

APART = "numbers near 100 are 0.5 apart, as wide as what is left without their mean"
ALIKE = "neighbouring pixels are alike: much of what is left without their mean is their rounding"

# Whether zeros would pass is chance in these, where it is not certain.
NEARLY_NOTHING_LEFT = {
    "* bfloat16 offset * output": APART,
    "* bfloat16 offset * dx": APART,
    "* bfloat16 offset * dweight": APART,
    "* float16 offset * dweight": "numbers near 100 are 0.06 apart, which moves every term of the sum by a tenth",
    "* bfloat16 photograph * dweight": ALIKE,
}
