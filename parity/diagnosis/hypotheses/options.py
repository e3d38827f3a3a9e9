"""Hypotheses of an option that is ignored, or taken for another, and of a layer that is left out."""

from collections.abc import Iterator, Mapping
from typing import Any

from parity.catalogue.constants import Numbers
from parity.diagnosis.conditions import left_out, padded_by_number, pair
from parity.diagnosis.hypotheses.reruns import maybe
from parity.diagnosis.symptom import Explanations, Symptom, vanishing

# What an option means when it is ignored.
IGNORED: Mapping[str, Any] = {
    "stride": 1,
    "padding": 0,
    "dilation": 1,
    "output_padding": 0,
    "negative_slope": 0.01,
    "padding_idx": None,
}
KERNELS = ("stride", "padding", "dilation")  # numbers along rows and columns
ORDERS = {  # of four numbers that are left, right, top, bottom: where those stand if they are read otherwise
    "top, bottom, left, right": (2, 3, 0, 1),
    "left, top, right, bottom": (0, 2, 1, 3),
    "top, left, bottom, right": (1, 3, 0, 2),
    "top, right, bottom, left": (3, 1, 0, 2),
}
OTHERWISE: Mapping[str, tuple[Any, ...]] = {
    "dim": (0, 1, -1),
    "negative_slope": (0.0,),
    "reduction": ("mean", "sum"),
    "mode": ("mean", "sum"),
}


def option_ignored(symptom: Symptom) -> Explanations:
    """Yield: an option is ignored, or has another value; a result of another shape is cut or filled with zeros."""
    options = left_out(symptom.trial.cell) | dict(symptom.trial.cell.case.options)
    for name, plain in IGNORED.items():
        if name in options and options[name] not in (plain, (plain, plain)):
            value = symptom.reference(options=companions(name, options) | {name: plain})
            yield from maybe("option ignored", f"the option {name} is ignored", value, vanishing(name))
    for name, others in OTHERWISE.items():
        for other in others if name in options or name == "reduction" else ():
            if other != options.get(name):
                words = f"the option {name} is taken as {other!r}"
                yield from maybe("option otherwise", words, symptom.reference(options={name: other}))
    yield from along_one_axis(symptom, options)
    yield from of_another(symptom, options)
    yield from in_another_order(symptom, options)
    yield from several_ignored(symptom)
    yield from of_space(symptom)
    yield from padded_otherwise(symptom)


def along_one_axis(symptom: Symptom, options: Mapping[str, Any]) -> Explanations:
    """Yield, of a kernel over an image: the stride, padding or dilation counts along rows alone, or columns alone."""
    if "kernel_size" not in options or symptom.drawn.x.dim() != 4 or not padded_by_number(options):
        return
    for name, plain in IGNORED.items():
        if name in KERNELS and options.get(name) is not None and max(pair(options[name])) > plain:
            first, second = pair(options[name])
            for value, word in (((first, plain), "columns"), ((plain, second), "rows")):
                words = f"the option {name} is ignored along the {word}"
                other = symptom.reference(options=companions(name, options) | {name: value})
                yield from maybe("option ignored", words, other, vanishing(name))


def of_another(symptom: Symptom, options: Mapping[str, Any]) -> Explanations:
    """Yield: a number stands for another option's, as it is or with the other sign."""
    numbers = {name: value for name, value in options.items() if type(value) in (int, float)}
    for name, now in numbers.items():
        for other, own in numbers.items():
            for sign, taken in (("", own), ("-", -own)):
                if other != name and taken != now and type(own) is type(now):
                    words = f"the option {name} is taken as {sign}{other}"
                    value = symptom.reference(options={name: taken})
                    yield from maybe("option otherwise", words, value, vanishing(name, other))


def in_another_order(symptom: Symptom, options: Mapping[str, Any]) -> Explanations:
    """Yield: the four numbers of a padding are read in another order."""
    for name, value in options.items():
        for words, other in read_in_another_order(name, value):
            yield from maybe("option otherwise", words, symptom.reference(options={name: other}), vanishing(name))


