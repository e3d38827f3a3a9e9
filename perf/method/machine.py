"""What is the same for every measurement in a process: one thread, and memory that is not asked for anew.

The C library hands large freed blocks back to the system, which gives them again page by page, each filled with zeros:
of a ReLU on 10^7 elements that was five sixths of the time, and nearly all of its scatter. Kept memory lets the module
be timed instead, as under the caching allocators that are advised for training, and as on a CUDA device.
"""

import ctypes

import torch

TRIM_THRESHOLD, MMAP_MAX = -1, -4  # the parameters of glibc's mallopt


def settle() -> str:
    """Compute on one thread and keep freed memory from now on; return what becomes of it, in words."""
    torch.set_num_threads(1)
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, TypeError, OSError):  # another C library than glibc
        return "left to the C library"
    kept = mallopt(MMAP_MAX, 0) and mallopt(TRIM_THRESHOLD, -1)
    return "kept by the process" if kept else "left to the C library"
