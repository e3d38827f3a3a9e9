"""What torch.compile makes of modules: a forward, a backward, or a whole step of training, each one piece of code.

Vocabulary  piece (code that was compiled for a signature), signature (what decides which code is right for a call)
Imports     module and optim of the framework; step stands on module
"""
