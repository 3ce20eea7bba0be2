# mypy: ignore-errors
"""What happens to one token between two products: norms, residuals, AltUp. One program holds a whole row.

One program's time is a chain of trips to memory, so everything that needs no result is read first and at once.
"""

import triton
import triton.language as tl

from core.resident.gemma3n.kernels.common import after, gelu, split_place, tanh, total


@triton.jit
def embed(
    tokens,  # int32 [rows]; below 0: the one drawn last for the row's slot, which is put in its place
    slots, latest,  # int32 [rows], [slots]
    codes, scale, streams, x,
    arrivals,  # int32 [counts], kernels/lora.py's, set to zero here, where a step begins
    factor, counts, H: tl.constexpr, ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Rows of the vocabulary -> streams[0] float32 [rows, H], and x in split order. grid (rows,)."""
    row, n = tl.program_id(0), tl.arange(0, H)
    after(PDL)
    if row == 0:
        tl.store(arrivals + n, tl.zeros((H,), tl.int32), mask=n < counts)
    token = tl.load(tokens + row)
    if token < 0:
        token = tl.maximum(tl.load(latest + tl.load(slots + row)), 0)  # below 0 where its logits were not finite
        tl.store(tokens + row, token)
    token = token.to(tl.int64)
    value = tl.load(codes + token * H + n).to(tl.float32) * (tl.load(scale + token) * factor)
    tl.store(streams + row * H + n, value)
    tl.store(x + row * H + split_place(n), value.to(ACT))


@triton.jit
def spread(parts, streams, rows, N, H: tl.constexpr, PARTS: tl.constexpr, PDL: tl.constexpr):
    """Projections of the embedding -> streams 1.., each at the embedding's magnitude. grid (rows, S - 1)."""
    row, s, n = tl.program_id(0), tl.program_id(1), tl.arange(0, H)
    first = tl.load(streams + row * H + n, cache_modifier=".cg")
    after(PDL)
    value = total(parts, row, rows, s * H + n, N, PARTS)
    have = tl.sqrt(tl.maximum(tl.sum(value * value, 0) / H, 1e-5))
    want = tl.sqrt(tl.sum(first * first, 0) / H)
    tl.store(streams + ((s + 1) * rows + row) * H + n, value * (want / have))


@triton.jit
def per_layer(
    parts, tokens, table, norm, out, rows, N, offset, entries, scale, factor, half, eps,
    L: tl.constexpr, E: tl.constexpr, PARTS: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Per-layer inputs, float32 [rows, L, E], from the projection and the table in host memory. grid (rows, L).

    Tokens past the table's entries (places of pictures and sound) take its first, as Gemma3nModel does.
    """
    row, layer, n = tl.program_id(0), tl.program_id(1), tl.arange(0, E)
    token = tl.load(tokens + row, cache_modifier=".cg").to(tl.int64)
    token = tl.where(token < entries, token, 0)
    own = tl.load(table + token * (L * E) + layer * E + n).to(tl.float32) * factor  # over PCIe
    weight = tl.load(norm + n)
    after(PDL)
    value = total(parts, row, rows, offset + layer * E + n, N, PARTS) * scale
    value = value * tl.rsqrt(tl.sum(value * value, 0) / E + eps) * weight
    tl.store(out + (row * L + layer) * E + n, (value + own) * half)


@triton.jit
def _four(w):
    return tl.load(w), tl.load(w + 1), tl.load(w + 2), tl.load(w + 3)


@triton.jit
def _mix(w, m0, m1, m2, m3):
    """A coefficient of AltUp: its four weights against the four mixing signals."""
    return m0 * w[0] + m1 * w[1] + m2 * w[2] + m3 * w[3]


@triton.jit
def _mixed(a, b, c, d, w0, w1, w2, w3, m0, m1, m2, m3):
    """What AltUp's prediction adds to a stream: a mixture of all four."""
    out = a * _mix(w0, m0, m1, m2, m3) + b * _mix(w1, m0, m1, m2, m3)
    return out + c * _mix(w2, m0, m1, m2, m3) + d * _mix(w3, m0, m1, m2, m3)


@triton.jit
def _streams(at, step):
    return (
        tl.load(at, cache_modifier=".cg"), tl.load(at + step, cache_modifier=".cg"),
        tl.load(at + 2 * step, cache_modifier=".cg"), tl.load(at + 3 * step, cache_modifier=".cg"),
    )  # fmt: skip


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
    at, to, place = streams + row * H + n, out + row * H + n, x + row * H + split_place(n)
    if PARTS > 0:
        norm = tl.load(ple_norm + n)
    if not LAST:
        r0, r1 = tl.load(router + n), tl.load(router + H + n)
        r2, r3 = tl.load(router + 2 * H + n), tl.load(router + 3 * H + n)
        first_norm = tl.load(input_norm + n)
        w0, w1, w2, w3 = _four(predict), _four(predict + 4), _four(predict + 8), _four(predict + 12)
        w4, w5, w6, w7 = _four(predict + 16), _four(predict + 20), _four(predict + 24), _four(predict + 28)
        w8, w9, wa, wb = _four(predict + 32), _four(predict + 36), _four(predict + 40), _four(predict + 44)
        wc, wd, we, wf = _four(predict + 48), _four(predict + 52), _four(predict + 56), _four(predict + 60)
    a, b, c, d = _streams(at, rows * H)
    if not LAST:
        scale = tl.rsqrt(tl.sum(a * a, 0) / H + eps)
        m0, m1 = tanh(scale * tl.sum(a * r0, 0)), tanh(scale * tl.sum(a * r1, 0))
        m2, m3 = tanh(scale * tl.sum(a * r2, 0)), tanh(scale * tl.sum(a * r3, 0))
    after(PDL)
    if PARTS > 0:
        added = total(parts, row, rows, n, H, PARTS)
        added = added * tl.rsqrt(tl.sum(added * added, 0) / H + eps) * norm
        b, c, d = b + added, c + added, d + added
    if LAST:
        tl.store(to, a)
        tl.store(to + rows * H, b)
        tl.store(to + 2 * rows * H, c)
        tl.store(to + 3 * rows * H, d)
        tl.store(place, b.to(ACT))
        tl.store(place + rows * H, c.to(ACT))
        tl.store(place + 2 * rows * H, d.to(ACT))
    else:
        first = a + _mixed(a, b, c, d, w0, w1, w2, w3, m0, m1, m2, m3)
        tl.store(to, first)
        tl.store(to + rows * H, b + _mixed(a, b, c, d, w4, w5, w6, w7, m0, m1, m2, m3))
        tl.store(to + 2 * rows * H, c + _mixed(a, b, c, d, w8, w9, wa, wb, m0, m1, m2, m3))
        tl.store(to + 3 * rows * H, d + _mixed(a, b, c, d, wc, wd, we, wf, m0, m1, m2, m3))
        normed = first * tl.rsqrt(tl.sum(first * first, 0) / H + eps) * first_norm
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
    weight, laurel_weight, ffn_weight = tl.load(attention_norm + n), tl.load(laurel_norm + n), tl.load(ffn_norm + n)
    value = tl.load(predicted + row * H + n, cache_modifier=".cg")
    value += tl.load(x + row * H + split_place(n), cache_modifier=".cg").to(tl.float32)
    after(PDL)
    attention = total(parts, row, rows, n, H, PARTS)
    laurel = tl.load(parts + (PARTS * rows + row) * H + n)
    value += attention * tl.rsqrt(tl.sum(attention * attention, 0) / H + eps) * weight
    value += laurel * tl.rsqrt(tl.sum(laurel * laurel, 0) / H + eps) * laurel_weight
    value *= 0.7071067811865476
    tl.store(out + row * H + n, value)
    value *= tl.rsqrt(tl.sum(value * value, 0) / H + eps) * ffn_weight
    tl.store(y + row * H + split_place(n), value.to(ACT))


@triton.jit
def sparse_gate(
    both,  # float32 [2, rows, N]: gate and up
    out,  # ACT [rows, N], split order
    rows, deviations, N: tl.constexpr, CHUNK: tl.constexpr, ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Gaussian top-k, then gelu(gate) · up. Each program takes the whole row's statistics. grid (rows, N / CHUNK)."""
    row, n = tl.program_id(0), tl.arange(0, N)
    after(PDL)
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
    weight, scale_weight = tl.load(ffn_out_norm + n), tl.load(correct_scale + n)
    r0, r1 = tl.load(router + n), tl.load(router + H + n)
    r2, r3 = tl.load(router + 2 * H + n), tl.load(router + 3 * H + n)
    w0, w1 = _four(coefficients), _four(coefficients + 4)
    w2, w3 = _four(coefficients + 8), _four(coefficients + 12)
    at, to = predicted + row * H + n, out + row * H + n
    a, b, c, d = _streams(at, rows * H)
    residual = tl.load(middle + row * H + n, cache_modifier=".cg")
    after(PDL)
    value = total(parts, row, rows, n, H, PARTS)
    value = residual + value * tl.rsqrt(tl.sum(value * value, 0) / H + eps) * weight
    scale = tl.rsqrt(tl.sum(value * value, 0) / H + eps)
    m0, m1 = tanh(scale * tl.sum(value * r0, 0)), tanh(scale * tl.sum(value * r1, 0))
    m2, m3 = tanh(scale * tl.sum(value * r2, 0)), tanh(scale * tl.sum(value * r3, 0))
    surprise = value - a
    a += surprise * (1.0 + _mix(w0, m0, m1, m2, m3))
    tl.store(to, a)
    tl.store(x + row * H + split_place(n), (a * scale_weight).to(ACT))
    tl.store(to + rows * H, b + surprise * (1.0 + _mix(w1, m0, m1, m2, m3)))
    tl.store(to + 2 * rows * H, c + surprise * (1.0 + _mix(w2, m0, m1, m2, m3)))
    tl.store(to + 3 * rows * H, d + surprise * (1.0 + _mix(w3, m0, m1, m2, m3)))


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
    first, weight = tl.load(streams + row * H + n, cache_modifier=".cg"), tl.load(norm + n)
    after(PDL)
    want = tl.sqrt(tl.sum(first * first, 0) / H)
    value = first
    for s in tl.static_range(3):
        other = total(parts + s * PARTS * rows * H, row, rows, n, H, PARTS)
        value += other * (want / tl.sqrt(tl.maximum(tl.sum(other * other, 0) / H, 1e-5)))
    value *= 0.25
    value *= tl.rsqrt(tl.sum(value * value, 0) / H + eps) * weight
    tl.store(x + row * H + n, value.to(ACT))
