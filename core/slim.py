"""transformers, without what it imports and this program never uses."""

from __future__ import annotations


def slim() -> None:
    """Call before the first model class is imported. scikit-learn and pandas, which transformers takes in wherever they
    are installed (for assisted generation), are 1.8 s of every start."""
    import transformers.utils

    transformers.utils.is_sklearn_available = lambda: False  # type: ignore[attr-defined]
