"""torch.nn's side of a training: torch.nn, autograd, torch.optim.SGD and torch's own schedulers."""

import copy
from collections.abc import Callable
from math import exp
from typing import Any

import torch
from torch import Tensor
from torch.optim.lr_scheduler import ExponentialLR, LambdaLR, LRScheduler, StepLR

from parity.catalogue.sequential import reference
from parity.papers.trainings.data import Material, batches
from parity.papers.trainings.setting import Setting
from parity.papers.trainings.watch import Predict, Watch

State = dict[str, Tensor]

SCHEDULERS: dict[str, Callable[..., LRScheduler]] = {
    "Constant": lambda optimizer: LambdaLR(optimizer, lambda _: 1.0),
    "TimeDecay": lambda optimizer, decay: LambdaLR(optimizer, lambda epoch: 1 / (1 + decay * epoch)),
    "ExponentialDecay": lambda optimizer, decay: ExponentialLR(optimizer, exp(-decay)),
    "StepDecay": lambda optimizer, factor, every: StepLR(optimizer, every, factor),
}


def network(setting: Setting, start: State, device: str, dtype: torch.dtype) -> torch.nn.Module:
    """Return the network of `setting`, holding `start` bit for bit."""
    model = reference(setting.layers).to(device, dtype)
    model.load_state_dict(start)
    for name, value in model.named_parameters():
        if not torch.equal(value.detach().cpu(), start[name].to(dtype)):
            raise RuntimeError(f"{setting.name}: {name} did not arrive bit by bit in torch.nn")
    return model


def predictor(model: torch.nn.Module) -> Predict:
    def predict(x: Tensor) -> Tensor:
        with torch.no_grad():
            y: Tensor = model.eval()(x)
        model.train()
        return y

    return predict


def train(setting: Setting, start: State, material: Material, seed: int, watch: Watch) -> tuple[Predict, State, int]:
    """Train and return the network as a function, its values, and the epoch that they are of."""
    stepper = TorchStepper(setting, start, str(material.train.x.device), material.train.x.dtype)
    model, predict = stepper.model, predictor(stepper.model)
    generator = torch.Generator().manual_seed(seed)
    best, best_loss, best_epoch = copy.deepcopy(model.state_dict()), float("inf"), -1
    for epoch in range(setting.epochs):
        total = torch.zeros((), device=material.train.x.device)
        for index in batches(len(material.train.x), setting.batch, generator):
            x, t = material.train.rows(index.to(material.train.x.device))
            total += stepper.step(x, t) * len(x)
        stepper.scheduler.step()
        watch(float(total) / len(material.train.x), predict)
        if not setting.patience:
            continue
        loss = float(stepper.criterion(predict(material.test.x), material.test.t))
        if loss < best_loss:
            best, best_loss, best_epoch = copy.deepcopy(model.state_dict()), loss, epoch
        if epoch - best_epoch >= setting.patience:
            break
    if setting.patience:
        model.load_state_dict(best)
    values = {name: value.detach() for name, value in model.named_parameters()}
    return predict, values, best_epoch if setting.patience else setting.epochs - 1


class TorchStepper:
    """One step at a time, everything in view."""

    def __init__(self, setting: Setting, start: State, device: str, dtype: torch.dtype) -> None:
        self.model = network(setting, start, device, dtype)
        self.criterion: Any = getattr(torch.nn, setting.loss)()
        self.optimizer = torch.optim.SGD(self.model.parameters(), setting.lr, setting.momentum)
        self.scheduler = SCHEDULERS[setting.schedule](self.optimizer, **setting.decay)
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Let the scheduler step until it has reached `epoch`."""
        while self.epoch < epoch:
            self.scheduler.step()
            self.epoch += 1

    def differentiate(self, x: Tensor, t: Tensor) -> Tensor:
        """Return the loss and leave its gradients in the parameters."""
        self.optimizer.zero_grad()
        loss: Tensor = self.criterion(self.model(x), t)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        return loss.detach()

    def step(self, x: Tensor, t: Tensor) -> Tensor:
        """Take a step; return the loss before it."""
        loss = self.differentiate(x, t)
        self.optimizer.step()
        return loss

    def state(self) -> tuple[State, State]:
        """Return values and gradients by name."""
        named = dict(self.model.named_parameters())
        return {n: p.detach() for n, p in named.items()}, {
            n: torch.zeros_like(p) if p.grad is None else p.grad for n, p in named.items()
        }
