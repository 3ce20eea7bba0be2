"""On a real GPU: a folder opened as the host opens it, by transformers in 4 bits and by our kernels, and a full card. `make test-gpu`."""

from __future__ import annotations

import asyncio

import pytest
import torch

from core.engine import EngineError, Request
from core.open import open_engine
from core.resident.embedded import vocabulary
from core.resident.engine import ResidentEngine
from core.resident.gemma3n.loop import GraphLoop
from core.settings import EngineSettings
from tests import tiny
from tests.core.gemma3n.test_gpu import Letters, opened, weights_on
from tests.core.test_engine import GREEDY, text_of, until

pytestmark = [pytest.mark.gpu, pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")]
KINDS = ("gemma3", "gemma3n")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    words = vocabulary(EngineSettings().cache)
    return {kind: tiny.model(kind, tmp_path_factory.mktemp(kind), words) for kind in KINDS}


def by_transformers(folders, kind):
    """Opened as the host opens it."""
    settings = EngineSettings(model=str(folders[kind]), device="cuda", kernels=False, slots=4, context=768)
    return lambda: open_engine(settings)


async def by_kernels():
    return ResidentEngine(opened(weights_on(torch.device("cuda")), 4), Letters(), loop=GraphLoop)


def run(opening, act):
    async def main():
        engine = await opening()
        try:
            return await asyncio.wait_for(act(engine), 120)
        finally:
            await engine.close()

    return asyncio.run(main())


def asked(n, tokens=24):
    ids = (2, *(3 + (37 * i + 101 * n) % 500 for i in range(4 + 9 * n)))
    return Request(ids, max_tokens=tokens, sampling=GREEDY, user=str(n))


def in_four_bits(engine):
    import bitsandbytes

    return any(isinstance(module, bitsandbytes.nn.Linear4bit) for module in engine.loop.model.net.model.modules())


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_is_opened_in_four_bits_and_a_batch_says_what_each_says_alone(folders, kind):
    async def act(engine):
        assert in_four_bits(engine)
        alone = [(await text_of(engine, asked(n)))[0] for n in range(6)]
        together = await asyncio.gather(*(text_of(engine, asked(n)) for n in range(6)))
        return alone, [text for text, _ in together]

    alone, together = run(by_transformers(folders, kind), act)
    assert all(alone) and len(set(alone)) > 1 and together == alone


@pytest.mark.parametrize("kind", [*KINDS, "kernels"])
def test_a_card_that_is_full_in_the_middle_of_a_batch_ends_no_engine(folders, kind):
    """Somebody else takes all that is left of it: who finds no room fails by name, and later all is as before."""

    async def act(engine):
        alone = [(await text_of(engine, asked(n)))[0] for n in range(8)]
        talking = [asyncio.create_task(text_of(engine, asked(n, 200))) for n in range(4)]
        await until(lambda: engine.stats().busy == 4)
        taken = _take_all()
        late = [asyncio.create_task(text_of(engine, asked(n))) for n in range(4, 8)]
        ended = await asyncio.gather(*talking, *late, return_exceptions=True)
        del taken
        torch.cuda.empty_cache()
        after = [(await text_of(engine, asked(n)))[0] for n in range(8)]
        return alone, ended, after, engine.stats().failed

    alone, ended, after, failed = run(by_kernels if kind == "kernels" else by_transformers(folders, kind), act)
    assert failed is None and after == alone
    for said, end in zip(alone, ended, strict=True):
        assert isinstance(end, EngineError) if isinstance(end, BaseException) else end[0].startswith(said)


def _take_all() -> list[torch.Tensor]:
    taken, size = [], 8 << 30
    while size >= 512:
        try:
            taken.append(torch.empty(size, dtype=torch.uint8, device="cuda"))
        except torch.OutOfMemoryError:
            size //= 2
    return taken
