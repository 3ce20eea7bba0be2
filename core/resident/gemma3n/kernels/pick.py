# mypy: ignore-errors
"""Drawing the next token of each chat in one kernel: what draw.py says, which is its reference in tests."""

import triton
import triton.language as tl

from core.resident.gemma3n.kernels.common import after


@triton.jit
def _reach(x, low, step, FIRST: tl.constexpr):
    """How many values reach each of four levels: 16 bits of an int64 each, so one sum counts all four."""
    n = (x >= low + step * FIRST).to(tl.int64) + ((x >= low + step * (FIRST + 1)).to(tl.int64) << 16)
    n += (x >= low + step * (FIRST + 2)).to(tl.int64) << 32
    return tl.sum(n + ((x >= low + step * (FIRST + 3)).to(tl.int64) << 48), 0)


@triton.jit
def _level(x, ROOM):
    """A level that at least 64 and, but for ties, at most ROOM of the values reach. A turn cuts the range into nine."""
    low, high = tl.min(x, 0), tl.max(x, 0)
    low = tl.maximum(low, high - 1e4)
    count, turns = tl.sum((x >= low).to(tl.int32), 0), 0
    while (count > ROOM) & (turns < 20):
        step = (high - low) / 9
        first, second, passed = _reach(x, low, step, 1), _reach(x, low, step, 5), 0
        for i in tl.static_range(8):
            reach = ((first >> (16 * i) if i < 4 else second >> (16 * (i - 4))) & 65535).to(tl.int32)
            count, passed = tl.where(reach >= 64, reach, count), passed + (reach >= 64).to(tl.int32)
        low += step * passed
        high = low + step
        turns += 1
    return low


@triton.jit
def pick(
    logits,  # float32 [rows, V]
    tops,  # float32 [rows, V / 64]
    temperature, top_k, top_p, dice,  # float32 [rows]
    scratch,  # int32 [rows, 2, 128]
    out,  # int32 [rows]; -1 where logits are not finite
    slots, latest,  # int32 [rows], [slots]: the same, by slot, for the next step
    V, BLOCKS: tl.constexpr, PADDED: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """grid (rows,). The 64 largest logits lie in the 64 blocks with the largest tops; twice as many are looked at."""
    row, i, j = tl.program_id(0), tl.arange(0, PADDED), tl.arange(0, 128)
    mine = scratch + row * 256
    tl.store(mine + j, tl.zeros((128,), tl.int32))
    tl.store(mine + 128 + j, tl.full((128,), -1e38, tl.float32).to(tl.int32, bitcast=True))
    after(PDL)
    values = tl.load(tops + row * BLOCKS + i, mask=i < BLOCKS, other=-1e38)
    broken = tl.sum((values != values).to(tl.int32), 0)
    chosen = (values >= _level(values, 128)) & (i < BLOCKS)
    place = tl.cumsum(chosen.to(tl.int32), 0) - 1
    found = tl.sum(chosen.to(tl.int32), 0)
    tl.debug_barrier()
    tl.store(mine + place, i, mask=chosen & (place < 128))
    tl.debug_barrier()
    ids = tl.load(mine + j)[:, None] * 64 + tl.arange(0, 64)[None, :]
    there = (j[:, None] < found) & (ids >= 0)
    ids, there = tl.reshape(ids, (8192,)), tl.reshape(there, (8192,))
    values = tl.load(logits + row * V + ids, mask=there, other=-1e38)
    broken += tl.sum((values != values).to(tl.int32), 0)
    chosen = (values >= _level(values, 128)) & there
    place = tl.cumsum(chosen.to(tl.int32), 0) - 1
    tl.debug_barrier()
    tl.store(mine + place, ids, mask=chosen & (place < 128))
    tl.store(mine + 128 + place, values.to(tl.int32, bitcast=True), mask=chosen & (place < 128))
    tl.debug_barrier()
    ids, scores = tl.load(mine + j), tl.load(mine + 128 + j).to(tl.float32, bitcast=True)
    scores = tl.where(j < tl.sum(chosen.to(tl.int32), 0), scores, -1e38)

    # Ranks by comparing all with all; the earlier of two equals comes first, as they lie in order of their ids.
    ahead = (scores[None, :] > scores[:, None]) | ((scores[None, :] == scores[:, None]) & (j[None, :] < j[:, None]))
    rank = tl.sum(ahead.to(tl.int32), 1)
    best, warmth = tl.max(scores, 0), tl.load(temperature + row)
    chances = tl.exp((scores - best) / tl.maximum(warmth, 1e-6))
    chances = tl.where(rank < tl.minimum(tl.load(top_k + row), 64.0), chances, 0.0)
    chances /= tl.sum(chances, 0)
    before = tl.sum(tl.where(ahead, chances[None, :], 0.0), 1)
    chances = tl.where(before < tl.load(top_p + row), chances, 0.0)
    mark = tl.load(dice + row) * tl.sum(chances, 0)
    passed = (before + chances <= mark) & (chances > 0)
    picked = tl.where(warmth > 0, tl.sum(passed.to(tl.int32), 0), 0)
    picked = tl.minimum(picked, tl.sum((chances > 0).to(tl.int32), 0) - 1)
    token = tl.sum(tl.where(rank == picked, ids, 0), 0)
    token = tl.where((tl.abs(best) < float("inf")) & (broken == 0), token, -1)
    tl.store(out + row, token)
    tl.store(latest + tl.load(slots + row), token)
