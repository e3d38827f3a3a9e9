"""The mutants that survive with seed 0, each with its reason. One that is killed there at every scale is an error."""

ONE_DERIVATIVE = "a linear map without parameters has one derivative for every input, so nothing is wrong"

SURVIVORS: dict[str, str] = {
    "Flatten/contract/first forward remembered": ONE_DERIVATIVE,
    "NearestUpsampling/contract/first forward remembered": ONE_DERIVATIVE,
    "ReLU/output/zeros come out as -0": "-0 equals 0 in every comparison of numbers, and torch promises neither",
}
