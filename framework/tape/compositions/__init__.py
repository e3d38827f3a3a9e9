"""The framework's layers and losses again, composed of elementary operators: the tape derives them by itself.

A second road to every gradient, which shares no formula of a derivative with the layers' own files.

Vocabulary  composition: a function of Variables that says what a layer's forward is, and nothing of its derivative
table       which composition a layer has, and with which of its options: the one place
the others  a family each; a file reads without the layers, images/ holds those of images
"""
