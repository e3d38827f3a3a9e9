"""The data of a training: drawn from the seed alone, the same tensors for both sides."""

from typing import NamedTuple

import torch
from torch import Tensor

from framework.data import Dataset, disk, one_hot
from framework.data import batches as batches
from framework.data.photographs import TEST, TRAINING, noisy_pairs
from framework.data.photographs import psnr as psnr
from parity.papers.setting import Setting


class Material(NamedTuple):
    """What is learnt from and what is tested on; labels are empty where there are no classes."""

    train: Dataset
    test: Dataset
    train_labels: Tensor
    test_labels: Tensor

    def to(self, device: str, dtype: torch.dtype = torch.float32) -> "Material":
        return Material(
            self.train.to(device, dtype),
            self.test.to(device, dtype),
            self.train_labels.to(device),
            self.test_labels.to(device),
        )


def material(setting: Setting, seed: int) -> Material:
    """Draw the data of run `seed`: float32 on the CPU."""
    generator = torch.Generator().manual_seed(seed)
    if setting.data == "photographs":
        learnt = noisy_pairs(TRAINING, setting.examples, generator)
        return Material(
            learnt.to_learn(),
            noisy_pairs(TEST, setting.tests, generator).to_measure(),
            torch.empty(0, dtype=torch.int64),
            torch.empty(0, dtype=torch.int64),
        )
    train, test = disk(setting.examples, generator), disk(setting.tests, generator)
    if not setting.one_hot:
        return Material(train, test, train.t, test.t)
    rows, held = (Dataset(points.x, one_hot(points.t, 2)) for points in (train, test))
    return Material(rows, held, train.t, test.t)
