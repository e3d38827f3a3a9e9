"""The layers of attention: what parity does not show of them."""

import copy

import pytest
import torch
from torch.nn import functional

import framework


def triple(*batch: int, queries: int = 3, keys: int = 4, features: int = 2, values: int = 5) -> list[torch.Tensor]:
    shapes = ((queries, features), (keys, features), (keys, values))
    return [torch.randn(*batch, *shape, dtype=torch.float64) for shape in shapes]


def sequences(*samples: int, size: int = 4) -> list[torch.Tensor]:
    return [torch.randn(moments, *samples, size) for moments in (3, 5, 5)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dropout_p": 0.1}, "dropout_p must be 0"),
        ({"enable_gqa": True}, "enable_gqa must be False"),
        ({"is_causal": 1}, "is_causal must be a bool"),
        ({"scale": "wide"}, "scale must be a number"),
    ],
)
def test_what_it_does_not_have_is_refused_by_name(options, message):
    with pytest.raises((TypeError, ValueError), match=f"ScaledDotProductAttention: {message}"):
        framework.ScaledDotProductAttention(**options)


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (torch.ones(3, 5, dtype=torch.bool), r"attn_mask must expand to shape \(2, 3, 4\), had \(3, 5\)"),
        (torch.ones(1, 2, 3, 4, dtype=torch.bool), "attn_mask must expand to shape"),
        (torch.ones(3, 4), "attn_mask must be torch.float64 as query is"),
        (torch.ones(3, 4, dtype=torch.int64), "attn_mask must be of a floating-point dtype"),
    ],
)
def test_a_mask_that_does_not_fit_is_told(mask, message):
    with pytest.raises((TypeError, ValueError), match=f"ScaledDotProductAttention: {message}"):
        framework.ScaledDotProductAttention()(*triple(2), mask)


def test_a_mask_beside_a_causal_one_is_refused():
    with pytest.raises(ValueError, match="attn_mask must be left out where is_causal is True"):
        framework.ScaledDotProductAttention(is_causal=True)(*triple(2), torch.ones(3, 4, dtype=torch.bool))


@pytest.mark.parametrize("additive", [False, True])
def test_a_query_that_sees_no_key_gets_what_torch_gives_it(additive):
    given, layer = [value.requires_grad_() for value in triple(2)], framework.ScaledDotProductAttention()
    mask = torch.ones(3, 4, dtype=torch.bool)
    mask[1] = False
    asked = torch.zeros(3, 4, dtype=torch.float64).masked_fill(~mask, -torch.inf) if additive else mask
    wanted = functional.scaled_dot_product_attention(*given, asked)
    dy = torch.randn_like(wanted)
    gradients = torch.autograd.grad(wanted, given, dy)
    y = layer(*(value.detach() for value in given), asked)
    assert not y[:, 1].any()
    torch.testing.assert_close(y, wanted.detach())
    for got, one in zip(layer.backward(dy), gradients, strict=True):
        torch.testing.assert_close(got, one)


def test_heads_that_see_no_key_show_nan_as_those_of_torch_do():
    layer = framework.MultiheadAttention(4, 2)
    masked = torch.ones(2, 5, dtype=torch.bool)
    masked[0] = False
    output, shown = layer(*sequences(2), masked)
    assert output[:, 0].isfinite().all()
    assert output[:, 1].isnan().all()
    assert shown[1].isnan().all()


@pytest.mark.parametrize("size", [1e4, 1e15])
def test_huge_scores_stay_finite(size):
    query, key, value = (size * given.float() for given in triple(2))
    layer = framework.ScaledDotProductAttention()
    y = layer(query, key, value)
    assert all(given.isfinite().all() for given in (y, *layer.backward(torch.ones_like(y))))


