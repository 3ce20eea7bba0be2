# mypy: ignore-errors
"""Attention of new tokens over their chats' slots: norms, rotary embedding, the key's and value's write, softmax."""

import triton
import triton.language as tl

from core.resident.gemma3n.kernels.common import after, split_place, total


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
    position, slot = tl.load(positions + row), tl.load(slots + row).to(tl.int64)
    cos, sin = tl.load(cosines + position * (D // 2) + half), tl.load(sines + position * (D // 2) + half)
    after(PDL)
    a, b, v = _own(inner, row, rows, N, head, cos, sin, k_norm, eps, KV, G, D, PARTS)
    to = ((slot * length + position % length) * KV + head) * D
    tl.store(keys + to + half, a.to(ACT))
    tl.store(keys + to + D // 2 + half, b.to(ACT))
    tl.store(values + to + tl.arange(0, D), v.to(ACT))


@triton.jit
def _fold(top, sum, acc, qa, qb, ka, kb, v, ok, ACT: tl.constexpr):
    """Take a block of positions into the running softmax (Milakov & Gimelshein 2018, arXiv:1805.02867)."""
    scores = tl.dot(qb, kb, tl.dot(qa, ka, input_precision="ieee"), input_precision="ieee")
    scores = tl.where(ok[None, :], scores, -1e30)
    new = tl.maximum(top, tl.max(scores, 1))
    weights = tl.where(ok[None, :], tl.exp(scores - new[:, None]), 0.0)
    old = tl.exp(top - new)
    acc = tl.dot(weights.to(ACT), v, acc * old[:, None], input_precision="ieee")
    return new, sum * old + tl.sum(weights, 1), acc


@triton.jit
def _read(keys, values, slot, at, length, head, ok, KV: tl.constexpr, D: tl.constexpr):
    """Keys of the positions `at` as two halves [D/2, block], and values [block, D]."""
    half, d = tl.arange(0, D // 2), tl.arange(0, D)
    place = ((slot * length + at % length) * KV + head) * D
    ka = tl.load(keys + place[None, :] + half[:, None], mask=ok[None, :], other=0.0, cache_modifier=".cg")
    kb = tl.load(keys + place[None, :] + D // 2 + half[:, None], mask=ok[None, :], other=0.0, cache_modifier=".cg")
    v = tl.load(values + place[:, None] + d[None, :], mask=ok[:, None], other=0.0, cache_modifier=".cg")
    return ka, kb, v


@triton.jit
def attend(
    inner,  # float32 [PARTS, rows, N]: q | k | v | laurel
    slots, positions,  # int32 [rows]
    cosines, sines,  # float32 [context, D / 2]
    q_norm, k_norm,
    keys, values,  # ACT [slots, length, KV, D]
    out,  # ACT [rows, KV·G·D], split order
    laurel,  # ACT [rows, RANK], split order
    sums, tops, weighted,  # float32 [rows, KV, TOTAL, 16], the same, [rows, KV, TOTAL, G, D]
    arrived,  # int32 [rows, KV], zeros; left so
    rows, N, length, window, eps,
    KV: tl.constexpr, G: tl.constexpr, D: tl.constexpr, RANK: tl.constexpr, OWN: tl.constexpr,
    SPLITS: tl.constexpr, TOTAL: tl.constexpr, BLOCK: tl.constexpr, PARTS: tl.constexpr, EARLY: tl.constexpr, ACT: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """grid (rows, KV, TOTAL). Each program takes a share of the positions; the last to arrive adds the shares up.

    OWN: one program more, TOTAL = SPLITS + 1, makes, writes and takes this token's own key and value; otherwise
    they were written before: EARLY, earlier than by the kernel before this. window: 0 sees all.
    """
    row, head, split = tl.program_id(0), tl.program_id(1), tl.program_id(2)
    g, half, d = tl.arange(0, 16), tl.arange(0, D // 2), tl.arange(0, D)
    position, slot = tl.load(positions + row), tl.load(slots + row).to(tl.int64)
    first = tl.where(window > 0, tl.maximum(position - window + 1, 0), 0)
    end = position if OWN else position + 1
    share = tl.cdiv(tl.cdiv(end - first, SPLITS), BLOCK) * BLOCK
    low = first + split * share
    high = tl.minimum(low + share, end)
    at = low + tl.arange(0, BLOCK)
    ok = at < high
    if not EARLY:
        after(PDL)
    ka, kb, v = _read(keys, values, slot, at, length, head, ok, KV, D)
    cos, sin = tl.load(cosines + position * (D // 2) + half), tl.load(sines + position * (D // 2) + half)
    qn, qn2 = tl.load(q_norm + half), tl.load(q_norm + D // 2 + half)
    # The tensor cores want 16 queries; only G are there, and the rest stay zero.
    column = (head * G + g[:, None]) * D + half[None, :]
    there = (g[:, None] < G) & (half[None, :] >= 0)
    if EARLY:
        after(PDL)
    a, b = tl.zeros((16, D // 2), tl.float32), tl.zeros((16, D // 2), tl.float32)
    for p in tl.static_range(PARTS):
        part = inner + (p * rows + row) * N + column
        a += tl.load(part, mask=there, other=0.0)
        b += tl.load(part + D // 2, mask=there, other=0.0)
    if (head == 0) & (split == 0):
        r = tl.arange(0, RANK)
        tl.store(laurel + row * RANK + split_place(r), total(inner, row, rows, N - RANK + r, N, PARTS).to(ACT))
    norm = tl.rsqrt((tl.sum(a * a, 1) + tl.sum(b * b, 1)) / D + eps)[:, None]
    a, b = _turned(a * norm * qn[None, :], b * norm * qn2[None, :], cos[None, :], sin[None, :])
    qa, qb = a.to(ACT), b.to(ACT)

    top = tl.full((16,), -1e30, tl.float32)
    sum = tl.zeros((16,), tl.float32)
    acc = tl.zeros((16, D), tl.float32)
    if OWN:  # noqa: SIM102 - a constant
        if split == SPLITS:
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
    top, sum, acc = _fold(top, sum, acc, qa, qb, ka, kb, v, ok, ACT)
    for p in range(low + BLOCK, high, BLOCK):
        more = p + tl.arange(0, BLOCK)
        good = more < high
        k2a, k2b, v2 = _read(keys, values, slot, more, length, head, good, KV, D)
        top, sum, acc = _fold(top, sum, acc, qa, qb, k2a, k2b, v2, good, ACT)

    to = row * (KV * G * D) + split_place((head * G + g[:, None]) * D + d[None, :])
    if TOTAL == 1:
        tl.store(out + to, (acc / sum[:, None]).to(ACT), mask=g[:, None] < G)
    else:
        group = row * KV + head
        mine = group * TOTAL + split
        tl.store(sums + mine * 16 + g, sum)
        tl.store(tops + mine * 16 + g, top)
        tl.store(weighted + (mine * G + g[:, None]) * D + d[None, :], acc, mask=g[:, None] < G)
        tl.debug_barrier()
        if tl.atomic_add(arrived + group, 1, sem="acq_rel") == TOTAL - 1:
            h = tl.arange(0, G)
            highest = tl.full((G,), -1e30, tl.float32)
            for i in tl.static_range(TOTAL):
                one = (group * TOTAL + i) * 16 + h
                highest = tl.maximum(highest, tl.load(tops + one, cache_modifier=".cg"))
            whole, mean = tl.zeros((G,), tl.float32), tl.zeros((G, D), tl.float32)
            for i in tl.static_range(TOTAL):
                one = (group * TOTAL + i) * 16 + h
                factor = tl.exp(tl.load(tops + one, cache_modifier=".cg") - highest)
                whole += tl.load(sums + one, cache_modifier=".cg") * factor
                shares = ((group * TOTAL + i) * G + h[:, None]) * D + d[None, :]
                mean += tl.load(weighted + shares, cache_modifier=".cg") * factor[:, None]
            place = row * (KV * G * D) + split_place((head * G + h[:, None]) * D + d[None, :])
            tl.store(out + place, (mean / whole[:, None]).to(ACT))
            tl.store(arrived + group, 0)
