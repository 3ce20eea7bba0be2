"""MatFormer (Devvrit et al. 2023, arXiv:2310.07707): smaller models nested in the same weights.

A slice keeps some layers and the first columns of each feed-forward. Nothing is copied: kernels read fewer rows.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.resident.gemma3n.config import Config

FULL = "e4b"

# name -> (layers left out, feed-forward columns kept), for the 35-layer E4B.
# E2B: Google's published slice (the MatFormer Lab notebook of the Gemma 3n release).
TABLE: dict[str, tuple[tuple[int, ...], int]] = {"e2b": ((20, 21, 22, 23, 24), 8192)}


@dataclass(frozen=True, slots=True)
class Slice:
    """layers: indices into the whole model, ascending. ffn: columns of each kept layer, by the same order."""

    name: str
    layers: tuple[int, ...]
    ffn: tuple[int, ...]

    @classmethod
    def of(cls, config: Config, name: str, skip: tuple[int, ...] = (), ffn: int | None = None) -> Slice:
        """Raises ValueError where a left-out layer owns keys and values that kept layers need."""
        if any(layer < config.owners for layer in skip):
            raise ValueError("only layers that own no keys and values can be left out")
        layers = tuple(i for i in range(config.layers) if i not in skip)
        widths = tuple(min(ffn or config.ffn[i], config.ffn[i]) for i in layers)
        if any(width % 64 for width in widths):
            raise ValueError("feed-forward columns are kept in whole blocks of 64")
        return cls(name, layers, widths)


def slices(config: Config) -> dict[str, Slice]:
    """The whole model, and those of the table that fit this config."""
    found = {FULL: Slice.of(config, FULL)}
    for name, (skip, ffn) in TABLE.items():
        if config.layers == 35 and all(width > ffn for width in config.ffn):
            found[name] = Slice.of(config, name, skip, ffn)
    return found
