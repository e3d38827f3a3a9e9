"""What a picture is made of: the decision region of a classifier, patches before and after a denoiser."""

from typing import Any

import torch
from torch import Tensor

from parity.papers.trainings.data import Material, psnr
from parity.papers.trainings.setting import Setting
from parity.papers.trainings.watch import Predict

GRID = 80  # points a side
PATCHES = 8


def region(data: Material, predict: Predict) -> dict[str, Any]:
    """Return the scores over the unit square, rows from y = 0, and the test points with true and predicted class."""
    x = data.test.x
    axis = torch.linspace(0, 1, GRID).to(x)
    rows, columns = torch.meshgrid(axis, axis, indexing="ij")
    scores = predict(torch.stack([columns, rows], -1).reshape(-1, 2))
    predicted = predict(x).argmax(1)
    points = zip(x.tolist(), data.test_labels.tolist(), predicted.tolist(), strict=True)
    return {
        "grid": rounded((scores[:, 1] - scores[:, 0]).reshape(GRID, GRID)),
        "points": [[round(px, 4), round(py, 4), true, said] for (px, py), true, said in points],
    }


def rounded(value: Tensor) -> list[list[float]]:
    return [[round(number, 3) for number in row] for row in value.tolist()]


def patches(data: Material, predict: Predict) -> dict[str, Any]:
    """Return the first patches of the test: noisy, denoised and clean, with what each is worth in dB."""
    noisy, clean = (part[:PATCHES] for part in data.test)
    rows = {"noisy": noisy, "denoised": predict(noisy), "clean": clean}
    return {
        "rows": list(rows),
        "pixels": [(row.clamp(0, 1) * 255).round().int().permute(0, 2, 3, 1).tolist() for row in rows.values()],
        "psnr": [[round(value, 2) for value in psnr(row, clean).tolist()] for row in rows.values()],
        "noisy psnr": float(psnr(*data.test).mean()),
    }


def pictures(setting: Setting, data: Material, predict: Predict) -> dict[str, Any]:
    """Return what is shown of a training; of standardised points nothing, as they leave the unit square."""
    if setting.standardised:
        return {}
    return patches(data, predict) if setting.data == "photographs" else region(data, predict)
