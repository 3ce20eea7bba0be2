"""Drawing the next tokens of all chats on the device: temperature, top-k, top-p, one uniform number per chat.

The numbers are drawn on the host from each request's own generator (core/resident/sampling.py), so a seed gives the
same answer whatever else is in the batch.
"""

from __future__ import annotations

import torch

MOST = 64  # the largest top_k drawn here
BROKEN = -1  # the token of a row whose logits are not finite


def draw(
    logits: torch.Tensor,
    tops: torch.Tensor,
    temperature: torch.Tensor,
    top_k: torch.Tensor,
    top_p: torch.Tensor,
    dice: torch.Tensor,
) -> torch.Tensor:
    """logits float32 [rows, V]; tops [rows, V / 64], the largest of each 64; the rest [rows], dice in [0, 1).

    Returns int32 [rows]. temperature 0 is greedy. The 64 largest logits lie in the 64 blocks with the largest tops.
    """
    rows = len(logits)
    most = min(MOST, tops.shape[1])
    blocks = tops.topk(most, sorted=False).indices
    inside = logits.view(rows, -1, 64).gather(1, blocks.unsqueeze(-1).expand(-1, -1, 64)).view(rows, -1)
    scores, places = inside.topk(MOST)
    ids = blocks.gather(1, places // 64) * 64 + places % 64
    chances = torch.softmax(scores / temperature.clamp_min(1e-6).unsqueeze(1), -1)
    before = chances.cumsum(-1) - chances
    rank = torch.arange(MOST, device=logits.device)
    # keep the smallest set whose sum reaches top_p, among the top_k: softmax over those equals dividing by their sum
    allowed = rank < top_k.unsqueeze(1)
    kept_k = (chances * allowed).sum(-1, keepdim=True)
    chances = torch.where(allowed & (before < top_p.unsqueeze(1) * kept_k), chances, 0.0)
    reach = chances.cumsum(-1)
    last = ((chances > 0).sum(-1) - 1).clamp_min(
        0
    )  # a sum that is rounded down must not reach past those that are kept
    picked = torch.minimum((reach <= dice.unsqueeze(1) * reach[:, -1:]).sum(-1), last)
    picked = torch.where(temperature > 0, picked, 0).unsqueeze(1)
    tokens = ids.gather(1, picked).squeeze(1)
    return torch.where(torch.isfinite(scores[:, 0]), tokens, BROKEN).int()