def test_scores_beyond_the_largest_half_are_computed():
    given = [(1000 * value).half() for value in triple(2)]
    y = framework.ScaledDotProductAttention()(*given)
    wanted = framework.ScaledDotProductAttention()(*(value.float() for value in given))
    assert torch.equal(y, wanted.half())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"dropout": 0.5}, "dropout must be 0"),
        ({"add_bias_kv": True}, "add_bias_kv must be False"),
        ({"add_zero_attn": True}, "add_zero_attn must be False"),
        ({"num_heads": 3}, "num_heads must divide embed_dim = 4, was 3"),
        ({"kdim": 0}, "kdim must be at least 1"),
        ({"batch_first": None}, "batch_first must be a bool"),
    ],
)
def test_options_out_of_range_are_named(options, message):
    with pytest.raises((TypeError, ValueError), match=f"MultiheadAttention: {message}"):
        framework.MultiheadAttention(**{"embed_dim": 4, "num_heads": 2} | options)


@pytest.mark.parametrize(
    ("masks", "message"),
    [
        ((torch.zeros(5, 2, dtype=torch.bool),), r"key_padding_mask must have shape \(2, 5\), had \(5, 2\)"),
        ((None, torch.zeros(5, 3, dtype=torch.bool)), r"attn_mask must have shape \(3, 5\), had \(5, 3\)"),
        ((None, torch.zeros(2, 3, 5, dtype=torch.bool)), r"attn_mask must have shape \(4, 3, 5\), had \(2, 3, 5\)"),
        ((None, torch.zeros(3, 5).double()), "attn_mask must be torch.float32"),
    ],
)
def test_masks_of_heads_that_do_not_fit_are_told(masks, message):
    with pytest.raises((TypeError, ValueError), match=f"MultiheadAttention: {message}"):
        framework.MultiheadAttention(4, 2)(*sequences(2), *masks)


def test_of_no_key_at_all_is_what_torch_has():
    query, key, value = sequences(2)
    ours, theirs = framework.MultiheadAttention(4, 2), torch.nn.MultiheadAttention(4, 2)
    theirs.load_state_dict(ours.state_dict())
    output, attention = ours(query, key[:0], value[:0])
    wanted, of_torch = theirs(query, key[:0], value[:0])
    assert torch.equal(output, wanted)
    assert attention.shape == of_torch.shape == (*attention.shape[:-1], 0)
    dquery, dkey, _ = ours.backward(torch.ones_like(output), torch.zeros_like(attention))
    assert not dquery.any()
    assert not dkey.numel()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("kdim", [None, 3])
def test_parameters_bear_the_names_of_torch_in_its_order(bias, kdim):
    options = {"embed_dim": 4, "num_heads": 2, "bias": bias, "kdim": kdim}
    wanted = [(name, value.shape) for name, value in torch.nn.MultiheadAttention(**options).named_parameters()]
    held = framework.MultiheadAttention(**options).named_parameters()
    assert [(name, value.shape) for name, (value, _) in held.items()] == wanted


@pytest.mark.parametrize(
    ("layer", "given"),
    [
        (framework.ScaledDotProductAttention(), triple(2)),
        (framework.ScaledDotProductAttention(is_causal=True), triple()),
        (framework.MultiheadAttention(4, 2), sequences(2)),
        (framework.MultiheadAttention(4, 1), sequences()),
    ],
    ids=str,
)
def test_what_is_returned_shares_no_memory_with_what_was_given(layer, given):
    before = copy.deepcopy(given)
    returned = layer(*given)
    outputs = returned if isinstance(returned, tuple) else (returned,)
    dys = [torch.randn_like(y) for y in outputs]
    gradients = layer.backward(*dys)
    memory = [value.untyped_storage().data_ptr() for value in (*outputs, *gradients)]
    assert len(set(memory)) == len(memory)
    assert not set(memory) & {value.untyped_storage().data_ptr() for value in (*given, *dys, *layer.saved)}
    assert all(torch.equal(a, b) for a, b in zip(given, before, strict=True))
