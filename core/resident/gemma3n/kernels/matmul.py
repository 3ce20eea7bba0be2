# mypy: ignore-errors
"""Products with NF4 weights for 1 to 128 rows, read as nf4.py lays them out.

The magnitude of a block multiplies the block's partial sum, not its weights: the codes go into the tensor cores as
they are, so a weight costs 2.6 instructions, and no rounding of code times magnitude is added.
"""

import triton
import triton.language as tl

from core.resident.gemma3n.kernels.common import after, decode, gelu, split_place
from core.resident.gemma3n.kernels.lora import lora_b, lora_down, lora_up, lora_wait, makers


@triton.jit
def _tile(program, N, BN: tl.constexpr, BM: tl.constexpr):
    """Columns and rows of a program's tile: neighbours share columns' weights only through the cache."""
    tiles = N // BN
    return program % tiles * BN + tl.arange(0, BN), program // tiles * BM + tl.arange(0, BM)


@triton.jit
def _block(x, packed, absmax, lut, b, n, m, rows, x_row, width, ASM: tl.constexpr, ACT: tl.constexpr):
    """One block of 64 along K: [BN, BM] float32."""
    k = tl.arange(0, 32)
    tile, row = n // 32 * width + b, n % 32
    byte = tl.load(packed + tile[:, None] * 1024 + row[:, None] * 32 + k[None, :])
    scale = tl.load(absmax + tile * 32 + row)
    at = x + m[None, :] * x_row + b * 64 + k[:, None]
    even, odd = decode(byte, lut, ASM, ACT)
    part = tl.dot(even, tl.load(at, mask=m[None, :] < rows, other=0.0), input_precision="ieee")
    part = tl.dot(odd, tl.load(at + 32, mask=m[None, :] < rows, other=0.0), part, input_precision="ieee")
    return part * scale[:, None]


