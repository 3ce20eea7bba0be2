"""Adapters beside the weights, on tiny models: as PEFT has them, each row by its own, and loaded while answers run."""

import asyncio
import json
import threading
from statistics import median

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM

from core.engine import Delta, Done, EngineError, LoadError, ModelFailed, Request, Sampling
from core.open import open_engine
from core.resident.engine import ResidentEngine
from core.resident.hf import HFNet
from core.resident.loader import load
from core.resident.lora import LoraLinear, read
from core.resident.model import SlotModel
from core.resident.prefixes import PIECE
from core.settings import EngineSettings
from tests.core.loras import adapted, make

PROMPT = [2, 1000, 2000, 3000, 4000]
GREEDY = Sampling(temperature=0)


def loaded(folder, **more):
    return load(EngineSettings(model=str(folder), slots=4, context=512, device="cpu", **more), lambda _: None)


def far(a, b):
    return float((a - b).norm() / b.norm())


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"use_rslora": False, "rank_pattern": {"q_proj": 2}, "alpha_pattern": {"layers.1.mlp.up_proj": 3}},
        {"layers_to_transform": [1], "target_modules": ["o_proj"], "lora_alpha": 60},
    ],
)
def test_an_adapter_changes_the_model_as_peft_says(tiny_folder, tmp_path, options):
    model, _ = loaded(tiny_folder)
    theirs = adapted(tiny_folder, 1, **options)
    prompts = [[token + i for token in PROMPT] for i in range(7)]  # in a random network some blow the rounding up
    plain = [model.prefill(0, 0, prompt, last=True) for prompt in prompts]
    with torch.no_grad():
        expected = [theirs(torch.tensor([prompt])).logits[0, -1] for prompt in prompts]
    model.load_adapter("a", make(tiny_folder, tmp_path / "a", 1, **options))
    model.begin(0, "", "a")
    mine = [model.prefill(0, 0, prompt, last=True) for prompt in prompts]
    assert median(map(far, mine, expected)) < 0.1 < min(map(far, plain, expected))
    model.begin(0, "", "")
    assert torch.equal(model.prefill(0, 0, PROMPT, last=True), plain[0])


def test_the_factors_int8_costs_little_even_where_they_outweigh_the_weights(tiny_folder, tmp_path):
    """Over weights in float32, so that only the factors' int8 is seen; these factors are larger than any trained ones."""
    base = AutoModelForCausalLM.from_pretrained(tiny_folder, dtype=torch.float32, attn_implementation="eager")
    model = SlotModel(HFNet(base, slots=1, context=64), "tiny")
    with torch.no_grad():
        expected = adapted(tiny_folder, 1)(torch.tensor([PROMPT])).logits[0, -1]
    model.load_adapter("a", make(tiny_folder, tmp_path / "a", 1))
    model.begin(0, "", "a")
    assert far(model.prefill(0, 0, PROMPT, last=True), expected) < 0.04


def test_without_adapters_the_model_is_what_it_was(gemma3_folder, tmp_path):
    model, _ = loaded(gemma3_folder)
    before = dict(model.net._places)
    model.load_adapter("a", make(gemma3_folder, tmp_path / "a", 1))
    model.load_adapter("b", make(gemma3_folder, tmp_path / "b", 2, target_modules=["q_proj"]))
    assert sum(isinstance(m, LoraLinear) for m in model.net._places.values()) == 7 * 4
    model.unload_adapter("a")
    assert sum(isinstance(m, LoraLinear) for m in model.net._places.values()) == 4
    model.unload_adapter("b")
    assert model.net._places == before
    for gone in (lambda: model.unload_adapter("b"), lambda: model.begin(0, "", "b")):
        with pytest.raises(KeyError):
            gone()


async def text_of(engine, request):
    text, usage = "", None
    async for event in engine.generate(request):
        if isinstance(event, Delta):
            text += event.text
        elif isinstance(event, Done):
            usage = event.usage
    return text, usage


def run(model, act):
    async def main():
        engine = ResidentEngine(*model)
        try:
            return await asyncio.wait_for(act(engine), 120)
        finally:
            await engine.close()

    return asyncio.run(main())


def asked(n, adapter="", tokens=12):
    prompt = (2, *(1000 + (i * 37 + n * 101) % 5000 for i in range(n - 1)))
    return Request(prompt, max_tokens=tokens, sampling=GREEDY, adapter=adapter, user=f"{n} {adapter}")


