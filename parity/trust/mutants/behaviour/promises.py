"""Faults of the contract: the promises that each module breaks in turn. Values of a single call stay right."""

from collections.abc import Iterator

from parity.catalogue.page import Page
from parity.trust.mutants.behaviour import broken_calls as calls
from parity.trust.mutants.behaviour import broken_memory as memory
from parity.trust.mutants.families.tables import parameters
from parity.trust.planted import Mutant, Planted

Promises = dict[str, tuple[str, type[Planted]]]  # name of the fault: its cause, and the class that has it

IN_EVERY_MODULE: Promises = {
    "x changed": ("input changed", memory.ChangesInput),
    "cotangent changed": ("cotangent changed", memory.ChangesCotangent),
    "first forward remembered": ("first forward remembered", calls.FirstForward),
    "second backward gives zeros": ("backward not repeatable", calls.ForgetsAfterBackward),
    "memory of the output used again": ("result overwritten later", calls.ReusesOutput),
    "output not deterministic": ("not deterministic", calls.NotDeterministic),
    "backward before forward answered": ("backward before forward accepted", calls.AnswersWithoutForward),
    "backward before forward stumbles": ("wrong error", calls.AttributeErrorWithoutForward),
    "anything accepted": ("bad input accepted", calls.AcceptsAnything),
    "words of refusal vague": ("wrong error", calls.VagueError),
    "broken by a refusal": ("unusable after refusal", calls.BrokenByRefusal),
    "output in float64": ("wrong dtype", calls.GivesFloat64),
    "empty batch refused": ("wrong for N = 0", calls.RefusesEmpty),
}
WITH_DX: Promises = {
    "memory of dx used again": ("result overwritten later", calls.ReusesDx),
    "dx not deterministic": ("not deterministic", calls.NotDeterministicBackward),
    "dx with another axis": ("wrong shape", calls.AddsAxis),
}
WITH_PARAMETERS: Promises = {
    "parameter changed": ("parameter changed", memory.ChangesParameter),
    "gradients overwritten": ("not accumulated", memory.Overwrites),
    "gradients kept twice": ("doubled", memory.AddsTwice),
    "gradients averaged over calls": ("not accumulated", memory.AveragesCalls),
    "gradients never cleared": ("not cleared", memory.NeverClears),
    "last gradient never cleared": ("not cleared", memory.ClearsFirstOnly),
    "gradients never initialised": ("uninitialised memory", memory.FreshGarbage),
    "gradients of the last forward": ("gradient changed by forward", memory.LazyGradients),
    "gradients cleared by forward": ("gradient changed by forward", memory.ForwardClears),
    "list of parameters copied": ("stale parameter list", memory.StaleList),
    "state not loaded": ("state not loaded", memory.DoesNotLoad),
    "state aliased": ("state aliased", memory.LoadsAlias),
    "state incomplete": ("state incomplete", memory.StateIncomplete),
    "copy shares memory": ("copy shares memory", memory.CopySharesMemory),
    "pickle loses the values": ("copy loses values", memory.CopyLosesValues),
}
WITH_OPTIONS: Promises = {"bad options accepted": ("bad options accepted", calls.AcceptsBadOptions)}
WHERE_INTEGERS_ARE_REFUSED: Promises = {"integers accepted": ("bad input accepted", calls.AcceptsIntegers)}
WITH_MODES: Promises = {
    "mode of the first call kept": ("mode ignored", memory.KeepsFirstMode),
    "backward in the mode of the first call": ("mode ignored", memory.BackwardOfFirstMode),
}
OF_LOSSES: Promises = {"target changed": ("target changed", memory.ChangesTarget)}


def in_contract(page: Page) -> Iterator[Mutant]:
    """Yield the faults of the contract that a module can have, as its page says."""
    module, refusals = page.module, page.refusals
    tables = [
        (IN_EVERY_MODULE, True),
        (WITH_DX, page.signature.first.gradient),
        (WITH_PARAMETERS, bool(parameters(page))),
        (WITH_OPTIONS, any(refusal.options for refusal in refusals)),
        (WHERE_INTEGERS_ARE_REFUSED, any(refusal.name == "integers" for refusal in refusals)),
        (WITH_MODES, page.has_modes),
        (OF_LOSSES, bool(page.cases[0].target)),
    ]
    for table, fits in tables:
        for name, (cause, kind) in table.items() if fits else ():
            yield Mutant(f"{module}/contract/{name}", module, "contract", cause, planted=kind)
