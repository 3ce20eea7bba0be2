"""Softmax regression: how likely each of some answers is, by the vector of a text. What is drawn once is kept in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from core.wisdom.meaning import Matrix, Places, products

if TYPE_CHECKING:
    import torch


class Sparse(NamedTuple):
    """Rows of numbers, most of them 0: where each row begins, [rows], and one after the other the places and the values of what is
    not 0; how long a row is."""

    begins: Places
    places: Places
    values: Matrix
    size: int


def fit(rows: Matrix, shares: Matrix, decay: float, more: Sparse | None = None) -> Matrix:
    """Draw it: weights [answers, dimensions + 1], the bias last, for the least loss and decay times the weights' squares.

    rows: [texts, dimensions]. shares: [texts, answers], what of a text belongs to each; the sum of a row is its weight. more: further
    dimensions of the texts, most of them 0; their weights stand before the bias.
    """
    import torch
    from torch.nn.functional import embedding_bag

    x, wanted = torch.from_numpy(rows), torch.from_numpy(shares)
    sparse = [] if more is None else [torch.from_numpy(part) for part in more[:3]]
    weights = torch.zeros(x.shape[1], wanted.shape[1], requires_grad=True)
    further = torch.zeros(0 if more is None else more.size, wanted.shape[1], requires_grad=True)
    bias = torch.zeros(1, wanted.shape[1], requires_grad=True)
    step = torch.optim.LBFGS([weights, further, bias], max_iter=100, history_size=30, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        step.zero_grad()
        scores = x @ weights + bias
        if sparse:
            begins, places, values = sparse
            scores = scores + embedding_bag(places, further, begins, mode="sum", per_sample_weights=values)
        squares = weights.square().sum() + further.square().sum()
        total = decay * squares - (wanted * torch.log_softmax(scores, dim=1)).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    step.step(loss)  # type: ignore[no-untyped-call]
    return np.asarray(torch.cat([weights, further, bias]).detach().numpy().T)


def likely(weights: Matrix, vectors: Matrix) -> Matrix:
    """[..., answers], of each vector a sum of 1, for vectors [..., dimensions]."""
    return softmax(products(weights[:, :-1], vectors) + weights[:, -1])


def softmax(scores: Matrix) -> Matrix:
    """Scores, [..., answers], as shares of 1."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=-1, keepdims=True))
