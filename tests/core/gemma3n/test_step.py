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


@pytest.mark.parametrize("small", [False, True])
def test_three_chats_of_other_lengths_get_the_plain_forwards_logits(weights, small):
    config = weights.config
    part = Slice.of(config, "small", skip=(2,), ffn=128) if small else Slice.of(config, "all")
    plain = Forward(weights, Slots(config, 4, 96, WINDOW, torch.float32, CPU), torch.float32)
    fused = Slots(config, 4, 96, WINDOW, torch.float32, CPU)
    step = Step(weights, fused, 4, torch.float32)
    dice = torch.Generator().manual_seed(3)
    lengths, slots = (2, 3 * WINDOW + 3, WINDOW), (3, 0, 1)
    with torch.inference_mode():
        for slot, length in zip(slots, lengths, strict=True):
            plain.run(part, slot, 0, torch.randint(1, 512, (length,), generator=dice), last=True)
        for mine, theirs in zip((*fused.keys, *fused.values), (*plain.cache.keys, *plain.cache.values), strict=True):
            mine.copy_(theirs)
        for turn in range(2):
            tokens = torch.randint(1, 512, (3,), generator=dice)
            step.tokens[:3], step.slots[:3] = tokens, torch.tensor(slots)
            step.positions[:3] = torch.tensor(lengths) + turn
            step.run(part, 3)
            for row, (slot, length) in enumerate(zip(slots, lengths, strict=True)):
                expected = plain.run(part, slot, length + turn, tokens[row : row + 1], last=True)
                assert error(step.logits[row], expected) < 1e-4
                assert torch.equal(step.tops[row], step.logits[row].view(-1, 64).amax(-1))
    for mine, theirs in zip((*fused.keys, *fused.values), (*plain.cache.keys, *plain.cache.values), strict=True):
        assert error(mine, theirs) < 1e-4
