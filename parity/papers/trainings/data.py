"""The data of a training: drawn from the seed alone, the same tensors for both sides."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from framework.data import Dataset, disk, one_hot
from framework.data import batches as batches
from framework.data.photographs import TEST, TRAINING, noisy_pairs
from framework.data.photographs import psnr as psnr
from parity.papers.trainings.setting import Setting


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


def photographs(setting: Setting, learnt: Sequence[str], unseen: Sequence[str], generator: torch.Generator) -> Material:
    """Draw pairs of the pictures `learnt` to learn from, and of the pictures `unseen` to test on."""
    train, test = noisy_pairs(learnt, setting.examples, generator), noisy_pairs(unseen, setting.tests, generator)
    none = torch.empty(0, dtype=torch.int64)
    return Material(train.to_learn(), test.to_measure(), none, none)


def held_back(setting: Setting, picture: int, seed: int) -> Material:
    """Draw pairs to choose settings by: of the training pictures one is held back to test on, by its number."""
    others = [name for name in TRAINING if name != TRAINING[picture]]
    return photographs(setting, others, TRAINING[picture : picture + 1], torch.Generator().manual_seed(seed))


def material(setting: Setting, seed: int) -> Material:
    """Draw the data of run `seed`: float32 on the CPU."""
    generator = torch.Generator().manual_seed(seed)
    if setting.data == "photographs":
        return photographs(setting, TRAINING, TEST, generator)
    train, test = disk(setting.examples, generator), disk(setting.tests, generator)
    if setting.standardised:
        mean, deviation = train.x.mean(0), train.x.std(0)
        train, test = (Dataset((points.x - mean) / deviation, points.t) for points in (train, test))
    if not setting.one_hot:
        return Material(train, test, train.t, test.t)
    rows, held = (Dataset(points.x, one_hot(points.t, 2)) for points in (train, test))
    return Material(rows, held, train.t, test.t)
