"""Optax: its losses, differentiated by jax.vjp; each gives a number a sample, which the adapter reduces."""

import jax
import numpy as np
import optax

from parity.subjects.adapters import Arrays, Autodiff, from_numpy, of_x

jax.config.update("jax_enable_x64", True)
REDUCTIONS = {"mean": jax.numpy.mean, "sum": jax.numpy.sum, "none": lambda values: values}


def reduced(loss):
    return of_x(lambda p, t, reduction="mean": REDUCTIONS[reduction](loss(p, t)))


def cross_entropy(x, t, reduction="mean"):
    own = optax.softmax_cross_entropy if t.dtype == x.dtype else optax.softmax_cross_entropy_with_integer_labels
    return REDUCTIONS[reduction](own(x, t, axis=min(1, x.ndim - 1)))


def huber(x, t, delta=1.0, reduction="mean"):
    return REDUCTIONS[reduction](optax.huber_loss(x, t, delta=delta))


def triplet(anchor, positive, negative, margin=1.0, p=2.0, eps=1e-6, reduction="mean"):
    words = {"norm_degree": p, "margin": margin, "eps": eps}
    return REDUCTIONS[reduction](optax.triplet_margin_loss(anchor, positive, negative, **words))


FUNCTIONS = {
    "BCEWithLogitsLoss": reduced(optax.sigmoid_binary_cross_entropy),
    "CrossEntropyLoss": of_x(cross_entropy),
    "HuberLoss": of_x(huber),
    "MSELoss": reduced(optax.squared_error),
    "TripletMarginLoss": of_x(triplet),
}
ARRAYS = Arrays(
    lambda t: jax.numpy.array(t.numpy()), lambda a: from_numpy(np.array(a)), ("float64", "float32"), ("cpu",)
)
ONLY = {"CrossEntropyLoss": {"targets": ("classes", "probabilities", "weights")}}
subject = Autodiff("optax", FUNCTIONS, jax.vjp, ARRAYS, ONLY)
