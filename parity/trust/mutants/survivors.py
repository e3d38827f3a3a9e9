"""The mutants that survive with seed 0, each with its reason. One that is killed there at every scale is an error."""

ONE_DERIVATIVE = "a linear map without parameters has one derivative for every input, so nothing is wrong"
TIE_OF_ALL = (
    "where elements tie for the maximum the derivative is a set, and the least change of x breaks the tie, so that the "
    "gauge is as wide there as the gradient; the tape's own tests hold the share of each to torch's bit by bit"
)

SURVIVORS: dict[str, str] = {
    "AdaptiveAvgPool2d/contract/first forward remembered": ONE_DERIVATIVE,
    "AvgPool1d/contract/first forward remembered": ONE_DERIVATIVE,
    "AvgPool2d/contract/first forward remembered": ONE_DERIVATIVE,
    "BilinearUpsampling/contract/first forward remembered": ONE_DERIVATIVE,
    "Flatten/contract/first forward remembered": ONE_DERIVATIVE,
    "Identity/contract/first forward remembered": ONE_DERIVATIVE,
    "LSTMClassifier/contract/empty batch refused": "its first axis is time, and torch.nn takes no last step of none",
    "NearestUpsampling/contract/first forward remembered": ONE_DERIVATIVE,
    "PixelShuffle/contract/first forward remembered": ONE_DERIVATIVE,
    "PixelUnshuffle/contract/first forward remembered": ONE_DERIVATIVE,
    "ReflectionPad2d/contract/first forward remembered": ONE_DERIVATIVE,
    "ResidualBlock/dconv1.bias/tail zero": "a batch normalisation takes out what the bias adds: the gradient is zero",
    "ReLU/output/zeros come out as -0": "-0 equals 0 in every comparison of numbers, and torch promises neither",
    "ReplicationPad2d/contract/first forward remembered": ONE_DERIVATIVE,
    "Tensor.max/dx/whole at every tie": TIE_OF_ALL,
    "ZeroPad2d/contract/first forward remembered": ONE_DERIVATIVE,
}
