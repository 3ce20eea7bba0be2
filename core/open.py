"""Open the engine that the settings ask for."""

from __future__ import annotations

import logging
from collections.abc import Callable

from core.adapters import called
from core.apart import apart
from core.engine import Engine, LoadError
from core.settings import EngineSettings

log = logging.getLogger(__name__)


async def open_engine(
    settings: EngineSettings,
    *,
    progress: Callable[[str], None] = log.info,
    on_failure: Callable[[str], None] = log.error,
) -> Engine:
    """Load the model in a thread, start its loop, and load the settings' adapter. Raises LoadError."""
    from core.resident.engine import ResidentEngine
    from core.resident.loader import load

    model, tokenizer = await apart(load, settings, progress)
    kind: type[ResidentEngine] = ResidentEngine
    if hasattr(model, "pick"):  # it draws tokens itself, and holds nested models
        from core.resident.gemma3n.engine import GraphEngine

        kind = GraphEngine
    engine = kind(model, tokenizer, queue_size=settings.queue, on_failure=on_failure)
    if settings.adapter is not None:
        folder = settings.adapter.expanduser()
        progress(f"loading the adapter {folder}")
        try:
            await engine.load_adapter(called(folder), folder)
        except LoadError as error:
            await engine.close()
            raise LoadError(f"KRISHNA_ADAPTER: {error}") from error
    return engine
