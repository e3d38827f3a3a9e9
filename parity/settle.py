"""What torch and the C library are told for a whole process: the one place where their switches are set.

Every process that computes is settled: the harness's own, those that share its work, those in which subjects run, and
those that time. Where one starts another, it hands its settings on as one word.
"""

import ctypes
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache

import torch

TRIM_THRESHOLD, MMAP_MAX = -1, -4  # the parameters of glibc's mallopt
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


@dataclass(frozen=True)
class Settings:
    """The switches of a process, as a run of the suite has them.

    threads           one: the parallel axis is the work, and a sum keeps its order
    tf32              of matrix products and of cuDNN's convolutions; off: a verdict is on the dtype that was asked for
    cudnn_benchmark   off: an algorithm chosen by its time differs from run to run
    deterministic     torch's debug mode: 0, or 1 warns of an algorithm whose result varies, 2 refuses it
    cudnn_deterministic  the same of cuDNN's: refused, or not
    grad, dtype, device  torch's own defaults
    """

    threads: int = 1
    tf32: bool = False
    cudnn_benchmark: bool = False
    cudnn_deterministic: bool = False
    deterministic: int = 0
    grad: bool = True
    dtype: str = "float32"
    device: str = "cpu"

    @classmethod
    def now(cls) -> "Settings":
        """Return the settings that this process has now."""
        return cls(
            threads=torch.get_num_threads(),
            tf32=tf32_allowed(),
            cudnn_benchmark=torch.backends.cudnn.benchmark,
            cudnn_deterministic=torch.backends.cudnn.deterministic,
            deterministic=torch.get_deterministic_debug_mode(),
            grad=torch.is_grad_enabled(),
            dtype=str(torch.get_default_dtype()).removeprefix("torch."),
            device=default_device(),
        )

    @classmethod
    def of_word(cls, word: str) -> "Settings":
        """Return the settings that `word` says."""
        return cls(**json.loads(word))

    @property
    def word(self) -> str:
        """The settings as one word of a command line."""
        return json.dumps(asdict(self))

    def restore(self) -> None:
        """Give this process these settings."""
        if torch.get_num_threads() != self.threads:
            torch.set_num_threads(self.threads)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = self.tf32
        torch.backends.cudnn.benchmark = self.cudnn_benchmark
        torch.backends.cudnn.deterministic = self.cudnn_deterministic
        torch.set_deterministic_debug_mode(self.deterministic)  # use_deterministic_algorithms imports the compiler
        torch.set_grad_enabled(self.grad)
        torch.set_default_dtype(getattr(torch, self.dtype))
        if default_device() != self.device:
            torch.set_default_device(None if self.device == "cpu" else self.device)


def tf32_allowed() -> bool:
    """Return whether any product may be computed in TF32; torch does not say so where a library has set some alone."""
    try:
        return torch.backends.cuda.matmul.allow_tf32 or torch.backends.cudnn.allow_tf32
    except RuntimeError:
        return True


def default_device() -> str:
    """Return the device of new tensors; torch asks the device itself, which may not be there."""
    try:
        return str(torch.get_default_device())
    except (RuntimeError, AssertionError):
        return "none that is there"


def settle() -> None:
    """Settle this process as a run of the suite has it."""
    Settings().restore()


def end_with_parent() -> None:
    """Have this process ended when the one that started it ends, however that comes; Linux alone knows how."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)


@contextmanager
def scalars_in(dtype: torch.dtype) -> Iterator[None]:
    """Have torch.optim keep its scalar states in float64 where the dtype is that.

    NAdam keeps the product of its momenta in torch's default dtype, and so would be no truth in float64.
    """
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64 if dtype == torch.float64 else before)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@cache
def keep_freed_memory() -> str:
    """Keep freed memory in this process from now on; return what becomes of it, in words.

    For timing. The C library hands large freed blocks back to the system, which gives them again page by page, each
    filled with zeros: for a short operation on a large tensor that is most of the time, and nearly all of its scatter.
    With memory kept it is the module that is timed, as under the caching allocators that are advised for training, and
    as on a CUDA device.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, TypeError, OSError):  # another C library than glibc
        return "left to the C library"
    kept = mallopt(MMAP_MAX, 0) and mallopt(TRIM_THRESHOLD, -1)
    return "kept by the process" if kept else "left to the C library"
