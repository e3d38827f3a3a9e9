"""The planted faults: enough of them, told apart, caught; and the plant itself harmless."""

import copy
import pickle
from collections import Counter
from dataclasses import replace

import pytest
import torch

from parity.catalogue import operators, pages
from parity.contract import CHECKS
from parity.diagnosis.symptom import fitted
from parity.trust.cells import of_page
from parity.trust.kill import WRONG, checked, judged, observed, ours, tried
from parity.trust.mutants import catalogue, find, lacking, of_module, specific_of_module
from parity.trust.mutants.behaviour.promises import in_contract
from parity.trust.mutants.causes import CAUSES
from parity.trust.mutants.families.tables import in_values
from parity.trust.mutants.survivors import SURVIVORS
from parity.trust.planted import Call, Mutant, MutantSubject, Planted, hosted
from parity.verdict.trial import Trial

# One fault of every family in a cheap module: each must be caught by some cell.
SAMPLE = [mutant.id for mutant in of_module("Linear") if mutant.id not in SURVIVORS][::4]
SAMPLE += [mutant.id for name in operators() for mutant in of_module(name) if mutant.id not in SURVIVORS][::40]


def parameters(module: str) -> int:
    page = (pages() | operators())[module]
    return len(list(page.reference(**page.cases[0].options).parameters()))


def test_there_are_enough_mutants_of_every_module() -> None:
    counts = Counter(mutant.module for mutant in catalogue().values())
    assert counts.total() >= 300
    assert counts.keys() == pages().keys() | operators().keys()
    assert all(count >= (15 if parameters(module) else 10) for module, count in counts.items())


def test_every_quantity_of_every_module_has_mutants() -> None:
    for module in pages():
        quantities = {mutant.quantity for mutant in of_module(module)}
        first = pages()[module].signature.first
        assert {"output", "contract", *([f"d{first.name}"] if first.gradient else [])} <= quantities
        assert len(quantities) > 2 + first.gradient or not parameters(module)


def test_every_value_of_every_operator_has_mutants() -> None:
    for module in operators():
        quantities = {mutant.quantity for mutant in of_module(module)}
        names = {"other"} & {name for case in operators()[module].cases for name in case.options if case.options[name]}
        firsts = {quantity for quantity in quantities if not quantity.startswith("d²")}
        assert firsts == {"output", "dx", *(f"d{name}" for name in names)}
        assert {"d²x", "d²dy"} <= quantities - firsts <= {"d²x", "d²dy", *(f"d²{name}" for name in names)}


def test_what_the_families_do_not_reach_has_faults_of_its_own() -> None:
    assert lacking() == []
    assert specific_of_module()["Linear"] >= 10


def test_the_families_reach_a_page_by_themselves() -> None:
    page = replace(pages()["Linear"], module="Unheard")
    quantities = {mutant.quantity for mutant in (*in_values(page), *in_contract(page))}
    assert quantities == {"output", "dx", "dweight", "dbias", "contract"}


# With parameters, with a kink, with numbers of its own, one that is differentiated twice, and one that is trained.
CHEAP_MODULES = ("Linear", "ReLU", "Dropout", "Tensor.exp", "LSTMClassifier")
CHEAP = [mutant for module in CHEAP_MODULES for mutant in of_module(module)]


@pytest.mark.parametrize("check", CHECKS)
def test_every_check_catches_a_fault(check: str) -> None:
    """A new kind of check comes with a fault that it catches itself: one of the families', or a new one among them."""
    assert any(
        checked(cell, MutantSubject(mutant)) - ours(cell)
        for mutant in CHEAP
        for cell in of_page(hosted()[mutant.module], 1.0, 0)
        if cell.check == check
    )


def test_ids_are_unique_and_begin_with_module_and_quantity() -> None:
    for identity, mutant in catalogue().items():
        assert identity.startswith(f"{mutant.module}/{mutant.quantity}/")
        assert find(identity) is mutant


def test_causes_are_those_of_the_list_and_all_of_them() -> None:
    assert {mutant.cause for mutant in catalogue().values()} == CAUSES


def test_survivors_are_mutants_each_with_a_reason() -> None:
    assert SURVIVORS.keys() <= catalogue().keys()
    assert all(SURVIVORS.values())


@pytest.mark.parametrize("module", ["Linear", "Softmax"])
def test_without_a_fault_the_plant_changes_nothing(module: str) -> None:
    harmless = MutantSubject(Mutant(f"{module}/output/none", module, "output", "sign"))
    for cell in of_page(pages()[module], 1.0, 0):
        if cell.check == "values":
            assert not judged(cell, harmless, observed(cell, harmless)) - ours(cell)
        elif cell.check != "pickles":  # there a fault is looked up by its id, and this one has none
            assert not checked(cell, harmless) - ours(cell)


@pytest.mark.parametrize("identity", SAMPLE)
def test_a_planted_fault_is_caught(identity: str) -> None:
    assert tried(find(identity), 1.0, 0).killed


@pytest.mark.parametrize(
    "identity",
    ["ReLU/dx/mask missing", "Softmax/dx/coupling term missing", "MSELoss/dx/two missing", "Sigmoid/output/sign"],
)
def test_what_catches_a_fault_is_told(identity: str) -> None:
    record = tried(find(identity), 1e-4, 0)
    assert record.killed
    assert record.by.startswith(f"{record.module}-")
    assert record.by.split()[-1] == record.quantity
    assert record.explanation == ""


def test_assert_close_lets_a_scaled_down_gradient_pass() -> None:
    small, unit = (tried(find("Linear/dx/one element off by 2^-12"), scale, 0) for scale in (1e-4, 1.0))
    assert small.killed
    assert unit.killed
    assert unit.killed_by_assert_close
    assert not small.killed_by_assert_close


def test_a_mutant_keeps_its_fault_through_pickle_and_copy() -> None:
    mutant = find("Linear/output/sign")
    trial = Trial(of_page(pages()["Linear"], 1.0, 0)[0], MutantSubject(mutant))
    built = trial.build()
    honest = trial.observe(built)["output"]
    for other in (pickle.loads(pickle.dumps(built)), copy.deepcopy(built)):
        assert isinstance(other, Planted)
        assert other.mutant is mutant
        assert torch.equal(trial.observe(other)["output"], honest)


def test_an_error_of_the_mutant_is_a_kill_and_no_crash() -> None:
    def broken(value: torch.Tensor, _: Call) -> torch.Tensor:
        return value.reshape(-1, 3, 17)

    record = tried(Mutant("Linear/dx/broken", "Linear", "dx", "wrong shape", broken), 1.0, 0)
    assert record.killed
    assert record.by.endswith(" all")
    assert WRONG == ("fail", "error")


def test_fitted_cuts_and_pads() -> None:
    wide = fitted(torch.ones(2, 5), torch.Size((3, 4)))
    assert wide.shape == (3, 4)
    assert wide[:2].eq(1).all()
    assert not wide[2].any()