def read_in_another_order(name: str, value: Any) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield what four numbers of a padding are in torch's order if they are read in another, each with its words."""
    for words, order in ORDERS.items() if isinstance(value, tuple) and len(value) == 4 else ():
        if (other := tuple(value[at] for at in order)) != value:
            yield f"the numbers of {name} are read as {words}, not as left, right, top, bottom", other


def several_ignored(symptom: Symptom) -> Explanations:
    """Yield: every option that torch has a default for has that."""
    given, plain = symptom.trial.cell.case.options, left_out(symptom.trial.cell)
    unlike = [name for name, value in given.items() if isinstance(plain.get(name), float) and value != plain[name]]
    if len(unlike) > 1:
        value = symptom.reference(options={name: plain[name] for name in unlike})
        words = f"the options {' and '.join(unlike)} are ignored"
        yield from maybe("option ignored", words, value, vanishing(*unlike))


def of_space(symptom: Symptom) -> Explanations:
    """Yield: an option has another of the values that its page tries; of numbers, each place has those of the next."""
    options, space = symptom.trial.cell.case.options, symptom.trial.page.space
    if space is None:
        return
    for name, values in {**space.options, **space.besides}.items():
        now = options.get(name, values[0])
        for other in () if name in IGNORED or name in OTHERWISE else values:
            if (type(other), other) != (type(now), now):  # True is not 1
                plain = other is values[0]
                words = f"the option {name} is {'ignored' if plain else f'taken as {other!r}'}"
                value = symptom.reference(options={name: other})
                yield from maybe("option ignored" if plain else "option otherwise", words, value, vanishing(name))
        if isinstance(now, Numbers):
            for step, word in ((-1, "one before"), (1, "next")):
                rolled = Numbers(now.values[step:] + now.values[:step])
                words = f"the numbers of the option {name} are shifted: each place has that of the {word}"
                yield from maybe("shifted", words, symptom.reference(options={name: rolled}))


def companions(name: str, options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that must be plain too where this one is."""
    return {"output_padding": 0} if name == "stride" and options.get("output_padding") else {}


def padded_otherwise(symptom: Symptom) -> Explanations:
    """Yield: one pixel of padding more or less, the padding multiplied by the stride, an option for another."""
    cell = symptom.trial.cell
    options = left_out(cell) | dict(cell.case.options)
    if "kernel_size" not in options or not padded_by_number(options):
        return
    axes = len(cell.case.x) - 2
    pads, strides = each(options.get("padding", 0), axes), each(options.get("stride") or options["kernel_size"], axes)
    for step, word in ((1, "more"), (-1, "less")):
        if "padding" in options and min(pads) + step >= 0:
            value = symptom.reference(options={"padding": tuple(p + step for p in pads)})
            yield from maybe("shifted", f"it is shifted by one pixel, as with one pixel of padding {word}", value)
    product = tuple(p * s for p, s in zip(pads, strides, strict=True))
    if product != pads:
        value = symptom.reference(options={"padding": product})
        yield from maybe("padding mixed", "padding is multiplied by the stride", value, vanishing("stride", "padding"))
    if strides != each(options["kernel_size"], axes):
        value = symptom.reference(options={"kernel_size": strides, "stride": strides})
        yield from maybe("option otherwise", "the option kernel_size is taken as the stride", value)


def each(value: Any, axes: int) -> tuple[int, ...]:
    """Return the number of each axis."""
    return (value,) * axes if isinstance(value, int) else tuple(value)


def layer_left_out(symptom: Symptom) -> Explanations:
    """Yield, for a container: one of its layers is left out, or one of the same options stands in its place."""
    layers = symptom.trial.cell.case.options.get("layers", ())
    for place, (name, _) in enumerate(layers):
        rest = tuple(("LeakyReLU", {"negative_slope": 1.0}) if i == place else one for i, one in enumerate(layers))
        if not any(key.startswith(f"{place}.") for key in symptom.drawn.parameters):
            value = symptom.reference(options={"layers": rest})
            yield from maybe("factor missing", f"the factor of layer {place} ({name}) is missing", value)
