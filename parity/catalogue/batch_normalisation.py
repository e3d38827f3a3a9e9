"""What the pages of batch normalisation share."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from parity.catalogue.centred import APART, NEARLY_NOTHING_LEFT, scaled, standardised
from parity.catalogue.page import Case, Page, Refusal, Shape, Space, Timing


def options(features: int, **others: Any) -> dict[str, Any]:
    return {"num_features": features} | others


class BatchNormByFormula(torch.nn.modules.batchnorm._BatchNorm):
    """Batch normalisation by its formula, which keeps the digits that torch's kernel loses; what is kept as there."""

    def forward(self, input: Tensor) -> Tensor:
        """Return y; the variance that is kept is of n - 1."""
        if not input.numel() or (not self.training and self.track_running_stats):
            kept: Tensor = super().forward(input)  # without statistics of its own
            return kept
        axes = (0, *range(2, input.dim()))
        if self.track_running_stats:
            self.keep(input.detach(), axes)
        return scaled(standardised(input, axes, self.eps), self.weight, self.bias)

    def keep(self, input: Tensor, axes: tuple[int, ...]) -> None:
        """Bring the running statistics on by a batch."""
        assert self.running_mean is not None  # torch's types allow for none
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        self.num_batches_tracked += 1
        share = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        mean = input.mean(axes, keepdim=True)
        count = input.numel() // input.shape[1]
        var = (input - mean).square().sum(axes) / (count - 1)
        self.running_mean.mul_(1 - share).add_(share * mean.flatten())
        self.running_var.mul_(1 - share).add_(share * var)

    def _check_input_dim(self, input: Tensor) -> None:
        pass


def page(
    reference: Callable[..., torch.nn.Module],
    images: Sequence[Shape],
    cases: tuple[Case, ...],
    bad: Mapping[str, Callable[[Tensor], object]],
    timings: tuple[Timing, ...],
) -> Page:
    """Return the page of a batch normalisation of (N, C, *), with the `images` that * may be."""
    return Page(
        module=reference.__name__,
        reference=reference,
        truth=BatchNormByFormula,
        space=Space(
            options={
                "affine": (True, False),
                "track_running_stats": (True, False),
                "momentum": (0.1, 0.7, None),
                "eps": (1e-5, 0.1),
                "bias": (True, False),
            },
            besides={"num_features": (3, 1, 24)},
            shapes={"image": images, "training": (True, False)},
            x=lambda values: (5, values["num_features"], *values["image"]),
            together=({"training": False, "affine": False}, {"training": False, "track_running_stats": False}),
            everything={"momentum": 0.7, "eps": 0.1, "num_features": 24},
        ),
        cases=(
            Case("evaluation", x=(5, 3, *images[0]), options=options(3), training=False, widely=True),
            *cases,
        ),
        refusals=(
            Refusal("wrong channels", "x", x=lambda x: x[:, :-1]),
            *(Refusal(name, "x", x=change) for name, change in bad.items()),
            Refusal("integers", "x", x=lambda x: x.long()),
            Refusal("wrong dtype", "x", x=lambda x: x.half(), stricter=True),
            Refusal("not a tensor", "x", x=lambda x: x.tolist()),
            Refusal("negative features", "num_features", options=options(-3)),
            Refusal("eps in words", "eps", options=options(3, eps="small")),
            Refusal("negative eps", "eps", options=options(3, eps=-1.0), stricter=True),
            Refusal("momentum in words", "momentum", options=options(3, momentum="slow")),
        ),
        timings=timings,
        degenerate={
            **NEARLY_NOTHING_LEFT,
            "* bfloat16 offset * running_var": APART,
        },
    )
