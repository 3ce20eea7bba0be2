"""Gemma 3 for the CPU: read from its folder into int8 layers, and its forward pass over slots.

Of our own, for two reasons. transformers spends much of a decode step between its products (some 6,700 calls of aten
for one token of the embedded model), and importing it is five seconds of every start. Here q, k and v are one product,
gate and up another, the tables of rotary positions are made once, and what lies between is as few calls as PyTorch
offers. Each row of a batch attends over its own slot with the shapes it would have alone (as in kv.py), and everything
else treats rows apart: batching changes no bit of the result. The tests compare it with transformers' own.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import accumulate
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import gelu

from core.resident.checkpoint import Checkpoint, opened
from core.resident.int8 import Int8Embedding, Int8Linear
from core.resident.kv import Batch, Slots, attend
from core.resident.lora import Groups, LoraLinear

# Settings of a model that this file leaves to transformers.
BEYOND = ("attn_logit_softcapping", "use_bidirectional_attention", "attention_bias", "quantization_config")


@dataclass(frozen=True, slots=True)
class Config:
    """What the forward needs, by the names of config.json."""

    vocab_size: int
    hidden_size: int
    intermediate_size: int
    num_hidden_layers: int
    num_attention_heads: int
    num_key_value_heads: int
    head_dim: int
    rms_norm_eps: float
    query_pre_attn_scalar: float
    sliding_window: int
    layer_types: list[str]
    rope_parameters: dict[str, dict[str, Any]]  # by layer type
    final_logit_softcapping: float | None

    @classmethod
    def of(cls, about: dict[str, Any]) -> Config | None:
        """From a text model's config.json; None where it says too little, or something that this file leaves out."""
        plain = (
            about.get("model_type") == "gemma3_text"
            and about.get("tie_word_embeddings", True)
            and about.get("hidden_activation", "gelu_pytorch_tanh") == "gelu_pytorch_tanh"
            and not any(about.get(key) for key in BEYOND)
            and all(field.name in about for field in fields(cls))
            and set(about["layer_types"]) <= {"sliding_attention", "full_attention"}
        )
        if not plain:
            return None
        ropes = [about["rope_parameters"].get(kind, {}) for kind in set(about["layer_types"])]
        if not all(rope.get("rope_type") in ("default", "linear") for rope in ropes):
            return None
        return cls(**{field.name: about[field.name] for field in fields(cls)})


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the outputs of a product: what one of the checkpoint's linear layers gives."""

    whole: Int8Linear
    start: int
    stop: int

    @property
    def in_features(self) -> int:
        return self.whole.in_features

    @property
    def out_features(self) -> int:
        return self.stop - self.start

    @property
    def weight(self) -> torch.Tensor:
        return self.whole.weight


# By the checkpoint's name of a linear layer; LoraLinear while an adapter changes it.
Places = dict[str, Part | LoraLinear]


@dataclass(frozen=True, slots=True)
class Linear:
    """A product, and the checkpoint's layers that it stands for."""

    whole: Int8Linear
    paths: tuple[str, ...]
    places: Places

    def product(self, x: torch.Tensor, adapters: Groups) -> torch.Tensor:
        """x [M, K] float32 -> [M, N] float32, each row with what its adapter adds."""
        y = self.whole.product(x)
        for path in self.paths if adapters else ():
            layer = self.places[path]
            if not isinstance(layer, LoraLinear):
                continue
            mine = y[:, layer.base.start : layer.base.stop]
            for adapter, rows in adapters:
                if (factors := layer.parts.get(adapter)) is not None:
                    down, up = factors
                    more = up.product(down.product(x if rows is None else x[rows]))
                    if rows is None:
                        mine += more
                    else:
                        mine.index_add_(0, rows, more)
        return y


