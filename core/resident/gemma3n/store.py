"""Quantized weights on disk: made once from a checkpoint, read in seconds from then on.

The per-layer embeddings are not copied: they are read from the checkpoint's own file, as they are there.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from core.engine import LoadError
from core.resident.checkpoint import opened
from core.resident.gemma3n.config import Config
from core.resident.gemma3n.saved import Saved
from core.resident.gemma3n.synthetic import PLE, e4b, random_source
from core.resident.gemma3n.weights import Weights, collect, pack, unpack
from core.text import first_line

log = logging.getLogger(__name__)

LAYOUT = 1  # raise it when `pack` changes


def load(folder: Path, cache: Path, device: torch.device, progress: Callable[[str], None] = log.info) -> Weights:
    """The text model of a Gemma 3n folder on the device, quantized. Raises LoadError, OSError, KeyError or ValueError."""
    config = Config.read(folder)
    with opened(folder) as checkpoint:
        saved = Saved(checkpoint.tensor, checkpoint.__contains__)
        source = saved.tensor

        kept = cache.expanduser() / "gemma3n" / f"{fingerprint(folder)}.safetensors"
        if not kept.exists():
            progress("quantizing the model, once")
            made = collect(config, _without_ple(source), device, ready=saved.ready)
            _save(pack(made), kept, made.dtype)
            # Read it back below: what quantizing left of the device's memory is in pieces.
            del made
            if device.type == "cuda":
                torch.cuda.empty_cache()
        return read(config, kept, _own(source(PLE)), device)


def synthetic(device: torch.device) -> Weights:
    """Random weights of E4B's shapes, laid out in memory as `load` leaves real ones."""
    config = e4b()
    source = random_source(config, device)
    made = collect(config, _without_ple(source), device)
    flat = {name: tensor.cpu() for name, tensor in pack(made).items()}
    dtype = made.dtype
    del made
    if device.type == "cuda":
        torch.cuda.empty_cache()
    return unpack(config, lambda name: flat[name].to(device), source(PLE), dtype)


def read(config: Config, kept: Path, ple: torch.Tensor, device: torch.device) -> Weights:
    try:
        with safe_open(kept, "pt", device=str(device)) as flat:
            dtype = getattr(torch, flat.metadata()["dtype"])
            return unpack(config, flat.get_tensor, ple, dtype)
    except SafetensorError as error:
        raise LoadError(f"{kept} is damaged ({first_line(error)}); delete it, and it is made anew") from error


def fingerprint(folder: Path) -> str:
    """A hash of the config and of every weight file's header, size, time and ends: 15 GiB need not be read."""
    seen = hashlib.sha256(f"{LAYOUT}".encode())
    seen.update((folder / "config.json").read_bytes())
    for path in sorted(folder.glob("*.safetensors")):
        stat = path.stat()
        seen.update(f"{path.name} {stat.st_size} {stat.st_mtime_ns}".encode())
        with open(path, "rb") as file:
            seen.update(file.read(1 << 20))
            file.seek(max(0, stat.st_size - (1 << 20)))
            seen.update(file.read())
    return seen.hexdigest()[:32]


def _without_ple(source: Callable[[str], torch.Tensor]) -> Callable[[str], torch.Tensor]:
    return lambda name: torch.empty(0) if name == PLE else source(name)


def _own(tensor: torch.Tensor) -> torch.Tensor:
    """A copy in plain memory: pages of a mapped file cannot be locked."""
    return torch.empty_like(tensor).copy_(tensor)


def _save(flat: dict[str, torch.Tensor], path: Path, dtype: torch.dtype) -> None:
    """Whole or not at all: a crash leaves no half file under the name. Raises LoadError."""
    partial = path.with_suffix(f".{os.getpid()}.partial")
    meta = {"dtype": str(dtype).removeprefix("torch.")}
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file({name: tensor.cpu().contiguous() for name, tensor in flat.items()}, partial, metadata=meta)
        os.replace(partial, path)
    except (OSError, SafetensorError) as error:
        partial.unlink(missing_ok=True)
        size = sum(tensor.nbytes for tensor in flat.values()) / 1e9
        raise LoadError(
            f"the quantized model cannot be kept in {path.parent} ({first_line(error)}); free {size:.1f} GB there or set"
            " KRISHNA_CACHE"
        ) from error
