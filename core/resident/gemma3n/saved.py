"""Tensors of a checkpoint that bitsandbytes saved in NF4, with or without its second quantization of magnitudes."""

from __future__ import annotations

import json
from collections.abc import Callable

import torch

from core.resident.gemma3n.nf4 import BLOCK, CODES, NF4

STATE = ".quant_state.bitsandbytes__nf4"


class Saved:
    """get(name): a stored tensor by its text-model name. has(name): whether there is one."""

    def __init__(self, get: Callable[[str], torch.Tensor], has: Callable[[str], bool]) -> None:
        self._get, self._has = get, has

    def tensor(self, name: str) -> torch.Tensor:
        """A tensor in its own numbers, whether it was stored so or in NF4."""
        if not self._has(name + STATE):
            return self._get(name)
        packed, absmax, shape, dtype = self._parts(name)
        codes = torch.tensor(CODES)[torch.stack((packed >> 4, packed & 15), -1).flatten().long()]
        whole = torch.zeros(len(absmax) * BLOCK)
        whole[: len(codes)] = codes
        return (whole.view(-1, BLOCK) * absmax.unsqueeze(-1)).flatten()[: shape.numel()].view(shape).to(dtype)

    def ready(self, name: str) -> NF4 | None:
        """A linear map stored in NF4, as nf4.py lays it out."""
        if not self._has(f"{name}.weight{STATE}"):
            return None
        packed, absmax, shape, _ = self._parts(f"{name}.weight")
        n, k = shape
        return NF4.tiled(packed.view(n, k // 2), absmax.view(n, k // BLOCK))

    def _parts(self, name: str) -> tuple[torch.Tensor, torch.Tensor, torch.Size, torch.dtype]:
        """Bytes, magnitudes float32, shape, dtype. Raises ValueError for another format than QLoRA's."""
        state = json.loads(bytes(self._get(name + STATE).tolist()))
        if state["quant_type"] != "nf4" or state["blocksize"] != BLOCK:
            raise ValueError(f"{name} is in {state['quant_type']} blocks of {state['blocksize']}, not nf4 of {BLOCK}")
        absmax = self._get(f"{name}.absmax")
        if "nested_blocksize" in state:
            size, count = state["nested_blocksize"], len(absmax)
            values = self._get(f"{name}.nested_quant_map").float()[absmax.long()]
            steps = self._get(f"{name}.nested_absmax").float().repeat_interleave(size)[:count]
            absmax = values * steps + state["nested_offset"]
        packed = self._get(name).flatten()
        return packed, absmax.float(), torch.Size(state["shape"]), getattr(torch, state["dtype"])