@triton.jit
def matmul(
    x,  # ACT [Z, rows, K], split order
    packed, absmax,  # NF4 [Z·N, K], as nf4.py lays it out
    out,  # float32 [Z, parts, rows, N]
    lut,
    x2, packed2, absmax2,  # with EXTRA: another product of 64 columns, written as out's last part
    table, down, up, adapters, low, arrived, R, width_a, group1, group2,  # with LORA: kernels/lora.py; out's part SPLIT
    rows, N, K,
    width,  # blocks of a row that the weight has; K may be less
    BM: tl.constexpr, BN: tl.constexpr, SPLIT: tl.constexpr, UNROLL: tl.constexpr, EXTRA: tl.constexpr,
    LORA: tl.constexpr, KINDS: tl.constexpr, ROOM: tl.constexpr, LOW: tl.constexpr, CHUNK: tl.constexpr,
    ASM: tl.constexpr, ACT: tl.constexpr, STAGES: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """out[z, split] = x[z] · W[z]ᵀ over one part of K.

    grid (N / BN · ceil(rows / BM) · (SPLIT + LORA + EXTRA), Z), with LORA and the makers of `low` before.
    """
    program, z, per = tl.program_id(0), tl.program_id(1), K // 64 // SPLIT
    if LORA:
        first = makers(rows, R, BM, LOW, KINDS)
        if program < first:
            lora_down(
                program, x, table, down, adapters, low, arrived, rows, K, R, width_a, BM, LOW, CHUNK, KINDS, ROOM, ACT,
                PDL,
            )  # fmt: skip
            return
        program -= first
    tiles = N // BN * tl.cdiv(rows, BM)
    split = program // tiles
    n, m = _tile(program % tiles, N, BN, BM)
    w = z * N + n
    acc = tl.zeros((BN, BM), tl.float32)
    first, end = split * per, split * per + per
    x += z * rows * K
    if LORA:
        if split == SPLIT:
            first_b = lora_b(table, up, adapters, 0, n, rows, KINDS, ROOM, BN, ACT)
            after(PDL)
            first_n = program % (N // BN) * BN
            group = (first_n >= group1).to(tl.int32) + (first_n >= group2).to(tl.int32)
            lora_wait(arrived, rows, R, BM, LOW, KINDS)
            acc = lora_up(first_b, table, up, adapters, low, n, m, rows, R, group, KINDS, ROOM, LOW, BN, BM, ACT)
            end = first
        else:
            after(PDL)
    else:
        after(PDL)
    if EXTRA:  # noqa: SIM102 - a constant
        if split == SPLIT + LORA:
            acc = _block(x2, packed2, absmax2, lut, 0, n, m, rows, 64, 1, ASM, ACT)
            end = first
    for b in tl.range(first, end, UNROLL, num_stages=STAGES):
        for u in tl.static_range(UNROLL):
            acc += _block(x, packed, absmax, lut, b + u, w, m, rows, K, width, ASM, ACT)
    at = (z * (SPLIT + LORA + EXTRA) + split) * rows + m[None, :]
    tl.store(out + at * N + n[:, None], acc, mask=m[None, :] < rows)


@triton.jit
def gate_up(
    x,
    packed,  # uint8: gate's rows, and `up` rows further those of up
    absmax,
    out,  # FUSED: ACT [rows, N] in split order; else float32 [2, rows, N], gate and up
    lut,
    table, down, above, adapters, low, arrived, R,  # with LORA: kernels/lora.py
    rows, N, up, K, width,
    BM: tl.constexpr, BN: tl.constexpr, UNROLL: tl.constexpr, FUSED: tl.constexpr,
    LORA: tl.constexpr, KINDS: tl.constexpr, ROOM: tl.constexpr, LOW: tl.constexpr, CHUNK: tl.constexpr,
    ASM: tl.constexpr, ACT: tl.constexpr, STAGES: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """FUSED: gelu(x · gateᵀ) · (x · upᵀ). grid (N / BN · ceil(rows / BM),), with LORA the makers of `low` before."""
    program = tl.program_id(0)
    if LORA:
        first = makers(rows, R, BM, LOW, KINDS)
        if program < first:
            lora_down(
                program, x, table, down, adapters, low, arrived, rows, K, R, K, BM, LOW, CHUNK, KINDS, ROOM, ACT, PDL
            )
            return
        program -= first
    n, m = _tile(program, N, BN, BM)
    i = tl.arange(0, 2 * BN)
    w = program % (N // BN) * BN + i % BN + i // BN * up  # BN rows of gate, and the same of up
    acc = tl.zeros((2 * BN, BM), tl.float32)
    if LORA:
        first_b = lora_b(table, above, adapters, 0, w, rows, KINDS, ROOM, 2 * BN, ACT)
    after(PDL)
    for b in tl.range(0, K // 64, UNROLL, num_stages=STAGES):
        for u in tl.static_range(UNROLL):
            acc += _block(x, packed, absmax, lut, b + u, w, m, rows, K, width, ASM, ACT)
    if LORA:
        lora_wait(arrived, rows, R, BM, LOW, KINDS)
        gates = lora_up(first_b, table, above, adapters, low, w, m, rows, R, 0, KINDS, ROOM, LOW, 2 * BN, BM, ACT)
        ups = lora_up(first_b, table, above, adapters, low, w, m, rows, R, 1, KINDS, ROOM, LOW, 2 * BN, BM, ACT)
        acc += tl.where(i[:, None] < BN, gates, ups)
    gates, ups = tl.split(tl.permute(tl.reshape(acc, (2, BN, BM)), (1, 2, 0)))
    ok = m[None, :] < rows
    if FUSED:
        tl.store(out + m[None, :] * N + split_place(n)[:, None], (gelu(gates) * ups).to(ACT), mask=ok)
    else:
        tl.store(out + m[None, :] * N + n[:, None], gates, mask=ok)
        tl.store(out + (rows + m[None, :]) * N + n[:, None], ups, mask=ok)


@triton.jit
def ple_map(
    parts,  # float32 [PARTS, rows, K]: the per-layer gate before its activation
    ple,  # float32 [rows, L·K]: per-layer inputs; this layer's begin at `offset`
    packed, absmax,
    out,  # float32 [K / 64, rows, N]
    lut,
    rows, N, K, offset, ple_row,
    BM: tl.constexpr, BN: tl.constexpr, PARTS: tl.constexpr, ASM: tl.constexpr, ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """out[b] = (gelu(gate) · ple) · Wᵀ over block b of K. grid (N / BN · ceil(rows / BM), K / 64)."""
    n, m = _tile(tl.program_id(0), N, BN, BM)
    b, m, j = tl.program_id(1), m[None, :], tl.arange(0, 32)
    tile, row = n // 32 * (K // 64) + b, n % 32
    byte = tl.load(packed + tile[:, None] * 1024 + row[:, None] * 32 + j[None, :])
    scale = tl.load(absmax + tile * 32 + row)
    k, ok = b * 64 + 2 * j[:, None], (m < rows) & (j[:, None] >= 0)
    at = ple + m * ple_row + offset + k
    own = tl.load(at, mask=ok, other=0.0, cache_modifier=".cg")
    own2 = tl.load(at + 1, mask=ok, other=0.0, cache_modifier=".cg")
    after(PDL)
    first, second = tl.zeros((32, BM), tl.float32), tl.zeros((32, BM), tl.float32)
    for p in tl.static_range(PARTS):
        at = parts + (p * rows + m) * K + k
        first += tl.load(at, mask=ok, other=0.0)
        second += tl.load(at + 1, mask=ok, other=0.0)
    even, odd = decode(byte, lut, ASM, ACT)
    acc = tl.dot(even, (gelu(first) * own).to(ACT), input_precision="ieee")
    acc = tl.dot(odd, (gelu(second) * own2).to(ACT), acc, input_precision="ieee") * scale[:, None]
    tl.store(out + (b * rows + m) * N + n[:, None], acc, mask=m < rows)
