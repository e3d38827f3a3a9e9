"""A stranger's tables and dropout in NumPy, by the ready-made adapter: right ones pass, wrong ones are named."""

from collections import Counter
from dataclasses import replace

import numpy
import pytest

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.subjects.adapters import NUMPY, Convention, Library, attributes, none
from parity.subjects.contract import Unsupported
from parity.verdict.plan import cells
from parity.verdict.trial import Trial

NUMBERS = numpy.random.default_rng(0)
REGIMES = ("normal", "ties", "not-finite", "offset")


class Lookup:
    """A table; it returns no gradient of the numbers."""

    def __init__(self, rows, size, padding=None):
        self.E, self.dE, self.padding = numpy.zeros((rows, size)), numpy.zeros((rows, size)), padding

    def forward(self, numbers):
        self.numbers = numbers
        return self.E[numbers]

    def backward(self, dy):
        self.add(dy)
        if self.padding is not None:
            self.dE[self.padding] = 0

    def add(self, dy):
        numpy.add.at(self.dE, self.numbers, dy)


class LastOfRepeated(Lookup):
    """What everybody writes first: of a number that is repeated, one place counts."""

    def add(self, dy):
        self.dE[self.numbers] += dy


class Drop:
    """Dropout with an attribute `training`."""

    def __init__(self, p):
        self.keep, self.training = 1 - p, True

    def drawn(self, shape):
        return NUMBERS.random(shape) < self.keep

    def shape(self, x):
        return x.shape

    def forward(self, x):
        self.m = (self.drawn(self.shape(x)) / (self.keep or 1)).astype(x.dtype) if self.training else x.dtype.type(1)
        with numpy.errstate(invalid="ignore"):
            return x * self.m

    def backward(self, dy):
        return dy * self.m


class DropChannels(Drop):
    def shape(self, x):
        return (*x.shape[:2], 1, 1)


class KeepsAtRateP(Drop):
    def drawn(self, shape):
        return NUMBERS.random(shape) >= self.keep


class SameSeed(Drop):
    def drawn(self, shape):
        return numpy.random.default_rng(7).random(shape) < self.keep


class OneForAllSamples(Drop):
    def shape(self, x):
        return (1, *x.shape[1:])


class NeverScaled(Drop):
    def forward(self, x):
        super().forward(x)
        self.m = (self.m != 0).astype(x.dtype)
        with numpy.errstate(invalid="ignore"):
            return x * self.m


class DropsAlways(Drop):
    def forward(self, x):
        self.training = True
        return super().forward(x)


class NewDrawBackwards(Drop):
    def backward(self, dy):
        return super().forward(dy)


class ByArgument:
    """Dropout that is told the mode with each call."""

    def __init__(self, p):
        self.inside = Drop(p)

    def run(self, x, train):
        self.inside.training = train
        return self.inside.forward(x)


class WithoutMode:
    """Dropout that knows training alone."""

    def __init__(self, p):
        inside = Drop(p)
        self.forward, self.backward = inside.forward, inside.backward


def chosen(case):
    return case.widely or case.options.get("p") == 0.1


def tables(kind):
    made = lambda num_embeddings, embedding_dim, padding_idx: kind(num_embeddings, embedding_dim, padding_idx)  # noqa: E731
    return Library("tables", {"Embedding": made}, Convention(arrays=NUMPY, places=attributes(weight=("E", "dE"))))


def dropping(kind, module="Dropout", **convention):
    convention = Convention(arrays=NUMPY, places=none(), **convention)
    return Library("dropping", {module: lambda p: kind(p)}, convention)


def judged(subject, module, asked=()):
    """Return the failures by check and quantity, the reasons of what is unsupported, and what else was found.

    Of a few cells of each check, or of those asked for; these libraries refuse nothing.
    """
    checks = [CHECKS[name] for name in asked or CHECKS.keys() - {"refuses", "layouts"}]
    page = replace(pages()[module], cases=tuple(case for case in pages()[module].cases if chosen(case)))
    failed, lacking, found = Counter(), set(), Counter()
    for cell in cells(page, checks, ["cpu"], 0):
        if cell.dtype != "float32" or cell.regime not in REGIMES:
            continue
        try:
            records = CHECKS[cell.check].records(Trial(cell, subject))
        except Unsupported as error:
            lacking.add(str(error))
            continue
        found.update(record.verdict for record in records)
        failed.update((cell.check, record.quantity) for record in records if record.verdict in ("fail", "error"))
    return failed, lacking, found


@pytest.mark.parametrize(
    ("subject", "module"),
    [
        (tables(Lookup), "Embedding"),
        (dropping(Drop), "Dropout"),
        (dropping(DropChannels, "Dropout2d"), "Dropout2d"),
    ],
    ids=["table", "dropout", "dropout of channels"],
)
def test_what_is_right_passes(subject, module):
    failed, _, found = judged(subject, module)
    assert not failed
    assert found["pass"] > 60


def test_a_mode_by_argument_is_said_by_the_convention():
    subject = dropping(
        ByArgument,
        mode=lambda layer, training: setattr(layer, "mode", training),
        forward=lambda layer, x: layer.run(x, getattr(layer, "mode", True)),
        backward=lambda layer, dy, _: layer.inside.backward(dy),
    )
    failed, _, found = judged(subject, "Dropout")
    assert not failed
    assert found["pass"] > 60


def test_what_has_no_evaluation_is_judged_in_training_and_says_what_it_lacks():
    failed, lacking, found = judged(dropping(WithoutMode), "Dropout")
    assert not failed
    assert any("no mode of evaluation" in reason for reason in lacking)
    assert found["pass"] > 30


def test_a_repeated_number_that_counts_once_is_found():
    failed, _, _ = judged(tables(LastOfRepeated), "Embedding", ["values"])
    assert {quantity for _, quantity in failed} == {"dweight"}


WRONG = {
    KeepsAtRateP: ("draws", "rate"),
    SameSeed: ("draws", "calls"),
    OneForAllSamples: ("draws", "axis 0"),
    NeverScaled: ("values", "output"),
    DropsAlways: ("values", "output"),
    NewDrawBackwards: ("draws", "backward"),
}


@pytest.mark.parametrize("kind", WRONG, ids=lambda kind: kind.__name__)
def test_what_is_wrong_is_named(kind):
    failed, _, _ = judged(dropping(kind), "Dropout", [WRONG[kind][0]])
    assert WRONG[kind] in failed


def test_elements_dropped_in_place_of_channels_are_found_and_channels_in_place_of_elements():
    failed, _, _ = judged(dropping(Drop, "Dropout2d"), "Dropout2d", ["values"])
    assert ("values", "output") in failed

    class Lines(Drop):
        def shape(self, x):
            return (*x.shape[:2], *[1] * (x.ndim - 2))

    failed, _, _ = judged(dropping(Lines), "Dropout", ["draws"])
    assert ("draws", "axis 2") in failed
