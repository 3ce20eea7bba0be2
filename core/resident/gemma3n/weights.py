"""What is kept of a checkpoint: the text model, its linear maps in NF4, its vocabulary in 8 bits.

Vision and audio are never read. The per-layer embeddings, more than half of E4B's bytes, stay in host memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch.nn.functional import linear

from core.resident.gemma3n.config import Config
from core.resident.gemma3n.nf4 import NF4, join, quantize

# A checkpoint's tensor by its text-model name, e.g. "layers.0.mlp.up_proj.weight", on any device.
Source = Callable[[str], torch.Tensor]
# The same for a linear map that the checkpoint holds in NF4 already ("layers.0.mlp.up_proj"); None for any other.
Ready = Callable[[str], NF4 | None]


@dataclass(slots=True)
class Dense:
    """A linear map kept whole, for exactness tests. weight: [N, K]."""

    weight: torch.Tensor

    @property
    def shape(self) -> tuple[int, int]:
        return self.weight.shape[0], self.weight.shape[1]

    def tensors(self) -> dict[str, torch.Tensor]:
        return {"weight": self.weight}

    def part(self, rows: slice = slice(None), columns: int | None = None) -> Dense:
        return Dense(self.weight[rows, :columns])

    def dense(self, dtype: torch.dtype) -> torch.Tensor:
        return self.weight.to(dtype)


Matrix = NF4 | Dense


@dataclass(slots=True)
class Rows:
    """The vocabulary, both embedding and head. codes: int8 [V, H] with scale float32 [V], or whole rows and ones."""

    codes: torch.Tensor
    scale: torch.Tensor

    @classmethod
    def of(cls, weight: torch.Tensor, *, whole: bool) -> Rows:
        if whole:
            return cls(weight, torch.ones(len(weight), device=weight.device))
        codes = torch.empty_like(weight, dtype=torch.int8)
        scale = torch.empty(len(weight), device=weight.device)
        for at in range(0, len(weight), 16384):  # in pieces: a float32 copy of all rows would be 2 GiB
            piece = weight[at : at + 16384].float()
            step = piece.abs().amax(-1).clamp_min(1e-12) / 127
            scale[at : at + 16384] = step
            codes[at : at + 16384] = (piece / step.unsqueeze(-1)).round().to(torch.int8)
        return cls(codes, scale)

    def tensors(self) -> dict[str, torch.Tensor]:
        return {"codes": self.codes, "scale": self.scale}

    def lookup(self, tokens: torch.Tensor) -> torch.Tensor:
        """[T] -> float32 [T, H]."""
        return self.codes[tokens].float() * self.scale[tokens].unsqueeze(-1)

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        """[T, H] -> float32 [T, V]. For the CPU and for tests: it makes a whole copy of the rows."""
        return linear(x, self.codes.to(x.dtype)).float() * self.scale


@dataclass(slots=True)
class Layer:
    """One layer. Norm weights and AltUp's small maps are float32; H hidden, S streams."""

    inner: Matrix  # q | k | v | laurel left, [heads·d (+ 2·kv_heads·d) + rank, H]: all read the same input
    o: Matrix  # [H, heads·d]
    laurel_right: Matrix  # [H, rank]
    gate_up: Matrix  # gate | up, [2·ffn, H]
    down: Matrix  # [H, ffn]
    ple_gate: Matrix  # [ple, H]
    ple_out: Matrix  # [H, ple]
    input_norm: torch.Tensor
    attention_norm: torch.Tensor
    ffn_norm: torch.Tensor
    ffn_out_norm: torch.Tensor
    laurel_norm: torch.Tensor
    ple_norm: torch.Tensor
    q_norm: torch.Tensor  # [d]
    k_norm: torch.Tensor  # [d]; ones where the layer owns no keys
    router: torch.Tensor  # [S, H], with the router's norm weight and its 1/H folded in
    predict: torch.Tensor  # [S·S, S]
    correct: torch.Tensor  # [S, S]
    correct_scale: torch.Tensor  # [H]


