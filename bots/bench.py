"""python -m bots bench: the engine's figures on this machine, as a Markdown table for docs/benchmarks.md."""

from __future__ import annotations

import asyncio
import os
import platform
import statistics
import time
from collections.abc import Callable
from typing import Any

from bots.settings import Settings
from core.engine import Delta, Done, Engine, Request, Sampling, Usage

ANSWER = 96  # tokens of each measured answer
ROUNDS = 3

TEXT = (
    "When a person lets the mind run after every sense, the mind carries wisdom away as the wind carries a boat on the "
    "water. So hold the senses back from what they chase, not by force but by a greater love, and wisdom stands firm. "
)


async def bench(settings: Settings) -> int:
    """Print the table. Figures are medians of three rounds."""
    from bots.logs import say
    from core.open import open_engine

    start = time.monotonic()
    engine = await open_engine(settings, progress=say)
    ready = time.monotonic() - start
    try:
        await answers(engine, 1, 24)  # warm-up
        rows: list[tuple[str, str]] = [("start to ready (model already prepared)", f"{ready:.1f} s")]
        for length in (128, 512):
            firsts = [(await answers(engine, 1, length, answer=1))[0].first_token_s for _ in range(ROUNDS)]
            rows.append(
                (f"first token of a {length}-token prompt, engine idle", f"{statistics.median(firsts) * 1e3:.0f} ms")
            )
        for chats in (1, 2, 4, settings.slots):
            many = f"{chats} chat{'s' if chats > 1 else ''} at once"
            say(f"measuring {many}")
            rows.append((many, await _rate(engine, chats)))
        baseline = await asyncio.to_thread(_transformers, settings)
        if baseline:
            rows.append(("transformers generate, float32, one chat (for comparison)", baseline))
        rows.append(("memory of the process", f"{_memory():.2f} GiB"))
    finally:
        await engine.close()
    import torch

    if torch.cuda.is_available():
        rows.append(("GPU memory reserved, at most", f"{torch.cuda.max_memory_reserved() / 2**30:.2f} GiB"))
    where = f"{_cpu()}, {torch.get_num_threads()} threads"
    if settings.remote:
        where = f"{len(settings.remote)} server{'s' if len(settings.remote) > 1 else ''}"
    elif torch.cuda.is_available():
        where = torch.cuda.get_device_name(0)
    print(
        f"\n`python -m bots bench`, {time.strftime('%Y-%m-%d')}, {engine.stats().model}, {where}, torch {torch.__version__}\n"
    )
    print("| what | figure |\n| --- | --- |")
    for name, value in rows:
        print(f"| {name} | {value} |")
    return 0


async def _rate(engine: Engine, chats: int) -> str:
    rates = [rate for _ in range(ROUNDS) if (rate := await together(engine, chats))]
    return f"{statistics.median(rates):.1f} tokens/s" if rates else "not measured: answers ended early"


async def together(engine: Engine, chats: int) -> float:
    """Tokens per second over all chats while all of them speak: from the last first token to the first end.

    Before that prompts are still read, and steps are longer. 0 where one ended before all had begun.
    """
    begun = 0
    marks: list[tuple[float, int]] = []

    def heard(first: bool) -> None:
        nonlocal begun
        begun += first
        if begun == chats if first else len(marks) == 1:
            marks.append((time.monotonic(), sum(engine.stats().tokens.values())))

    await answers(engine, chats, 128, ANSWER + chats, heard)  # they begin a step after each other
    if len(marks) < 2:
        return 0.0
    (start, before), (end, after) = marks
    return (after - before) / (end - start)


async def answers(
    engine: Engine, chats: int, prompt: int, answer: int = ANSWER, heard: Callable[[bool], None] = lambda first: None
) -> list[Usage]:
    """The usage of `chats` answers made at once; every prompt differs from the first token, so none is reused.

    heard(True) at each one's first words, heard(False) at its end.
    """

    async def one(i: int) -> Usage:
        tokens = engine.tokenizer.encode(f"{time.monotonic_ns()} {i} " + TEXT * 60)
        tokens = [engine.tokenizer.bos, *tokens][:prompt]
        request = Request(
            tuple(tokens),
            max_tokens=answer,
            sampling=Sampling(temperature=1.0),
            user=str(i),
            adapter="".join(engine.adapters),  # that of the settings, if any
        )
        silent = True
        async for event in engine.generate(request):
            if isinstance(event, Delta) and silent:
                silent = False
                heard(True)
            if isinstance(event, Done):
                heard(False)
                return event.usage
        raise RuntimeError("the engine ended without Done")

    return list(await asyncio.gather(*(one(i) for i in range(chats))))


def _transformers(settings: Settings) -> str | None:
    """The same model by transformers' own generate in float32, on the CPU only."""
    import torch

    from bots.logs import say
    from core.resident.loader import resolve_folder
    from core.settings import EMBEDDED

    if settings.remote or torch.cuda.is_available() or settings.model not in ("", EMBEDDED):
        return None
    say("measuring transformers, for comparison (about a minute)")
    from transformers import AutoModelForCausalLM

    model: Any = AutoModelForCausalLM.from_pretrained(
        resolve_folder(EMBEDDED, settings.cache, print), dtype=torch.float32
    )
    ids = torch.arange(1000, 1128).unsqueeze(0)
    model.generate(ids, max_new_tokens=4, do_sample=False)
    start = time.monotonic()
    model.generate(ids, max_new_tokens=32, min_new_tokens=32, do_sample=False)
    return f"{32 / (time.monotonic() - start):.1f} tokens/s"


def _memory() -> float:
    """Resident memory of this process in GiB."""
    try:
        with open("/proc/self/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**30
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _cpu() -> str:
    try:
        with open("/proc/cpuinfo") as f:
            return next(line.split(":", 1)[1].strip() for line in f if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
