"""AdamW."""

import torch

from parity.catalogue.optimisers.page import OptimiserPage, cases

PAGE = OptimiserPage(
    module="AdamW",
    reference=torch.optim.AdamW,
    plain={"lr": 0.5, "weight_decay": 0.1},
    cases=cases(
        alone={
            "betas": ((0.5, 0.9),),
            "eps": (0.1,),
            "weight_decay": (0.5, 0.0),
            "amsgrad": (True,),
            "maximize": (True,),
        },
        together={
            "amsgrad-maximised": {
                "betas": (0.7, 0.8),
                "eps": 1e-3,
                "weight_decay": 0.3,
                "amsgrad": True,
                "maximize": True,
            },
        },
        of_group={"lr": 0.3, "betas": (0.6, 0.9), "weight_decay": 0.4},
    ),
)