@dataclass(slots=True)
class Weights:
    """The text model. ple is in host memory: [ple vocabulary, layers·ple_dim], as in the checkpoint."""

    config: Config
    rows: Rows
    first: Matrix  # what reads the embedding: AltUp's streams 1.. | the per-layer projection, [(S-1)·H + L·ple, H]
    last: Matrix  # AltUp's streams 1.. back to one, [(S-1)·H, H]
    ple_projection_norm: torch.Tensor  # [ple]
    norm: torch.Tensor  # [H]
    layers: list[Layer]
    ple: torch.Tensor
    dtype: torch.dtype  # of the checkpoint: its scales are rounded to it, as transformers does

    def rounded(self, value: float) -> float:
        return float(torch.tensor(value, dtype=self.dtype))


def shapes(config: Config) -> dict[str, tuple[int, ...]]:
    """Name -> shape of every tensor that `collect` reads."""
    c = config
    out: dict[str, tuple[int, ...]] = {}
    q, kv = c.heads * c.head_dim, c.kv_heads * c.head_dim
    out["embed_tokens.weight"] = (c.vocabulary, c.hidden)
    out["embed_tokens_per_layer.weight"] = (c.ple_vocabulary, c.layers * c.ple_dim)
    out["per_layer_model_projection.weight"] = (c.layers * c.ple_dim, c.hidden)
    out["per_layer_projection_norm.weight"] = (c.ple_dim,)
    out["norm.weight"] = (c.hidden,)
    for i in range(c.streams - 1):
        out[f"altup_projections.{i}.weight"] = (c.hidden, c.hidden)
        out[f"altup_unembed_projections.{i}.weight"] = (c.hidden, c.hidden)
    for i in range(c.layers):
        own = i < c.owners
        layer: dict[str, tuple[int, ...]] = {
            "self_attn.q_proj": (q, c.hidden),
            **({"self_attn.k_proj": (kv, c.hidden), "self_attn.v_proj": (kv, c.hidden)} if own else {}),
            "self_attn.o_proj": (c.hidden, q),
            "self_attn.q_norm": (c.head_dim,),
            **({"self_attn.k_norm": (c.head_dim,)} if own else {}),
            "mlp.gate_proj": (c.ffn[i], c.hidden),
            "mlp.up_proj": (c.ffn[i], c.hidden),
            "mlp.down_proj": (c.hidden, c.ffn[i]),
            "laurel.linear_left": (c.laurel_rank, c.hidden),
            "laurel.linear_right": (c.hidden, c.laurel_rank),
            "laurel.post_laurel_norm": (c.hidden,),
            "per_layer_input_gate": (c.ple_dim, c.hidden),
            "per_layer_projection": (c.hidden, c.ple_dim),
            "post_per_layer_input_norm": (c.hidden,),
            "input_layernorm": (c.hidden,),
            "post_attention_layernorm": (c.hidden,),
            "pre_feedforward_layernorm": (c.hidden,),
            "post_feedforward_layernorm": (c.hidden,),
            "altup.router_norm": (c.hidden,),
            "altup.modality_router": (c.streams, c.hidden),
            "altup.prediction_coefs": (c.streams**2, c.streams),
            "altup.correction_coefs": (c.streams, c.streams),
        }
        out |= {f"layers.{i}.{name}.weight": shape for name, shape in layer.items()}
        out[f"layers.{i}.altup.correct_output_scale"] = (c.hidden,)
    return out


