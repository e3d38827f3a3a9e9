"""The library with right optimisers, behind an adapter."""

import library

from parity.subjects.adapters import NUMPY, Convention, Library, Stepping, Unsupported


def adam_states(adam, position):
    return {"step": adam.t, "exp_avg": adam.means[position], "exp_avg_sq": adam.squares[position]}


def sgd(groups, **how):
    for _, options in groups:
        if not set(options) <= {"lr", "momentum"}:
            raise Unsupported("the SGD of numpy_steps has lr and momentum alone")
    return library.SGD(groups, **how)


def rmsprop_step(rmsprop, pairs):
    for position, (value, grad) in enumerate(pairs):
        value[...] = rmsprop.new(position, value, grad)


def adapted(name="numpy_steps", alias=False, **how):
    return Library(
        name,
        {},
        Convention(arrays=NUMPY.only("float64", "float32")),
        optimisers={
            "Adam": Stepping(
                lambda pairs, lr, betas, eps: library.Adam(pairs, lr, betas, eps, **how), states=adam_states
            ),
            "SGD": Stepping(lambda groups: sgd(groups, alias=alias), groups=True),
            "RMSprop": Stepping(lambda _, lr, alpha, eps: library.RMSprop(lr, alpha, eps), step=rmsprop_step),
        },
    )


subject = adapted()
