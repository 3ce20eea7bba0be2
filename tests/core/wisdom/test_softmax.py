import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.wisdom.corpus import asked, corpus
from core.wisdom.meaning import known
from core.wisdom.softmax import Sparse, fit, likely


@given(arrays(np.float32, (3, 5), elements=st.floats(-1000, 1000, width=32)))
def test_answers_of_any_weights_share_one(weights):
    shares = likely(weights, np.ones(4, dtype=np.float32))
    assert np.isclose(shares.sum(), 1) and (shares >= 0).all()


def test_what_is_drawn_is_where_the_loss_is_least():
    """There the slope is nothing: of each answer, what was wanted less what is said, and the decay."""
    dice = np.random.default_rng(7)
    rows = dice.standard_normal((200, 6)).astype(np.float32)
    shares = dice.dirichlet(np.ones(4), 200).astype(np.float32) * dice.uniform(0, 3, (200, 1)).astype(np.float32)
    weights = fit(rows, shares, 0.5)
    said = np.stack([likely(weights, row) for row in rows]) * shares.sum(axis=1, keepdims=True)
    slope = (said - shares).T @ rows + weights[:, :-1]  # twice the decay times the weights
    assert np.abs(slope).max() < 0.05 and np.abs((said - shares).sum(axis=0)).max() < 0.05


def test_further_dimensions_count_as_if_they_stood_in_the_rows():
    dice = np.random.default_rng(7)
    rows, shares = dice.standard_normal((40, 3)).astype(np.float32), dice.dirichlet(np.ones(4), 40).astype(np.float32)
    more = dice.standard_normal((40, 5)).astype(np.float32) * (dice.random((40, 5)) < 0.4)
    begins = np.cumsum([0, *(more != 0).sum(axis=1)[:-1]])
    apart = fit(rows, shares, 0.5, Sparse(begins, np.nonzero(more)[1], more[more != 0], 5))
    assert np.allclose(apart, fit(np.hstack([rows, more]), shares, 0.5), atol=1e-3)


def test_what_was_learned_is_of_the_questions():
    """meaning.npz is made anew after every change of the corpus: python -m core.wisdom.vectors."""
    questions, _, _, *learned = known()
    kinds = (
        ("verses", [v.ref for v in corpus().verses]),
        ("stories", [s.id for s in corpus().stories]),
    )
    for (key, names), weights in zip(kinds, learned, strict=True):
        assert weights.shape == (len(names), questions.shape[1] + 1)
        some = [(row, vector) for row, vector in zip(asked(), questions, strict=True) if row.get(key)][::10]
        right = sum(names[likely(weights, vector).argmax()] in row[key] for row, vector in some)
        assert right / len(some) > 0.75
