"""Which composition a layer or loss of the framework has, and with which of its options."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import framework
from framework.tape.compositions import (
    activations,
    attention,
    classes,
    dense,
    distances,
    dropping,
    embeddings,
    losses,
    norms,
    rectifiers,
    recurrent,
    softmaxes,
)
from framework.tape.compositions.images import borders, convolutions, pooling, resizing
from framework.tape.compositions.losses import reduced, weighed

Compose = Callable[..., Any]  # of the layer, its inputs, and its parameters by name: the output, or several


class Composition(NamedTuple):
    """What a layer is composed of, and at which places it has inputs that get a gradient."""

    compose: Compose
    derived: tuple[int, ...] = (0,)


def alone(function: Compose) -> Compose:
    """Return a function of inputs and parameters as one of the layer too, which has no options."""
    return lambda _, *inputs, **parameters: function(*inputs, **parameters)


PLAIN: Mapping[type[framework.Module], Compose] = {
    framework.AdaptiveAvgPool2d: pooling.adaptive_avg_pool,
    framework.AdaptiveMaxPool2d: pooling.adaptive_max_pool,
    framework.AvgPool1d: pooling.avg_pool,
    framework.AvgPool2d: pooling.avg_pool,
    framework.BCELoss: lambda loss, p, t: reduced(loss, weighed(losses.bce(p, t), loss.weight)),
    framework.BCEWithLogitsLoss: lambda loss, p, t: reduced(
        loss, weighed(losses.bce_with_logits(p, t, loss.pos_weight), loss.weight)
    ),
    framework.BatchNorm1d: norms.batch_norm,
    framework.BatchNorm2d: norms.batch_norm,
    framework.BilinearUpsampling: resizing.bilinear_upsampling,
    framework.CELU: lambda layer, x: rectifiers.celu(x, layer.alpha),
    framework.Conv1d: convolutions.convolution,
    framework.Conv2d: convolutions.convolution,
    framework.Conv3d: convolutions.convolution,
    framework.ConvTranspose1d: convolutions.transposed_convolution,
    framework.ConvTranspose2d: convolutions.transposed_convolution,
    framework.ConvTranspose3d: convolutions.transposed_convolution,
    framework.CrossEntropyLoss: classes.cross_entropy,
    framework.Dropout: dropping.dropping,
    framework.Dropout2d: dropping.dropping,
    framework.ELU: lambda layer, x: rectifiers.elu(x, layer.alpha),
    framework.Flatten: lambda layer, x: x.flatten(layer.start_dim, layer.end_dim),
    framework.GELU: lambda layer, x: activations.gelu(x, layer.approximate),
    framework.GLU: lambda layer, x: activations.glu(x, layer.dim),
    framework.GroupNorm: lambda layer, x, **affine: norms.group_norm(x, layer.num_groups, layer.eps, **affine),
    framework.Hardsigmoid: alone(rectifiers.hardsigmoid),
    framework.Hardswish: alone(rectifiers.hardswish),
    framework.Hardtanh: lambda layer, x: rectifiers.hardtanh(x, layer.min_val, layer.max_val),
    framework.HingeEmbeddingLoss: lambda loss, p, t: reduced(loss, distances.hinge_embedding(p, t, loss.margin)),
    framework.HuberLoss: lambda loss, p, t: reduced(loss, losses.huber(p, t, loss.delta)),
    framework.Identity: lambda _, x: x.reshape(x.shape),
    framework.InstanceNorm2d: lambda layer, x, **affine: norms.group_norm(x, x.shape[1], layer.eps, **affine),
    framework.KLDivLoss: lambda loss, p, t: reduced(loss, losses.kl_div(p, t, loss.log_target)),
    framework.L1Loss: lambda loss, p, t: reduced(loss, losses.l1(p, t)),
    framework.LPPool2d: pooling.lp_pool,
    framework.LayerNorm: norms.layer_norm,
    framework.LeakyReLU: lambda layer, x: rectifiers.leaky_relu(x, layer.negative_slope),
    framework.Linear: alone(dense.linear),
    framework.LocalResponseNorm: norms.local_response_norm,
    framework.LogSigmoid: alone(activations.log_sigmoid),
    framework.LogSoftmax: lambda layer, x: softmaxes.log_shares(x, layer.dim),
    framework.MSELoss: lambda loss, p, t: reduced(loss, losses.mse(p, t)),
    framework.MaxPool1d: pooling.max_pool,
    framework.MaxPool2d: pooling.max_pool,
    framework.Mish: alone(activations.mish),
    framework.NLLLoss: classes.likelihood,
    framework.NearestUpsampling: resizing.nearest_upsampling,
    framework.PReLU: alone(rectifiers.prelu),
    framework.PixelShuffle: lambda layer, x: resizing.pixel_shuffle(x, layer.factor),
    framework.PixelUnshuffle: lambda layer, x: resizing.pixel_unshuffle(x, layer.factor),
    framework.PoissonNLLLoss: lambda loss, p, t: reduced(
        loss, losses.poisson_nll(p, t, loss.log_input, loss.full, loss.eps)
    ),
    framework.RMSNorm: norms.rms_norm,
    framework.ReLU: alone(rectifiers.relu),
    framework.ReLU6: lambda _, x: rectifiers.hardtanh(x, 0.0, 6.0),
    framework.ReflectionPad2d: borders.padding2d,
    framework.ReplicationPad2d: borders.padding2d,
    framework.SELU: alone(rectifiers.selu),
    framework.SiLU: alone(activations.silu),
    framework.Sigmoid: alone(activations.sigmoid),
    framework.SmoothL1Loss: lambda loss, p, t: reduced(loss, losses.smooth_l1(p, t, loss.beta)),
    framework.Softmax: lambda layer, x: softmaxes.shares(x, layer.dim),
    framework.Softplus: lambda layer, x: activations.bounded_softplus(x, layer.beta, layer.threshold),
    framework.Softshrink: lambda layer, x: rectifiers.softshrink(x, layer.lambd),
    framework.Softsign: alone(activations.softsign),
    framework.Tanh: alone(activations.tanh),
    framework.Tanhshrink: alone(activations.tanhshrink),
    framework.Upsampling: convolutions.upsampling,
    framework.ZeroPad2d: borders.padding2d,
}
SEVERAL: Mapping[type[framework.Module], Composition] = {
    framework.Bilinear: Composition(alone(dense.bilinear), (0, 1)),
    framework.CosineEmbeddingLoss: Composition(
        lambda loss, x1, x2, t: reduced(loss, distances.cosine_embedding(x1, x2, t, loss.margin)), (0, 1)
    ),
    framework.Embedding: Composition(embeddings.embedding, ()),
    framework.EmbeddingBag: Composition(embeddings.embedding_bag, (2,)),
    framework.GRU: Composition(recurrent.gru, (0, 1)),
    framework.GaussianNLLLoss: Composition(
        lambda loss, p, t, var: reduced(loss, losses.gaussian_nll(p, t, var, loss.full, loss.eps)), (0, 1, 2)
    ),
    framework.LSTM: Composition(recurrent.lstm, (0, 1, 2)),
    framework.MarginRankingLoss: Composition(
        lambda loss, x1, x2, t: reduced(loss, distances.margin_ranking(x1, x2, t, loss.margin)), (0, 1)
    ),
    framework.MultiheadAttention: Composition(attention.multihead, (0, 1, 2)),
    framework.RNN: Composition(recurrent.rnn, (0, 1)),
    framework.ScaledDotProductAttention: Composition(attention.scaled_dot_product, (0, 1, 2)),
    framework.TripletMarginLoss: Composition(
        lambda loss, *inputs: reduced(loss, distances.triplet_margin(loss, *inputs)), (0, 1, 2)
    ),
}
COMPOSITIONS = {kind: Composition(compose) for kind, compose in PLAIN.items()} | dict(SEVERAL)
