"""Folders that bitsandbytes saved: its keys and layout, made here from the numbers; on a GPU by bitsandbytes itself."""

from __future__ import annotations

import json

import pytest
import torch

from core.resident.gemma3n.nf4 import NF4, quantize
from core.resident.gemma3n.saved import STATE, Saved


def stored(weight: torch.Tensor, *, nested: bool) -> tuple[dict[str, torch.Tensor], NF4]:
    """The tensors of "w.weight" as quantize_4bit's state names them, and what they mean."""
    tiled = quantize(weight)
    n, k = weight.shape
    packed = tiled.packed.transpose(1, 2).reshape(-1, 1)
    absmax = tiled.absmax.transpose(1, 2).reshape(-1)
    state = {"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [n, k]}
    out = {"w.weight": packed}
    if nested:
        offset = float(absmax.mean())
        steps = torch.full((-(-len(absmax) // 256),), float((absmax - offset).abs().max()))
        table = torch.linspace(-1, 1, 256)
        codes = ((absmax - offset) / steps[0] * 127.5 + 127.5).round().to(torch.uint8)
        absmax = table[codes.long()] * steps[0] + offset
        state |= {"nested_blocksize": 256, "nested_offset": offset, "nested_dtype": "float32"}
        out |= {"w.weight.absmax": codes, "w.weight.nested_absmax": steps, "w.weight.nested_quant_map": table}
    else:
        out["w.weight.absmax"] = absmax
    out["w.weight" + STATE] = torch.tensor(list(json.dumps(state).encode()), dtype=torch.uint8)
    return out, NF4.tiled(packed.view(n, k // 2), absmax.view(n, k // 64))


@pytest.mark.parametrize("nested", [False, True])
def test_stored_maps_are_read_as_they_are(nested):
    tensors, truth = stored(torch.randn(64, 128, generator=torch.Generator().manual_seed(1)), nested=nested)
    saved = Saved(tensors.__getitem__, tensors.__contains__)
    made = saved.ready("w")
    assert torch.equal(made.packed, truth.packed) and torch.equal(made.absmax, truth.absmax)
    assert torch.equal(saved.tensor("w.weight"), truth.dense(torch.bfloat16))


def test_what_is_stored_whole_is_given_as_it_is():
    tensors = {"v.weight": torch.randn(3)}
    saved = Saved(tensors.__getitem__, tensors.__contains__)
    assert saved.ready("v") is None and saved.tensor("v.weight") is tensors["v.weight"]


def test_another_format_is_refused():
    tensors, _ = stored(torch.randn(32, 64), nested=False)
    state = {"quant_type": "fp4", "blocksize": 64, "dtype": "bfloat16", "shape": [32, 64]}
    tensors["w.weight" + STATE] = torch.tensor(list(json.dumps(state).encode()), dtype=torch.uint8)
    with pytest.raises(ValueError, match="not nf4"):
        Saved(tensors.__getitem__, tensors.__contains__).ready("w")
