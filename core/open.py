"""Open the engine that the settings ask for."""

from __future__ import annotations

import logging
from collections.abc import Callable

from core.adapters import called
from core.engine import Engine, LoadError
from core.settings import EngineSettings

log = logging.getLogger(__name__)


async def open_engine(
    settings: EngineSettings,
    *,
    progress: Callable[[str], None] = log.info,
    on_failure: Callable[[str], None] = log.error,
    patience_s: float = 0.0,
) -> Engine:
    """The model in this process or on servers, ready, with the settings' adapter. Raises LoadError.

    patience_s: how long servers that do not answer yet are waited for.
    """
    if settings.remote:
        from core.remote.open import open_remote

        engine: Engine = await open_remote(settings, progress=progress, on_failure=on_failure, patience_s=patience_s)
    else:
        engine = await _resident(settings, progress, on_failure)
    if settings.adapter is not None:
        folder = settings.adapter.expanduser()
        progress(f"loading the adapter {folder}")
        try:
            await engine.load_adapter(called(folder), folder)
        except BaseException as error:
            await engine.close()
            if isinstance(error, LoadError):
                raise LoadError(f"KRISHNA_ADAPTER: {error}") from error
            raise
    return engine


async def _resident(
    settings: EngineSettings, progress: Callable[[str], None], on_failure: Callable[[str], None]
) -> Engine:
    """Load the model in a thread and start its loop."""
    from core.apart import apart
    from core.resident.engine import ResidentEngine
    from core.resident.gemma3n.loop import GraphLoop
    from core.resident.gemma3n.model import Gemma3n
    from core.resident.loader import load
    from core.resident.loop import Loop

    model, tokenizer = await apart(load, settings, progress)
    loop = GraphLoop if isinstance(model, Gemma3n) else Loop
    return ResidentEngine(model, tokenizer, queue_size=settings.queue, on_failure=on_failure, loop=loop)
