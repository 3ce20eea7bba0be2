"""Gemma 3n's text model, plainly: one chat's next tokens on any device.

This is the model as a reader wants it, and what runs without a GPU; the fused step is tested against it. After transformers' Gemma3nTextModel
(modeling_gemma3n.py, 5.17), with sums, norms and the residual streams in float32.

AltUp (Baykal et al. 2023, arXiv:2301.13310) carries S streams of the hidden state. A layer predicts all of them
from what they were, computes only the first, and corrects the others by how far the first was from its prediction.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch.nn.functional import gelu, linear, scaled_dot_product_attention

from core.resident.gemma3n.config import Config
from core.resident.gemma3n.kv import Slots
from core.resident.gemma3n.lora import RANK, Adapters
from core.resident.gemma3n.slices import Slice
from core.resident.gemma3n.weights import Layer, Matrix, Weights


class Forward:
    """The model over its slots. act: the dtype in which matrices are multiplied."""

    def __init__(self, weights: Weights, cache: Slots, act: torch.dtype, adapters: Adapters | None = None) -> None:
        self.weights, self.config, self.cache, self.act = weights, weights.config, cache, act
        self.device = weights.norm.device
        self._adapters, self._adapter = adapters, 0  # the latter of the run under way
        self._rope = {
            sliding: frequencies(self.config, sliding).to(self.device) for sliding in {*self.config.sliding, True}
        }

    def multiply(self, x: torch.Tensor, matrix: Matrix) -> torch.Tensor:
        """[T, K] -> float32 [T, N]."""
        return linear(x.to(self.act), matrix.dense(self.act)).float()

    def _product(self, x: torch.Tensor, matrix: Matrix, layer: int, name: str) -> torch.Tensor:
        """`multiply`, and what the adapter adds to it: each projection B (A x), on its own columns."""
        y = self.multiply(x, matrix)
        if self._adapter == 0 or self._adapters is None:
            return y
        a, b = self._adapters.factors(self._adapter, layer, name)
        columns = self._adapters.places[layer][name].columns
        low = linear(x.to(self.act), a[:, : x.shape[-1]])
        for i, (first, end) in enumerate(pairwise(columns)):
            y[:, first:end] += linear(low[:, i * RANK : (i + 1) * RANK], b[first:end]).float()
        return y

    def logits(self, x: torch.Tensor) -> torch.Tensor:
        """Normed hidden states [T, H] -> float32 [T, vocabulary]."""
        out = self.weights.rows.logits(x.to(self.act))
        cap = self.config.softcap
        return out if cap is None else torch.tanh(out / cap) * cap

    def run(
        self, part: Slice, slot: int, start: int, tokens: torch.Tensor, *, last: bool, adapter: int = 0
    ) -> torch.Tensor | None:
        """Write tokens [T] at start.. of a slot; with last, the logits [vocabulary] float32 after the last one.

        Layers that own no keys see only the token whose logits are wanted, and without one they are not run at all:
        nothing else of theirs is ever read.
        """
        c, w, self._adapter = self.config, self.weights, adapter
        positions = torch.arange(start, start + len(tokens), device=self.device)
        streams, ple = self.begin(tokens)
        for layer, ffn in zip(part.layers, part.ffn, strict=True):
            p, weights = c.kv_layer(layer), w.layers[layer]
            predicted = predict(streams, weights, c)
            x = rms(predicted[0], weights.input_norm, c.eps)
            inner = self._product(x, weights.inner, layer, "inner")
            if layer < c.owners:
                keys, values = self._keys_values(layer, slot, start, positions, inner)
            if layer == c.owners - 1:
                if not last:
                    return None
                predicted, x, inner = predicted[:, -1:], x[-1:], inner[-1:]
                positions, ple = positions[-1:], ple[-1:]
            if layer >= c.owners:
                first = max(0, start - c.window + 1) if c.sliding[p] else 0
                first = max(first, start + len(tokens) - self.cache.lengths[p])
                keys, values = self.cache.read(p, slot, first, start + len(tokens))
            attended = self._attend(layer, positions, inner, keys, values)
            streams = self._rest(layer, ffn, weights, predicted, x, inner, attended, ple[:, layer])
        return self.logits(self.finish(streams))[-1]

    def begin(self, tokens: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """[T] -> AltUp's streams [S, T, H] and the per-layer inputs [T, layers, ple], both float32.

        Tokens past the per-layer table (places of pictures and sound) take its first row, as Gemma3nModel does.
        """
        c, w = self.config, self.weights
        tokens, ids = tokens.cpu(), tokens.to(self.device)
        hidden = w.rows.lookup(ids) * w.rounded(c.hidden**0.5)
        first = self.multiply(hidden, w.first)
        others = first[:, : (c.streams - 1) * c.hidden].reshape(-1, c.streams - 1, c.hidden).transpose(0, 1)
        streams = torch.cat((hidden.unsqueeze(0), same_magnitude(others, hidden)))
        projected = first[:, (c.streams - 1) * c.hidden :] * w.rounded(c.hidden**-0.5)
        projected = rms(projected.reshape(-1, c.layers, c.ple_dim), w.ple_projection_norm, c.eps)
        own = (
            w.ple[torch.where(tokens < c.ple_vocabulary, tokens, 0)]
            .to(self.device)
            .float()
            .view(-1, c.layers, c.ple_dim)
        )
        return streams, (projected + own * w.rounded(c.ple_dim**0.5)) * w.rounded(0.5**0.5)

    def finish(self, streams: torch.Tensor) -> torch.Tensor:
        """Streams [S, T, H] -> normed hidden states [T, H]."""
        c, w = self.config, self.weights
        maps = [w.last.part(slice(i * c.hidden, (i + 1) * c.hidden)) for i in range(c.streams - 1)]
        others = torch.stack([self.multiply(s, m) for s, m in zip(streams[1:], maps, strict=True)])
        together = torch.cat((streams[:1], same_magnitude(others, streams[0]))).mean(0)
        return rms(together, w.norm, c.eps)

    def _keys_values(
        self, layer: int, slot: int, start: int, positions: torch.Tensor, inner: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Write the tokens' keys and values; all that these tokens may see, ending with their own."""
        c = self.config
        q, kv = c.heads * c.head_dim, c.kv_heads * c.head_dim
        keys = rms(inner[:, q : q + kv].reshape(-1, c.kv_heads, c.head_dim), self.weights.layers[layer].k_norm, c.eps)
        keys = self._rotate(keys, positions, c.sliding[layer]).to(self.act)
        values = rms(inner[:, q + kv : q + 2 * kv].reshape(-1, c.kv_heads, c.head_dim), None, c.eps).to(self.act)
        first = max(0, start - c.window + 1) if c.sliding[layer] else 0
        old_keys, old_values = self.cache.read(layer, slot, first, start)
        seen = torch.cat((old_keys, keys)), torch.cat((old_values, values))
        self.cache.write(layer, slot, start, keys, values)
        return seen

    def _attend(
        self, layer: int, positions: torch.Tensor, inner: torch.Tensor, keys: torch.Tensor, values: torch.Tensor
    ) -> torch.Tensor:
        """Queries of `inner` at their positions over keys [n, kv_heads, d] ending there -> [T, heads·d]."""
        c, groups = self.config, self.config.heads // self.config.kv_heads
        queries = rms(
            inner[:, : c.heads * c.head_dim].reshape(-1, c.heads, c.head_dim), self.weights.layers[layer].q_norm, c.eps
        )
        queries = self._rotate(queries, positions, c.sliding[layer]).to(self.act)
        t, n = len(queries), len(keys)
        places = torch.arange(n, device=self.device) + (positions[-1] + 1 - n)
        seen = places <= positions.unsqueeze(1)
        if c.sliding[layer]:
            seen &= places > positions.unsqueeze(1) - c.window
        # Query heads that share a key head are folded into the width: no copies of keys.
        folded = queries.view(t, c.kv_heads, groups, -1).permute(1, 2, 0, 3).reshape(1, c.kv_heads, groups * t, -1)
        out = scaled_dot_product_attention(
            folded,
            keys.transpose(0, 1).unsqueeze(0),
            values.transpose(0, 1).unsqueeze(0),
            attn_mask=seen.repeat(groups, 1),
            scale=1.0,
        )
        return out.view(c.kv_heads, groups, t, -1).permute(2, 0, 1, 3).reshape(t, -1)

    def _rest(
        self,
        layer: int,
        ffn: int,
        w: Layer,
        predicted: torch.Tensor,
        x: torch.Tensor,
        inner: torch.Tensor,
        attended: torch.Tensor,
        ple: torch.Tensor,
    ) -> torch.Tensor:
        """From attention's result to the layer's streams [S, T, H]."""
        c = self.config
        laurel = x + rms(self.multiply(inner[:, -c.laurel_rank :], w.laurel_right), w.laurel_norm, c.eps)
        attention = predicted[0] + rms(self._product(attended, w.o, layer, "o"), w.attention_norm, c.eps)
        middle = (attention + laurel) / math.sqrt(2)
        wide = w.gate_up.shape[0] // 2
        y = rms(middle, w.ffn_norm, c.eps)
        both = self._product(y, w.gate_up, layer, "gate_up")
        gate, up = sparse(both[:, :ffn], c.cutoff(layer)), both[:, wide : wide + ffn]
        down = self._product(gelu(gate, approximate="tanh") * up, w.down.part(columns=ffn), layer, "down")
        streams = correct(predicted, middle + rms(down, w.ffn_out_norm, c.eps), w, c)
        gated = gelu(self.multiply(streams[0] * w.correct_scale, w.ple_gate), approximate="tanh") * ple
        streams[1:] += rms(self.multiply(gated, w.ple_out), w.ple_norm, c.eps)
        return streams

    def _rotate(self, x: torch.Tensor, positions: torch.Tensor, sliding: bool) -> torch.Tensor:
        """Rotary embedding (Su et al. 2021, arXiv:2104.09864) of [T, heads, d], halves as pairs."""
        angles = positions.float().unsqueeze(1) * self._rope[sliding]
        cos, sin = angles.cos().unsqueeze(1), angles.sin().unsqueeze(1)
        a, b = x.chunk(2, -1)
        return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


