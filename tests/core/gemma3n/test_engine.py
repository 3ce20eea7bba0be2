"""Loading from a folder, the cache on disk, and the engine over it, on a tiny model and the CPU."""

from __future__ import annotations

import asyncio
import resource
import signal
from dataclasses import replace

import pytest
import torch

from core.engine import Delta, Done, LoadError, Request, Sampling
from core.resident.engine import ResidentEngine
from core.resident.gemma3n.draw import draw
from core.resident.gemma3n.loop import GraphLoop
from core.resident.gemma3n.model import Gemma3n
from core.resident.gemma3n.slices import Slice
from core.resident.gemma3n.store import fingerprint, load
from tests.core.gemma3n.tiny import error, hf_config, reference, two_layers, weights_of

CPU = torch.device("cpu")


class Letters:
    """A tokenizer of 512 letters: all that the engine asks of one."""

    bos, stops, vocabulary = 2, frozenset({1}), 512

    def piece(self, token):
        return chr(0x4E00 + token)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny3n")
    reference(hf_config()).save_pretrained(folder)
    return folder


def opened(folder, tmp_path, slots=3):
    weights = load(folder, tmp_path, CPU, lambda _: None)
    model = Gemma3n(weights, "tiny", slots=slots, context=400, ring=64)
    model.tiers["small"] = Slice.of(weights.config, "small", skip=(4, 5), ffn=128)
    return model


def test_a_second_start_reads_the_quantized_weights_from_the_cache(folder, tmp_path):
    told = []
    first = load(folder, tmp_path, CPU, told.append)
    again = load(folder, tmp_path, CPU, told.append)
    assert told == ["quantizing the model, once"]
    assert [p.name for p in (tmp_path / "gemma3n").iterdir()] == [f"{fingerprint(folder)}.safetensors"]
    assert torch.equal(first.layers[3].gate_up.packed, again.layers[3].gate_up.packed)
    assert torch.equal(first.ple, again.ple) and again.dtype == torch.float32


def test_quantized_weights_that_are_damaged_name_the_file_to_delete(folder, tmp_path):
    load(folder, tmp_path, CPU, lambda _: None)
    (kept,) = (tmp_path / "gemma3n").iterdir()
    kept.write_bytes(kept.read_bytes()[:1000])
    with pytest.raises(LoadError, match=rf"{kept.name} .*delete it"):
        load(folder, tmp_path, CPU, lambda _: None)


