"""Layers of images (N, C, *), for any number of axes where the layer has one of them.

Vocabulary  taps: what a window sees of an image, row by row
Imports     convolutions calls borders and resizing; pooling and the others stand by themselves
"""
