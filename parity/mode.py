"""The base of what watches or changes torch's operations as they are dispatched."""

from torch.utils._python_dispatch import TorchDispatchMode


class Mode(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves its base untyped
    """A mode of torch that leaves torch's compiler unimported."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # as above

    def __init_subclass__(cls) -> None:
        """Leave out what torch does here: it wraps `__torch_dispatch__` so that nothing in it is compiled, and imports
        the compiler for it: more than a second of every process, and microseconds of every operation. The suite
        compiles nothing.
        """
