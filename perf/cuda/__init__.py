"""Timing on a CUDA device: its own clock, its caches, its launches.

Vocabulary  event, spin, flush, cold and warm, graph, launch, clock
Imports     perf.method. Only `device.py` calls torch.cuda; the rest is plain and tested without a GPU.
"""
