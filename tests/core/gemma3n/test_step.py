"""The fused step against the plain forward over the same quantized weights, in float32 in Triton's interpreter."""

from __future__ import annotations

import pytest
import torch

from core.resident.gemma3n.forward import Forward
from core.resident.gemma3n.kv import Slots
from core.resident.gemma3n.slices import Slice
from tests.core.gemma3n.tiny import WINDOW, error, hf_config, reference, weights_of

pytest.importorskip("triton")
from core.resident.gemma3n.step import Step

pytestmark = pytest.mark.skipif(torch.cuda.is_available(), reason="on a GPU the same is tested there")
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def weights():
    return weights_of(
        reference(
            hf_config(
                num_hidden_layers=4,
                num_kv_shared_layers=2,
                layer_types=["sliding_attention", "full_attention"] * 2,
                activation_sparsity_pattern=[0.9, 0.0, 0.0, 0.0],
            )
        ),
        quantized=True,
    )


def opened(weights, rows, **options):
    """The plain forward, and a step over slots of its own."""
    config = weights.config
    plain = Forward(weights, Slots(config, 3, 64, 2 * WINDOW, torch.float32, CPU), torch.float32)
    return plain, Step(weights, Slots(config, 3, 64, 2 * WINDOW, torch.float32, CPU), rows, torch.float32, **options)


def pairs(plain, step):
    return zip((*step.cache.keys, *step.cache.values), (*plain.cache.keys, *plain.cache.values), strict=True)


@pytest.mark.parametrize("small", [False, True])
def test_chats_of_other_lengths_get_the_plain_forwards_logits(weights, small):
    part = Slice.of(weights.config, "small", skip=(2,), ffn=128) if small else Slice.of(weights.config, "all")
    plain, step = opened(weights, 3)
    dice = torch.Generator().manual_seed(3)
    lengths, slots = (1, 3 * WINDOW + 3), (2, 0)
    with torch.inference_mode():
        for slot, length in zip(slots, lengths, strict=True):
            plain.run(part, slot, 0, torch.randint(1, 512, (length,), generator=dice), last=False)
        for mine, theirs in pairs(plain, step):
            mine.copy_(theirs)
        tokens = torch.randint(1, 512, (2,), generator=dice)
        step.tokens[:2], step.slots[:2], step.positions[:2] = tokens, torch.tensor(slots), torch.tensor(lengths)
        step.run(part, 2)
        for row, (slot, length) in enumerate(zip(slots, lengths, strict=True)):
            expected = plain.run(part, slot, length, tokens[row : row + 1], last=True)
            assert error(step.logits[row], expected) < 1e-4
            assert torch.equal(step.tops[row], step.logits[row].view(-1, 64).amax(-1))
    for mine, theirs in pairs(plain, step):
        assert error(mine, theirs) < 1e-4


def test_a_prompt_in_pieces_leaves_the_plain_forwards_keys_and_values(weights):
    part, piece = Slice.of(weights.config, "all"), 9
    plain, step = opened(weights, piece, logits=False)
    tokens = torch.randint(1, 512, (3 * piece,), generator=torch.Generator().manual_seed(4))
    with torch.inference_mode():
        plain.run(part, 1, 0, tokens, last=False)
        plain.cache.copy(1, 0, 2 * piece)
        for mine, theirs in pairs(plain, step):
            mine[1] = theirs[0]
        step.tokens[:], step.slots[:] = tokens[2 * piece :], 1
        step.positions[:] = torch.arange(2 * piece, 3 * piece)
        step.prefill(part, piece)
    for mine, theirs in pairs(plain, step):
        places = torch.arange(2 * piece, 3 * piece) % mine.shape[1]
        assert error(mine[1, places], theirs[1, places]) < 1e-4
