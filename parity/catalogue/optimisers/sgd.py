"""SGD."""

import torch

from parity.catalogue.optimisers.page import OptimiserPage, cases

PAGE = OptimiserPage(
    module="SGD",
    reference=torch.optim.SGD,
    plain={"lr": 0.5},
    cases=cases(
        alone={"momentum": (0.7,), "weight_decay": (0.25,), "maximize": (True,)},
        together={
            "momentum-dampened": {"momentum": 0.9, "dampening": 0.4, "weight_decay": 0.1},
            "nesterov": {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1, "maximize": True},
        },
        of_group={"lr": 0.3, "momentum": 0.6, "weight_decay": 0.1},
    ),
    dtypes=("float64", "float32", "bfloat16", "float16"),
)
