"""The framework's side of a training: the one place where the papers' experiments meet it."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

import framework
from framework import init
from framework.training import Callback, EarlyStopping, Training, fit, schedules
from parity.papers.trainings.data import Material
from parity.papers.trainings.setting import Setting
from parity.papers.trainings.watch import Predict, Watch

State = dict[str, Tensor]


def network(setting: Setting, device: str = "cpu", dtype: torch.dtype = torch.float32) -> framework.Module:
    """Return the network of `setting`, its values yet to be loaded."""
    layers = [getattr(framework, name)(**options) for name, options in setting.layers]
    return framework.Sequential(*layers).to(device, dtype)


def initial(setting: Setting, seed: int) -> State:
    """Draw the initial values that both sides start from: float32, on the CPU, by torch's names."""
    torch.manual_seed(seed)
    drawn = network(setting).state_dict()
    if setting.initial:
        weights = [name for name in drawn if name.endswith("weight")]
        for name, way in zip(weights, setting.initial, strict=True):
            arguments = {"normal": (0.0, 0.3), "uniform": (-0.5, 0.5), "constant": (0.1,)}.get(way, ())
            getattr(init, way)(drawn[name], *arguments)
        for name in drawn.keys() - set(weights):
            init.constant(drawn[name])
    return drawn


def schedule(setting: Setting) -> schedules.Schedule:
    made: Callable[..., schedules.Schedule] = getattr(schedules, setting.schedule)
    return made(setting.lr, **setting.decay)


class Watcher(Callback):
    """Shows every epoch to the harness."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch

    def after_epoch(self, training: Training) -> None:
        self.watch(training.history[-1].loss, predictor(training.model))


def predictor(model: framework.Module) -> Predict:
    def predict(x: Tensor) -> Tensor:
        y: Tensor = model.eval()(x)
        model.train()
        return y

    return predict


def train(setting: Setting, start: State, material: Material, seed: int, watch: Watch) -> tuple[Predict, State, int]:
    """Train and return the network as a function, its values, and the epoch that they are of."""
    model = network(setting, str(material.train.x.device), material.train.x.dtype)
    model.load_state_dict({name: value.to(material.train.x) for name, value in start.items()})
    stopping = [EarlyStopping(setting.patience)] if setting.patience else []
    history = fit(
        model,
        getattr(framework, setting.loss)(),
        framework.SGD(model.param(), setting.lr, setting.momentum),
        material.train,
        epochs=setting.epochs,
        batch=setting.batch,
        validation=material.test if setting.patience else None,
        schedule=schedule(setting),
        callbacks=[Watcher(watch), *stopping],
        seed=seed,
        progress=False,
    )
    epoch = stopping[0].best_epoch if stopping else history[-1].number
    return predictor(model), model.state_dict(), epoch


class FrameworkStepper:
    """One step at a time, everything in view."""

    def __init__(self, setting: Setting, start: State, device: str, dtype: torch.dtype) -> None:
        self.model = network(setting, device, dtype)
        self.model.load_state_dict({name: value.to(device, dtype) for name, value in start.items()})
        self.criterion: Any = getattr(framework, setting.loss)()
        self.optimizer = framework.SGD(self.model.param(), setting.lr, setting.momentum)
        self.schedule = schedule(setting)

    def set_epoch(self, epoch: int) -> None:
        self.optimizer.lr = self.schedule(epoch)

    def step(self, x: Tensor, t: Tensor) -> Tensor:
        """Take a step; return the loss before it."""
        loss: Tensor = self.criterion(self.model(x), t)
        self.model.zero_grad()
        self.model.backward(self.criterion.backward())
        self.optimizer.step()
        return loss

    def state(self) -> tuple[State, State]:
        """Return values and gradients by name: the very tensors."""
        named = self.model.named_parameters()
        return {n: p.value for n, p in named.items()}, {n: p.grad for n, p in named.items()}