def test_a_batch_of_many_adapters_gives_exactly_what_each_gives_alone(tiny_folder, tmp_path):
    async def act(engine):
        await engine.load_adapter("a", make(tiny_folder, tmp_path / "a", 1))
        await engine.load_adapter("b", make(tiny_folder, tmp_path / "b", 2, r=6, target_modules=["v_proj", "up_proj"]))
        requests = [asked(n, name) for n in (7, 40, 150) for name in ("", "a", "b")]
        alone = []
        for request in requests:
            engine.loop.prefixes.forget()
            alone.append((await text_of(engine, request))[0])
        engine.loop.prefixes.forget()
        together = [text for text, _ in await asyncio.gather(*(text_of(engine, r) for r in requests))]
        assert together == alone and len(set(alone)) == len(alone)

    run(loaded(tiny_folder), act)


def test_a_prefix_serves_its_own_adapter_alone(gemma3_folder, tmp_path):
    async def act(engine):
        await engine.load_adapter("a", make(gemma3_folder, tmp_path / "a", 1))
        n = PIECE + 40
        first, _ = await text_of(engine, asked(n, "a"))
        base, usage = await text_of(engine, asked(n))
        assert usage.reused_tokens == 0 and base != first
        again, usage = await text_of(engine, asked(n, "a"))
        assert usage.reused_tokens == PIECE and again == first
        await engine.unload_adapter("a")
        await engine.load_adapter("a", make(gemma3_folder, tmp_path / "other", 2))
        other, usage = await text_of(engine, asked(n, "a"))
        assert usage.reused_tokens == 0 and other not in (first, base)

    run(loaded(gemma3_folder), act)


def test_answers_under_way_end_with_the_adapter_they_began_with(gemma3_folder, tmp_path):
    model = loaded(gemma3_folder)

    async def act(engine):
        await engine.load_adapter("a", make(gemma3_folder, tmp_path / "a", 1))
        alone = [(await text_of(engine, asked(20 + i, "a", 60)))[0] for i in range(6)]
        running = [asyncio.create_task(text_of(engine, asked(20 + i, "a", 60))) for i in range(6)]  # two of them wait
        while not engine.stats().queued:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        await engine.unload_adapter("a")
        assert engine.adapters == () and "a" in model[0]._lora
        with pytest.raises(EngineError, match="'a'"):
            await text_of(engine, asked(5, "a"))
        await engine.load_adapter("b", make(gemma3_folder, tmp_path / "b", 2))
        mixed = await asyncio.gather(*running, text_of(engine, asked(9, "b")))
        assert [text for text, _ in mixed[:6]] == alone
        await text_of(engine, asked(5))  # a step later
        assert "a" not in model[0]._lora and "b" in model[0]._lora

    run(model, act)


def test_who_no_longer_waits_for_an_adapter_leaves_none_behind(gemma3_folder, tmp_path):
    model = loaded(gemma3_folder)
    folder = make(gemma3_folder, tmp_path / "a", 1)

    async def act(engine):
        for torn in (False, True):  # a load that succeeds all the same, and one that does not
            busy, held = threading.Event(), threading.Event()
            engine.loop.put(lambda busy=busy, held=held: busy.set() or held.wait())
            while not busy.is_set():  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            loading = asyncio.create_task(engine.load_adapter("a", folder))
            while engine.loop._commands.empty():  # noqa: ASYNC110
                await asyncio.sleep(0.001)
            if torn:
                (folder / "adapter_config.json").unlink()
            loading.cancel()
            held.set()
            with pytest.raises(asyncio.CancelledError):
                await loading
            await text_of(engine, asked(5))
            assert engine.adapters == () and "a" not in model[0]._lora

    run(model, act)


