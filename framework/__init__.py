"""A compact neural-network framework whose derivatives are written by hand, over torch's tensor operations."""

from framework import init as init
from framework.layers.celu import CELU as CELU
from framework.layers.conv2d import Conv2d as Conv2d
from framework.layers.conv_transpose2d import ConvTranspose2d as ConvTranspose2d
from framework.layers.dropout import Dropout as Dropout
from framework.layers.dropout2d import Dropout2d as Dropout2d
from framework.layers.elu import ELU as ELU
from framework.layers.embedding import Embedding as Embedding
from framework.layers.embedding_bag import EmbeddingBag as EmbeddingBag
from framework.layers.flatten import Flatten as Flatten
from framework.layers.gelu import GELU as GELU
from framework.layers.glu import GLU as GLU
from framework.layers.hardswish import Hardswish as Hardswish
from framework.layers.hardtanh import Hardtanh as Hardtanh
from framework.layers.leaky_relu import LeakyReLU as LeakyReLU
from framework.layers.linear import Linear as Linear
from framework.layers.log_sigmoid import LogSigmoid as LogSigmoid
from framework.layers.log_softmax import LogSoftmax as LogSoftmax
from framework.layers.mish import Mish as Mish
from framework.layers.nearest_upsampling import NearestUpsampling as NearestUpsampling
from framework.layers.relu import ReLU as ReLU
from framework.layers.relu6 import ReLU6 as ReLU6
from framework.layers.sequential import Sequential as Sequential
from framework.layers.sigmoid import Sigmoid as Sigmoid
from framework.layers.silu import SiLU as SiLU
from framework.layers.softmax import Softmax as Softmax
from framework.layers.softplus import Softplus as Softplus
from framework.layers.tanh import Tanh as Tanh
from framework.layers.upsampling import Upsampling as Upsampling
from framework.losses.bce import BCELoss as BCELoss
from framework.losses.bce_with_logits import BCEWithLogitsLoss as BCEWithLogitsLoss
from framework.losses.cross_entropy import CrossEntropyLoss as CrossEntropyLoss
from framework.losses.loss import Loss as Loss
from framework.losses.mse import MSELoss as MSELoss
from framework.module import Layer as Layer
from framework.module import Module as Module
from framework.module import Parameter as Parameter
from framework.optim.sgd import SGD as SGD

__all__ = sorted(name for name, value in globals().items() if name == "init" or isinstance(value, type))
