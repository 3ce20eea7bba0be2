"""The simulation of `python -m bots simulate` against the real engine: `python -m tests.waits [minutes]`.

The embedded model's speeds are measured, then strangers ask at random for a minute (Poisson, at nine tenths of what the
engine can answer), and each one's wait for a slot is kept. The simulation gets the same speeds and the same arrivals.
Nothing else should be at work on the machine.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import time
from collections.abc import Sequence

from bots.bench import TEXT, answers, together
from bots.simulate import Chat, arrivals, percentile, serve
from bots.speeds import Speeds, capacity
from core.engine import Done, Engine, Request
from core.open import open_engine
from core.settings import EMBEDDED, EngineSettings

SLOTS, LOAD, PROMPT, ANSWER = 4, 0.9, 100, 32  # prompts of one piece, so that a minute holds many questions


async def measured(engine: Engine) -> Speeds:
    """The engine's speeds, as the bench measures them."""
    await answers(engine, 1, 24)  # warm-up
    firsts = [(await answers(engine, 1, PROMPT, 1))[0].first_token_s for _ in range(5)]
    decode = {n: await together(engine, n) for n in range(1, SLOTS + 1)}
    return Speeds(PROMPT / statistics.median(firsts), decode)


async def asked(engine: Engine, chats: list[Chat]) -> list[Chat]:
    """What became of the same questions in the engine."""
    start = time.monotonic()

    async def one(i: int, chat: Chat) -> Chat:
        await asyncio.sleep(start + chat.at - time.monotonic())
        at = time.monotonic() - start
        tokens = [engine.tokenizer.bos, *engine.tokenizer.encode(f"{time.monotonic_ns()} {i} " + TEXT * 9)]
        async for event in engine.generate(Request(tuple(tokens[: chat.prompt]), chat.answer, user=str(i))):
            if isinstance(event, Done):
                use = event.usage
                return Chat(at, use.prompt_tokens, use.answer_tokens, use.wait_s, use.first_token_s)
        raise RuntimeError("the engine ended without Done")

    return list(await asyncio.gather(*(one(i, chat) for i, chat in enumerate(chats))))


def line(name: str, chats: Sequence[Chat]) -> str:
    waits = [c.wait for c in chats]
    firsts = [c.first for c in chats]
    figures = [statistics.fmean(waits), *(percentile(waits, q) for q in (0.5, 0.95)), statistics.fmean(firsts)]
    return f"| {name} | " + " | ".join(f"{x:.2f} s" for x in figures) + " |"


async def main(minutes: float) -> None:
    engine = await open_engine(EngineSettings(model=EMBEDDED, slots=SLOTS), progress=lambda _: None)
    try:
        speeds = await measured(engine)
        rates = ", ".join(f"{rate:.1f}" for rate in speeds.decode.values())
        per_s = LOAD * capacity(speeds, SLOTS, PROMPT, ANSWER)
        print(f"prefill {speeds.prefill:.0f} tokens/s, decode of 1 to {SLOTS} chats {rates} tokens/s")
        how = {"peak": 1.0, "hours": minutes / 60, "prompt": PROMPT, "answer": ANSWER, "spread": 0.3}
        real = await asked(engine, list(arrivals(per_s * 86_400, random.Random(7), **how)))
    finally:
        await engine.close()
    span = max(c.at for c in real) - min(c.at for c in real)
    print(f"{len(real)} questions in {span:.0f} s, of {statistics.fmean(c.answer for c in real):.1f} tokens\n")
    print("| | wait, mean | median | 95 % | first token, mean |\n| --- | --- | --- | --- | --- |")
    print(line("engine", real))
    again = sorted(Chat(c.at, c.prompt, c.answer) for c in real)
    print(line("simulation", serve(again, speeds, gpus=1, slots=SLOTS).chats))


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if sys.argv[1:] else 1.0))
