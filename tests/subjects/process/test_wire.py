"""What a worker sends is data: read without being executed, and refused where it has no sense."""

import copy
import functools
import gc
import itertools
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from parity.independence import audits
from parity.subjects.adapters import COLUMN, ROW
from parity.subjects.process import memory
from parity.subjects.process.child import Child
from parity.subjects.process.failure import Failure
from parity.subjects.process.shared import Shared, state
from parity.subjects.process.wire import BODY_BYTES, HEAD, Channel, Garbled, Message, Writer


def sent(value: object, by: Shared, to: Shared) -> Any:
    """Return a value as it arrives on the other side."""
    writer = Writer(by.refer)
    said = json.loads(json.dumps([writer.value(value), by.changes(writer)]))
    message = Message(0, None, np.frombuffer(b"".join(writer.parts), dtype=np.uint8))
    to.take(message, said[1])
    return message.value(said[0], to.resolve)


@pytest.fixture
def sides() -> tuple[Shared, Shared]:
    return Shared(of_caller=True), Shared(of_caller=False)


LAYOUTS = {
    "plain": torch.randn(3, 4),
    "transposed": torch.randn(3, 4).T,
    "every second": torch.randn(3, 4)[:, ::2],
    "behind others": torch.randn(3, 4)[1:],
    "expanded": torch.randn(4).expand(3, 4),
    "empty": torch.empty(0, 3),
    "scalar": torch.tensor(2.0),
    "bfloat16": torch.randn(3).bfloat16(),
    "complex": torch.randn(3, dtype=torch.complex64),
    "negative": torch.complex(torch.randn(3), torch.randn(3)).conj().imag,
    "conjugated": torch.randn(3, dtype=torch.complex64).conj(),
    "bool": torch.tensor([True, False]),
}


@pytest.mark.parametrize("what", LAYOUTS)
def test_a_tensor_arrives_as_it_was_either_way(sides: tuple[Shared, Shared], what: str) -> None:
    tensor, (caller, worker) = LAYOUTS[what], sides
    for by, to in ((caller, worker), (worker, caller)):
        again = sent(tensor, by, to)
        assert torch.equal(again, tensor)
        assert again.dtype == tensor.dtype
        assert memory.flipped(tensor) or again.stride() == tensor.stride()


def test_what_either_side_writes_the_other_has(sides: tuple[Shared, Shared]) -> None:
    caller, worker = sides
    x = torch.zeros(2, 3)[:, :2]
    over_there = sent(x, caller, worker)
    x[1, 1] = 1
    assert sent(None, caller, worker) is None
    assert over_there.tolist() == [[0, 0], [0, 1]]
    over_there.data = torch.ones(3)  # another layout; the tensor stays the same object
    sent(None, worker, caller)
    assert x.tolist() == [1, 1, 1]
    assert sent(x, caller, worker) is over_there


def test_results_that_share_memory_share_it_on_the_other_side(sides: tuple[Shared, Shared]) -> None:
    caller, worker = sides
    x = torch.arange(6.0).view(2, 3)
    over_there = sent(x, caller, worker)
    row, same = sent([over_there[1], over_there.view(2, 3)], worker, caller)
    assert same is x
    assert row.data_ptr() == x[1].data_ptr()
    row.zero_()
    assert x.tolist() == [[0, 1, 2], [0, 0, 0]]


def test_a_tensor_that_the_caller_lets_go_is_forgotten(sides: tuple[Shared, Shared]) -> None:
    caller, worker = sides
    x = torch.zeros(2)
    sent(x, caller, worker)
    assert list(worker.entries) == [-1]
    del x
    assert caller.forgotten() == [-1]
    assert not caller.entries


def test_a_view_whose_sign_is_turned_is_written_by_its_value(sides: tuple[Shared, Shared]) -> None:
    caller, worker = sides
    turned = torch._neg_view(torch.tensor([1.0, 2.0]))
    here = sent(turned, worker, caller)
    here[0] = 5
    sent(None, caller, worker)
    assert turned.tolist() == [5, -2]


