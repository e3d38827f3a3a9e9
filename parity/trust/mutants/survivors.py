"""The mutants that survive, each with its reason. One that is killed at every scale is an error here."""

SURVIVORS: dict[str, str] = {
    "Flatten/contract/first forward remembered": "a linear map without parameters has one derivative for every input",
    "NearestUpsampling/contract/first forward remembered": (
        "a linear map without parameters has one derivative for every input"
    ),
    "ReLU/output/zeros come out as -0": "-0 equals 0 in every comparison of numbers, and torch promises neither",
}
