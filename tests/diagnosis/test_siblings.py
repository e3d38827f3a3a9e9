"""Two faults of one recurrent layer, of which another quantity of the same call shows one by itself."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from parity.catalogue import pages
from parity.contract import CHECKS
from parity.diagnosis import explain
from parity.subjects import load
from parity.verdict.cell import Cell
from parity.verdict.trial import Trial

CARRIES_NOTHING = "what h of a moment hands back to the one before is left out"
FIRST_ALONE = "of the parameters the first moment alone is counted"


class Forgetful:
    """torch.nn, but an RNN hands nothing back to the moment before, and dweight_ih is that of the first moment."""

    name, explains = "forgetful", False

    def build(self, module: str, options: Any, parameters: Mapping[str, Tensor], *where: Any) -> Any:
        built = load("torch_nn").build(module, options, parameters, *where)
        forward, backward, gradients, p = built.forward, built.backward, built.gradients, parameters
        kept: dict[str, Tensor] = {}

        def of_forward(x: Tensor, h: Tensor) -> Any:
            kept["x"] = x
            y, h_n = forward(x, h)
            kept["y"] = y.clone()
            return y, h_n

        def of_backward(dy: Tensor, dh_n: Tensor) -> Any:
            _, dh0 = backward(dy, dh_n)
            dh = torch.cat([dy[:-1], dy[-1:] + dh_n])
            ds = dh * (1 - kept["y"].square())
            kept["dweight"] = ds[0].T @ kept["x"][0]
            return ds @ p["weight_ih_l0"], dh0

        built.forward, built.backward = of_forward, of_backward
        built.gradients = lambda: gradients() | {"weight_ih_l0": kept["dweight"]}
        return built


def test_what_explains_another_quantity_is_tried_beside_every_other_fault() -> None:
    page = pages()["RNN"]
    trial = Trial(Cell(page, page.cases[0]), Forgetful())
    judged, error = CHECKS["values"].judged(trial)
    assert error is None
    told = {record.quantity: record.diagnosis.split(" or ")[0] for record in explain(trial, judged) if record.diagnosis}
    assert CARRIES_NOTHING in told["dx"]
    assert CARRIES_NOTHING in told["dweight_ih_l0"], told
    assert FIRST_ALONE in told["dweight_ih_l0"], told
