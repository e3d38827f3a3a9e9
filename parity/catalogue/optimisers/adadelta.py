"""Adadelta."""

import torch

from parity.catalogue.optimisers.page import OptimiserPage, cases

PAGE = OptimiserPage(
    module="Adadelta",
    reference=torch.optim.Adadelta,
    plain={"lr": 100.0},  # at 1 the first steps are some thousandths
    cases=cases(
        alone={"rho": (0.5,), "eps": (1e-2,), "weight_decay": (0.25,), "maximize": (True,)},
        together={"decayed": {"lr": 10.0, "rho": 0.7, "eps": 1e-3, "weight_decay": 0.1, "maximize": True}},
        of_group={"lr": 30.0, "rho": 0.8, "eps": 1e-4},
    ),
)
