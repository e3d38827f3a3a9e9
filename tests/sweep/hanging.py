"""A library that never comes back from forward."""

import time

from parity.subjects.framework import FrameworkSubject


class Hanging(FrameworkSubject):
    name = "hanging"
    offers = ("LeakyReLU",)
    optimisers = ()

    def build(self, *given):
        built = super().build(*given)
        built.forward = lambda *_: time.sleep(3600)
        return built


subject = Hanging()
