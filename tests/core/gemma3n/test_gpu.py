"""On a real GPU: kernels in bfloat16, graphs, the engine. `make test-gpu`."""

from __future__ import annotations

import asyncio
import random
from dataclasses import fields, replace

import pytest
import torch

from core.engine import Delta, Done, Request, Sampling
from core.resident.gemma3n.config import Config
from core.resident.gemma3n.forward import Forward
from core.resident.gemma3n.kv import Slots
from core.resident.gemma3n.lora import Adapters
from core.resident.gemma3n.nf4 import NF4, quantize
from core.resident.gemma3n.slices import Slice
from core.resident.gemma3n.synthetic import random_source
from core.resident.gemma3n.weights import Dense, Weights, collect
from tests.core.gemma3n.test_lora import adapted
from tests.core.gemma3n.tiny import error, hf_config, reference

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]
CPU, WINDOW, CONTEXT = torch.device("cpu"), 64, 512


def shape():
    return hf_config(hidden_size=256, intermediate_size=512, head_dim=64, sliding_window=WINDOW)


def tiny():
    return reference(shape())


def weights_on(device: torch.device) -> Weights:
    config = Config.of(shape())
    source = random_source(config, CPU)
    return collect(config, lambda name: source(name), device)


@pytest.fixture(scope="module")
def weights() -> Weights:
    return weights_on(torch.device("cuda"))


