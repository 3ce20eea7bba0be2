"""Choosing the next token of each chat from its logits."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.engine import Sampling


class Sampler:
    """One request's dice: temperature, top-k, then top-p (nucleus, Holtzman et al. 2019, arXiv:1904.09751).

    With a seed the same logits give the same tokens, whatever else is in the batch.
    """

    def __init__(self, sampling: Sampling) -> None:
        self.sampling = sampling
        self._dice = torch.Generator()
        if sampling.seed is None:
            self._dice.seed()
        else:
            self._dice.manual_seed(sampling.seed)

    def roll(self) -> float:
        """The number in [0, 1) that draws the next token: one each, here or on the device (gemma3n/draw.py)."""
        return float(torch.rand((), generator=self._dice)) if self.sampling.temperature > 0 else 0.0

    def pick(self, logits: torch.Tensor, answer: Sequence[int]) -> int:
        """logits [vocabulary] float32 on any device; answer: the tokens so far. Returns a token id."""
        s = self.sampling
        if s.repetition_penalty != 1.0 and answer:
            seen = torch.tensor(sorted(set(answer)), device=logits.device)
            scores = logits[seen]
            scores = torch.where(scores > 0, scores / s.repetition_penalty, scores * s.repetition_penalty)
            logits = logits.index_copy(0, seen, scores)
        if s.temperature == 0:
            return int(logits.argmax())
        scores, ids = logits.topk(min(s.top_k, logits.shape[-1]))
        chances = torch.softmax(scores.cpu() / s.temperature, dim=-1)
        # keep the smallest set whose sum reaches top_p: drop a token when those before it already do
        before = chances.cumsum(-1) - chances
        reach = chances[before < s.top_p].cumsum(-1)
        picked = int((reach <= self.roll() * reach[-1]).sum())
        return int(ids[min(picked, len(reach) - 1)])