def test_a_disk_that_is_full_is_not_left_fuller(folder, tmp_path):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(LoadError, match=r"free .* there or set KRISHNA_CACHE"):
            load(folder, tmp_path, CPU, lambda _: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert list((tmp_path / "gemma3n").iterdir()) == []


def answers(model, requests, **options):
    async def one(engine, request):
        text = ""
        async for event in engine.generate(request):
            if isinstance(event, Delta):
                text += event.text
            elif isinstance(event, Done):
                return text, event.usage

    async def run():
        engine = ResidentEngine(model, Letters(), **options, loop=GraphLoop)
        try:
            return await asyncio.wait_for(asyncio.gather(*(one(engine, r) for r in requests)), 240)
        finally:
            await engine.close()

    return asyncio.run(run())


def asked(n, tier="", **options):
    prompt = torch.randint(3, 512, (n,), generator=torch.Generator().manual_seed(n)).tolist()
    return Request(tuple(prompt), max_tokens=8, sampling=Sampling(temperature=0), tier=tier, user=str(n), **options)


def test_both_tiers_in_one_batch_answer_as_they_do_alone(folder, tmp_path):
    requests = [asked(5), asked(40, "small"), asked(150), asked(41, "small"), asked(9, "unknown")]
    together = answers(opened(folder, tmp_path), requests)
    for request, (text, _) in zip(requests, together, strict=True):
        assert len(text) > 0
        assert answers(opened(folder, tmp_path), [request])[0][0] == text


def test_a_prefix_is_reused_by_its_own_tier_alone(folder, tmp_path):
    model = opened(folder, tmp_path, slots=1)
    long = asked(140)
    alone = answers(opened(folder, tmp_path), [asked(140, "small")])[0][0]

    async def run():
        engine = ResidentEngine(model, Letters(), loop=GraphLoop)
        out = []
        for request in (long, long, asked(140, "small")):
            async for event in engine.generate(request):
                if isinstance(event, Done):
                    out.append(event.usage.reused_tokens)
        await engine.close()
        return out

    assert asyncio.run(run()) == [0, 128, 0]
    assert answers(model, [asked(140, "small")])[0][0] == alone


def test_a_prefix_that_the_ring_has_lost_is_not_reused(folder, tmp_path):
    model = opened(folder, tmp_path, slots=1)
    prompt = asked(300).prompt
    short = Request(prompt[:130], max_tokens=2, sampling=Sampling(temperature=0))

    async def run():
        engine = ResidentEngine(model, Letters(), loop=GraphLoop)
        out = []
        for request in (asked(300), short):
            async for event in engine.generate(request):
                if isinstance(event, Done):
                    out.append(event.usage.reused_tokens)
        await engine.close()
        return out

    assert asyncio.run(run()) == [0, 0]


class Drawing:
    """The plain forward, drawing by draw.py: what GraphLoop does with kernels, in a hundredth of the interpreter's time.

    holds: so many chats in a step, until that was once too many; then all whose step is under way end with it.
    """

    picks = True

    def __init__(self, model, holds=9):
        self._model, self.holds, self.latest, self.ending = model, holds, {}, False

    def __getattr__(self, name):
        return getattr(self._model, name)

    def start(self, slots, starts, tokens, draws):
        if len(slots) > self.holds:
            self.holds, self.ending = 9, True
            raise torch.OutOfMemoryError("CUDA out of memory.")
        tokens = [self.latest[slot] if token < 0 else token for slot, token in zip(slots, tokens, strict=True)]
        logits = self._model.decode(slots, starts, tokens)
        found = draw(logits, logits.view(len(slots), -1, 64).amax(-1), *torch.tensor(draws).T).tolist()
        self.latest.update(zip(slots, found, strict=True))

        def wait():
            ended, self.ending = self.ending, False
            return [1] * len(found) if ended else found

        return wait


def test_a_seed_gives_the_same_words_whoever_draws_for_the_others(folder, tmp_path):
    model = Drawing(opened(folder, tmp_path))
    seeded = replace(asked(9), sampling=Sampling(seed=7))
    others = [
        replace(asked(n), sampling=Sampling(**s)) for n, s in ((5, {"repetition_penalty": 1.2}), (6, {"top_k": 99}))
    ]
    alone = answers(model, [seeded])[0][0]
    assert alone == answers(opened(folder, tmp_path), [seeded])[0][0]
    assert (
        alone
        == answers(model, [seeded, *others])[0][0]
        != answers(model, [replace(seeded, sampling=Sampling(seed=8))])[0][0]
    )


def test_a_step_that_was_too_large_tells_nothing_of_those_who_are_left_of_it(folder, tmp_path, caplog):
    requests = [asked(n) for n in (5, 6, 7, 8)]
    alone = [text for text, _ in answers(opened(folder, tmp_path), requests)]
    found = answers(Drawing(opened(folder, tmp_path, slots=4), holds=3), requests)
    assert [len(text) for text, _ in found[:3]] < [8] * 3 and found[3][0] == alone[3]
    assert "a step of 4 chats" in caplog.text and "2 go at a time" in caplog.text


def test_decode_gives_one_row_of_logits_per_slot(folder, tmp_path):
    model = opened(folder, tmp_path)
    a = model.prefill(0, 0, [5, 6, 7], last=True)
    model.prefill(1, 0, [5, 6], last=False)
    rows = model.decode([1, 0], [2, 3], [7, 9])
    assert rows.shape == (2, 512) and error(rows[0], a) < 1e-5


def test_the_fused_path_answers_as_the_plain_one():
    """Prompts, decode and drawing by the kernels, through the whole engine: what a GPU runs, without its graphs.

    The third token follows from one that the host has not read yet.
    """
    pytest.importorskip("triton")
    if torch.cuda.is_available():
        pytest.skip("tested with graphs there")
    config = two_layers()
    weights = weights_of(reference(config), quantized=True)

    def model(fused):
        made = Gemma3n(weights, "tiny", slots=2, context=5, fused=fused)
        made.tiers["small"] = Slice.of(weights.config, "small", skip=(1,), ffn=128)
        return made

    greedy = Sampling(temperature=0)
    requests = [
        Request((5, 6), max_tokens=3, sampling=greedy),
        Request((9,), max_tokens=3, sampling=greedy, tier="small"),
    ]
    assert [text for text, _ in answers(model(True), requests)] == [text for text, _ in answers(model(False), requests)]
