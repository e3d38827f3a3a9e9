"""NAdam."""

import torch

from parity.catalogue.optimisers.page import OptimiserPage, cases

PAGE = OptimiserPage(
    module="NAdam",
    reference=torch.optim.NAdam,
    plain={"lr": 0.5},
    cases=cases(
        alone={
            "betas": ((0.5, 0.9),),
            "eps": (0.1,),
            "weight_decay": (0.25,),
            "momentum_decay": (0.5,),
            "decoupled_weight_decay": (True,),
            "maximize": (True,),
        },
        together={
            "decayed": {"betas": (0.7, 0.8), "eps": 1e-3, "weight_decay": 0.1, "momentum_decay": 0.3},
            "decoupled-maximised": {
                "betas": (0.7, 0.8),
                "weight_decay": 0.3,
                "decoupled_weight_decay": True,
                "maximize": True,
            },
        },
        of_group={"lr": 0.3, "betas": (0.6, 0.9), "momentum_decay": 0.2},
    ),
)
