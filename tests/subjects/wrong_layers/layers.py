"""A small library outside the project: layers that accumulate their gradients; right here, wrong in wrong.py."""

import torch


class Layer:
    """Holds a module of torch.nn, the inputs of the last forward and the gradients; a subclass gets something wrong."""

    def __init__(self, module):
        self.module, self.inputs = module.requires_grad_(False), None
        self.grads = {name: torch.zeros_like(value) for name, value in self.named()}

    def named(self):
        return self.module.named_parameters()

    def forward(self, *inputs):
        admit(*inputs)
        self.inputs = inputs
        return self.module(*inputs)

    def derivatives(self, dy, module=None):
        """Return dx and the gradient of every parameter by name."""
        if self.inputs is None:
            raise RuntimeError("backward must follow a forward")
        module = (module or self.module).requires_grad_()
        x, *rest = self.inputs
        x = x.detach().clone().requires_grad_()
        named = dict(module.named_parameters())
        dx, *grads = torch.autograd.grad(module(x, *rest), [x, *named.values()], dy)
        module.requires_grad_(False)
        return dx, dict(zip(named, grads, strict=True))

    def backward(self, dy=None):
        dx, grads = self.derivatives(dy)
        for name, grad in grads.items():
            self.grads[name] += grad
        return dx

    def param(self):
        return [(value, self.grads[name]) for name, value in self.named()]

    def zero_grad(self):
        for grad in self.grads.values():
            grad.zero_()


class Softmax(Layer):
    """Softmax that subtracts the maximum before it exponentiates, over the axis of the sum."""

    axis_of_max = staticmethod(lambda dim: dim)

    def forward(self, x):
        admit(x)
        dim = self.module.dim
        e = torch.exp(x - x.amax(self.axis_of_max(dim), keepdim=True)) if x.numel() else x.clone()
        self.inputs, self.y = (x,), e / e.sum(dim, keepdim=True)
        return self.y

    def backward(self, dy):
        if self.inputs is None:
            raise RuntimeError("backward must follow a forward")
        admit(self.y, dy)
        return self.y * (dy - (dy * self.y).sum(self.module.dim, keepdim=True))


def admit(x, *others):
    if not x.is_floating_point():
        raise TypeError(f"x must be of floating point, was {x.dtype}")
    if any(other.shape != x.shape for other in others):
        raise ValueError(f"shapes must be {tuple(x.shape)}, were {[tuple(other.shape) for other in others]}")


def build(name, options, wrapper=Layer):
    return wrapper(getattr(torch.nn, name)(**options))
