# mypy: ignore-errors
"""The head: 8-bit rows of the vocabulary against the last hidden states."""

import triton
import triton.language as tl

from core.resident.gemma3n.kernels.common import after, tanh


@triton.jit
def head(
    x,  # ACT [rows, H], plain order
    codes,  # int8 [V, H]
    scale,  # float32 [V]
    logits,  # float32 [rows, V]
    tops,  # float32 [rows, V / 64]: the largest logit of each 64, for the sampler
    rows, V, cap,
    H: tl.constexpr, BM: tl.constexpr, BN: tl.constexpr, BK: tl.constexpr,
    ACT: tl.constexpr, STAGES: tl.constexpr, PDL: tl.constexpr,
):  # fmt: skip
    """logits = cap · tanh(x · codesᵀ · scale / cap); cap 0: plain. grid (V / BN,), BN a multiple of 64."""
    n, m, k = tl.program_id(0) * BN + tl.arange(0, BN), tl.arange(0, BM), tl.arange(0, BK)
    acc = tl.zeros((BN, BM), tl.float32)
    at = codes + n.to(tl.int64)[:, None] * H + k[None, :]
    after(PDL)
    for b in tl.range(0, H, BK, num_stages=STAGES):
        part = tl.load(x + m[None, :] * H + b + k[:, None], mask=m[None, :] < rows, other=0.0)
        acc = tl.dot(tl.load(at + b).to(ACT), part, acc, input_precision="ieee")
    acc *= tl.load(scale + n)[:, None]
    if cap > 0:
        acc = cap * tanh(acc / cap)
    tl.store(logits + m[None, :] * V + n[:, None], acc, mask=m[None, :] < rows)
    best = tl.max(tl.reshape(acc, (BN // 64, 64, BM)), 1)
    j = tl.program_id(0) * (BN // 64) + tl.arange(0, BN // 64)
    tl.store(tops + m[None, :] * (V // 64) + j[:, None], best, mask=m[None, :] < rows)
