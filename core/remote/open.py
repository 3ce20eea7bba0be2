"""From settings to an engine over servers: they are met, waited for while they start, and compared."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from core.engine import LoadError
from core.remote.endpoint import Denied, Endpoint, Refused, Unanswered
from core.remote.engine import RemoteEngine
from core.remote.fleet import Fleet
from core.resident.embedded import vocabulary
from core.resident.tokenizer import GemmaTokenizer
from core.settings import EngineSettings

AGAIN_S = 3.0  # between two looks at servers that are still starting
SAMPLE = "Why should I act at all? कर्म करना ही क्यों? 🙏"  # where tokenizers differ


@dataclass(frozen=True, slots=True)
class Met:
    """What a server serves: the model's name, its context in tokens where it says so, and whether it talks sense."""

    model: str
    context: int | None
    fluent: bool


async def open_remote(
    settings: EngineSettings,
    *,
    progress: Callable[[str], None],
    on_failure: Callable[[str], None],
    patience_s: float,
) -> RemoteEngine:
    """Raises LoadError. patience_s: how long servers that do not answer yet are waited for; one is enough."""
    tokenizer = await asyncio.to_thread(gemma_tokenizer, settings, progress)
    key = settings.remote_key.get_secret_value() if settings.remote_key else ""
    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
    try:
        endpoints = [Endpoint(base, session, key) for base in settings.remote]
        met, silent = await _meet_all(endpoints, settings, tokenizer, progress, patience_s)
        contexts = [m.context for m in met if m.context]
        fleet = Fleet(endpoints, met[0].model)
        engine = RemoteEngine(
            fleet,
            session,
            tokenizer,
            context=min([settings.context, *contexts]),
            fluent=met[0].fluent,
            slots=settings.slots,
            queue_size=settings.queue,
            on_failure=on_failure,
        )
    except BaseException:
        await session.close()
        raise
    for endpoint, why in silent:
        fleet.lost(endpoint, why)
    up = len(endpoints) - len(silent)
    progress(f"{met[0].model} is served by {up} of {len(endpoints)} servers")
    return engine


async def _meet_all(
    endpoints: list[Endpoint],
    settings: EngineSettings,
    tokenizer: GemmaTokenizer,
    progress: Callable[[str], None],
    patience_s: float,
) -> tuple[list[Met], list[tuple[Endpoint, str]]]:
    """What those serve that answer, at least one, and those that do not with why."""
    until, told = time.monotonic() + patience_s, ""
    while True:
        ends = await asyncio.gather(*(_meet(e, settings.model, tokenizer) for e in endpoints), return_exceptions=True)
        for end in ends:
            if isinstance(end, BaseException) and not isinstance(end, Unanswered):
                raise end
        met = [end for end in ends if isinstance(end, Met)]
        silent = [(e, str(end)) for e, end in zip(endpoints, ends, strict=True) if isinstance(end, Unanswered)]
        if len(names := sorted({m.model for m in met})) > 1:
            raise LoadError(f"the servers serve {' and '.join(names)}; set KRISHNA_MODEL to one that all serve")
        if met:
            return met, silent
        why = "; ".join(why for _, why in silent)
        if time.monotonic() > until:
            raise LoadError(f"{why}; start the server or mend KRISHNA_REMOTE")
        if why != told:
            progress(f"waiting for a server: {why}")
            told = why
        await asyncio.sleep(AGAIN_S)


async def _meet(endpoint: Endpoint, wanted: str, tokenizer: GemmaTokenizer) -> Met:
    """Raises Unanswered where it may answer later, LoadError where it never will."""
    try:
        served = {model["id"]: model for model in await endpoint.models()}
    except Denied as error:
        guarded = "@" in endpoint.base  # then a call says that password, and has no room for the key
        mend = "mend its password in KRISHNA_REMOTE" if guarded else "set KRISHNA_REMOTE_KEY to the key that it takes"
        raise LoadError(f"{error}; {mend}") from error
    except Refused as error:
        raise LoadError(f"{error}; mend KRISHNA_REMOTE") from error
    bases = [name for name, model in served.items() if not model.get("parent")]
    if wanted and wanted not in bases:
        raise LoadError(f"{endpoint.name} serves {', '.join(bases)} and not {wanted}; set KRISHNA_MODEL to one of them")
    if not wanted and len(bases) != 1:
        raise LoadError(f"{endpoint.name} serves {', '.join(bases) or 'nothing'}; set KRISHNA_MODEL to one of them")
    name = wanted or bases[0]
    theirs = await endpoint.tokenized(name, SAMPLE)
    if theirs and theirs != tokenizer.encode(SAMPLE):
        raise LoadError(
            f"{endpoint.name} has another tokenizer than this host; set KRISHNA_TOKENIZER to the model's folder"
        )
    length = served[name].get("max_model_len")
    said = f"{name} {served[name].get('root') or ''}".lower()
    return Met(name, int(length) if length else None, fluent="270m" not in said)


def gemma_tokenizer(settings: EngineSettings, progress: Callable[[str], None]) -> GemmaTokenizer:
    """That of KRISHNA_TOKENIZER, else of KRISHNA_MODEL where that is a folder here, else the embedded model's.

    All of Gemma 3 and 3n share one vocabulary. Raises LoadError.
    """
    for folder in (settings.tokenizer, Path(settings.model) if settings.model else None):
        if folder is not None and (folder is settings.tokenizer or (folder.expanduser() / "tokenizer.json").is_file()):
            return GemmaTokenizer(folder.expanduser())
    return GemmaTokenizer(vocabulary(settings.cache, progress))
