"""What may be wrong with an optimiser, in words: the likeliest first."""

from collections.abc import Iterator, Mapping
from typing import Any

from parity.diagnosis.steps.rules import Options, WrongStep

Cause = tuple[str, str, WrongStep]  # its kind, the words, and what is wrong
OF_BOTH: tuple[Cause, ...] = (
    ("correction", "the moments are not corrected for their start at 0", WrongStep(corrected=())),
    ("correction", "the first moment is not corrected for its start at 0", WrongStep(corrected=(2,))),
    ("correction", "the second moment is not corrected for its start at 0", WrongStep(corrected=(1,))),
)
OF_MOMENTS: tuple[Cause, ...] = (
    ("correction", "the corrections of the moments are one step late: the power is the step + 1", WrongStep(late=1)),
    *OF_BOTH,
    ("correction", "the corrections lack the power of the step: they are 1 - beta", WrongStep(power=False)),
    ("correction", "each moment is corrected by the other's beta", WrongStep(exchanged=True)),
    ("epsilon", "eps is added before the second moment is corrected", WrongStep(eps="before")),
    ("root", "the second moment is corrected after its root is taken, not under it", WrongStep(eps="unrooted")),
    (
        "factor missing",
        "the factor 1 - beta1 of the gradient is missing in the first moment",
        WrongStep(share=("all", "")),
    ),
)
OF_SQUARES: tuple[Cause, ...] = (
    ("epsilon", "eps is added under the root, not to it", WrongStep(eps="inside")),
    ("epsilon", "eps is left out", WrongStep(eps="nowhere")),
    ("root", "the root of the mean square is left out", WrongStep(root=False)),
    ("formula", "the mean is of |gradient| in place of its square", WrongStep(squares="absolutes")),
)
NO_SHARE = "the factor 1 - {} of the squared gradient is missing: the squares are added up, not averaged"
SWAPPED = "{0} and 1 - {0} are exchanged in the running means"
ALIASED = "the velocity is the memory of the gradient, kept and not copied: both change together"
FIRST_TOO = WrongStep(share=("first", ""))
OF_RULE: Mapping[str, tuple[Cause, ...]] = {
    "SGD": (
        ("factor", "the gradient in the velocity is multiplied by 1 - momentum", WrongStep(share=("dampened", ""))),
        (
            "factor",
            "the velocity is a mean: from the second step on the gradient is multiplied by 1 - momentum",
            WrongStep(share=("averaged", "")),
        ),
        ("factor", "dampening counts in the first step too: torch begins with the whole gradient", FIRST_TOO),
        (
            "factor",
            "momentum multiplies the gradient too: it is momentum (velocity + gradient)",
            WrongStep(share=("momentum", "")),
        ),
        ("ahead", "Nesterov's step takes the gradient without weight_decay", WrongStep(ahead="undecayed")),
        ("ahead", "the step is Nesterov's, where it is not asked for", WrongStep(options={"nesterov": True})),
        ("ahead", "Nesterov's step lacks the gradient: it is the velocity alone", WrongStep(ahead="velocity")),
        ("ahead", "nesterov is ignored: the step is the velocity", WrongStep(ahead="nothing")),
        ("stale", "the step takes the velocity of the step before", WrongStep(velocity="late")),
        *(("aliased", ALIASED, WrongStep(aliased=how)) for how in ("grad", "both", "first", "cleared")),
        ("rate", "the velocity holds the learning rate of the step that made it", WrongStep(velocity="rated")),
    ),
    "Adam": (
        *OF_MOMENTS,
        ("factor missing", NO_SHARE.format("beta2"), WrongStep(share=("", "all"))),
        ("order", SWAPPED.format("beta"), WrongStep(old="swapped")),
        *OF_SQUARES,
    ),
    "NAdam": (
        (
            "ahead",
            "the gradient's own term is left out: the step is the first moment alone",
            WrongStep(ahead="velocity"),
        ),
        ("ahead", "it does not look ahead: the first moment stands as in Adam", WrongStep(ahead="nothing")),
        ("correction", "the product of the momenta is not kept: each step has its own alone", WrongStep(power=False)),
        *OF_BOTH,
        ("factor missing", NO_SHARE.format("beta2"), WrongStep(share=("", "all"))),
        ("order", SWAPPED.format("beta"), WrongStep(old="swapped")),
        *OF_SQUARES,
    ),
    "RMSprop": (
        ("factor missing", NO_SHARE.format("alpha"), WrongStep(share=("", "all"))),
        ("order", SWAPPED.format("alpha"), WrongStep(old="swapped")),
        *OF_SQUARES,
    ),
    "Adagrad": (
        ("formula", "the squares are not added up: each step has its own", WrongStep(total=False)),
        ("rate", "lr_decay is one step early: it holds in the first step", WrongStep(late=1)),
        *OF_SQUARES,
    ),
    "Adadelta": (
        ("rate", "the kept steps are multiplied by the learning rate", WrongStep(kept="rated")),
        ("wrong tensor", "the kept steps are gradients", WrongStep(kept="gradient")),
        ("epsilon", "eps is added to the root, not under it", WrongStep(eps="beside")),
        ("factor missing", NO_SHARE.format("rho"), WrongStep(share=("", "all"))),
        ("order", SWAPPED.format("rho"), WrongStep(old="swapped")),
    ),
}
DECAYS = {
    "gradient": "weight_decay is added to the gradient, in place of being taken off the parameter",
    "decoupled": "weight_decay is taken off the parameter, in place of being added to the gradient",
    "unrated": "weight_decay is taken off the parameter without the learning rate",
    "after": "weight_decay is taken off after the step, not before it",
}


def causes(
    module: str, options: Options, defaults: Mapping[str, Any], of_parameter: tuple[int, int] = (1, 0)
) -> Iterator[Cause]:
    """Yield what may be wrong with an optimiser of these options; `defaults` are torch's.

    `of_parameter` is how many parameters there are, and the place of the one that is asked for.
    """
    if of_parameter[0] > 1:
        yield "step", "the steps are counted once for each parameter", WrongStep(counted=of_parameter)
    yield "sign", "it goes up the gradient in place of down", WrongStep(descent=-1.0)
    yield from OF_RULE["Adam" if module == "AdamW" else module]
    if options.get("weight_decay"):
        own = "decoupled" if options.get("decoupled_weight_decay") else "gradient"
        yield from (("decay", words, WrongStep(decay=how)) for how, words in DECAYS.items() if how != own)
    for name, value in options.items():
        if name != "lr" and name in defaults and value != defaults[name]:
            yield "option ignored", f"the option {name} is ignored", WrongStep({name: defaults[name]})
    if options.get("weight_decay"):
        yield "option ignored", "weight_decay is left out", WrongStep({"weight_decay": 0.0})
        yield "factor", "weight_decay counts twice", WrongStep({"weight_decay": 2 * options["weight_decay"]})
    if "betas" in options:
        yield "order", "beta1 and beta2 are exchanged", WrongStep({"betas": options["betas"][::-1]})
    yield "rate", "the learning rate is squared", WrongStep({"lr": options["lr"] ** 2})
    for factor in (2.0, 0.5):
        words = f"the step is {'twice' if factor > 1 else 'half'} as long as it should be"
        yield "factor", words, WrongStep({"lr": factor * options["lr"]})
