"""Normalisation of every channel over a batch: what BatchNorm1d and BatchNorm2d share."""

from typing import ClassVar

import torch
from torch import Tensor

from framework import arguments, placement
from framework.layers.batch_norm import backward, forward, forward_by
from framework.layers.normalisation import Normalisation
from framework.module import Saved
from framework.placement import Device
from framework.precision import wide


class BatchNormalisation(Normalisation):
    """A layer that normalises every channel over the batch, and in evaluation by what it has met.

    Raises    ValueError if an option is out of range, x does not have `ranks` axes or `num_features` channels, or in
              training one value a channel; TypeError if its dtype is not that of weight.
    """

    ranks: ClassVar[tuple[int, ...]]
    shape: ClassVar[str]

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        device: Device | None = None,
        dtype: torch.dtype | None = None,
    ) -> None:
        layer = self.label()
        features = arguments.whole(layer, "num_features", num_features, 1)
        super().__init__((features,), arguments.boolean(layer, "affine", affine), bias, device, dtype)
        self.num_features, self.eps = features, arguments.number(layer, "eps", eps, 0.0)
        self.momentum = None if momentum is None else arguments.number(layer, "momentum", momentum)
        self.tracks = arguments.boolean(layer, "track_running_stats", track_running_stats)
        if self.tracks:
            zeros = placement.empty(layer, features, on=device, of=dtype).fill_(0)
            self.running_mean, self.running_var = self.keep("running_mean", zeros), torch.ones_like(zeros)
            self.keep("running_var", self.running_var)
            self.num_batches_tracked = self.keep("num_batches_tracked", zeros.new_zeros((), dtype=torch.int64))
        self._by_batch = True

    def options(self) -> dict[str, object]:
        return {
            "num_features": self.num_features,
            "eps": self.eps,
            "momentum": self.momentum,
            "affine": self.weight is not None,
            "track_running_stats": self.tracks,
            "bias": self.bias is not None,
        }

    def validate(self, x: Tensor) -> None:
        layer = self.label()
        arguments.channelled(layer, x, self.num_features, min(self.ranks))
        if x.dim() not in self.ranks:
            raise ValueError(f"{layer}: x must be {self.shape}, had shape {tuple(x.shape)}")
        if self.of_batch and x.numel() // self.num_features == 1:
            raise ValueError(f"{layer}: x must have more than one value a channel, had shape {tuple(x.shape)}")
        super().validate(x)

    @property
    def of_batch(self) -> bool:
        """Whether statistics are those of x itself."""
        return self.training or not self.tracks

    def compute(self, x: Tensor) -> tuple[Tensor, Saved]:
        self.note(_by_batch=self.of_batch)
        if not self._by_batch:
            return forward_by(x, self.running_mean, self.running_var, self.weight, self.bias, self.eps)
        y, saved, statistics = forward(x, self.weight, self.bias, self.eps)
        if self.training and self.tracks and x.numel():
            self.track(*statistics, x.numel() // self.num_features)
        return y, saved

    def track(self, mean: Tensor, variance: Tensor, count: int) -> None:
        """Move the running statistics towards those of a batch; the variance without bias."""
        self.num_batches_tracked += 1
        share = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        for kept, met in ((self.running_mean, mean), (self.running_var, variance * (count / max(1, count - 1)))):
            if kept.dtype == met.dtype and share < 0.5:
                kept.lerp_(met, share)
            else:  # in more than 16 bits; from 0.5 on lerp goes back from what was met, and from infinity nothing does
                kept.copy_((wide(kept) * (1 - share)).add_(met, alpha=share))

    def differentiate(self, dy: Tensor, saved: Saved) -> tuple[Tensor, ...]:
        return backward(dy, saved, self._by_batch)
