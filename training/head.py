"""TRL's loss without Triton: TRL 1.15 scores tokens by a Triton kernel only, which no CPU runs."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

PIECE = 32  # tokens whose logits stand in memory at once: 32 x 262,144 float32 are 32 MiB


class PlainLogProb(torch.autograd.Function):
    """`trl.kernels.ChunkedLogProbFunction` in PyTorch: the same arguments and results, but for log_sum_sq_probs.

    The logits are made in pieces and never kept: the backward pass makes them again.
    """

    @staticmethod
    def forward(
        ctx: Any,
        hidden: Tensor,
        weight: Tensor,
        bias: None,
        targets: Tensor,
        temperature: float,
        chunk_size: int,
        softcap: float | None = None,
        scale: float = 1.0,
        outputs: tuple[str, ...] = (),
    ) -> tuple[Tensor | None, ...]:
        """hidden [tokens, width], weight [vocabulary, width], targets [tokens] -> log-probabilities and figures [tokens]."""
        assert bias is None, "no Gemma has a bias here"
        ctx.set_materialize_grads(False)
        ctx.how = (temperature, softcap, scale)
        found: list[tuple[Tensor, ...]] = [(hidden.new_zeros(0),) * 4 + (targets.new_zeros(0, dtype=torch.bool),)]
        for at in range(0, len(hidden), PIECE):
            logits, wanted = _logits(hidden[at : at + PIECE], weight, *ctx.how), targets[at : at + PIECE, None]
            said, highest = logits.gather(1, wanted)[:, 0], logits.amax(1)
            mean = logits.mean(1) if "mean_logits" in outputs else highest
            shares = torch.exp(logits - highest[:, None])
            total = shares.sum(1)
            norm = highest + total.log()
            entropy = norm - torch.linalg.vecdot(shares, logits) / total if "entropy" in outputs else norm
            found.append((norm, said - norm, entropy, mean, said == highest))
        norm, logprobs, entropy, mean, top = (torch.cat(column) for column in zip(*found, strict=True))
        ctx.save_for_backward(hidden, weight, targets, norm)
        ctx.mark_non_differentiable(entropy, mean, top)
        return (
            logprobs,
            entropy if "entropy" in outputs else None,
            None,
            mean if "mean_logits" in outputs else None,
            top if "is_top1" in outputs else None,
        )

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> tuple[Tensor | None, ...]:
        hidden, weight, targets, norm = ctx.saved_tensors
        temperature, softcap, scale = ctx.how
        out = torch.zeros_like(hidden)
        if grads[0] is not None:
            for at in range(0, len(hidden), PIECE):
                part = slice(at, at + PIECE)
                logits = _logits(hidden[part], weight, *ctx.how)
                slope = None if softcap is None else 1 - (logits * (temperature / softcap)) ** 2
                shares = logits.sub_(norm[part, None]).exp_().neg_()
                shares.scatter_add_(1, targets[part, None], torch.ones_like(shares[:, :1]))
                shares *= grads[0][part, None] * (scale / temperature)
                if slope is not None:
                    shares *= slope
                out[part] = (shares @ weight.float()).to(out.dtype)
        return out, *(None,) * 8


def _logits(hidden: Tensor, weight: Tensor, temperature: float, softcap: float | None, scale: float) -> Tensor:
    """float32 [tokens, vocabulary]."""
    logits = torch.nn.functional.linear(hidden, weight).float()
    if scale != 1.0:
        logits *= scale
    if softcap is not None:
        logits.div_(softcap).tanh_().mul_(softcap)
    return logits if temperature == 1.0 else logits.div_(temperature)


def use_plain() -> None:
    """Give TRL this function in place of its kernel, for the rest of the process."""
    import trl.trainer.utils as utils

    holder: Any = utils
    assert hasattr(holder, "_ChunkedLogProbFunction"), "TRL keeps its kernel elsewhere now"
    holder._ChunkedLogProbFunction = PlainLogProb
