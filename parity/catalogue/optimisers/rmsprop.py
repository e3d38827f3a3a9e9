"""RMSprop."""

import torch

from parity.catalogue.optimisers.page import OptimiserPage, cases

PAGE = OptimiserPage(
    module="RMSprop",
    reference=torch.optim.RMSprop,
    plain={"lr": 0.1},
    cases=cases(
        alone={
            "momentum": (0.7,),
            "alpha": (0.6,),
            "eps": (0.1,),
            "weight_decay": (0.25,),
            "centered": (True,),
            "maximize": (True,),
        },
        together={
            "centered-momentum": {
                "alpha": 0.7,
                "eps": 1e-3,
                "weight_decay": 0.1,
                "momentum": 0.6,
                "centered": True,
                "maximize": True,
            },
        },
        of_group={"lr": 0.3, "alpha": 0.8, "momentum": 0.5},
    ),
)
