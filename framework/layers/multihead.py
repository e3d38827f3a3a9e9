"""What an attention of several heads has beside its formula: options, parameters, the shapes of what it takes."""

import torch
from torch import Tensor

from framework import arguments, init, placement
from framework.layers import attention
from framework.memory import Saved
from framework.placement import Device
from framework.several import Given, Several

Biases = tuple[Tensor | None, ...]


class Multihead(Several):
    """A layer of query, key, value and masks: sequences (L, N, E), (N, L, E) if batch_first, or (L, E).

    Raises    ValueError if num_heads does not divide embed_dim, or extents do not fit; TypeError if an option or an
              input is of another type or dtype.
    """

    takes, optional = ("query", "key", "value", "key_padding_mask", "attn_mask"), 2
    gives = ("output", "attention")

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        bias: bool,
        kdim: int | None,
        vdim: int | None,
        batch_first: bool,
        device: Device | None,
        dtype: torch.dtype | None,
    ) -> None:
        super().__init__()
        layer, size = self.label(), arguments.whole(self.label(), "embed_dim", embed_dim, 1)
        self.embed_dim, self.num_heads = size, arguments.whole(layer, "num_heads", num_heads, 1)
        if size % self.num_heads:
            raise ValueError(f"{layer}: num_heads must divide embed_dim = {size}, was {num_heads}")
        self.kdim = size if kdim is None else arguments.whole(layer, "kdim", kdim, 1)
        self.vdim = size if vdim is None else arguments.whole(layer, "vdim", vdim, 1)
        self.bias = arguments.boolean(layer, "bias", bias)
        self.batch_first = arguments.boolean(layer, "batch_first", batch_first)
        self.packed = self.kdim == self.vdim == size  # whether the weights of q, k and v are one
        self.batched = True  # whether the last forward was given an axis of samples
        shapes = {"q_proj_weight": (size, size), "k_proj_weight": (size, self.kdim), "v_proj_weight": (size, self.vdim)}
        for name, shape in ({"in_proj_weight": (3 * size, size)} if self.packed else shapes).items():
            self.register(name, init.xavier_uniform(placement.empty(layer, *shape, on=device, of=dtype)))
        out = init.torch_default(placement.empty(layer, size, size, on=device, of=dtype), size)
        if self.bias:
            self.register("in_proj_bias", out.new_zeros(3 * size))
        self.register("out_proj.weight", out)
        if self.bias:
            self.register("out_proj.bias", out.new_zeros(size))

    def options(self) -> dict[str, object]:
        return {n: getattr(self, n) for n in ("embed_dim", "num_heads", "bias", "kdim", "vdim", "batch_first")}

    def weights(self) -> tuple[Saved, Biases]:
        """Return the weights of q, k, v and the output, and their biases."""
        held = {name: value for name, (value, _) in self._parameters.items()}
        of_three = held["in_proj_weight"].chunk(3) if self.packed else tuple(held[f"{n}_proj_weight"] for n in "qkv")
        biases = (*held["in_proj_bias"].chunk(3), held["out_proj.bias"]) if self.bias else (None,) * 4
        return (*of_three, held["out_proj.weight"]), biases

    def gradients(self, dweights: Saved, dbiases: Saved) -> Saved:
        """Return the gradients of the parameters in the order of registration: the other way."""
        *of_three, dout = dweights
        of_inputs = [torch.cat(of_three)] if self.packed else of_three
        return (*of_inputs, dbiases[0], dout, dbiases[1]) if self.bias else (*of_inputs, dout)

    def laid_out(self, x: Tensor) -> Tensor:
        """Return a sequence as (L, N, *)."""
        return x.unsqueeze(1) if not self.batched else x.transpose(0, 1) if self.batch_first else x

    def laid_back(self, y: Tensor) -> Tensor:
        """Return what is (L, N, *) as the caller has sequences."""
        return y.squeeze(1) if not self.batched else y.transpose(0, 1) if self.batch_first else y

    def validate(self, given: Given) -> None:
        (query, key, value, *masks), layer = given, self.label()
        model = next(iter(self._parameters.values())).value
        for name, x, size in zip(self.takes, given, (self.embed_dim, self.kdim, self.vdim), strict=False):
            arguments.alike(layer, name, arguments.floating(layer, name, x), model, "the parameters")
            if x.dim() not in (2, 3) or x.shape[-1] != size:
                raise ValueError(f"{layer}: {name} must be (L, N, {size}) or (L, {size}), had shape {tuple(x.shape)}")
        batched, at = query.dim() == 3, int(self.batch_first and query.dim() == 3)  # at: the axis of moments
        keys, samples = key.shape[at], tuple(query.shape[1 - at : 2 - at]) if batched else ()
        wanted = (keys, *samples, self.kdim)
        arguments.shaped(layer, "key", key, (*samples, wanted[0], self.kdim) if at else wanted)
        arguments.shaped(layer, "value", value, (*key.shape[:-1], self.vdim))
        of_heads = (self.num_heads * (samples[0] if batched else 1), query.shape[at], keys)
        for name, mask, shape in zip(self.takes[3:], masks, ((*samples, keys), of_heads), strict=True):
            if mask is not None:
                attention.mask(layer, name, mask, query)
                arguments.shaped(layer, name, mask, shape[1:] if name == "attn_mask" and mask.dim() == 2 else shape)
