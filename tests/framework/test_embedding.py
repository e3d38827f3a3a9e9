"""Tables of vectors beside torch.nn in float64, and what they refuse."""

import pytest
import torch

import framework as fw

NUMBERS = torch.tensor([[1, 4, 1], [0, 2, 4]])
TABLE = torch.arange(15.0, dtype=torch.float64).reshape(5, 3)


def holding(own: fw.Module) -> fw.Module:
    own.to(torch.float64).load_state_dict({"weight": TABLE})
    return own


def weight_gradient(own: fw.Module) -> torch.Tensor:
    return own.named_parameters()["weight"].grad


@pytest.mark.parametrize("dtype", [torch.int64, torch.int32])
def test_a_repeated_number_gets_the_sum_and_the_padding_nothing(dtype):
    own = holding(fw.Embedding(5, 3, padding_idx=-1))
    y = own(NUMBERS.to(dtype))
    assert torch.equal(y, TABLE[NUMBERS])
    assert own.backward(torch.ones_like(y)) is None
    assert weight_gradient(own)[:, 0].tolist() == [1, 2, 1, 0, 0]


def test_the_row_of_the_padding_begins_at_zero_and_the_others_are_drawn():
    weight = fw.Embedding(400, 30, padding_idx=2).weight
    assert not weight[2].any()
    assert abs(weight.std().item() - 1) < 0.05


def test_an_empty_bag_is_zero_and_the_mean_is_of_what_is_not_padding():
    own = holding(fw.EmbeddingBag(5, 3, padding_idx=4))
    y = own(torch.tensor([4, 1, 3, 4]), torch.tensor([0, 3, 3]))
    assert torch.equal(y[0], (TABLE[1] + TABLE[3]) / 2)
    assert not y[1:].any()  # one bag is empty, one holds the padding alone
    own.backward(torch.ones_like(y))
    assert weight_gradient(own)[:, 0].tolist() == [0, 0.5, 0, 0.5, 0]


def test_a_weight_without_bound_does_not_reach_another_bag_or_row():
    own = holding(fw.EmbeddingBag(5, 3, mode="sum", padding_idx=4))
    weights = torch.tensor([[torch.inf, 1, 1], [1, 2, torch.nan]], dtype=torch.float64)
    numbers = torch.tensor([[1, 2, 3], [0, 2, 4]])
    y = own(numbers, None, weights)
    assert y[0].isinf().all()
    assert torch.equal(y[1], TABLE[0] + 2 * TABLE[2])  # what is padding does not count, whatever its weight
    dweights = own.backward(torch.ones_like(y))
    assert torch.equal(dweights, TABLE.sum(1)[numbers].masked_fill(numbers == 4, 0))
    assert weight_gradient(own)[:, 0].tolist() == [1, torch.inf, 3, 1, 0]


def test_many_small_numbers_are_added_in_more_digits_than_bfloat16_has():
    own = fw.Embedding(1, 1, dtype=torch.bfloat16)
    y = own(torch.zeros(4096, dtype=torch.int64))
    own.backward(torch.full_like(y, 2.0**-8))
    assert weight_gradient(own).item() == 16


def test_only_what_backward_reads_is_kept_and_guarded():
    numbers = NUMBERS.clone()
    own = fw.Embedding(5, 3)
    y = own(numbers)
    assert [kept.data_ptr() for kept in own.saved] == [numbers.data_ptr()]
    numbers[0, 0] = 2
    with pytest.raises(RuntimeError, match="Embedding: the tensors of forward must be unchanged"):
        own.backward(torch.ones_like(y))


def embed(numbers: object, *rest: object, kind: str = "Embedding", **options: object) -> None:
    getattr(fw, kind)(5, 3, **options)(numbers, *rest)


def bag(*given: object, **options: object) -> None:
    embed(*given, kind="EmbeddingBag", **options)


LINE, ENDS = NUMBERS.flatten(), torch.tensor([0, 2, 6])
REFUSED = [
    (lambda: embed(NUMBERS.float()), TypeError, "Embedding: input must be of int64 or int32, was torch.float32"),
    (lambda: embed(NUMBERS.bool()), TypeError, "Embedding: input must be of int64 or int32, was torch.bool"),
    (lambda: embed([1]), TypeError, "Embedding: input must be a tensor, was list"),
    (lambda: embed(NUMBERS + 1), ValueError, "Embedding: input must be in 0 ... 4, was 5"),
    (lambda: embed(NUMBERS - 1), ValueError, "Embedding: input must be in 0 ... 4, was -1"),
    (lambda: embed(NUMBERS.to("meta")), ValueError, "Embedding: input must be on cpu as weight is, was on meta"),
    (lambda: embed(NUMBERS, NUMBERS), TypeError, "Embedding: forward must be given input, was given 2 inputs"),
    (lambda: embed(NUMBERS, padding_idx=5), ValueError, "Embedding: padding_idx must be in -5 ... 4, was 5"),
    (lambda: embed(NUMBERS, padding_idx=1.0), TypeError, "Embedding: padding_idx must be an int, was 1.0"),
    (lambda: embed(NUMBERS, max_norm=1.0), ValueError, "Embedding: max_norm must be None, which is all there is"),
    (lambda: embed(NUMBERS, norm_type=1.0), ValueError, "Embedding: norm_type must be 2.0, which is all there is"),
    (lambda: embed(NUMBERS, scale_grad_by_freq=True), ValueError, "Embedding: scale_grad_by_freq must be False"),
    (lambda: embed(NUMBERS, sparse=True), ValueError, "Embedding: sparse must be False, which is all there is"),
    (lambda: bag(NUMBERS, mode="max"), ValueError, "EmbeddingBag: mode must be one of mean, sum, was 'max'"),
    (lambda: bag(NUMBERS, sparse=True), ValueError, "EmbeddingBag: sparse must be False"),
    (lambda: bag(LINE), ValueError, "EmbeddingBag: input must have 2 axes (B, L) without offsets, had shape (6,)"),
    (lambda: bag(NUMBERS, ENDS), ValueError, "EmbeddingBag: input must have 1 axis with offsets, had shape (2, 3)"),
    (lambda: bag(LINE, ENDS + 1), ValueError, "EmbeddingBag: offsets must be in 0 ... 6, was 7"),
    (lambda: bag(LINE, ENDS[1:]), ValueError, "EmbeddingBag: offsets must begin at 0, not decrease, was [2, 6]"),
    (lambda: bag(LINE, ENDS[[0, 2, 1]]), ValueError, "EmbeddingBag: offsets must begin at 0, not decrease, was [0, 6"),
    (lambda: bag(LINE, ENDS[:2], include_last_offset=True), ValueError, "not decrease and end at 6, was [0, 2]"),
    (lambda: bag(NUMBERS, include_last_offset=True), ValueError, "EmbeddingBag: offsets must be given with"),
    (lambda: bag(LINE, ENDS[:0]), ValueError, "EmbeddingBag: offsets must have 1 axis, and one at least, had"),
    (lambda: bag(NUMBERS, None, torch.ones(2, 3)), ValueError, "per_sample_weights must be None where mode is mean"),
    (lambda: bag(NUMBERS, None, torch.ones(3), mode="sum"), ValueError, "per_sample_weights must have shape (2, 3)"),
    (lambda: bag(NUMBERS, None, TABLE, mode="sum"), TypeError, "per_sample_weights must be torch.float32 as weight is"),
]


@pytest.mark.parametrize(("bad", "kind", "said"), REFUSED)
def test_what_is_refused_is_said(bad, kind, said):
    with pytest.raises(kind) as caught:
        bad()
    assert said in str(caught.value)
