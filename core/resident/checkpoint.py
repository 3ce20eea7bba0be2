"""The text model's tensors in a folder of *.safetensors, whatever larger model they are part of."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open

TOWER = re.compile(r"(?:vision|audio)_tower|embed_(?:vision|audio)|multi_modal_projector")  # not the text model's
_PREFIX = re.compile(r"^(model\.)?(language_model\.)?(model\.)?")


def text_name(key: str) -> str | None:
    """The text-model name of a checkpoint's key, "layers.0.mlp.up_proj.weight"; None for what is no part of it."""
    if TOWER.search(key) or "lm_head" in key:
        return None
    return _PREFIX.sub("", key)


class Checkpoint:
    """Tensors by their text-model names, read from the files when they are asked for."""

    def __init__(self, places: dict[str, tuple[Any, str]]) -> None:
        self._places = places

    def __contains__(self, name: str) -> bool:
        return name in self._places

    def tensor(self, name: str, *shape: int) -> torch.Tensor:
        """As it is in the file, on the CPU. Raises KeyError, and ValueError where a shape is given and it has another."""
        file, key = self._places[name]
        found: torch.Tensor = file.get_tensor(key)
        if shape and found.shape != shape:
            raise ValueError(f"{name} is {list(found.shape)} and not {list(shape)} as config.json says")
        return found


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[Checkpoint]:
    """The checkpoint in a folder; its tensors may be kept. Raises OSError, or what safetensors says of a broken file."""
    with contextlib.ExitStack() as stack:
        places = {}
        for path in sorted(folder.glob("*.safetensors")):
            file = stack.enter_context(safe_open(path, "pt"))
            for key in file.keys():  # noqa: SIM118 - not a dict
                if (name := text_name(key)) is not None:
                    places[name] = file, key
        yield Checkpoint(places)
