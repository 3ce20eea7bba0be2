# mypy: ignore-errors
"""LoRA's two products, each row by its own adapter (core/resident/gemma3n/lora.py says how the factors lie).

Both run inside the kernel of the product that they add to: its first programs make `low` = A x and count themselves in
`arrived`; those that add B low wait for the count. Programs start in the order of their numbers, so none waits for
one that cannot start.
"""

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
def _base(table, which, ACT: tl.constexpr):
    """(where an adapter's buffer is, as a pointer; whether there is one)."""
    base = tl.load(table + tl.maximum(which, 0))
    # An address out of a table says nothing of its alignment, without which numbers are read one by one.
    return tl.multiple_of(base.to(tl.pointer_type(ACT)), 16), base != 0


@triton.jit
def makers(rows, R, BM: tl.constexpr, SPLIT: tl.constexpr, KINDS: tl.constexpr):
    """How many programs make `low`."""
    return R // 16 * tl.cdiv(rows, BM) * SPLIT * KINDS


@triton.jit
def lora_down(
    program,  # of makers()
    x,  # ACT [rows, K], split order
    table,  # int64 [adapters]: where their buffers are, or 0
    offset,  # of A [R, width] in each
    adapters,  # int32 [rows]: 1 and more; 0 for none
    low,  # float32 [KINDS, SPLIT, rows, R]
    arrived,  # int32: programs that are done, zero before the first
    rows, K, R, width,
    BM: tl.constexpr, SPLIT: tl.constexpr, CHUNK: tl.constexpr, KINDS: tl.constexpr, ROOM: tl.constexpr,
    ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """low = A x over one part of K, zero for rows of other adapters. A is asked for before the wait for x."""
    ranks, tiles = R // 16, tl.cdiv(rows, BM)
    r, k = program % ranks * 16 + tl.arange(0, 16), tl.arange(0, CHUNK)
    m = (program // ranks % tiles * BM + tl.arange(0, BM))[None, :]
    split, i, per = program // (ranks * tiles) % SPLIT, program // (ranks * tiles * SPLIT), K // SPLIT
    first = tl.multiple_of(split * per, 64)
    which = _which(adapters, i, rows, KINDS, ROOM)
    base, there = _base(table, which, ACT)
    uses = (tl.load(adapters + m, mask=m < rows, other=0) == which + 1) & there
    some = tl.max(tl.max(uses.to(tl.int32), 1), 0) > 0
    at = base + offset + r[:, None] * width + first + k[None, :]
    a = tl.load(at, mask=tl.full((16, CHUNK), 0, tl.int32) < some.to(tl.int32), other=0.0)
    after(PDL)
    acc = tl.zeros((16, BM), tl.float32)
    if some:
        here = x + m * K + first + k[:, None]
        acc = tl.dot(a, tl.load(here, mask=m < rows, other=0.0), acc, input_precision="ieee")
        for b in tl.range(CHUNK, per, CHUNK, num_stages=3):
            part = tl.load(here + b, mask=m < rows, other=0.0)
            acc = tl.dot(tl.load(at + b), part, acc, input_precision="ieee")
    to = ((i * SPLIT + split) * rows + m) * R + r[:, None]
    tl.store(low + to, tl.where(uses, acc, 0.0), mask=m < rows)
    tl.debug_barrier()
    tl.atomic_add(arrived, 1, sem="release")


@triton.jit
def lora_b(
    table, offset, adapters, i, n, rows, KINDS: tl.constexpr, ROOM: tl.constexpr, BN: tl.constexpr, ACT: tl.constexpr
):
    """Rows n of the i-th adapter's B: [BN, 64]."""
    base, there = _base(table, _which(adapters, i, rows, KINDS, ROOM), ACT)
    at = base + offset + n[:, None] * 64 + tl.arange(0, 64)[None, :]
    return tl.load(at, mask=tl.full((BN, 64), 0, tl.int32) < there.to(tl.int32), other=0.0)


@triton.jit
def lora_wait(arrived, rows, R, BM: tl.constexpr, SPLIT: tl.constexpr, KINDS: tl.constexpr):
    """Until `low` is there. Comes after the wait for the kernel before, which sees to it that the count began at zero."""
    seen, all = tl.atomic_add(arrived, 0, sem="acquire"), makers(rows, R, BM, SPLIT, KINDS)
    while seen < all:
        seen = tl.atomic_add(arrived, 0, sem="acquire")
    tl.debug_barrier()


@triton.jit
def lora_up(
    b,  # of the first adapter, lora_b
    table, offset, adapters, low, n, m, rows, R, group,
    KINDS: tl.constexpr, ROOM: tl.constexpr, SPLIT: tl.constexpr, BN: tl.constexpr, BM: tl.constexpr,
    ACT: tl.constexpr,
):  # fmt: skip
    """B low for columns n, all of one projection, the `group`th of its product: float32 [BN, BM]. After lora_wait."""
    acc, j = tl.zeros((BN, BM), tl.float32), tl.arange(0, 64)
    for i in tl.static_range(KINDS):
        if i > 0:
            b = lora_b(table, offset, adapters, i, n, rows, KINDS, ROOM, BN, ACT)
        part = tl.zeros((64, BM), tl.float32)
        for s in tl.static_range(SPLIT):
            place = low + ((i * SPLIT + s) * rows + m[None, :]) * R + group * 64 + j[:, None]
            part += tl.load(place, mask=m[None, :] < rows, other=0.0, cache_modifier=".cg")
        acc = tl.dot(b, part.to(ACT), acc, input_precision="ieee")
    return acc
