# mypy: ignore-errors
"""LoRA's two products, each row by its own adapter (core/resident/gemma3n/lora.py says how the factors lie)."""

import triton
import triton.language as tl

from core.resident.gemma3n.kernels.common import after


@triton.jit
def _which(adapters, i, rows, KINDS: tl.constexpr, ROOM: tl.constexpr):
    """The i-th adapter of this step, 0 and more: the only one, or the i-th of all there may be; below 0 for none."""
    if KINDS == 1:
        row = tl.arange(0, ROOM)
        return tl.max(tl.load(adapters + row, mask=row < rows, other=0), 0) - 1
    else:
        return i


@triton.jit
def _base(table, which):
    """Where an adapter's buffer is; 0 where none is."""
    return tl.load(table + tl.maximum(which, 0))


@triton.jit
def lora_down(
    x,  # ACT [rows, K], split order
    table,  # int64 [adapters]: where their buffers are, or 0
    offset,  # of A [R, width] in each
    adapters,  # int32 [rows]: 1 and more; 0 for none
    low,  # float32 [KINDS, SPLIT, rows, R]
    rows, K, R, width,
    BM: tl.constexpr, SPLIT: tl.constexpr, KINDS: tl.constexpr, ROOM: tl.constexpr, ACT: tl.constexpr,
    PDL: tl.constexpr,
):  # fmt: skip
    """low = A x over one part of K, zero for rows of other adapters. grid (R / 16 · ceil(rows / BM), SPLIT, KINDS)."""
    r = tl.program_id(0) % (R // 16) * 16 + tl.arange(0, 16)
    m = (tl.program_id(0) // (R // 16) * BM + tl.arange(0, BM))[None, :]
    split, i, k = tl.program_id(1), tl.program_id(2), tl.arange(0, 64)
    which = _which(adapters, i, rows, KINDS, ROOM)
    base, per = _base(table, which), K // 64 // SPLIT
    uses = tl.load(adapters + m, mask=m < rows, other=0) == which + 1
    after(PDL)
    acc = tl.zeros((16, BM), tl.float32)
    if (base != 0) & (tl.max(tl.max(uses.to(tl.int32), 1), 0) > 0):
        a = base.to(tl.pointer_type(ACT)) + offset + r[:, None] * width + k[None, :]
        for b in range(split * per, split * per + per):
            part = tl.load(x + m * K + b * 64 + k[:, None], mask=m < rows, other=0.0)
            acc = tl.dot(tl.load(a + b * 64), part, acc, input_precision="ieee")
    at = ((i * SPLIT + split) * rows + m) * R + r[:, None]
    tl.store(low + at, tl.where(uses, acc, 0.0), mask=m < rows)


@triton.jit
def lora_up(
    table, offset, adapters, low, n, m, rows, R, group,
    KINDS: tl.constexpr, ROOM: tl.constexpr, SPLIT: tl.constexpr, BN: tl.constexpr, BM: tl.constexpr,
    ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """B low for columns n, all of one projection, the `group`th of its product: float32 [BN, BM].

    KINDS 1: B is asked for before the wait for `low`.
    """
    acc, j = tl.zeros((BN, BM), tl.float32), tl.arange(0, 64)
    for i in tl.static_range(KINDS):
        base = _base(table, _which(adapters, i, rows, KINDS, ROOM))
        at = base.to(tl.pointer_type(ACT)) + offset + n[:, None] * 64 + j[None, :]
        b = tl.load(at, mask=tl.full((BN, 64), 0, tl.int64) + base != 0, other=0.0)
        if i == 0:
            after(PDL)
        part = tl.zeros((64, BM), tl.float32)
        for s in tl.static_range(SPLIT):
            place = low + ((i * SPLIT + s) * rows + m[None, :]) * R + group * 64 + j[:, None]
            part += tl.load(place, mask=m[None, :] < rows, other=0.0)
        acc = tl.dot(b, part.to(ACT), acc, input_precision="ieee")
    return acc
