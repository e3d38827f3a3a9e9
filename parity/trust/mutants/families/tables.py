"""Faults that make sense in every module: a line a fault, planted in the output, in dx and in each gradient.

They reach every page of the catalogue by themselves.
"""

from collections.abc import Iterable, Iterator, Mapping

from parity.catalogue.page import Case, Page
from parity.trust.mutants.families import changes as c
from parity.trust.mutants.families import sometimes as s
from parity.trust.planted import Change, Mutant

Table = Mapping[str, tuple[str, Change]]  # name of the fault: its cause and its change
Faults = dict[str, tuple[str, Change]]  # the same, to be joined with others


def planted(module: str, quantity: str, table: Table) -> Iterator[Mutant]:
    """Yield a mutant for every line of the table."""
    for name, (cause, change) in table.items():
        yield Mutant(f"{module}/{quantity}/{name}", module, quantity, cause, change)


def of_any(quantity: str) -> dict[str, tuple[str, Change]]:
    """Return what may be wrong with any quantity."""
    return {
        "sign": ("sign", c.sign),
        "doubled": ("factor 2", c.twice),
        "a thousandth too large": ("scale 1.001", c.nearly),
        "zero": ("zero", c.nothing),
        "one element off by 2^-12": ("one wrong element", c.one_wrong),
        "tail zero": ("zero tail", c.tail_zero),
        "rounded to bfloat16": ("downcast bfloat16", c.bfloat16),
        "rounded to TF32": ("downcast tf32", c.tf32),
        "of the call before": ("stale", c.stale(quantity)),
        "off by a thousandth of its mean": ("offset", c.offset),
    }


def output(quantity: str) -> Table:
    """Return what may be wrong with the first output."""
    return of_any(quantity) | {
        "shifted by one": ("shifted by one", c.shifted),
        "last sample zero": ("zero sample", c.last_row_zero),
        "wrong for one sample": ("wrong for N = 1", s.only(s.one_sample, c.nearly)),
        "wrong for another batch size": ("only first batch size right", s.only(s.another_batch_size, c.sign)),
        "strides ignored": ("only contiguous right", s.only(s.strided_x, s.blind_to_strides(quantity))),
        "wrong when expanded": ("only full storage right", s.only(s.expanded_x, c.twice)),
        "offset in memory ignored": ("wrong at an offset in memory", s.only(s.offset_x, s.blind_to_offset(quantity))),
    }


def of_input(quantity: str) -> Table:
    """Return what may be wrong with the gradient of the first input."""
    return of_any(quantity) | {
        "over N": ("factor 1/N", c.over_batch),
        "shifted by one": ("shifted by one", c.shifted),
        "read transposed": ("transposed", c.misread),
        "last sample negative": ("wrong sample", c.last_row_negative),
        "one element nan": ("nan planted", c.one_nan),
        "averaged over the batch": ("batch averaged", c.batch_averaged),
        "cotangent ignored": ("cotangent ignored", c.without_cotangent(quantity)),
        "sign of the cotangent ignored": ("absolute value", c.cotangent_positive(quantity)),
        "last cotangent ignored": ("zero sample", c.without_last_sample(quantity)),
        "wrong for more than one sample": ("wrong for N > 1", s.only(s.more_samples, c.nearly)),
        "wrong for another batch size": ("only first batch size right", s.only(s.another_batch_size, c.sign)),
        "wrong for a strided cotangent": ("only contiguous right", s.only(s.strided_dy, c.misread)),
        "wrong from the second call on": ("only first call right", s.only(s.not_the_first, c.nearly)),
    }


ALONE: Table = {"wrong for one option alone": ("wrong for one option alone", s.only(s.one_option_alone, c.nearly))}
BLOCK: Table = {"wrong beyond a block": ("wrong beyond a block", c.beyond_a_block)}


def gradient(quantity: str) -> Table:
    """Return what may be wrong with the gradient of a parameter."""
    return of_any(quantity) | {
        "over N": ("mean for sum", c.over_batch),
        "shifted by one": ("shifted by one", c.shifted),
        "read transposed": ("transposed", c.misread),
        "one element zero": ("zero element", c.one_zero),
        "last sample missing": ("missing term", c.without_last_sample(quantity)),
        "cotangent ignored": ("cotangent ignored", c.without_cotangent(quantity)),
        "sign of the cotangent ignored": ("absolute value", c.cotangent_positive(quantity)),
        "wrong for more than one sample": ("wrong for N > 1", s.only(s.more_samples, c.nearly)),
        "wrong for a transposed cotangent": ("only contiguous right", s.only(s.columns_first_dy, c.twice)),
        "with weight decay": ("extra term", lambda v, call: v + 1e-3 * call.parameters[quantity[1:]]),
    }


def named(page: Page, cases: Iterable[Case]) -> dict[str, None]:
    """Return the names of the parameters that some cases of a page have, in order."""
    parameters = (page.reference(**case.options).named_parameters() for case in cases)
    return dict.fromkeys(name for of_case in parameters for name, _ in of_case)


def parameters(page: Page) -> dict[str, None]:
    """Return the names of the parameters that the wide cases of a page have, in order."""
    return named(page, [case for case in page.cases if case.widely] or page.cases)


def further(page: Page) -> list[str]:
    """Return the other outputs, the gradients of the other inputs that the wide cases give, and the buffers."""
    wide, signature = [case for case in page.cases if case.widely], page.signature
    inputs = [entry.name for entry in signature.inputs[1:] if entry.gradient]
    given = [f"d{name}" for name in inputs if any(name in case.others for case in wide)]
    kept = dict.fromkeys(name for case in wide for name in page.kept(case, page.reference(**case.options)))
    return [*signature.outputs[1:], *given, *kept]


def in_values(page: Page) -> Iterator[Mutant]:
    """Yield the faults of every output, of the gradients of inputs and parameters, and of what the module keeps."""
    signature = page.signature
    first = [f"d{signature.first.name}"] if signature.first.gradient else []
    yield from planted(page.module, signature.output, output(signature.output))
    for quantity in first:
        yield from planted(page.module, quantity, of_input(quantity))
    for quantity in further(page):
        yield from planted(page.module, quantity, of_any(quantity))
    if any(case.large for case in page.cases):
        for quantity in first if page.is_loss else (signature.output, *first):
            yield from planted(page.module, quantity, BLOCK)
    alone = [case for case in page.cases if len(s.unusual(page, case.options)) == 1]
    for quantity in (signature.output, *first) if alone else ():
        yield from planted(page.module, quantity, ALONE)
    with_one = named(page, alone)
    for name in parameters(page):
        yield from planted(page.module, f"d{name}", gradient(f"d{name}"))
        yield from planted(page.module, f"d{name}", ALONE if name in with_one else {})
