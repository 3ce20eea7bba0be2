"""Our forward against transformers' own, over the same float32 numbers."""

from __future__ import annotations

import copy
import dataclasses

import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st

from core.resident.checkpoint import text_name
from core.resident.gemma3n.forward import Forward
from core.resident.gemma3n.kv import Slots
from core.resident.gemma3n.nf4 import NF4
from core.resident.gemma3n.slices import Slice
from core.resident.gemma3n.weights import Dense
from tests.core.gemma3n.tiny import WINDOW, error, hf_config, reference, weights_of

LONG = 3 * WINDOW + 5
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def truth():
    return reference(hf_config())


@pytest.fixture(scope="module")
def weights(truth):
    return weights_of(truth)


def opened(weights, ring=WINDOW, slots=3):
    return Forward(weights, Slots(weights.config, slots, 128, ring, torch.float32, CPU), torch.float32)


def prefill(forward, part, slot, tokens, piece):
    for start in range(0, len(tokens), piece):
        end = min(start + piece, len(tokens))
        logits = forward.run(part, slot, start, tokens[start:end], last=end == len(tokens))
    return logits


def some_tokens(n, seed=0):
    return torch.randint(1, 512, (n,), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("piece", [LONG, 20, 1])
def test_prefill_in_any_pieces_gives_transformers_logits(truth, weights, piece):
    tokens = some_tokens(LONG)
    with torch.inference_mode():
        expected = truth(tokens.unsqueeze(0)).logits[0, -1]
        found = prefill(opened(weights), Slice.of(weights.config, "all"), 1, tokens, piece)
    assert error(found, expected) < 1e-4


def test_chats_of_mixed_lengths_decode_past_the_window(truth, weights):
    forward, part = opened(weights), Slice.of(weights.config, "all")
    chats = [some_tokens(n, seed=n) for n in (3, WINDOW, WINDOW + 7)]
    texts = [c.tolist() for c in chats]
    with torch.inference_mode():
        nexts = [prefill(forward, part, slot, c, 64).argmax() for slot, c in enumerate(chats)]
        for _ in range(WINDOW + 2):
            for slot, text in enumerate(texts):
                text.append(int(nexts[slot]))
                logits = forward.run(part, slot, len(text) - 1, torch.tensor(text[-1:]), last=True)
                nexts[slot] = logits.argmax()
        for text, chat in zip(texts, chats, strict=True):
            expected = truth(torch.tensor([text[:-1]])).logits[0, len(chat) - 1 :].argmax(-1)
            assert text[len(chat) :] == expected.tolist()


def test_a_copied_prefix_is_as_good_as_an_own_one(weights):
    forward, part = opened(weights, ring=2 * WINDOW), Slice.of(weights.config, "all")
    tokens = some_tokens(3 * WINDOW)
    with torch.inference_mode():
        own = prefill(forward, part, 0, tokens, 32)
        forward.cache.copy(0, 2, 32)
        again = forward.run(part, 2, 32, tokens[32:], last=True)
    assert error(again, own) < 1e-5


STEP = st.one_of(
    st.tuples(st.just("write"), st.integers(0, 2), st.integers(0, 40), st.integers(1, 60)),
    st.tuples(st.just("copy"), st.integers(0, 2), st.integers(1, 60), st.integers(0, 2)),
)


@given(st.lists(STEP, max_size=14))
@example([("write", 0, 0, 28), ("copy", 0, 28, 1), ("write", 1, 28, 4)])  # a copy's early positions never were there
@example([("write", 0, 0, 44), ("write", 0, 16, 8)])  # begun again at 16, over what the longer chat had left
def test_a_ring_holds_what_it_says_it_holds(weights, steps):
    """Keys here tell who wrote them: each chat has a number, and a slot's chat is the one written from its start."""
    cache = Slots(weights.config, 3, 128, 2 * WINDOW, torch.float32, CPU)
    layer = weights.config.sliding.index(True)
    truth = [[], [], []]  # of each slot: what its positions should hold

    def whole(slot, length):
        first = max(0, length - WINDOW + 1)
        return cache.read(layer, slot, first, length)[0][:, 0, 0].tolist() == truth[slot][first:length]

    for number, (kind, slot, n, other) in enumerate(steps):
        if kind == "write":  # goes on after a prefix of what is there, if that is held
            start = min(n, len(truth[slot]))
            if start and not cache.holds(slot, start):
                start = 0
            made = [number * 1000.0 + p for p in range(start, min(start + other, 128))]
            keys = torch.tensor(made)[:, None, None].expand(-1, weights.config.kv_heads, weights.config.head_dim)
            cache.write(layer, slot, start, keys, keys)
            cache.wrote(slot, start, start + len(made))
            truth[slot] = truth[slot][:start] + made
        elif slot != other and n <= len(truth[slot]) and cache.holds(slot, n):
            cache.copy(slot, other, n)
            truth[other] = truth[slot][:n]
        for at in range(3):
            assert cache.holds(at, len(truth[at])), "what was written last is always whole"
            assert all(whole(at, n) for n in range(1, len(truth[at]) + 1) if cache.holds(at, n))


def sliced(truth, skip, ffn):
    """transformers' model built from the nested model's own config and copies of its weights."""
    keep = [i for i in range(truth.config.num_hidden_layers) if i not in skip]
    config = copy.deepcopy(truth.config).to_dict()
    config.update(
        num_hidden_layers=len(keep),
        intermediate_size=[ffn] * len(keep),
        layer_types=[config["layer_types"][i] for i in keep],
        activation_sparsity_pattern=[config["activation_sparsity_pattern"][i] for i in keep],
        num_kv_shared_layers=config["num_kv_shared_layers"] - len(skip),
    )
    small = reference(type(truth.config)(**config))
    old, new = truth.model.state_dict(), small.model.state_dict()
    ple = truth.config.hidden_size_per_layer_input
    columns = torch.cat([torch.arange(i * ple, (i + 1) * ple) for i in keep])
    for name, tensor in new.items():
        source = old[
            name
            if not name.startswith("layers.")
            else ".".join(["layers", str(keep[int(name.split(".")[1])]), *name.split(".")[2:]])
        ]
        if name == "embed_tokens_per_layer.weight":
            source = source[:, columns]
        elif name == "per_layer_model_projection.weight":
            source = source[columns]
        elif "gate_proj" in name or "up_proj" in name:
            source = source[:ffn]
        elif "down_proj" in name:
            source = source[:, :ffn]
        tensor.copy_(source)
    return small


def test_the_nested_model_is_the_one_built_from_sliced_weights(truth, weights):
    part = Slice.of(weights.config, "small", skip=(4, 5), ffn=128)
    small, tokens = sliced(truth, {4, 5}, 128), some_tokens(LONG, seed=5)
    with torch.inference_mode():
        expected = small(tokens.unsqueeze(0)).logits[0, -1]
        found = prefill(opened(weights), part, 0, tokens, 16)
        whole = truth(tokens.unsqueeze(0)).logits[0, -1]
    assert error(found, expected) < 1e-4
    assert error(found, whole) > 0.1


def test_a_slice_cannot_leave_out_a_layer_whose_keys_others_use(weights):
    with pytest.raises(ValueError, match="own no keys"):
        Slice.of(weights.config, "broken", skip=(2,))


def test_quantized_weights_equal_transformers_over_the_dequantized(truth):
    weights = weights_of(truth, quantized=True)
    whole = copy.deepcopy(weights)
    for holder in (whole, *whole.layers):
        for name in holder.__slots__:
            if isinstance(matrix := getattr(holder, name), NF4):
                setattr(holder, name, Dense(matrix.dense(torch.float32)))
    tokens = some_tokens(20, seed=9)
    with torch.inference_mode():
        a = prefill(opened(weights), Slice.of(weights.config, "all"), 0, tokens, 20)
        b = prefill(opened(whole), Slice.of(weights.config, "all"), 0, tokens, 20)
        original = truth(tokens.unsqueeze(0)).logits[0, -1]
    assert error(a, b) < 1e-5
    assert 1e-3 < error(a, original) < 1.0


def test_names_of_text_only_and_multimodal_checkpoints_meet():
    assert text_name("model.language_model.layers.0.mlp.up_proj.weight") == "layers.0.mlp.up_proj.weight"
    assert text_name("model.layers.0.mlp.up_proj.weight") == "layers.0.mlp.up_proj.weight"
    assert text_name("language_model.model.norm.weight") == "norm.weight"
    assert text_name("model.vision_tower.timm_model.blocks.0.weight") is None


def test_a_token_past_the_per_layer_table_takes_its_first_row(truth, weights):
    short = copy.copy(weights)
    short.config, short.ple = dataclasses.replace(weights.config, ple_vocabulary=400), weights.ple[:400]
    whole, cut = opened(weights), opened(short)
    _, zero = whole.begin(torch.tensor([0]))
    streams, found = cut.begin(torch.tensor([450]))
    expected_streams, own = whole.begin(torch.tensor([450]))
    assert torch.equal(streams, expected_streams) and not torch.equal(found, own)
    scale = 64**0.5 * 0.5**0.5  # of a table's row in the per-layer inputs
    moved = (weights.ple[0] - weights.ple[450]).view(1, 7, 64) * scale
    assert error(found, own + moved) < 1e-5 and zero.shape == found.shape
