"""LoRA adapters (Hu et al. 2021, arXiv:2106.09685) beside the 4-bit weights: y = W x + B (A x), each chat by its own.

An adapter is one flat buffer, laid out the same for all, so that kernels and graphs captured long ago find every
factor from the buffer's address alone. What an adapter leaves out is zero; ranks below 64 are filled up with zeros.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import torch

from core.engine import LoadError
from core.resident.gemma3n.config import Config
from core.resident.lora import Adapter as Read
from core.resident.lora import read

RANK = 64
MOST = 4  # adapters held at once
_NAME = re.compile(r"(?:model\.)?layers\.(\d+)\.(?:self_attn|mlp)\.(q|k|v|o|gate|up|down)_proj")
# The products that kernels make, and the projections in each, in the order of their columns.
GROUPS = {"inner": ("q", "k", "v"), "o": ("o",), "gate_up": ("gate", "up"), "down": ("down",)}


@dataclass(frozen=True, slots=True)
class Place:
    """Where one product's factors lie in the buffer, in numbers: A [projections · 64, K], then B [N, 64].

    K in split order (kernels/matmul.py). columns: where each projection's columns begin, and their end.
    """

    down: int
    up: int
    inputs: int
    columns: tuple[int, ...]

    @property
    def ranks(self) -> int:
        return RANK * (len(self.columns) - 1)


def places(config: Config) -> tuple[list[dict[str, Place]], int]:
    """(for each layer, the place of each product's factors; numbers in all)."""
    c, out, at = config, [], 0
    q, kv = c.heads * c.head_dim, c.kv_heads * c.head_dim
    for layer in range(c.layers):
        own = layer < c.owners
        widths = {
            "inner": (c.hidden, (q, kv, kv) if own else (q,)),
            "o": (q, (c.hidden,)),
            "gate_up": (c.hidden, (c.ffn[layer], c.ffn[layer])),
            "down": (c.ffn[layer], (c.hidden,)),
        }
        found = {}
        for name, (inputs, outputs) in widths.items():
            columns = [0]
            for width in outputs:
                columns.append(columns[-1] + width)
            # LAuReL's columns, which no adapter changes, end the inner product: rows of zeros.
            rows = columns[-1] + (c.laurel_rank if name == "inner" else 0)
            down, up = at, at + RANK * len(outputs) * inputs
            found[name] = Place(down, up, inputs, tuple(columns))
            at = up + rows * RANK
        out.append(found)
    return out, at


def split(a: torch.Tensor) -> torch.Tensor:
    """Columns of [R, K] into split order: of each 64 first the even ones."""
    return a.view(len(a), -1, 32, 2).transpose(2, 3).reshape(a.shape)


def plain(a: torch.Tensor) -> torch.Tensor:
    """The inverse of `split`."""
    return a.view(len(a), -1, 2, 32).transpose(2, 3).reshape(a.shape)


class Adapters:
    """Up to MOST adapters by name. table: int64 [MOST] on the device, the buffers' addresses; 0 where none is."""

    def __init__(self, config: Config, dtype: torch.dtype, device: torch.device) -> None:
        self.config, self._dtype, self._device = config, dtype, device
        self.places, self._size = places(config)
        self.table = torch.zeros(MOST, dtype=torch.int64, device=device)
        self.flat: list[torch.Tensor | None] = [None] * MOST
        self._names: list[str | None] = [None] * MOST

    def index(self, name: str) -> int:
        """1 .. MOST; 0 for the base, the empty name. Raises KeyError."""
        if not name:
            return 0
        if name not in self._names:
            raise KeyError(name)
        return self._names.index(name) + 1

    def load(self, name: str, folder: Path) -> None:
        """Raises LoadError: it does not fit this model, or too many are held."""
        if name in self._names:
            at = self._names.index(name)
        elif None in self._names:
            at = self._names.index(None)
        else:
            raise LoadError(f"{MOST} adapters are loaded, which is the most; unload one first")
        flat = self._fill(read(folder)).to(self._device)
        self.flat[at], self._names[at] = flat, name
        self._point()

    def unload(self, name: str) -> None:
        at = self.index(name) - 1
        self.flat[at] = self._names[at] = None
        self._point()

    def factors(self, adapter: int, layer: int, product: str) -> tuple[torch.Tensor, torch.Tensor]:
        """A [projections · 64, K] in plain order and B [N, 64] of an adapter by its index."""
        flat, place = self.flat[adapter - 1], self.places[layer][product]
        assert flat is not None
        a = flat[place.down : place.up].view(place.ranks, place.inputs)
        return plain(a), flat[place.up : place.up + place.columns[-1] * RANK].view(-1, RANK)

    def _point(self) -> None:
        self.table.copy_(torch.tensor([0 if f is None else f.data_ptr() for f in self.flat]))

    def _fill(self, adapter: Read) -> torch.Tensor:
        flat = torch.zeros(self._size, dtype=self._dtype)
        taken = 0
        for path, (a, b) in adapter.factors.items():
            match = _NAME.fullmatch(path)
            if match is None or int(match[1]) >= self.config.layers:
                raise LoadError(
                    f"{adapter.folder} changes {path}; train it on the attention and feed-forward maps alone"
                )
            layer, kind = int(match[1]), match[2]
            product = next(name for name, kinds in GROUPS.items() if kind in kinds)
            place, part = self.places[layer][product], GROUPS[product].index(kind)
            if part >= len(place.columns) - 1:
                continue  # keys and values of a layer that owns none: nothing reads them
            first, end = place.columns[part], place.columns[part + 1]
            if a.shape[1] != place.inputs or len(b) != end - first:
                raise LoadError(f"{adapter.folder} does not fit this model at {path}; use one trained on it")
            if len(a) > RANK:
                raise LoadError(f"{adapter.folder} has rank {len(a)} at {path}; the kernels take up to {RANK}")
            at = place.down + part * RANK * place.inputs
            flat[at : at + a.numel()] = split(a).flatten().to(self._dtype)
            at = place.up + first * RANK
            flat[at : at + (end - first) * RANK].view(-1, RANK)[:, : len(a)] = b.to(self._dtype)
            taken += 1
        if not taken:
            raise LoadError(f"{adapter.folder} changes nothing of this model; use one trained on it")
        return flat
