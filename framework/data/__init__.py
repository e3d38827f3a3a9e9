"""Data sets of the student papers. Photographs need scikit-image and are imported from framework.data.photographs."""

from framework.data.dataset import Dataset as Dataset
from framework.data.dataset import batches as batches
from framework.data.disk import disk as disk
from framework.data.disk import inside as inside
from framework.data.disk import one_hot as one_hot