def frequencies(config: Config, sliding: bool) -> torch.Tensor:
    """[head_dim / 2] float32, radians per position."""
    theta = config.theta_local if sliding else config.theta_global
    return 1.0 / theta ** (torch.arange(0, config.head_dim, 2, dtype=torch.float32) / config.head_dim)


def rms(x: torch.Tensor, weight: torch.Tensor | None, eps: float) -> torch.Tensor:
    """Root-mean-square norm over the last dimension, in float32."""
    x = x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps)
    return x if weight is None else x * weight


def same_magnitude(x: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """x scaled so that its root mean square is that of `like`."""
    have = x.pow(2).mean(-1, keepdim=True).clamp_min(1e-5).sqrt()
    return x * like.pow(2).mean(-1, keepdim=True).sqrt() / have


def sparse(gate: torch.Tensor, deviations: float) -> torch.Tensor:
    """Gaussian top-k (Spark Transformer, You et al. 2025, arXiv:2506.06644): what exceeds mean + deviations·std."""
    if deviations == 0.0:
        return gate
    mean, std = gate.mean(-1, keepdim=True), gate.std(-1, keepdim=True, unbiased=False)
    return torch.relu(gate - (mean + std * deviations))


def _route(x: torch.Tensor, layer: Layer, config: Config) -> torch.Tensor:
    """[T, H] -> AltUp's mixing signals [T, S]."""
    return torch.tanh(linear(rms(x, None, config.eps), layer.router))


def predict(streams: torch.Tensor, layer: Layer, config: Config) -> torch.Tensor:
    """[S, T, H] -> [S, T, H]: each stream plus a learned mixture of all."""
    s = config.streams
    mix = linear(_route(streams[0], layer, config), layer.predict).view(-1, s, s)
    return streams + torch.einsum("tba,ath->bth", mix, streams)


def correct(predicted: torch.Tensor, activated: torch.Tensor, layer: Layer, config: Config) -> torch.Tensor:
    """Move every predicted stream by the first one's surprise, activated - predicted[0], times its coefficient."""
    coefficients = linear(_route(activated, layer, config), layer.correct) + 1.0
    return predicted + (activated - predicted[0]) * coefficients.t().unsqueeze(-1)
