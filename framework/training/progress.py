"""A progress bar, on a terminal only."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, TaskID

from framework.training.callbacks import Callback

if TYPE_CHECKING:
    from framework.training.loop import Training


class ProgressBar(Callback):
    """Show epochs done, the last losses and the time left on standard error; show nothing where it is no terminal."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._bar = Progress(console=console, disable=not console.is_terminal)
        self._task = TaskID(0)

    def begin(self, training: "Training") -> None:
        self._task = self._bar.add_task("training", total=training.epochs)
        self._bar.start()

    def after_epoch(self, training: "Training") -> None:
        last = training.history[-1]
        shown = f"loss {last.loss:.4g}"
        if training.validation is not None:
            shown += f", validation {last.validation_loss:.4g}"
        self._bar.update(self._task, advance=1, description=shown)

    def end(self, training: "Training") -> None:  # noqa: ARG002 - the signature is that of every callback
        self._bar.stop()
