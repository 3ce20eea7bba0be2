# mypy: ignore-errors
"""What happens to one token between two products: norms, residuals, AltUp. One program holds a whole row.

`wait` and `release` are Hopper's programmatic dependent launch: a kernel starts while the one before it drains, and
waits for its results only where it reads them.
"""

import triton
import triton.language as tl

from core.resident.gemma3n.kernels.common import gelu, release, split_place, tanh, total, wait


@triton.jit
def embed(tokens, codes, scale, streams, x, factor, H: tl.constexpr, ACT: tl.constexpr, PDL: tl.constexpr):
    """Rows of the vocabulary -> streams[0] float32 [rows, H], and x in split order. grid (rows,)."""
    row, n = tl.program_id(0), tl.arange(0, H)
    wait(PDL)
    release(PDL)
    token = tl.load(tokens + row).to(tl.int64)
    value = tl.load(codes + token * H + n).to(tl.float32) * (tl.load(scale + token) * factor)
    tl.store(streams + row * H + n, value)
    tl.store(x + row * H + split_place(n), value.to(ACT))


@triton.jit
def spread(parts, streams, rows, N, H: tl.constexpr, PARTS: tl.constexpr, PDL: tl.constexpr):
    """Projections of the embedding -> streams 1.., each at the embedding's magnitude. grid (rows, S - 1)."""
    row, s, n = tl.program_id(0), tl.program_id(1), tl.arange(0, H)
    wait(PDL)
    release(PDL)
    first = tl.load(streams + row * H + n)
    value = total(parts, row, rows, s * H + n, N, PARTS)
    have = tl.sqrt(tl.maximum(tl.sum(value * value, 0) / H, 1e-5))
    want = tl.sqrt(tl.sum(first * first, 0) / H)
    tl.store(streams + ((s + 1) * rows + row) * H + n, value * (want / have))


