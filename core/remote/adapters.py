"""LoRA adapters on servers: by the name under which they are served already, or loaded there from a folder."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.apart import apart
from core.engine import EngineError, LoadError
from core.prompt import TUNED
from core.remote.endpoint import Endpoint, Unanswered

FILES = ("adapter_config.json", "adapter_model.safetensors")


@dataclass(frozen=True, slots=True)
class Served:
    """An adapter on the servers. name: what they call it. path: its folder there, empty where the operator loaded it.

    tuned: as Engine.tuned() tells it.
    """

    name: str
    path: str
    tuned: bool


async def loaded(name: str, folder: Path, endpoints: Sequence[Endpoint]) -> Served:
    """The adapter `name`, which all of them serve already or now load from `folder`. Raises LoadError."""
    try:
        listed = [{model["id"] for model in await endpoint.models()} for endpoint in endpoints]
    except (Unanswered, EngineError) as error:
        raise LoadError(f"the adapter {name} cannot be loaded: {error}; see that server's log") from error
    here = await asyncio.to_thread(folder.is_dir)
    if all(name in names for names in listed):
        return Served(name, "", tuned=not here or (folder / TUNED).is_file())
    if not here:
        raise LoadError(f"not every server serves an adapter {name}, and {folder} is no folder here; mend its path")
    adapter = await apart(_named, name, folder)
    lacking = [e for e, names in zip(endpoints, listed, strict=True) if adapter.name not in names]
    ends = await asyncio.gather(*(e.load_adapter(adapter.name, adapter.path) for e in lacking), return_exceptions=True)
    for end in ends:
        if isinstance(end, (Unanswered, EngineError)):
            await unloaded(adapter, [e for e, other in zip(lacking, ends, strict=True) if other is None])
            raise LoadError(
                f"the adapter {folder} cannot be loaded: {end}; vLLM needs --enable-lora with a --max-lora-rank that"
                " holds it, VLLM_ALLOW_RUNTIME_LORA_UPDATING=1, and the folder at the same path"
            ) from end
        if end is not None:
            raise end
    return adapter


async def unloaded(adapter: Served, endpoints: Sequence[Endpoint]) -> None:
    """Have servers forget an adapter that was loaded from here. Those that cannot are let be."""
    if adapter.path:
        for endpoint in endpoints:
            with contextlib.suppress(Unanswered, EngineError):
                await endpoint.unload_adapter(adapter.name)


def _named(name: str, folder: Path) -> Served:
    """Called after what is in it: hosts that share servers share it, and one that was trained anew is another one."""
    digest = hashlib.sha256()
    try:
        for file in FILES:
            digest.update((folder / file).read_bytes())
    except OSError as error:
        raise LoadError(f"{folder} is no LoRA folder ({error}); give one that PEFT saved") from error
    return Served(f"{name}-{digest.hexdigest()[:12]}", str(folder.resolve()), (folder / TUNED).is_file())
