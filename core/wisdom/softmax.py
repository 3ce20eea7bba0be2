"""Softmax regression: how likely each of some answers is, by the vector of a text. What is drawn once is kept in a file."""

from __future__ import annotations

import numpy as np

from core.wisdom.meaning import Matrix, products


def fit(rows: Matrix, shares: Matrix, decay: float) -> Matrix:
    """Draw it: weights [answers, dimensions + 1], the bias last, for the least loss and decay times the weights' squares.

    rows: [texts, dimensions]. shares: [texts, answers], what of a text belongs to each; the sum of a row is its weight.
    """
    import torch

    x, wanted = torch.from_numpy(rows), torch.from_numpy(shares)
    weights = torch.zeros(wanted.shape[1], x.shape[1], requires_grad=True)
    bias = torch.zeros(wanted.shape[1], requires_grad=True)
    step = torch.optim.LBFGS([weights, bias], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        step.zero_grad()
        likely = torch.log_softmax(x @ weights.T + bias, dim=1)
        total = decay * weights.square().sum() - (wanted * likely).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    step.step(loss)  # type: ignore[no-untyped-call]
    return np.asarray(torch.cat([weights, bias[:, None]], dim=1).detach().numpy())


def likely(weights: Matrix, vectors: Matrix) -> Matrix:
    """[..., answers], of each vector a sum of 1, for vectors [..., dimensions]."""
    scores = products(weights[:, :-1], vectors) + weights[:, -1]
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