@pytest.fixture(scope="module")
def plain() -> Forward:
    """The plain forward in float32 on the CPU, over the same quantized numbers, written out."""
    weights = weights_on(CPU)
    for holder in (weights, *weights.layers):
        for name, value in ((f.name, getattr(holder, f.name)) for f in fields(holder)):
            if isinstance(value, NF4):
                setattr(holder, name, Dense(value.dense(torch.float32)))
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
    matmul[(64 * 4, 1)](
        split, mine.packed, mine.absmax, out, lut, split, mine.packed, mine.absmax,
        split, 0, 0, split, split, split, 0, 0, 0, 0, rows, 2048, 1024, 16,
        BM=tile, BN=32, SPLIT=4, UNROLL=1, EXTRA=False, LORA=False, KINDS=0,
        ROOM=0, LOW=0, CHUNK=0, ASM=True, ACT=tl.bfloat16, STAGES=3, PDL=0, num_warps=2,
    )  # fmt: skip
    assert error(out.sum(0), x.float() @ mine.dense(torch.float32).t()) < 3e-3


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two adapters of the tiny model, ranks 64 and 8."""
    base = tiny()
    made = {}
    for name, rank in (("a", 64), ("b", 8)):
        made[name] = tmp_path_factory.mktemp(name)
        adapted(base, made[name], rank)
    return made


@pytest.mark.parametrize("rows", [1, 3, 8, 33])
def test_a_batch_of_mixed_adapters_gives_the_plain_forwards_logits(weights, plain, folders, rows):
    model, dice = opened(weights, rows), random.Random(rows)
    plain._adapters = Adapters(weights.config, torch.float32, CPU)
    for name, folder in folders.items():
        model.load_adapter(name, folder)
        plain._adapters.load(name, folder)
    names = ["a", "", "b"]
    prompts = [[dice.randrange(3, 512) for _ in range(dice.randrange(1, 150))] for _ in range(rows)]
    for slot, prompt in enumerate(prompts):
        model.begin(slot, dice.choice(["e4b", "small"]), names[slot % 3])
        for s in range(0, len(prompt), 128):
            model.prefill(slot, s, prompt[s : s + 128], last=False)
    tokens = [dice.randrange(3, 512) for _ in range(rows)]
    found = model.decode(list(range(rows)), [len(p) for p in prompts], tokens).cpu()
    for slot, prompt in enumerate(prompts):
        which = model._adapter[slot]
        ids = torch.tensor([*prompt, tokens[slot]])
        with torch.inference_mode():
            expected = plain.run(model._part[slot], slot, 0, ids, last=True, adapter=which)
        assert error(found[slot], expected) < 1e-2


@pytest.mark.parametrize("nested", [False, True])
def test_a_folder_that_bitsandbytes_saved_gives_its_own_numbers(tmp_path, nested):
    bnb = pytest.importorskip("bitsandbytes.functional")
    from transformers import BitsAndBytesConfig, Gemma3nForCausalLM

    from core.resident.gemma3n.store import load

    tiny().save_pretrained(tmp_path / "whole")
    how = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=nested,
        bnb_4bit_compute_dtype="bfloat16",
    )
    model = Gemma3nForCausalLM.from_pretrained(
        tmp_path / "whole", quantization_config=how, device_map={"": 0}, dtype=torch.bfloat16
    )
    model.save_pretrained(tmp_path / "saved")
    mine = load(tmp_path / "saved", tmp_path / "cache", torch.device("cuda"), lambda _: None)
    for i, layer in enumerate(model.model.layers):
        for linear, here in ((layer.mlp.down_proj, mine.layers[i].down), (layer.self_attn.o_proj, mine.layers[i].o)):
            truth = bnb.dequantize_4bit(linear.weight.data, linear.weight.quant_state).float()
            assert error(here.dense(torch.float32), truth) < (4e-3 if nested else 2e-3)


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


def test_a_soak_of_cancels_tiers_and_adapters_answers_as_each_would_alone(weights, folders):
    """500 requests in eight slots, while an adapter leaves and comes back again and again."""
    from core.resident.engine import ResidentEngine
    from core.resident.gemma3n.loop import GraphLoop

    dice = random.Random(7)

    def request(i: int, adapter: str) -> Request:
        return Request(
            tuple(dice.randrange(3, 512) for _ in range(dice.randrange(1, 300))),
            max_tokens=dice.randrange(1, 60),
            sampling=Sampling(temperature=0),
            user=str(i % 17),
            tier=dice.choice(["", "small"]),
            adapter=adapter,
        )

    leaving = [dice.randrange(1, 20) if dice.random() < 0.3 else None for _ in range(500)]

    async def run():
        engine = ResidentEngine(opened(weights, 8), Letters(), queue_size=600, loop=GraphLoop)
        await engine.load_adapter("a", folders["a"])
        await engine.load_adapter("b0", folders["b"])
        warm = [request(i, name) for i in range(12) for name in ("", "a")]
        await asyncio.gather(*(_answer(engine, r) for r in warm))  # captures every graph
        before = torch.cuda.memory_reserved()
        requests: list[Request] = []
        tasks: list[asyncio.Task[str | None]] = []
        for swap in range(5):
            for _ in range(100):
                requests.append(request(len(requests), dice.choice(["", "a", f"b{swap}"])))
                tasks.append(asyncio.create_task(_answer(engine, requests[-1], leaving[len(tasks)])))
            await asyncio.wait(tasks[-100:], timeout=60, return_when=asyncio.FIRST_COMPLETED)
            await engine.load_adapter(f"b{swap + 1}", folders["b"])
            await engine.unload_adapter(f"b{swap}")  # those that began on it finish on it
        together = await asyncio.gather(*tasks)
        after = torch.cuda.memory_reserved()
        sample = [i for i, left in enumerate(leaving) if left is None][::9]
        alone = {}
        for i in sample:
            adapter = "b5" if requests[i].adapter.startswith("b") else requests[i].adapter
            alone[i] = await _answer(engine, replace(requests[i], adapter=adapter))
        failed = engine.stats().failed
        await engine.close()
        return together, alone, after - before, failed

    together, alone, grown, failed = asyncio.run(asyncio.wait_for(run(), 240))
    assert failed is None and grown <= 2 << 20  # one adapter more while two are swapped
    assert all(text for text, left in zip(together, leaving, strict=True) if left is None)
    assert {i: together[i] for i in alone} == alone
