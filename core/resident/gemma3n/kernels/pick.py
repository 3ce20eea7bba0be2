# mypy: ignore-errors
"""Drawing the next token of each chat in one kernel: what draw.py says, which is its reference in tests."""

import triton
import triton.language as tl


@triton.jit
def _key(x):
    """float32 -> int32 in the same order; a NaN of positive sign comes last."""
    bits = x.to(tl.int32, bitcast=True)
    return bits ^ ((bits >> 31) & 0x7FFFFFFF)


@triton.jit
def _threshold(keys, count):
    """The largest key that at least `count` of the keys reach."""
    low, high = tl.min(keys, 0).to(tl.int64), tl.max(keys, 0).to(tl.int64)
    for _ in range(16):  # quarters: three counts at once, each in 21 bits of one sum
        step = (high - low + 4) >> 2
        x = keys.to(tl.int64)
        reach = (x >= low + step).to(tl.int64) + ((x >= low + 2 * step).to(tl.int64) << 21)
        reach = tl.sum(reach + ((x >= low + 3 * step).to(tl.int64) << 42), 0)
        one, two, three = reach & 0x1FFFFF, (reach >> 21) & 0x1FFFFF, reach >> 42
        quarter = (one >= count).to(tl.int64) + (two >= count).to(tl.int64) + (three >= count).to(tl.int64)
        high = tl.where(quarter == 3, high, low + (quarter + 1) * step - 1)
        low += quarter * step
    return low


@triton.jit
def pick(
    logits,  # float32 [rows, V]
    tops,  # float32 [rows, V / 64]
    temperature, top_k, top_p, dice,  # float32 [rows]
    scratch,  # float32 and int32 bits [rows, 2, 64]
    out,  # int32 [rows]
    V, BLOCKS: tl.constexpr, PADDED: tl.constexpr,
):  # fmt: skip
    """grid (rows,). The 64 largest logits lie in the 64 blocks with the largest tops."""
    row, i, j = tl.program_id(0), tl.arange(0, PADDED), tl.arange(0, 64)
    keys = _key(tl.load(tops + row * BLOCKS + i, mask=i < BLOCKS, other=-float("inf")))
    chosen = keys.to(tl.int64) >= _threshold(keys, 64)
    place = tl.cumsum(chosen.to(tl.int32), 0) - 1
    blocks = scratch + row * 128
    tl.store(blocks + place, i, mask=chosen & (place < 64))
    tl.debug_barrier()
    ids = tl.load(blocks + j)[:, None] * 64 + j[None, :]
    ids = tl.reshape(ids, (4096,))
    values = tl.load(logits + row * V + ids)
    broken = tl.sum((values != values).to(tl.int32), 0) > 0
    keys = _key(values)
    chosen = keys.to(tl.int64) >= _threshold(keys, 64)
    place = tl.cumsum(chosen.to(tl.int32), 0) - 1
    tl.debug_barrier()
    tl.store(blocks + place, ids, mask=chosen & (place < 64))
    tl.store(blocks + 64 + place, values.to(tl.int32, bitcast=True), mask=chosen & (place < 64))
    tl.debug_barrier()
    ids, scores = tl.load(blocks + j), tl.load(blocks + 64 + j).to(tl.float32, bitcast=True)

    # Ranks by comparing all with all; the earlier of two equals comes first, as they lie in order of their ids.
    ahead = (scores[None, :] > scores[:, None]) | ((scores[None, :] == scores[:, None]) & (j[None, :] < j[:, None]))
    rank = tl.sum(ahead.to(tl.int32), 1)
    best, warmth = tl.max(scores, 0), tl.load(temperature + row)
    chances = tl.exp((scores - best) / tl.maximum(warmth, 1e-6))
    chances = tl.where(rank < tl.load(top_k + row), chances, 0.0)
    chances /= tl.sum(chances, 0)
    before = tl.sum(tl.where(ahead, chances[None, :], 0.0), 1)
    chances = tl.where(before < tl.load(top_p + row), chances, 0.0)
    mark = tl.load(dice + row) * tl.sum(chances, 0)
    passed = (before + chances <= mark) & (chances > 0)
    picked = tl.where(warmth > 0, tl.sum(passed.to(tl.int32), 0), 0)
    picked = tl.minimum(picked, tl.sum((chances > 0).to(tl.int32), 0) - 1)
    token = tl.sum(tl.where(rank == picked, ids, 0), 0)
    tl.store(out + row, tl.where((tl.abs(best) < float("inf")) & (broken == 0), token, -1))
