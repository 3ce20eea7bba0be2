"""Tiny Gemmas of random weights for a CPU, with a part of the real tokenizer.

With all of Gemma's 262,144 tokens nine tenths of such a model would be its embedding, and most of a test's time would go
into reading a tokenizer of 14 MB, packing the embedding, and logits. The whole of it is the embedded model's to prove.
"""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

WORDS = 8192  # the commonest: a token's number is its rank


@functools.cache
def tokenizer(whole: Path) -> tuple[str, int]:
    """Gemma's tokenizer.json with fewer tokens: the control tokens, bytes, common words, and letters of the scripts
    up to Devanagari's. Returns it and how many."""
    told = json.loads((whole / "tokenizer.json").read_text("utf-8"))
    vocabulary: dict[str, int] = told["model"]["vocab"]
    kept = {t for t, i in vocabulary.items() if i < WORDS or (len(t) == 1 and ord(t) < 0x1000)} | {"▁"}
    new = {token: i for i, token in enumerate(sorted(kept, key=vocabulary.__getitem__))}
    told["model"]["vocab"] = new
    told["model"]["merges"] = [
        pair for pair in told["model"]["merges"] if pair[0] in kept and pair[1] in kept and "".join(pair) in kept
    ]
    told["added_tokens"] = [t | {"id": new[t["content"]]} for t in told["added_tokens"] if t["content"] in kept]
    return json.dumps(told, ensure_ascii=False), len(new)


def model(kind: str, folder: Path, embedded: Path) -> Path:
    """A folder with a "gemma3" or a "gemma3n"."""
    from transformers import Gemma3ForCausalLM, Gemma3nForCausalLM, Gemma3nTextConfig, Gemma3TextConfig

    text, words = tokenizer(embedded)
    torch.manual_seed(4)  # of these: some random networks blow the rounding of int8 up to a tenth of their logits
    common = dict(
        vocab_size=words,
        hidden_size=48,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=16,
        sliding_window=24,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
    )
    if kind == "gemma3":
        layers = ["sliding_attention", "sliding_attention", "full_attention", "sliding_attention"]
        config = Gemma3TextConfig(
            intermediate_size=96, num_hidden_layers=4, layer_types=layers, query_pre_attn_scalar=16, **common
        )
        made = Gemma3ForCausalLM(config)
    else:
        layers = ["sliding_attention", "full_attention"] * 3
        config = Gemma3nTextConfig(
            intermediate_size=96,
            num_hidden_layers=6,
            layer_types=layers,
            num_kv_shared_layers=2,
            hidden_size_per_layer_input=8,
            vocab_size_per_layer_input=words,
            laurel_rank=8,
            activation_sparsity_pattern=[0.9, 0.9, 0.0, 0.0, 0.0, 0.0],
            **common,
        )
        made = Gemma3nForCausalLM(config)
    with torch.no_grad():
        for parameter in made.parameters():  # larger than the default, so that logits differ clearly
            if parameter.dim() > 1:
                parameter.normal_(0, 0.15)
    made.save_pretrained(folder)
    (folder / "tokenizer.json").write_text(text, "utf-8")
    return folder


class Speaking:
    """A tiny model that does all its work and then says given tokens in place of its own, in every slot.

    tokens begin anew where they end. pace_s: how long a step takes at least. steps: how many there were.
    """

    def __init__(self, model: Any, tokens: Sequence[int], pace_s: float = 0.0) -> None:
        self._model, self.tokens, self.pace_s = model, tokens, pace_s
        self._said: dict[int, int] = {}  # tokens, by slot
        self.steps = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._model, name)

    def prefill(self, slot: int, start: int, tokens: list[int], *, last: bool) -> torch.Tensor | None:
        self._said[slot] = 0
        logits = self._model.prefill(slot, start, tokens, last=last)
        return None if logits is None else self._next(slot, logits)

    def decode(self, slots: list[int], starts: list[int], tokens: list[int]) -> torch.Tensor:
        time.sleep(self.pace_s)
        self.steps += 1
        logits = self._model.decode(slots, starts, tokens)
        return torch.stack([self._next(slot, row) for slot, row in zip(slots, logits, strict=True)])

    def _next(self, slot: int, logits: torch.Tensor) -> torch.Tensor:
        token = self.tokens[self._said[slot] % len(self.tokens)]
        self._said[slot] += 1
        return torch.full_like(logits, -1e9).index_fill_(0, torch.tensor(token), 0.0)
