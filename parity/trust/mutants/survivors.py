"""The mutants that survive with seed 0, each with its reason. One that is killed there at every scale is an error."""

ONE_DERIVATIVE = "a linear map without parameters has one derivative for every input, so nothing is wrong"
BY_CHANCE = (
    "a hole in the draw: no cell is made to have an infinite loss; with nan or inf in the input most losses are nan, "
    "and whether one is infinite is left to chance"
)

SURVIVORS: dict[str, str] = {
    "BCEWithLogitsLoss/output/infinity clamped": BY_CHANCE,
    "CrossEntropyLoss/output/infinity clamped": BY_CHANCE,
    "Flatten/contract/first forward remembered": ONE_DERIVATIVE,
    "MSELoss/output/infinity clamped": BY_CHANCE,
    "NearestUpsampling/contract/first forward remembered": ONE_DERIVATIVE,
    "ReLU/output/zeros come out as -0": "-0 equals 0 in every comparison of numbers, and torch promises neither",
}