def collect(
    config: Config, source: Source, device: torch.device, *, quantized: bool = True, ready: Ready = lambda _: None
) -> Weights:
    """Read and convert every tensor, one at a time: the peak is the result and one tensor more.

    What is in NF4 already is taken as it is. quantized=False keeps every number as it is, for tests.
    """

    def nf4(name: str) -> NF4:
        made = ready(name)
        if made is None:
            return quantize(source(f"{name}.weight").to(device))
        return NF4(made.packed.to(device), made.absmax.to(device))

    def vector(name: str) -> torch.Tensor:
        return source(name).to(device, torch.float32)

    def matrix(*names: str) -> Matrix:
        if not quantized:
            return Dense(torch.cat([source(f"{n}.weight").to(device) for n in names]))
        return join([nf4(name) for name in names])

    def layer(i: int) -> Layer:
        at, own = f"layers.{i}.", i < config.owners
        kv = [f"{at}self_attn.{n}" for n in ("k_proj", "v_proj")] if own else []
        d = config.head_dim
        return Layer(
            inner=matrix(f"{at}self_attn.q_proj", *kv, f"{at}laurel.linear_left"),
            o=matrix(f"{at}self_attn.o_proj"),
            laurel_right=matrix(f"{at}laurel.linear_right"),
            gate_up=matrix(f"{at}mlp.gate_proj", f"{at}mlp.up_proj"),
            down=matrix(f"{at}mlp.down_proj"),
            ple_gate=matrix(f"{at}per_layer_input_gate"),
            ple_out=matrix(f"{at}per_layer_projection"),
            input_norm=vector(f"{at}input_layernorm.weight"),
            attention_norm=vector(f"{at}post_attention_layernorm.weight"),
            ffn_norm=vector(f"{at}pre_feedforward_layernorm.weight"),
            ffn_out_norm=vector(f"{at}post_feedforward_layernorm.weight"),
            laurel_norm=vector(f"{at}laurel.post_laurel_norm.weight"),
            ple_norm=vector(f"{at}post_per_layer_input_norm.weight"),
            q_norm=vector(f"{at}self_attn.q_norm.weight"),
            k_norm=vector(f"{at}self_attn.k_norm.weight") if own else torch.ones(d, device=device),
            router=vector(f"{at}altup.modality_router.weight")
            * vector(f"{at}altup.router_norm.weight")
            / config.hidden,
            predict=vector(f"{at}altup.prediction_coefs.weight"),
            correct=vector(f"{at}altup.correction_coefs.weight"),
            correct_scale=vector(f"{at}altup.correct_output_scale")
            if config.scale_corrected
            else torch.ones(config.hidden, device=device),
        )

    between = range(config.streams - 1)
    embedding = source("embed_tokens.weight")
    return Weights(
        config=config,
        rows=Rows.of(embedding.to(device), whole=not quantized),
        first=matrix(*(f"altup_projections.{i}" for i in between), "per_layer_model_projection"),
        last=matrix(*(f"altup_unembed_projections.{i}" for i in between)),
        ple_projection_norm=vector("per_layer_projection_norm.weight"),
        norm=vector("norm.weight"),
        layers=[layer(i) for i in range(config.layers)],
        ple=source("embed_tokens_per_layer.weight"),
        dtype=embedding.dtype,
    )


def pack(weights: Weights) -> dict[str, torch.Tensor]:
    """Every tensor but ple under one flat name, for the cache on disk. `unpack` is its inverse."""
    flat: dict[str, torch.Tensor] = {}

    def put(at: str, value: object) -> None:
        if isinstance(value, torch.Tensor):
            flat[at] = value
        elif isinstance(value, NF4 | Dense | Rows):
            flat.update({f"{at}.{name}": tensor for name, tensor in value.tensors().items()})

    for name in ("rows", "first", "last", "ple_projection_norm", "norm"):
        put(name, getattr(weights, name))
    for i, layer in enumerate(weights.layers):
        for field in fields(layer):
            put(f"layers.{i}.{field.name}", getattr(layer, field.name))
    return flat


def unpack(config: Config, flat: Callable[[str], torch.Tensor], ple: torch.Tensor, dtype: torch.dtype) -> Weights:
    """Quantized weights from their flat names."""

    def matrix(at: str) -> NF4:
        return NF4(flat(f"{at}.packed"), flat(f"{at}.absmax"))

    def layer(i: int) -> Layer:
        at = f"layers.{i}."
        parts: dict[str, Any] = {
            f.name: matrix(at + f.name) if f.type == "Matrix" else flat(at + f.name) for f in fields(Layer)
        }
        return Layer(**parts)

    return Weights(
        config=config,
        rows=Rows(flat("rows.codes"), flat("rows.scale")),
        first=matrix("first"),
        last=matrix("last"),
        ple_projection_norm=flat("ple_projection_norm"),
        norm=flat("norm"),
        layers=[layer(i) for i in range(config.layers)],
        ple=ple,
        dtype=dtype,
    )
