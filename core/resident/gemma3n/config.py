"""The shapes of a Gemma 3n text model, read from its config.json."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Config:
    """Names follow the paper's parts rather than the checkpoint's keys. E4B's values in brackets."""

    vocabulary: int  # [262,400]
    hidden: int  # [2048]
    ffn: tuple[int, ...]  # columns of each layer's feed-forward [16,384]
    heads: int  # [8]
    kv_heads: int  # [2]
    head_dim: int  # [256]
    sliding: tuple[bool, ...]  # per layer: does it see a window only? [four of five do]
    window: int  # [512]
    shared: int  # the last layers that own no keys and values [15 of 35]
    sparsity: tuple[float, ...]  # per layer: share of feed-forward gates put to zero [0.95 in the first 10]
    ple_vocabulary: int  # rows of the per-layer embeddings [262,144]
    ple_dim: int  # their width per layer [256]
    streams: int  # AltUp's copies of the hidden state [4]
    laurel_rank: int  # [64]
    scale_corrected: bool
    eps: float
    softcap: float | None  # [30]
    theta_global: float  # [1e6]
    theta_local: float  # [1e4]

    @property
    def layers(self) -> int:
        return len(self.ffn)

    @property
    def owners(self) -> int:
        """Layers 0 .. owners-1 own keys and values."""
        return self.layers - self.shared

    def kv_layer(self, layer: int) -> int:
        """The layer whose keys and values this one attends over."""
        if layer < self.owners:
            return layer
        return max(i for i in range(self.owners) if self.sliding[i] == self.sliding[layer])

    def cutoff(self, layer: int) -> float:
        """Standard deviations above the mean that a gate must reach to stay; 0.0 where all stay."""
        share = self.sparsity[layer]
        return statistics.NormalDist().inv_cdf(share) if share > 0 else 0.0

    @classmethod
    def of(cls, hf: Any) -> Config:
        """From transformers' Gemma3nConfig or Gemma3nTextConfig. Raises ValueError for what the forward lacks."""
        c = hf.get_text_config()
        if c.altup_active_idx != 0 or c.hidden_activation != "gelu_pytorch_tanh" or c.attention_bias:
            raise ValueError("this Gemma 3n differs from Google's: AltUp's active stream, activation or biases")
        ropes = c.rope_parameters
        if any(rope["rope_type"] != "default" for rope in ropes.values()):
            raise ValueError("scaled rotary embeddings are not supported")
        return cls(
            vocabulary=c.vocab_size,
            hidden=c.hidden_size,
            ffn=tuple(c.intermediate_size),
            heads=c.num_attention_heads,
            kv_heads=c.num_key_value_heads,
            head_dim=c.head_dim,
            sliding=tuple(kind == "sliding_attention" for kind in c.layer_types),
            window=c.sliding_window,
            shared=c.num_kv_shared_layers,
            sparsity=tuple(c.activation_sparsity_pattern),
            ple_vocabulary=c.vocab_size_per_layer_input,
            ple_dim=c.hidden_size_per_layer_input,
            streams=c.altup_num_inputs,
            laurel_rank=c.laurel_rank,
            scale_corrected=c.altup_correct_scale,
            eps=c.rms_norm_eps,
            softcap=c.final_logit_softcapping,
            theta_global=ropes["full_attention"]["rope_theta"],
            theta_local=ropes["sliding_attention"]["rope_theta"],
        )

    @classmethod
    def read(cls, folder: Path) -> Config:
        from transformers import AutoConfig

        return cls.of(AutoConfig.from_pretrained(folder, local_files_only=True))
