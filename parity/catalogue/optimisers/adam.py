"""Adam."""

import torch

from parity.catalogue.optimisers.page import OptimiserPage, cases

PAGE = OptimiserPage(
    module="Adam",
    reference=torch.optim.Adam,
    plain={"lr": 0.5},
    cases=cases(
        alone={
            "betas": ((0.5, 0.9), (0.0, 0.99)),
            "eps": (0.1,),
            "weight_decay": (0.25,),
            "amsgrad": (True,),
            "maximize": (True,),
            "decoupled_weight_decay": (True,),
        },
        together={
            "amsgrad-decayed": {"betas": (0.7, 0.8), "eps": 1e-3, "weight_decay": 0.1, "amsgrad": True},
            "decoupled-maximised": {
                "betas": (0.7, 0.8),
                "weight_decay": 0.3,
                "decoupled_weight_decay": True,
                "maximize": True,
            },
        },
        of_group={"lr": 0.3, "betas": (0.6, 0.9), "weight_decay": 0.1},
    ),
)
