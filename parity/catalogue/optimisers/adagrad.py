"""Adagrad."""

import torch

from parity.catalogue.optimisers.page import OptimiserPage, cases

PAGE = OptimiserPage(
    module="Adagrad",
    reference=torch.optim.Adagrad,
    plain={"lr": 0.5},
    cases=cases(
        alone={
            "lr_decay": (0.3,),
            "weight_decay": (0.25,),
            "initial_accumulator_value": (0.4,),
            "eps": (0.1,),
            "maximize": (True,),
        },
        together={
            "decayed": {
                "lr_decay": 0.2,
                "weight_decay": 0.1,
                "initial_accumulator_value": 0.2,
                "eps": 1e-3,
                "maximize": True,
            },
        },
        of_group={"lr": 0.3, "lr_decay": 0.1, "eps": 0.2},
    ),
)
