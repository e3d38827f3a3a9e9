"""The sentence on how much of the catalogue was compared."""

from reports.parity.gate.coverage import coverage


def test_optimisers_are_counted_apart_and_operators_are_not() -> None:
    compared = {"Linear", "SGD", "Adam", "Tensor.add"}
    assert coverage(compared, ["Linear", "ReLU"], []) == (
        "1 of 2 modules of the catalogue was compared, and 2 optimisers: Adam, SGD."
    )
    assert coverage({"Linear", "ReLU"}, ["Linear", "ReLU"], ["Swish"]) == (
        "2 of 2 modules of the catalogue were compared; 1 class of the library is in no table of the adapter: Swish."
    )
