"""Classify points in and out of a disk, as papers 000 to 003 do: python examples/disk.py"""

import torch

import framework
from framework.data import Dataset, disk, one_hot
from framework.training import EarlyStopping, TimeDecay, fit


def points(n: int, generator: torch.Generator) -> Dataset:
    x, labels = disk(n, generator)
    return Dataset(x, one_hot(labels, 2))


def main() -> None:
    torch.manual_seed(0)
    torch.set_num_threads(1)  # the tensors are too small for more threads to pay
    generator = torch.Generator().manual_seed(0)
    train, test = points(1000, generator), points(1000, generator)
    widths = ((2, 25), (25, 25), (25, 25))
    hidden = [layer for sizes in widths for layer in (framework.Linear(*sizes), framework.ReLU())]
    model = framework.Sequential(*hidden, framework.Linear(25, 2))
    stopping = EarlyStopping(patience=30)
    optimizer = framework.SGD(model.param(), lr=0.1, momentum=0.9)
    fit(
        model, framework.MSELoss(), optimizer, train, epochs=100, batch=25, validation=test,
        schedule=TimeDecay(0.1, 0.01), callbacks=[stopping],
    )  # fmt: skip
    right = float((model(test.x).argmax(1) == test.t.argmax(1)).float().mean())
    print(f"{100 * right:.1f} % of the test points are right with the weights of epoch {stopping.best_epoch + 1}")


if __name__ == "__main__":
    main()
