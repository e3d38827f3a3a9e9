"""What is measured after every epoch, by the same code on both sides: it sees predictions only."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor

from parity.papers.trainings.data import Material, psnr
from parity.papers.trainings.setting import Setting

Predict = Callable[[Tensor], Tensor]
Series = dict[str, list[float]]


@dataclass
class Watch:
    """Series by name, one number an epoch."""

    setting: Setting
    material: Material
    series: Series = field(default_factory=dict)

    def __call__(self, running_loss: float, predict: Predict) -> None:
        """Measure after an epoch; `running_loss` is the mean over its steps."""
        for name, value in ({"running loss": running_loss} | self.measures(predict)).items():
            self.series.setdefault(name, []).append(value)

    def measures(self, predict: Predict) -> dict[str, float]:
        """Return the measures of a network as it is."""
        if self.setting.data == "photographs":
            return self.of_pictures(predict)
        measured = {}
        for part, data, labels in (
            ("train", self.material.train, self.material.train_labels),
            ("test", self.material.test, self.material.test_labels),
        ):
            p = predict(data.x)
            measured[f"{part} loss"] = self.loss(p, data.t)
            measured[f"{part} errors"] = float((p.argmax(1) != labels).sum())
        return measured

    def of_pictures(self, predict: Predict) -> dict[str, float]:
        x, clean = self.material.test
        p = torch.cat([predict(part) for part in torch.split(x, 100)])
        return {"test psnr": float(psnr(p, clean).mean()), "largest output": float(p.max()), "spread": float(p.std())}

    def loss(self, p: Tensor, t: Tensor) -> float:
        if self.setting.loss == "CrossEntropyLoss":
            return float(-torch.log_softmax(p, 1).gather(1, t.unsqueeze(1)).mean())
        if self.setting.loss == "BCELoss":
            return float(torch.nn.functional.binary_cross_entropy(p, t))
        return float((p - t).square().mean())
