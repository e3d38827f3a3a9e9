"""Denoise photographs with the network of paper 004, a minute's worth of it: python examples/denoise.py"""

import torch

import framework
from framework import init
from framework.data.photographs import TEST, TRAINING, noisy_pairs, psnr
from framework.training import ExponentialDecay, fit


def network() -> framework.Module:
    model = framework.Sequential(
        framework.Conv2d(3, 32, 3, stride=2, padding=1), framework.ReLU(),
        framework.Conv2d(32, 64, 3, stride=2, padding=1), framework.ReLU(),
        framework.Upsampling(64, 32, 3, 2, padding=1), framework.ReLU(),
        framework.Upsampling(32, 3, 3, 2, padding=1), framework.Sigmoid(),
    )  # fmt: skip
    for name, value in model.state_dict().items():
        init.xavier_normal(value) if name.endswith("weight") else init.constant(value)
    return model


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the tensors are too small for more threads to pay
    generator = torch.Generator().manual_seed(0)
    train, test = noisy_pairs(TRAINING, 1500, generator), noisy_pairs(TEST, 100, generator)
    model = network()
    optimizer = framework.SGD(model.param(), lr=0.5, momentum=0.9)
    schedule = ExponentialDecay(0.5, 0.4)
    fit(model, framework.MSELoss(), optimizer, train.to_learn(), epochs=4, batch=8, schedule=schedule)
    before, after = (float(psnr(picture, test.clean).mean()) for picture in (test.noisy, model(test.noisy)))
    print(f"photographs never seen: {before:.1f} dB noisy, {after:.1f} dB denoised")


if __name__ == "__main__":
    main()
