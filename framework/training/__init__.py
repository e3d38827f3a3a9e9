"""Training: the loop, learning-rate schedules, callbacks, early stopping, and the search over hyper-parameters."""

from framework.training.callbacks import Callback as Callback
from framework.training.callbacks import Track as Track
from framework.training.early_stopping import EarlyStopping as EarlyStopping
from framework.training.loop import Epoch as Epoch
from framework.training.loop import Training as Training
from framework.training.loop import evaluate as evaluate
from framework.training.loop import fit as fit
from framework.training.schedules import Constant as Constant
from framework.training.schedules import CosineDecay as CosineDecay
from framework.training.schedules import ExponentialDecay as ExponentialDecay
from framework.training.schedules import LinearRamp as LinearRamp
from framework.training.schedules import MilestoneDecay as MilestoneDecay
from framework.training.schedules import PolynomialDecay as PolynomialDecay
from framework.training.schedules import Schedule as Schedule
from framework.training.schedules import StepDecay as StepDecay
from framework.training.schedules import TimeDecay as TimeDecay
from framework.training.search import Score as Score
from framework.training.search import by_cross_validation as by_cross_validation
from framework.training.search import by_fresh_data as by_fresh_data
from framework.training.search import folds as folds
from framework.training.search import grid as grid
