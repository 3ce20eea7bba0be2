"""A batch's loss with the tokens that all its prompts begin with computed once.

Every prompt begins with the persona, half of its tokens. Their keys and values go into a cache of one row, which is
then repeated for the batch; gradients flow through it, so loss and gradients are those of whole rows. What is kept
between forward and backward is a cache, so this and gradient checkpointing exclude each other.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from transformers import DynamicCache

from training.examples import IGNORED

PIECE = 64  # tokens whose logits stand in memory at once: of float32, 64 MiB


class Fused(torch.autograd.Function):
    """The summed cross-entropy of logits that are made in pieces, its gradient made with them: no logit is kept."""

    @staticmethod
    def forward(ctx: Any, hidden: Tensor, weight: Tensor, targets: Tensor, softcap: float | None) -> Tensor:
        """hidden [tokens, width], weight [vocabulary, width], targets [tokens] -> [], nats."""
        total, slopes = hidden.new_zeros((), dtype=torch.float32), torch.empty_like(hidden)
        for at in range(0, len(hidden), PIECE):
            part = slice(at, at + PIECE)
            logits, wanted = (hidden[part] @ weight.T).float(), targets[part, None]
            if softcap is not None:
                logits.div_(softcap).tanh_().mul_(softcap)
            norm = logits.logsumexp(1, keepdim=True)
            total += (norm - logits.gather(1, wanted)).sum()
            if ctx.needs_input_grad[0]:
                inner = None if softcap is None else 1 - (logits / softcap) ** 2
                shares = logits.sub_(norm).exp_()
                shares.scatter_add_(1, wanted, torch.full_like(shares[:, :1], -1.0))
                slopes[part] = (shares if inner is None else shares.mul_(inner)).to(weight.dtype) @ weight
        ctx.save_for_backward(slopes)
        return total

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (slopes,) = ctx.saved_tensors
        return (slopes * grads[0]).to(slopes.dtype), None, None, None


def loss(model: Any, batch: dict[str, Tensor]) -> tuple[Tensor, int]:
    """(summed cross-entropy of the labels, in nats, how many they are) of a batch as examples.collate makes it.

    model: a causal language model of transformers, with or without PEFT.
    """
    causal = model.get_base_model() if hasattr(model, "get_base_model") else model
    ids, labels, mask = batch["input_ids"], batch["labels"], batch["attention_mask"]
    # What comes after a shared token must not be counted: its loss is made of that token's output.
    same = (ids == ids[:1]).all(0)[:-1] & (labels == IGNORED).all(0)[1:]
    begun = min(int(same.long().cumprod(0).sum()), int(mask.sum(1).min()) - 1)
    cache = DynamicCache(config=causal.config)
    if begun:
        causal.model(input_ids=ids[:1, :begun], past_key_values=cache, use_cache=True)
        cache.batch_repeat_interleave(len(ids))
    found = causal.model(input_ids=ids[:, begun:], attention_mask=mask, past_key_values=cache, use_cache=True)
    wanted = labels[:, begun + 1 :]
    counted = wanted != IGNORED
    hidden, targets = found.last_hidden_state[:, :-1][counted], wanted[counted]
    softcap = getattr(causal.config, "final_logit_softcapping", None)
    return Fused.apply(hidden, causal.lm_head.weight.detach(), targets, softcap), len(targets)  # type: ignore[no-untyped-call]
