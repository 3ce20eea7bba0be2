# mypy: ignore-errors
"""Attention of new tokens over their chats' slots: norms, rotary embedding, the key's and value's write, softmax."""

import triton
import triton.language as tl

from core.resident.gemma3n.kernels.common import release, split_place, total, wait


@triton.jit
def _turned(a, b, cos, sin):
    return a * cos - b * sin, b * cos + a * sin


@triton.jit
def _own(
    inner, row, rows, N, head, cos, sin, k_norm, eps,
    KV: tl.constexpr, G: tl.constexpr, D: tl.constexpr, PARTS: tl.constexpr,
):  # fmt: skip
    """This token's key, as two halves, and value, normed and turned: float32 [D/2], [D/2], [D]."""
    half, k = tl.arange(0, D // 2), KV * G * D + head * D
    a, b = total(inner, row, rows, k + half, N, PARTS), total(inner, row, rows, k + D // 2 + half, N, PARTS)
    norm = tl.rsqrt((tl.sum(a * a, 0) + tl.sum(b * b, 0)) / D + eps)
    a, b = _turned(a * norm * tl.load(k_norm + half), b * norm * tl.load(k_norm + D // 2 + half), cos, sin)
    v = total(inner, row, rows, k + KV * D + tl.arange(0, D), N, PARTS)
    return a, b, v * tl.rsqrt(tl.sum(v * v, 0) / D + eps)


@triton.jit
def write(
    inner, slots, positions, cosines, sines, k_norm, keys, values, rows, N, length, eps,
    KV: tl.constexpr, G: tl.constexpr, D: tl.constexpr, PARTS: tl.constexpr, ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """Keys and values of every row into its slot, for rows that see one another (prefill). grid (rows, KV)."""
    row, head, half = tl.program_id(0), tl.program_id(1), tl.arange(0, D // 2)
    wait(PDL)
    release(PDL)
    position, slot = tl.load(positions + row), tl.load(slots + row).to(tl.int64)
    cos, sin = tl.load(cosines + position * (D // 2) + half), tl.load(sines + position * (D // 2) + half)
    a, b, v = _own(inner, row, rows, N, head, cos, sin, k_norm, eps, KV, G, D, PARTS)
    to = ((slot * length + position % length) * KV + head) * D
    tl.store(keys + to + half, a.to(ACT))
    tl.store(keys + to + D // 2 + half, b.to(ACT))
    tl.store(values + to + tl.arange(0, D), v.to(ACT))


@triton.jit
def attend(
    inner,  # float32 [PARTS, rows, N]: q | k | v | laurel
    slots, positions,  # int32 [rows]
    cosines, sines,  # float32 [context, D / 2]
    q_norm, k_norm,
    keys, values,  # ACT [slots, length, KV, D]
    out,  # ACT [rows, KV·G·D], split order
    laurel,  # ACT [rows, RANK], split order
    sums, tops, weighted,  # float32 [rows, KV, SPLITS, 16], the same, [rows, KV, SPLITS, 16, D]
    arrived,  # int32 [rows, KV], zeros; left so
    rows, N, length, window, eps,
    KV: tl.constexpr, G: tl.constexpr, D: tl.constexpr, RANK: tl.constexpr, OWN: tl.constexpr,
    SPLITS: tl.constexpr, BLOCK: tl.constexpr, PARTS: tl.constexpr, ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """grid (rows, KV, SPLITS). Each program takes a share of the positions; the last to arrive adds the shares up.

    OWN: this token's key and value are written here; otherwise they were. window: 0 sees all.
    """
    row, head, split = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    wait(PDL)
    release(PDL)
    g, half, d = tl.arange(0, 16), tl.arange(0, D // 2), tl.arange(0, D)
    position, slot = tl.load(positions + row), tl.load(slots + row).to(tl.int64)
    if (head == 0) & (split == 0):
        r = tl.arange(0, RANK)
        value = total(inner, row, rows, N - RANK + r, N, PARTS)
        tl.store(laurel + row * RANK + split_place(r), value.to(ACT))

    cos, sin = tl.load(cosines + position * (D // 2) + half), tl.load(sines + position * (D // 2) + half)
    column = (head * G + tl.minimum(g, G - 1)[:, None]) * D + half[None, :]  # rows past G repeat the last head
    a, b = total(inner, row, rows, column, N, PARTS), total(inner, row, rows, column + D // 2, N, PARTS)
    scale = tl.rsqrt((tl.sum(a * a, 1) + tl.sum(b * b, 1)) / D + eps)[:, None]
    a, b = a * scale * tl.load(q_norm + half)[None, :], b * scale * tl.load(q_norm + D // 2 + half)[None, :]
    a, b = _turned(a, b, cos[None, :], sin[None, :])
    qa, qb = a.to(ACT), b.to(ACT)

    first = tl.where(window > 0, tl.maximum(position - window + 1, 0), 0)
    end = position if OWN else position + 1
    share = tl.cdiv(tl.cdiv(end - first, SPLITS), BLOCK) * BLOCK
    low = first + split * share
    high = tl.minimum(low + share, end)
    top = tl.full((16,), -1e30, tl.float32)
    sum = tl.zeros((16,), tl.float32)
    acc = tl.zeros((16, D), tl.float32)
    if OWN:  # noqa: SIM102 - a constant
        if split == SPLITS - 1:
            c, e, own = _own(inner, row, rows, N, head, cos, sin, k_norm, eps, KV, G, D, PARTS)
            c, e, own = c.to(ACT), e.to(ACT), own.to(ACT)
            to_own = ((slot * length + position % length) * KV + head) * D
            tl.store(keys + to_own + half, c)
            tl.store(keys + to_own + D // 2 + half, e)
            tl.store(values + to_own + d, own)
            top = tl.sum(qa.to(tl.float32) * c.to(tl.float32)[None, :], 1)
            top += tl.sum(qb.to(tl.float32) * e.to(tl.float32)[None, :], 1)
            sum += 1.0
            acc += own.to(tl.float32)[None, :]
    for p in range(low, high, BLOCK):
        at = p + tl.arange(0, BLOCK)
        ok = at < high
        place = ((slot * length + at % length) * KV + head) * D
        ka = tl.load(keys + place[None, :] + half[:, None], mask=ok[None, :], other=0.0)
        kb = tl.load(keys + place[None, :] + D // 2 + half[:, None], mask=ok[None, :], other=0.0)
        v = tl.load(values + place[:, None] + d[None, :], mask=ok[:, None], other=0.0)
        scores = tl.dot(qa, ka, input_precision="ieee")
        scores = tl.dot(qb, kb, scores, input_precision="ieee")
        scores = tl.where(ok[None, :], scores, -1e30)
        new = tl.maximum(top, tl.max(scores, 1))
        weights = tl.exp(scores - new[:, None])
        old = tl.exp(top - new)
        sum = sum * old + tl.sum(weights, 1)
        acc = tl.dot(weights.to(ACT), v, acc * old[:, None], input_precision="ieee")
        top = new

    to = row * (KV * G * D) + split_place((head * G + g[:, None]) * D + d[None, :])
    if SPLITS == 1:
        tl.store(out + to, (acc / sum[:, None]).to(ACT), mask=g[:, None] < G)
    else:
        group = row * KV + head
        tl.store(sums + (group * SPLITS + split) * 16 + g, sum)
        tl.store(tops + (group * SPLITS + split) * 16 + g, top)
        tl.store(weighted + ((group * SPLITS + split) * 16 + g[:, None]) * D + d[None, :], acc)
        tl.debug_barrier()
        if tl.atomic_add(arrived + group, 1, sem="acq_rel") == SPLITS - 1:
            s = tl.arange(0, SPLITS)
            every = (group * SPLITS + s[:, None]) * 16 + g[None, :]
            highs = tl.load(tops + every, cache_modifier=".cg")
            highest = tl.max(highs, 0)
            whole = tl.sum(tl.load(sums + every, cache_modifier=".cg") * tl.exp(highs - highest[None, :]), 0)
            mean = tl.zeros((16, D), tl.float32)
            for i in range(SPLITS):
                one = (group * SPLITS + i) * 16 + g
                factor = tl.exp(tl.load(tops + one, cache_modifier=".cg") - highest)
                mean += tl.load(weighted + one[:, None] * D + d[None, :], cache_modifier=".cg") * factor[:, None]
            tl.store(out + to, (mean / whole[:, None]).to(ACT), mask=g[:, None] < G)
            tl.store(arrived + group, 0)
