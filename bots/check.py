"""python -m bots check: one screen that says what is configured, what works, and how to mend the rest."""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Awaitable, Callable

from bots.host import at_once, make_sure_of_room
from bots.settings import ConfigurationError, Settings
from core.engine import Done, LoadError, Request, Sampling
from storage import Store, StoreError

OK, OFF, BAD = "ok  ", "–   ", "MEND"


class Problem(Exception):
    """Something the operator must mend."""


async def check(settings: Settings) -> int:
    """Print a line for each part. Returns 0 when all that is configured works, else 2."""
    bad = 0
    for name, part in (
        ("python", _python),
        ("database", _database),
        ("model", _model),
        ("telegram", _telegram),
        ("discord", _discord),
    ):
        try:
            state, text = await part(settings)
        except Problem as problem:
            state, text, bad = BAD, str(problem), 2
        print(f"{state}  {name:9} {text}", flush=True)
    return bad


async def _python(settings: Settings) -> tuple[str, str]:
    import torch

    cards = [
        f"{torch.cuda.get_device_name(i)}, {torch.cuda.mem_get_info(i)[0] / 2**30:.1f} of "
        f"{torch.cuda.mem_get_info(i)[1] / 2**30:.1f} GiB free"
        for i in range(torch.cuda.device_count())
    ]
    gpu = "; ".join(cards) or f"no GPU, {settings.threads or torch.get_num_threads()} CPU threads"
    return OK, f"{platform.python_version()}, torch {torch.__version__}, {gpu}"


async def _database(settings: Settings) -> tuple[str, str]:
    try:
        store = await Store.open(settings.database_url)
        try:
            return OK, f"{store.where}: {await store.check()}"
        finally:
            await store.close()
    except StoreError as error:
        raise Problem(str(error)) from error


async def _model(settings: Settings) -> tuple[str, str]:
    import torch

    from bots.logs import say
    from core.open import open_engine
    from core.wisdom.corpus import corpus

    start = time.monotonic()
    try:
        with at_once():
            engine = await open_engine(settings, progress=say)
    except LoadError as error:
        raise Problem(str(error)) from error
    try:
        loaded = time.monotonic() - start
        make_sure_of_room(settings, engine, corpus())
        tokenizer = engine.tokenizer
        prompt = (tokenizer.bos, *tokenizer.encode("The Bhagavad Gita teaches that a person should"))
        adapter = "".join(engine.adapters)  # that of the settings, if any
        request = Request(prompt, max_tokens=32, sampling=Sampling(temperature=0), adapter=adapter)
        async for event in engine.generate(request):
            if isinstance(event, Done):
                usage = event.usage
        rate = (usage.answer_tokens - 1) / max(1e-9, usage.total_s - usage.first_token_s)
        with_ = f" with the adapter {settings.adapter}" if adapter else ""
        said = f"{engine.stats().model}{with_}: ready in {loaded:.0f} s, {rate:.0f} tokens/s for one chat"
        taken = sum(torch.cuda.max_memory_reserved(i) for i in range(torch.cuda.device_count()))
        return OK, said + (f", {taken / 2**30:.1f} GiB of GPU memory" if taken else "")
    except ConfigurationError as error:
        raise Problem(str(error)) from error
    finally:
        await engine.close()


async def _telegram(settings: Settings) -> tuple[str, str]:
    if settings.telegram_token is None:
        return OFF, "not configured; set TELEGRAM_TOKEN (from @BotFather) to use it"
    from bots.telegram.adapter import who

    return OK, await _patiently(lambda: who(settings))


async def _discord(settings: Settings) -> tuple[str, str]:
    if settings.discord_token is None:
        return OFF, "not configured; set DISCORD_TOKEN (discord.com/developers) to use it"
    from bots.discord.client import who

    return OK, await _patiently(lambda: who(settings))


async def _patiently(ask: Callable[[], Awaitable[str]]) -> str:
    """A platform's word on the token, within ten seconds."""
    try:
        async with asyncio.timeout(10):
            return await ask()
    except ConfigurationError as error:
        raise Problem(str(error)) from error
    except TimeoutError as error:
        raise Problem("no answer within 10 s; check the network, or the API base if you set one") from error