def leaves(said: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(said, (list, dict)):
        for key in said if isinstance(said, dict) else range(len(said)):
            yield from leaves(said[key], (*path, key))


WRONG = (None, -1, 0, 2**62, 2**70, 1.5, "x", "exec", [], [1], {}, {"view": [3, 1, 0, "int8", [9], [1]]}, True)


def test_a_message_without_sense_is_refused_and_nothing_else_happens() -> None:
    worker, outer = Shared(of_caller=False), torch.arange(6.0)
    writer = Writer(worker.refer)
    value = {"a": outer, "b": [outer[2:], outer], "c": b"xy", "d": Failure("KeyError", "KeyError", ("k",), "")}
    said = writer.value(value)
    assert worker.changes(writer) == []  # the first asks for none of what was just told
    outer[0] = 7
    whole = json.loads(json.dumps([worker.changes(writer), said]))
    body = np.frombuffer(b"".join(writer.parts), dtype=np.uint8)
    refused = []
    for path, wrong in itertools.product(leaves(whole), WRONG):
        text, here = copy.deepcopy(whole), torch.zeros(6)
        if path:
            functools.reduce(lambda inner, key: inner[key], path[:-1], text)[path[-1]] = wrong
        child = Child.__new__(Child)
        child.shared = Shared(of_caller=True)
        child.shared.add(1, here, *state(here))
        try:
            child.read(Message(0, text if path else wrong, body))
        except Garbled:
            refused.append(path)
    assert len(refused) > 300
    assert (0, 0, 1, 2) in refused  # an offset
    assert (1, "map", "a", "new", 1, 5) in refused  # where its bytes lie


def test_more_bytes_than_a_tensor_has_are_not_written_behind_it() -> None:
    caller, wide = Shared(of_caller=True), torch.zeros(8)
    narrow = wide[:2]
    caller.add(1, narrow, *state(narrow))
    message = Message(0, None, np.frombuffer(torch.ones(8).numpy().tobytes(), dtype=np.uint8))
    caller.take(message, [[1, ["float32", "cpu", 0, [2], [1], 0, 32]]])
    assert wide.tolist() == [1, 1, 0, 0, 0, 0, 0, 0]
    with pytest.raises(ValueError, match="beyond its memory"):
        caller.take(message, [[1, ["float32", "cpu", 7, [2], [1], 0, 32]]])


def test_an_error_names_only_exceptions(tmp_path: Path) -> None:
    code = f"open({str(tmp_path / 'ran')!r}, 'w')"
    for base in ("exec", "eval", "print", "open", "KeyboardInterrupt", "nothing", "__import__"):
        assert isinstance(Failure(base, base, (code,), "").error(), RuntimeError)
    assert not (tmp_path / "ran").exists()
    assert isinstance(Failure("KeyError", "Own", ("gone",), "").error(), KeyError)


def test_a_head_is_judged_before_anything_is_allocated() -> None:
    ours, theirs = socket.socketpair()
    theirs.send(HEAD.pack(1, 2, BODY_BYTES + 1))
    with pytest.raises(Garbled, match="promises 2 bytes of text and 1073741825 of tensors"):
        Channel(ours).receive(lambda _: None)
    theirs.send(HEAD.pack(1, 6, 0) + b"[1, 2,")
    with pytest.raises(Garbled, match="no message"):
        Channel(ours).receive(lambda _: None)
    ours.close()
    theirs.close()


def test_an_audit_arrives_as_it_was() -> None:
    row = audits.Audit("s", "m", {"mm": 2}, "independent", ("a",), "r", {"mm": frozenset({"x", "dy"})})
    said = sent(audits.told(row), Shared(of_caller=False), Shared(of_caller=True))
    assert audits.heard(said) == row
    for wrong in (None, [], {"verdict": "independent"}, said | {"verdict": "fine"}):
        with pytest.raises(ValueError, match="the process"):
            audits.heard(wrong)


def test_a_layout_keeps_the_axis_of_one_output() -> None:
    for kept in (ROW, COLUMN):
        assert kept.back(kept.into(torch.zeros(1))).shape == (1,)
        assert kept.back(torch.zeros(1)).shape == (1,)
        assert (kept * 3).back((kept * 3).into(torch.zeros(1))).shape == (1,)


@pytest.mark.parametrize("after", [0, 1, 2, 3, 50, 200, 499])
def test_tensors_that_go_while_they_are_listed_do_no_harm(after: int) -> None:
    caller, before = Shared(of_caller=True), gc.get_threshold()
    gc.collect()
    gc.disable()
    try:
        for number in range(500):
            ring: list[object] = [tensor := torch.zeros(1)]
            ring.append(ring)  # goes when garbage is collected, which any new tuple may start
            caller.add(-number - 1, tensor, b"", (torch.float32, (1,), (1,)))
            del tensor, ring
        gc.set_threshold(gc.get_count()[0] + after)  # before the list, or amid it
        gc.enable()
        listed = caller.at_hand()
    finally:
        gc.set_threshold(*before)
        gc.enable()
    kept = [number for number, _, _ in listed]
    del listed
    gc.collect()
    assert caller.at_hand() == []
    assert sorted(caller.forgotten()) == [*range(-500, 0)]
    assert len(kept) <= 500
