"""Keys and values of every chat, in slots of fixed size, and attention over them.

A model of transformers calls `Slots.update` where it would call its own cache, and `attend` where it would call its
own attention (hf.py). Each row of a batch attends over its own slot
alone, with the very shapes it would have alone, so batching changes no bit of the result.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention


@dataclass(slots=True)
class Batch:
    """One forward pass: row i continues slots[i], whose next position is starts[i], by `width` tokens."""

    slots: list[int]
    starts: list[int]
    width: int
    _masks: dict[tuple[int, int | None], torch.Tensor] = field(default_factory=dict)

    def mask(self, row: int, first: int, window: int | None, groups: int, device: torch.device) -> torch.Tensor | None:
        """Boolean [groups·width, keys] for keys first..end of a row; None where every key may be seen."""
        if self.width == 1:
            return None
        known = self._masks.get((row, window))
        if known is None:
            start = self.starts[row]
            queries = torch.arange(start, start + self.width, device=device).unsqueeze(1)
            keys = torch.arange(first, start + self.width, device=device).unsqueeze(0)
            seen = keys <= queries
            if window is not None:
                seen &= keys > queries - window
            known = self._masks[row, window] = seen.repeat(groups, 1)
        return known


class Slots:
    """The cache. keys[layer], values[layer]: [slots, kv_heads, length, head_dim]; layers that share have none."""

    is_compileable = False

    def __init__(self, config: Any, slots: int, length: int, dtype: torch.dtype, device: torch.device) -> None:
        owners = config.num_hidden_layers - (getattr(config, "num_kv_shared_layers", 0) or 0)
        shape = (slots, config.num_key_value_heads, length, config.head_dim)
        # zeros, not empty: on the CPU the pages are taken from the system only when first written.
        self.keys = [torch.zeros(shape, dtype=dtype, device=device) for _ in range(owners)]
        self.values = [torch.zeros(shape, dtype=dtype, device=device) for _ in range(owners)]
        self.slots, self.length = slots, length
        self.batch = Batch([], [], 0)

    def update(
        self, keys: torch.Tensor, values: torch.Tensor, layer: int, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write [rows, kv_heads, width, head_dim] into the batch's slots; hand the whole layer to `attend`."""
        batch = self.batch
        for row, (slot, start) in enumerate(zip(batch.slots, batch.starts, strict=True)):
            self.keys[layer][slot, :, start : start + batch.width] = keys[row]
            self.values[layer][slot, :, start : start + batch.width] = values[row]
        return self.keys[layer], self.values[layer]

    def copy(self, source: int, target: int, length: int) -> None:
        """Give `target` the first `length` positions of `source`."""
        for tensor in (*self.keys, *self.values):
            tensor[target, :, :length] = tensor[source, :, :length]

    def get_seq_length(self, layer: int = 0) -> int:
        return max(self.batch.starts, default=0)

    def nbytes(self) -> int:
        return sum(t.nbytes for t in (*self.keys, *self.values))


def attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    keys: torch.Tensor,
    values: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    batch: Batch,
    scaling: float,
    sliding_window: int | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """query [rows, heads, width, head_dim] over the slots of `batch` -> [rows, width, heads, head_dim].

    Query heads that share a key head are folded into the width, so grouped heads need no copies of keys.
    """
    heads, width, dim = query.shape[1:]
    kv_heads = keys.shape[1]
    groups = heads // kv_heads
    out = torch.empty_like(query)
    for row, (slot, start) in enumerate(zip(batch.slots, batch.starts, strict=True)):
        first = 0 if sliding_window is None else max(0, start - sliding_window + 1)
        end = start + width
        result = scaled_dot_product_attention(
            query[row].reshape(1, kv_heads, groups * width, dim),
            keys[slot : slot + 1, :, first:end],
            values[slot : slot + 1, :, first:end],
            attn_mask=batch.mask(row, first, sliding_window, groups, query.device),
            scale=scaling,
        )
        out[row] = result.view(heads, width, dim)
    return out.transpose(1, 2), None
