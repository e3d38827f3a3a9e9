"""The library with two known faults: a bias correction without the power, and a velocity that is the gradient."""

from adapter import adapted

subject = adapted("faulty_steps", alias=True, power=False)
