"""Gemma 3's forward pass for the CPU, over the int8 layers of a Hugging Face model.

transformers spends much of a decode step between its products: some 6,700 calls of aten for one token of the embedded
model. Here q, k and v are one product, gate and up another, the tables of rotary positions are made once, and what
lies between is as few calls as PyTorch offers. Each row of a batch attends over its own slot with the shapes it would
have alone (as in kv.py), and everything else treats rows apart: batching changes no bit of the result.

The Hugging Face model stays whole: adapters are hung into it (lora.py) and looked up here, and it runs on the same
weights and slots, which the tests compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import torch
from torch import nn
from torch.nn.functional import gelu

from core.resident.int8 import Int8Linear
from core.resident.kv import Batch, Slots, attend
from core.resident.lora import LoraLinear

Groups = list[tuple[str, torch.Tensor | None]]  # as in lora.Rows: (adapter, its rows; None: all)
QKV = ("q_proj", "k_proj", "v_proj")
GATE_UP = ("gate_proj", "up_proj")


class Part(nn.Module):
    """Some of the outputs of a joined layer, in the place of the layer that gave them. x [..., K] -> [..., N] float32.

    The whole is multiplied once: its outputs are kept until the last part has been asked for the same input.
    """

    def __init__(self, whole: Int8Linear, start: int, stop: int, kept: list[Any]) -> None:
        super().__init__()
        self.whole, self._rows, self._kept = whole, (start, stop), kept
        self.in_features, self.out_features = whole.in_features, stop - start

    @property
    def weight(self) -> torch.Tensor:
        return self.whole.weight

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        start, stop = self._rows
        if not self._kept or self._kept[0] is not x:
            self._kept[:] = x, self.whole(x)
        y: torch.Tensor = self._kept[1]
        if stop == self.whole.out_features:
            self._kept.clear()
        return y[..., start:stop]


@dataclass(frozen=True, slots=True)
class Linear:
    """A product, and where its outputs stand in the Hugging Face model: (parent, name, first output, end)."""

    whole: Int8Linear
    places: tuple[tuple[Any, str, int, int], ...]

    def product(self, x: torch.Tensor, adapters: Groups) -> torch.Tensor:
        """x [M, K] float32 -> [M, N] float32, each row with what its adapter adds."""
        y = self.whole.product(x)
        for parent, name, start, stop in self.places if adapters else ():
            layer = getattr(parent, name)
            for adapter, rows in adapters if isinstance(layer, LoraLinear) else ():
                if (part := layer.parts.get(adapter)) is not None:
                    down, up = part
                    more = up.product(down.product(x if rows is None else x[rows]))
                    if rows is None:
                        y[:, start:stop] += more
                    else:
                        y[:, start:stop].index_add_(0, rows, more)
        return y


def join(parent: Any, *names: str) -> Linear:
    """Make one layer of several with the same input; each stays in its place in the model as a Part."""
    parts: list[Int8Linear] = [getattr(parent, name) for name in names]
    whole = Int8Linear.joined(parts) if len(parts) > 1 else parts[0]
    ends = list(accumulate(part.out_features for part in parts))
    places = tuple(zip([parent] * len(names), names, [0, *ends], ends, strict=False))
    kept: list[Any] = []
    for _, name, start, stop in places if len(parts) > 1 else ():
        setattr(parent, name, Part(whole, start, stop, kept))
    return Linear(whole, places)


def known(model: Any) -> bool:
    """Whether this is a quantized Gemma 3 on the CPU, with nothing in its configuration that this file leaves out."""
    config = model.config
    if getattr(config, "model_type", "") != "gemma3_text" or model.device.type != "cpu":
        return False
    ropes = config.rope_parameters
    return (
        type(model).__name__ == "Gemma3ForCausalLM"
        and config.hidden_activation == "gelu_pytorch_tanh"
        and config.attn_logit_softcapping is None
        and not config.use_bidirectional_attention
        and set(config.layer_types) <= {"sliding_attention", "full_attention"}
        and all(ropes[kind]["rope_type"] in ("default", "linear") for kind in set(config.layer_types))
        and isinstance(model.lm_head, Int8Linear)
        and all(
            isinstance(part, Int8Linear) and part.bias is None
            for layer in model.model.layers
            for part in (
                *(getattr(layer.self_attn, name) for name in (*QKV, "o_proj")),
                *(getattr(layer.mlp, name) for name in (*GATE_UP, "down_proj")),
            )
        )
    )


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
    """The forward pass. Joins layers of the model that it is given (`known`), which runs on as before."""

    def __init__(self, model: Any, slots: Slots) -> None:
        config = model.config
        self._slots = slots
        self._heads, self._kv_heads = config.num_attention_heads, config.num_key_value_heads
        self._dim = config.head_dim
        self._eps = torch.tensor(config.rms_norm_eps)
        self._cap = config.final_logit_softcapping
        self._embed, self._head = model.get_input_embeddings(), join(model, "lm_head")
        self._norm_out = _weight(model.model.norm)
        self._layers = [self._layer(layer, i) for i, layer in enumerate(model.model.layers)]
        # cos, and sin with the sign that rotate_half gives its first half: [length, 1, head_dim]
        positions, self._rope = torch.arange(slots.length).unsqueeze(0), {}
        for kind in set(config.layer_types):
            cos, sin = model.model.rotary_emb(self._eps, positions, kind)
            sin[..., : self._dim // 2].neg_()
            self._rope[kind] = cos[0].unsqueeze(1), sin[0].unsqueeze(1)

    def _layer(self, layer: Any, index: int) -> Layer:
        attention, mlp = layer.self_attn, layer.mlp
        q = (_weight(attention.q_norm) * attention.scaling).expand(self._heads, -1)
        k = _weight(attention.k_norm).expand(self._kv_heads, -1)
        return Layer(
            index=index,
            kind=attention.layer_type,
            window=attention.sliding_window,
            qkv=join(attention, *QKV),
            out=join(attention, "o_proj"),
            gate_up=join(mlp, *GATE_UP),
            down=join(mlp, "down_proj"),
            before_attention=_weight(layer.input_layernorm),
            qk_norm=torch.cat([q, k]),
            after_attention=_weight(layer.post_attention_layernorm),
            before_mlp=_weight(layer.pre_feedforward_layernorm),
            after_mlp=_weight(layer.post_feedforward_layernorm),
        )

    def forward(self, tokens: list[int], batch: Batch, adapters: Groups, *, logits: bool) -> torch.Tensor:
        """tokens: `width` of each row of the batch, one row after another. Writes their keys and values.

        adapters are of the batch's rows; where it has several, its width is 1.

        With logits, float32 [rows, vocabulary] after each row's last token; else the last layer's, which nobody needs.
        """
        self._slots.batch, width = batch, batch.width
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
        keys, values = self._slots.update(k, v, layer.index)
        mix, _ = attend(self._head.whole, q, keys, values, None, batch=batch, scaling=1.0, sliding_window=layer.window)
        return mix.reshape(len(x), -1)

    def _unit(self, x: torch.Tensor) -> torch.Tensor:
        """x over its root mean square along the last dimension."""
        size = torch.linalg.vector_norm(x, 2, -1, True)
        return x * torch.addcmul(self._eps, size, size, value=1 / x.shape[-1]).rsqrt_()

    def _norm(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return self._unit(x).mul_(weight)


def _weight(norm: Any) -> torch.Tensor:
    return 1.0 + norm.weight.data.float()  # type: ignore[no-any-return]