@dataclass(frozen=True, slots=True)
class Layer:
    """Norms are 1 + w, float32; qk_norm [heads + kv_heads, head_dim], its query rows times the scale of queries."""

    index: int
    kind: str
    window: int | None
    qkv: Linear
    out: Linear
    gate_up: Linear
    down: Linear
    before_attention: torch.Tensor
    qk_norm: torch.Tensor
    after_attention: torch.Tensor
    before_mlp: torch.Tensor
    after_mlp: torch.Tensor


class Gemma3:
    """The net (core/resident/model.py): weights in int8, everything else in float32, on the CPU."""

    device, dtype = torch.device("cpu"), torch.float32

    def __init__(self, folder: Path, config: Config, *, slots: int, context: int) -> None:
        """Reads the *.safetensors of a folder. Raises OSError, KeyError or ValueError."""
        self.config, self.layers = config, config.num_hidden_layers
        self.slots = Slots(config, slots, context, self.dtype, self.device)
        self._heads, self._kv_heads, self._dim = config.num_attention_heads, config.num_key_value_heads, config.head_dim
        self._eps = torch.tensor(config.rms_norm_eps)
        self._cap = config.final_logit_softcapping
        self._places: Places = {}
        self._rope = {kind: self._rotary(config.rope_parameters[kind], context) for kind in set(config.layer_types)}
        with opened(folder) as checkpoint:
            table = Int8Linear(checkpoint.tensor("embed_tokens.weight", config.vocab_size, config.hidden_size))
            self._embed = Int8Embedding(table, config.hidden_size**0.5)
            self._head = self._linear(table, {"lm_head": config.vocab_size})
            self._norm_out = 1.0 + checkpoint.tensor("norm.weight", config.hidden_size).float()
            self._layers = [self._layer(checkpoint, i) for i in range(self.layers)]

    def _layer(self, checkpoint: Checkpoint, index: int) -> Layer:
        config, kind = self.config, self.config.layer_types[index]
        hidden, ffn = config.hidden_size, config.intermediate_size
        queries, keys = self._heads * self._dim, self._kv_heads * self._dim

        def norm(name: str, size: int = hidden) -> torch.Tensor:
            return 1.0 + checkpoint.tensor(f"layers.{index}.{name}.weight", size).float()

        def linear(inputs: int, **outputs: int) -> Linear:
            """One product of layers that have one input: each row of weights is quantized by itself."""
            sizes = {f"layers.{index}.{name.replace('__', '.')}": n for name, n in outputs.items()}
            parts = [checkpoint.tensor(f"{name}.weight", n, inputs) for name, n in sizes.items()]
            return self._linear(Int8Linear(torch.cat(parts)), {f"model.{name}": n for name, n in sizes.items()})

        q = norm("self_attn.q_norm", self._dim) * config.query_pre_attn_scalar**-0.5
        return Layer(
            index=index,
            kind=kind,
            window=config.sliding_window if kind == "sliding_attention" else None,
            qkv=linear(hidden, self_attn__q_proj=queries, self_attn__k_proj=keys, self_attn__v_proj=keys),
            out=linear(queries, self_attn__o_proj=hidden),
            gate_up=linear(hidden, mlp__gate_proj=ffn, mlp__up_proj=ffn),
            down=linear(ffn, mlp__down_proj=hidden),
            before_attention=norm("input_layernorm"),
            qk_norm=torch.cat(
                [q.expand(self._heads, -1), norm("self_attn.k_norm", self._dim).expand(self._kv_heads, -1)]
            ),
            after_attention=norm("post_attention_layernorm"),
            before_mlp=norm("pre_feedforward_layernorm"),
            after_mlp=norm("post_feedforward_layernorm"),
        )

    def _rotary(self, rope: dict[str, Any], length: int) -> tuple[torch.Tensor, torch.Tensor]:
        """cos, and sin with the sign that rotate_half gives its first half: [length, 1, head_dim]."""
        turns = (
            1.0 / rope["rope_theta"] ** (torch.arange(0, self._dim, 2).float() / self._dim) / rope.get("factor", 1.0)
        )
        angles = torch.outer(torch.arange(length).float(), turns).unsqueeze(1)
        cos, sin = angles.cos(), angles.sin()
        return torch.cat((cos, cos), -1), torch.cat((-sin, sin), -1)

    def _linear(self, whole: Int8Linear, outputs: dict[str, int]) -> Linear:
        ends = list(accumulate(outputs.values()))
        for name, start, stop in zip(outputs, [0, *ends], ends, strict=False):
            self._places[name] = Part(whole, start, stop)
        return Linear(whole, tuple(outputs), self._places)

    def quantized(self) -> list[Int8Linear]:
        layers = [(layer.qkv, layer.out, layer.gate_up, layer.down) for layer in self._layers]
        return [self._head.whole, *(linear.whole for products in layers for linear in products)]

    def get_submodule(self, path: str) -> Part | LoraLinear:
        """One of the checkpoint's linear layers, or an adapter over it. Raises AttributeError, as PyTorch's own does."""
        if path not in self._places:
            raise AttributeError(path)
        return self._places[path]

    def set_submodule(self, path: str, layer: Part | LoraLinear) -> None:
        self._places[path] = layer

    def forward(self, tokens: list[int], batch: Batch, adapters: Groups, *, logits: bool) -> torch.Tensor:
        """As Net.forward. Without logits, the last layer's outputs."""
        self.slots.batch, width = batch, batch.width
        positions = torch.tensor([start + i for start in batch.starts for i in range(width)])
        rope = {kind: (cos[positions], sin[positions]) for kind, (cos, sin) in self._rope.items()}
        h: torch.Tensor = self._embed(torch.tensor(tokens))
        for layer in self._layers:
            mix = self._attention(self._norm(h, layer.before_attention), layer, rope[layer.kind], batch, adapters)
            h = torch.addcmul(h, self._unit(layer.out.product(mix, adapters)), layer.after_attention)
            gate, up = layer.gate_up.product(self._norm(h, layer.before_mlp), adapters).chunk(2, -1)
            mlp = layer.down.product(gelu(gate, approximate="tanh").mul_(up), adapters)
            h = torch.addcmul(h, self._unit(mlp), layer.after_mlp)
        if not logits:
            return h
        y: torch.Tensor = self._head.product(self._norm(h[width - 1 :: width], self._norm_out), adapters)
        return y if self._cap is None else torch.tanh(y / self._cap).mul_(self._cap)

    def _attention(
        self, x: torch.Tensor, layer: Layer, rope: tuple[torch.Tensor, torch.Tensor], batch: Batch, adapters: Groups
    ) -> torch.Tensor:
        """x [tokens, hidden] -> [tokens, heads·head_dim], each row's tokens over that row's slot."""
        heads, kv_heads, dim = self._heads, self._kv_heads, self._dim
        qkv = layer.qkv.product(x, adapters).view(len(x), -1, dim)
        qk = self._norm(qkv[:, : heads + kv_heads], layer.qk_norm)
        cos, sin = rope
        qk = torch.addcmul(qk * cos, qk.roll(dim // 2, -1), sin)
        rows = (len(batch.slots), batch.width, -1, dim)
        q = qk[:, :heads].reshape(rows).transpose(1, 2)
        k = qk[:, heads:].reshape(rows).transpose(1, 2)
        v = qkv[:, heads + kv_heads :].reshape(rows).transpose(1, 2)
        keys, values = self.slots.update(k, v, layer.index)
        mix, _ = attend(self._head.whole, q, keys, values, None, batch=batch, scaling=1.0, sliding_window=layer.window)
        return mix.reshape(len(x), -1)

    def _unit(self, x: torch.Tensor) -> torch.Tensor:
        """x over its root mean square along the last dimension."""
        size = torch.linalg.vector_norm(x, 2, -1, True)
        return x * torch.addcmul(self._eps, size, size, value=1 / x.shape[-1]).rsqrt_()

    def _norm(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return self._unit(x).mul_(weight)
