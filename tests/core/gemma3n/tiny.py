"""Tiny Gemma 3n models of random weights, and transformers' own over the same numbers."""

from __future__ import annotations

from typing import Any

import torch
from transformers import Gemma3nForCausalLM, Gemma3nTextConfig

from core.resident.gemma3n.config import Config
from core.resident.gemma3n.weights import Source, Weights, collect

WINDOW = 16


def hf_config(**changes: Any) -> Gemma3nTextConfig:
    """Seven layers: two periods of (sliding, sliding, full) own keys minus the sixth, three share; the first is sparse."""
    options: dict[str, Any] = dict(
        vocab_size=512,
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=7,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=32,
        layer_types=[
            "sliding_attention",
            "sliding_attention",
            "full_attention",
            "sliding_attention",
            "sliding_attention",
            "full_attention",
            "sliding_attention",
        ],
        num_kv_shared_layers=3,
        sliding_window=WINDOW,
        vocab_size_per_layer_input=512,
        hidden_size_per_layer_input=64,
        laurel_rank=64,
        activation_sparsity_pattern=[0.95, 0.8, 0.0, 0.0, 0.0, 0.0, 0.0],
        max_position_embeddings=512,
    )
    return Gemma3nTextConfig(**(options | changes))


def two_layers() -> Gemma3nTextConfig:
    """One sparse layer, and one that shares the first one's keys: all kinds of kernels, and few of each."""
    return hf_config(
        num_hidden_layers=2,
        num_kv_shared_layers=1,
        layer_types=["sliding_attention", "sliding_attention"],
        activation_sparsity_pattern=[0.9, 0.0],
    )


def reference(config: Gemma3nTextConfig, seed: int = 73) -> Gemma3nForCausalLM:
    """transformers' model with weights far from their initial values, so that every part shows in the logits."""
    torch.manual_seed(seed)
    model = Gemma3nForCausalLM(config).eval()
    with torch.no_grad():
        for name, p in model.named_parameters():
            if p.dim() > 1:
                p.normal_(0, 0.3 if "coefs" in name else 1.5 * p.shape[-1] ** -0.5)
            else:
                p.normal_(1.0, 0.3)
    return model


def source_of(model: Gemma3nForCausalLM) -> Source:
    state = model.model.state_dict()
    return lambda name: state[name]


def weights_of(model: Gemma3nForCausalLM, *, quantized: bool = False) -> Weights:
    return collect(Config.of(model.config), source_of(model), torch.device("cpu"), quantized=quantized)


def error(mine: torch.Tensor, truth: torch.Tensor) -> float:
    """Relative: |mine - truth| / |truth|."""
    return float((mine - truth).norm() / truth.norm())
