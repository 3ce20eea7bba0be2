"""On a real GPU: kernels in bfloat16, graphs, the engine. `make test-gpu`."""

from __future__ import annotations

import asyncio
import random

import pytest
import torch

from core.engine import Delta, Done, Request, Sampling
from core.resident.gemma3n.config import Config
from core.resident.gemma3n.forward import Forward
from core.resident.gemma3n.kv import Slots
from core.resident.gemma3n.nf4 import NF4, quantize
from core.resident.gemma3n.slices import Slice
from core.resident.gemma3n.synthetic import random_source
from core.resident.gemma3n.weights import Weights, collect
from tests.core.gemma3n.tiny import error, hf_config

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]
CPU, WINDOW, CONTEXT = torch.device("cpu"), 64, 512


def weights_on(device: torch.device) -> Weights:
    config = Config.of(hf_config(hidden_size=256, intermediate_size=512, head_dim=64, sliding_window=WINDOW))
    source = random_source(config, CPU)
    return collect(config, lambda name: source(name), device)


@pytest.fixture(scope="module")
def weights() -> Weights:
    return weights_on(torch.device("cuda"))


@pytest.fixture(scope="module")
def plain() -> Forward:
    """The plain forward in float32 on the CPU, over the same quantized numbers."""
    weights = weights_on(CPU)
    return Forward(weights, Slots(weights.config, 40, CONTEXT, CONTEXT, torch.float32, CPU), torch.float32)


def parts(config):
    return [Slice.of(config, "e4b"), Slice.of(config, "small", skip=(4, 5), ffn=256)]


def opened(weights, slots):
    from core.resident.gemma3n.model import Gemma3n

    model = Gemma3n(weights, "tiny", slots=slots, context=CONTEXT)
    model.tiers["small"] = parts(weights.config)[1]
    return model


@pytest.mark.parametrize("rows", [1, 3, 8, 13, 33])
def test_a_batch_of_mixed_lengths_and_tiers_gives_the_plain_forwards_logits(weights, plain, rows):
    model, dice = opened(weights, rows), random.Random(rows)
    prompts = [[dice.randrange(3, 512) for _ in range(dice.randrange(1, 300))] for _ in range(rows)]
    tiers = [parts(weights.config)[dice.randrange(2)] for _ in range(rows)]
    for slot, (prompt, tier) in enumerate(zip(prompts, tiers, strict=True)):
        model.begin(slot, tier.name)
        found = [
            model.prefill(slot, s, prompt[s : s + 128], last=s + 128 >= len(prompt)) for s in range(0, len(prompt), 128)
        ]
        with torch.inference_mode():
            expected = plain.run(tier, slot, 0, torch.tensor(prompt), last=True)
        assert error(found[-1].cpu(), expected) < 1e-2
    for turn in range(3):
        tokens = [dice.randrange(3, 512) for _ in range(rows)]
        starts = [len(p) + turn for p in prompts]
        found = model.decode(list(range(rows)), starts, tokens).cpu()
        for slot in range(rows):
            with torch.inference_mode():
                expected = plain.run(tiers[slot], slot, starts[slot], torch.tensor(tokens[slot : slot + 1]), last=True)
            assert error(found[slot], expected) < 1e-2


@pytest.mark.parametrize("rows", [1, 5, 8, 17, 32, 47, 64])
def test_the_product_is_that_of_bitsandbytes_numbers(rows):
    bnb = pytest.importorskip("bitsandbytes.functional")
    import triton.language as tl

    from core.resident.gemma3n.kernels.matmul import matmul
    from core.resident.gemma3n.nf4 import CODES

    weight = torch.randn(2048, 1024, device="cuda", dtype=torch.bfloat16)
    bytes_, state = bnb.quantize_4bit(weight, blocksize=64, quant_type="nf4")
    mine = NF4.tiled(bytes_.view(2048, 512), state.absmax.view(2048, 16))
    dense = bnb.dequantize_4bit(bytes_, state)
    assert torch.equal(mine.dense(torch.bfloat16), dense)
    assert error(quantize(weight).dense(torch.float32), dense.float()) < 2e-3
    x = torch.randn(rows, 1024, device="cuda", dtype=torch.bfloat16)
    split = x.view(rows, 16, 32, 2).transpose(2, 3).contiguous()
    out = torch.full((4, rows, 2048), float("nan"), device="cuda")
    lut = torch.tensor(CODES, device="cuda")
    tile = max(8, 1 << (rows - 1).bit_length())
    matmul[(64, 4, 1)](
        split, mine.packed, mine.absmax, out, lut, split, mine.packed, mine.absmax, rows, 2048, 1024, 16,
        BM=tile, BN=32, SPLIT=4, UNROLL=1, EXTRA=False, ASM=True, ACT=tl.bfloat16, STAGES=3, num_warps=2,
    )  # fmt: skip
    assert error(out.sum(0), x.float() @ mine.dense(torch.float32).t()) < 3e-3


class Letters:
    bos, stops, vocabulary = 2, frozenset({1}), 512

    def piece(self, token):
        return chr(0x4E00 + token)


async def _answer(engine, request, leave_after=None):
    text = ""
    stream = engine.generate(request)
    async for event in stream:
        if isinstance(event, Delta):
            text += event.text
            if leave_after is not None and len(text) >= leave_after:
                await stream.aclose()
                return None
        elif isinstance(event, Done):
            return text
    return None


def test_a_soak_of_cancels_and_tiers_answers_as_each_would_alone(weights):
    from core.resident.gemma3n.engine import GraphEngine

    dice = random.Random(7)
    requests = [
        Request(
            tuple(dice.randrange(3, 512) for _ in range(dice.randrange(1, 300))),
            max_tokens=dice.randrange(1, 60),
            sampling=Sampling(temperature=0),
            user=str(i % 17),
            tier=dice.choice(["", "small"]),
        )
        for i in range(500)
    ]
    leaving = [dice.randrange(1, 20) if dice.random() < 0.3 else None for _ in requests]

    async def run():
        engine = GraphEngine(opened(weights, 8), Letters(), queue_size=600)
        await asyncio.gather(*(_answer(engine, r) for r in requests[:24]))  # captures every graph
        before = torch.cuda.memory_reserved()
        together = await asyncio.gather(*(_answer(engine, r, left) for r, left in zip(requests, leaving, strict=True)))
        after = torch.cuda.memory_reserved()
        sample = [i for i, left in enumerate(leaving) if left is None][::12]
        alone = [await _answer(engine, requests[i]) for i in sample]
        failed = engine.stats().failed
        await engine.close()
        return together, {i: text for i, text in zip(sample, alone, strict=True)}, after - before, failed

    together, alone, grown, failed = asyncio.run(asyncio.wait_for(run(), 240))
    assert failed is None and grown == 0
    assert all(text for text, left in zip(together, leaving, strict=True) if left is None)
    assert {i: together[i] for i in alone} == alone