def test_a_cancelled_request_frees_its_adapter_too(gemma3_folder, tmp_path):
    model = loaded(gemma3_folder)

    async def act(engine):
        await engine.load_adapter("a", make(gemma3_folder, tmp_path / "a", 1))
        running = [asyncio.create_task(text_of(engine, asked(20 + i, "a", 400))) for i in range(6)]
        while not engine.stats().queued:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        await engine.unload_adapter("a")
        for task in reversed(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await text_of(engine, asked(5))
        assert "a" not in model[0]._lora and engine.stats().busy == 0

    run(model, act)


def test_an_adapter_that_cannot_be_freed_takes_no_answer_with_it(gemma3_folder, tmp_path):
    model = loaded(gemma3_folder)
    model[0].unload_adapter = lambda _: 1 / 0

    async def act(engine):
        await engine.load_adapter("a", make(gemma3_folder, tmp_path / "a", 1))
        last = asyncio.create_task(text_of(engine, asked(20, "a", 200)))
        while not engine.stats().busy:  # noqa: ASYNC110
            await asyncio.sleep(0.001)
        await engine.unload_adapter("a")
        assert (await asyncio.wait_for(last, 10))[1] is not None
        with pytest.raises(ModelFailed, match="ZeroDivisionError"):
            await text_of(engine, asked(5))

    run(model, act)


def test_an_adapter_makes_no_model_fluent(gemma3_folder, tmp_path):
    model = loaded(gemma3_folder)
    model[0].fluent = False

    async def act(engine):
        await engine.load_adapter("a", make(gemma3_folder, tmp_path / "a", 1, tuned=True))
        assert engine.tuned("a") and not engine.fluent

    run(model, act)


def test_the_settings_adapter_is_loaded_at_the_start_and_gives_its_voice(gemma3_folder, tmp_path):
    async def opened(**more):
        engine = await open_engine(EngineSettings(model=str(gemma3_folder), device="cpu", slots=2, context=256, **more))
        await engine.close()
        return engine

    tuned = make(gemma3_folder, tmp_path / "tuned", tuned=True)
    engine = asyncio.run(opened(adapter=tuned))
    assert engine.adapters == ("tuned",) and engine.tuned("tuned") and not engine.tuned("")
    with pytest.raises(LoadError, match=r"KRISHNA_ADAPTER.*adapter_config\.json"):
        asyncio.run(opened(adapter=tmp_path))


def config_of(folder, **changes):
    path = folder / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def tensors_of(folder, change):
    path = folder / "adapter_model.safetensors"
    save_file(change(load_file(path)), path)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda f: (f / "adapter_config.json").unlink(), r"adapter_config\.json"),
        (lambda f: (f / "adapter_config.json").write_text("[]"), r"adapter_config\.json"),
        (lambda f: config_of(f, peft_type="IA3"), "no LoRA but 'IA3'"),
        (lambda f: config_of(f, use_dora=True), "use_dora"),
        (lambda f: config_of(f, init_lora_weights="pissa_niter_4"), "init_lora_weights"),
        (lambda f: config_of(f, bias="all"), "bias"),
        (lambda f: (f / "adapter_model.safetensors").unlink(), r"adapter_model\.safetensors"),
        (lambda f: (f / "adapter_model.safetensors").write_bytes(b"\0" * 50), "cannot be read"),
        (lambda f: tensors_of(f, lambda t: dict(list(t.items())[1:])), "incomplete"),
        (lambda f: tensors_of(f, lambda t: t | {k: v / 0 for k, v in list(t.items())[5:6]}), "no numbers"),
        (lambda f: tensors_of(f, lambda t: {"base_model.model.lm_head.weight": torch.ones(1)}), "more than linear"),
        (lambda f: tensors_of(f, lambda t: {k: v for k, v in t.items() if "layers.3." not in k}), "4 layers and not 3"),
        (lambda f: tensors_of(f, lambda t: {k.replace("layers.3.", "layers.9."): v for k, v in t.items()}), "layers.9"),
    ],
)
def test_what_is_no_fitting_lora_is_one_clear_sentence_and_changes_nothing(gemma3_folder, tmp_path, spoil, says):
    folder = make(gemma3_folder, tmp_path / "bad")
    spoil(folder)
    model, _ = loaded(gemma3_folder)
    before = dict(model.net._places)
    with pytest.raises(LoadError, match=says) as error:
        model.load_adapter("bad", folder)
    assert "\n" not in str(error.value) and model.net._places == before


def test_an_adapter_of_another_base_model_is_refused_by_name(tiny_folder, tmp_path, embedded_folder):
    model, _ = loaded(embedded_folder)
    with pytest.raises(LoadError, match=r"does not fit this model.*made for .*gemma3"):
        model.load_adapter("bad", make(tiny_folder, tmp_path / "bad"))


def test_an_adapter_trained_in_the_multimodal_model_is_the_same(gemma3_folder, tmp_path):
    folder = make(gemma3_folder, tmp_path / "a")
    plain = read(folder).factors

    def inside(tensors):
        moved = {
            key.replace("model.model.layers", "model.model.language_model.layers"): t for key, t in tensors.items()
        }
        return moved | {"base_model.model.model.vision_tower.blocks.0.fc.lora_A.weight": torch.ones(2, 2)}

    tensors_of(folder, inside)
    again = read(folder).factors
    assert again.keys() == plain.keys() and all(torch.equal(again[k][1], plain[k][1]) for k in plain)
