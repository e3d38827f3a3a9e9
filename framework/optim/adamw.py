"""AdamW."""

from collections.abc import Iterable
from typing import Any, ClassVar

from framework.optim.adam import Adam, update
from framework.optim.group import Group
from framework.optim.optimiser import Optimiser


class AdamW(Optimiser):
    """Adam, where the weights decay by themselves, not through the gradient: nothing divides their decay.

    State     as Adam's
    Step t    value = (1 - lr · weight_decay) · value;  then Adam's step, with g = grad
    Source    Loshchilov & Hutter 2019, arXiv:1711.05101, algorithm 2, in torch.optim.AdamW's form, where lr
              multiplies the decay.
    Raises    as Adam.
    """

    states: ClassVar = Adam.states
    rules: ClassVar = {name: rule for name, rule in Adam.rules.items() if name != "decoupled_weight_decay"}

    def __init__(
        self,
        parameters: Iterable[Any],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
        amsgrad: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            parameters,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            amsgrad=amsgrad,
            maximize=maximize,
        )

    def update(self, group: Group) -> None:
        step = group.numbers["step"]
        update(group.values, group.grads, group.state, step, decoupled_weight_decay=True, **group.options)