@triton.jit
def per_layer(
    parts, tokens, table, norm, out, rows, N, offset, scale, factor, half, eps,
    L: tl.constexpr, E: tl.constexpr, PARTS: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Per-layer inputs, float32 [rows, L, E], from the projection and the table in host memory. grid (rows, L)."""
    row, layer, n = tl.program_id(0), tl.program_id(1), tl.arange(0, E)
    token = tl.load(tokens + row).to(tl.int64)
    own = tl.load(table + token * (L * E) + layer * E + n).to(tl.float32) * factor  # over PCIe: before the wait
    wait(PDL)
    release(PDL)
    value = total(parts, row, rows, offset + layer * E + n, N, PARTS) * scale
    value = value * tl.rsqrt(tl.sum(value * value, 0) / E + eps) * tl.load(norm + n)
    tl.store(out + (row * L + layer) * E + n, (value + own) * half)


@triton.jit
def enter(
    streams,  # float32 [4, rows, H]: corrected, or those the model begins with
    parts,  # float32 [PARTS, rows, H]: the previous layer's per-layer map
    ple_norm, router, predict, input_norm,
    out,  # float32 [4, rows, H]: predicted, or with LAST the streams with the per-layer map added
    x,  # ACT [rows, H], or with LAST [3, rows, H], split order
    rows, eps,
    H: tl.constexpr, PARTS: tl.constexpr, LAST: tl.constexpr, ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """A layer's beginning: AltUp's prediction and the input norm. PARTS 0: nothing to add. grid (rows,)."""
    row, n = tl.program_id(0), tl.arange(0, H)
    wait(PDL)
    release(PDL)
    at = streams + row * H + n
    a, b, c, d = tl.load(at), tl.load(at + rows * H), tl.load(at + 2 * rows * H), tl.load(at + 3 * rows * H)
    if PARTS > 0:
        added = total(parts, row, rows, n, H, PARTS)
        added = added * tl.rsqrt(tl.sum(added * added, 0) / H + eps) * tl.load(ple_norm + n)
        b, c, d = b + added, c + added, d + added
    to = out + row * H + n
    place = x + row * H + split_place(n)
    if LAST:
        tl.store(to, a)
        tl.store(to + rows * H, b)
        tl.store(to + 2 * rows * H, c)
        tl.store(to + 3 * rows * H, d)
        tl.store(place, b.to(ACT))
        tl.store(place + rows * H, c.to(ACT))
        tl.store(place + 2 * rows * H, d.to(ACT))
    else:
        scale = tl.rsqrt(tl.sum(a * a, 0) / H + eps)
        m0 = tanh(scale * tl.sum(a * tl.load(router + n), 0))
        m1 = tanh(scale * tl.sum(a * tl.load(router + H + n), 0))
        m2 = tanh(scale * tl.sum(a * tl.load(router + 2 * H + n), 0))
        m3 = tanh(scale * tl.sum(a * tl.load(router + 3 * H + n), 0))
        first = a
        for t in tl.static_range(4):
            mixed = a if t == 0 else (b if t == 1 else (c if t == 2 else d))
            for i in tl.static_range(4):
                w = predict + (4 * t + i) * 4
                k = m0 * tl.load(w) + m1 * tl.load(w + 1) + m2 * tl.load(w + 2) + m3 * tl.load(w + 3)
                mixed += k * (a if i == 0 else (b if i == 1 else (c if i == 2 else d)))
            tl.store(to + t * rows * H, mixed)
            if t == 0:
                first = mixed
        normed = first * tl.rsqrt(tl.sum(first * first, 0) / H + eps) * tl.load(input_norm + n)
        tl.store(place, normed.to(ACT))


@triton.jit
def middle(
    predicted, x,
    parts,  # float32 [PARTS + 1, rows, H]: attention's output map, and last LAuReL's
    attention_norm, laurel_norm, ffn_norm,
    out,  # float32 [rows, H]
    y,  # ACT [rows, H], split order
    rows, eps,
    H: tl.constexpr, PARTS: tl.constexpr, ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Attention's and LAuReL's residuals, then the norm before the feed-forward. grid (rows,)."""
    row, n = tl.program_id(0), tl.arange(0, H)
    wait(PDL)
    release(PDL)
    attention = total(parts, row, rows, n, H, PARTS)
    laurel = tl.load(parts + (PARTS * rows + row) * H + n)
    attention *= tl.rsqrt(tl.sum(attention * attention, 0) / H + eps) * tl.load(attention_norm + n)
    laurel *= tl.rsqrt(tl.sum(laurel * laurel, 0) / H + eps) * tl.load(laurel_norm + n)
    normed = tl.load(x + row * H + split_place(n)).to(tl.float32)
    value = (tl.load(predicted + row * H + n) + attention + normed + laurel) * 0.7071067811865476
    tl.store(out + row * H + n, value)
    value *= tl.rsqrt(tl.sum(value * value, 0) / H + eps) * tl.load(ffn_norm + n)
    tl.store(y + row * H + split_place(n), value.to(ACT))


@triton.jit
def sparse_gate(
    both,  # float32 [2, rows, N]: gate and up
    out,  # ACT [rows, N], split order
    rows, deviations, N: tl.constexpr, CHUNK: tl.constexpr, ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Gaussian top-k, then gelu(gate) · up. Each program takes the whole row's statistics. grid (rows, N / CHUNK)."""
    row, n = tl.program_id(0), tl.arange(0, N)
    wait(PDL)
    release(PDL)
    gate = tl.load(both + row * N + n)
    mean = tl.sum(gate, 0) / N
    gate -= mean
    cutoff = mean + tl.sqrt(tl.sum(gate * gate, 0) / N) * deviations
    m = tl.program_id(1) * CHUNK + tl.arange(0, CHUNK)
    gate = tl.maximum(tl.load(both + row * N + m) - cutoff, 0.0)
    tl.store(out + row * N + split_place(m), (gelu(gate) * tl.load(both + (rows + row) * N + m)).to(ACT))


@triton.jit
def correct(
    predicted,  # float32 [4, rows, H]
    middle,  # float32 [rows, H]
    parts,  # float32 [PARTS, rows, H]: the feed-forward
    ffn_out_norm, router, coefficients, correct_scale,
    out,  # float32 [4, rows, H]
    x,  # ACT [rows, H], split order
    rows, eps,
    H: tl.constexpr, PARTS: tl.constexpr, ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """The feed-forward's residual, then AltUp's correction. grid (rows,)."""
    row, n = tl.program_id(0), tl.arange(0, H)
    wait(PDL)
    release(PDL)
    value = total(parts, row, rows, n, H, PARTS)
    value *= tl.rsqrt(tl.sum(value * value, 0) / H + eps) * tl.load(ffn_out_norm + n)
    value += tl.load(middle + row * H + n)
    scale = tl.rsqrt(tl.sum(value * value, 0) / H + eps)
    m0 = tanh(scale * tl.sum(value * tl.load(router + n), 0))
    m1 = tanh(scale * tl.sum(value * tl.load(router + H + n), 0))
    m2 = tanh(scale * tl.sum(value * tl.load(router + 2 * H + n), 0))
    m3 = tanh(scale * tl.sum(value * tl.load(router + 3 * H + n), 0))
    at = predicted + row * H + n
    surprise = value - tl.load(at)
    for s in tl.static_range(4):
        w = coefficients + 4 * s
        k = 1.0 + m0 * tl.load(w) + m1 * tl.load(w + 1) + m2 * tl.load(w + 2) + m3 * tl.load(w + 3)
        corrected = tl.load(at + s * rows * H) + surprise * k
        tl.store(out + (s * rows + row) * H + n, corrected)
        if s == 0:
            tl.store(x + row * H + split_place(n), (corrected * tl.load(correct_scale + n)).to(ACT))


@triton.jit
def leave(
    streams,  # float32 [4, rows, H]
    parts,  # float32 [3, PARTS, rows, H]: streams 1.. mapped back
    norm,
    x,  # ACT [rows, H], plain order
    rows, eps, H: tl.constexpr, PARTS: tl.constexpr, ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """The streams become one, normed for the head. grid (rows,)."""
    row, n = tl.program_id(0), tl.arange(0, H)
    wait(PDL)
    release(PDL)
    first = tl.load(streams + row * H + n)
    want = tl.sqrt(tl.sum(first * first, 0) / H)
    value = first
    for s in tl.static_range(3):
        other = total(parts + s * PARTS * rows * H, row, rows, n, H, PARTS)
        value += other * (want / tl.sqrt(tl.maximum(tl.sum(other * other, 0) / H, 1e-5)))
    value *= 0.25
    value *= tl.rsqrt(tl.sum(value * value, 0) / H + eps) * tl.load(norm + n)
    tl.store(x + row * H + n, value.to(ACT))
