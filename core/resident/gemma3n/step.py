"""The fused decode step: one token for each of `rows` chats, as a fixed sequence of kernels.

Eleven kernels a layer. A product needs the whole of its input row, so rows are normed between products by kernels
of one program per row; everything else is folded into one or the other. The sequence has fixed shapes and touches
no host memory but the per-layer table, so on the GPU it is captured as a CUDA graph (graphs.py).
"""

from __future__ import annotations

import torch

from core.resident.gemma3n.forward import frequencies
from core.resident.gemma3n.kernels import attention, head, matmul, tokens
from core.resident.gemma3n.kv import Slots
from core.resident.gemma3n.lora import GROUPS, Adapters
from core.resident.gemma3n.lora import MOST as ADAPTERS
from core.resident.gemma3n.nf4 import BLOCK, CODES
from core.resident.gemma3n.products import OVERLAP, Products, nf4_of, tile_of
from core.resident.gemma3n.slices import Slice
from core.resident.gemma3n.weights import Weights

MOST = 64  # chats in one step
_SPLITS = 16  # the most shares of a chat's positions that attend at once
_PROGRAMS = 256  # attention programs that fill the card: no more shares than that


class Step(Products):
    """Buffers for up to `rows` chats, and the sequence. Inputs and results are its attributes of the same names.

    tokens, slots, positions, adapters: int32 [rows], written by the caller before `run`; a token below 0 stands for
    the slot's in latest (int32 [slots]), where drawing leaves it. logits: float32 [rows, vocabulary].
    tops: float32 [rows, vocabulary / 64], the largest of each 64 logits.
    """

    def __init__(self, weights: Weights, cache: Slots, rows: int, act: torch.dtype, *, logits: bool = True) -> None:
        """logits=False: for `prefill` only."""
        c, device = weights.config, weights.norm.device
        if c.streams != 4 or c.laurel_rank != BLOCK or c.vocabulary % BLOCK:
            raise ValueError("the fused step needs four streams, LAuReL's rank 64 and a vocabulary of whole 64s")
        if logits and rows > MOST:
            raise ValueError(f"logits are made for {MOST} chats at once at most")
        self.weights, self.config, self.cache, self.rows, self.act = weights, c, cache, rows, act
        self._gpu = device.type == "cuda"
        self._early = self._gpu and torch.cuda.get_device_capability(device) >= (9, 0)  # programmatic dependent launch
        self._overlap = False
        self.held: Adapters | None = None  # those that `run` and `prefill` apply; None: not even a trace of them
        self._lora: Adapters | None = None
        self._kinds = 0  # of the step under way

        def buffer(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
            return torch.zeros(shape, dtype=dtype, device=device)

        self.tokens, self.slots, self.positions, self.adapters = (buffer(rows, dtype=torch.int32) for _ in range(4))
        self.latest = buffer(cache.slots, dtype=torch.int32)
        if logits:
            self.logits, self.tops = buffer(rows, c.vocabulary), buffer(rows, c.vocabulary // BLOCK)
        wide = max(c.ffn)
        self._streams, self._predicted = buffer(c.streams, rows, c.hidden), buffer(c.streams, rows, c.hidden)
        self._mid, self._ple = buffer(rows, c.hidden), buffer(rows, c.layers * c.ple_dim)
        # The most parts times columns that any product below writes.
        inner = max(w.inner.shape[0] for w in weights.layers)
        most = max(2 * weights.first.shape[0], 2 * wide, (9 if rows <= 32 else 3) * inner, 17 * c.hidden)
        self._parts, self._added = buffer(rows * most), 0
        self._gate = buffer(8 * rows * c.ple_dim)
        self._x = buffer(3 * rows * c.hidden, dtype=act)
        self._y, self._laurel = buffer(rows, wide, dtype=act), buffer(rows, c.laurel_rank, dtype=act)
        self._attended = buffer(rows, c.heads * c.head_dim, dtype=act)
        self._lut = torch.tensor(CODES, device=device)
        groups = rows * c.kv_heads
        shares = max(_PROGRAMS, groups) + groups  # of all groups together, for any number of rows up to these
        self._sums, self._tops = buffer(shares * 16), buffer(shares * 16)
        self._weighted = buffer(shares * c.heads // c.kv_heads * c.head_dim)
        self._arrived = buffer(groups, dtype=torch.int32)
        self._low = buffer(ADAPTERS * 1536 * rows)  # the most: 8 parts of q, k and v
        self._arrivals = buffer(c.layers * len(GROUPS), dtype=torch.int32)
        at = torch.arange(cache.context, dtype=torch.float32, device=device).unsqueeze(1)
        self._turns = {
            kind: ((at * f).cos().contiguous(), (at * f).sin().contiguous())
            for kind in (True, False)
            for f in (frequencies(c, kind).to(device),)
        }

    def run(self, part: Slice, rows: int, *, adapted: int = 0) -> None:
        """One token for each of the first `rows` rows, chats of their own, by the given slice of the model.

        adapted: 0, no row has an adapter; 1, all that have one have the same; ADAPTERS, any. Which is in `adapters`, an
        index into those `held`.
        """
        before, self._overlap = None, rows <= OVERLAP
        self._kinds, self._lora = adapted, self.held if adapted else None
        self._begin(rows)
        for layer, ffn in zip(part.layers, part.ffn, strict=True):
            self._enter(layer, before, rows)
            parts = self._inner(layer, rows)
            self._attend(layer, rows, parts, own=layer < self.config.owners)
            self._rest(layer, ffn, rows)
            before = layer
        self._finish(part.layers[-1], rows)

    def prefill(self, part: Slice, rows: int, *, adapted: int = 0) -> None:
        """The first `rows` rows are neighbouring tokens of one chat: write their keys and values, and no more.

        The last owner's attention and everything after it serve only logits, so they are left out. The ring must
        hold a window and `rows` more positions, or a row overwrites what another still needs.
        """
        before, self._overlap = None, False
        self._kinds, self._lora = adapted, self.held if adapted else None
        self._begin(rows)
        for layer, ffn in zip(part.layers[: self.config.owners], part.ffn, strict=False):
            self._enter(layer, before, rows)
            parts = self._inner(layer, rows)
            self._write(layer, rows, parts)
            if layer < self.config.owners - 1:
                self._attend(layer, rows, parts, own=False, early=False)
                self._rest(layer, ffn, rows)
            before = layer

    def _begin(self, rows: int) -> None:
        c, w = self.config, self.weights
        self.launch(
            tokens.embed, (rows,), self.tokens, self.slots, self.latest, w.rows.codes, w.rows.scale, self._streams,
            self._x, self._arrivals, w.rounded(c.hidden**0.5), len(self._arrivals), H=c.hidden, ACT=self._dtype,
            warps=8,
        )  # fmt: skip
        parts = self._product(self._x, w.first, rows, split=2)
        n = w.first.shape[0]
        self.launch(
            tokens.spread, (rows, c.streams - 1), self._parts, self._streams, rows, n, H=c.hidden, PARTS=parts, warps=8
        )
        self.launch(
            tokens.per_layer, (rows, c.layers), self._parts, self.tokens, w.ple, w.ple_projection_norm, self._ple,
            rows, n, (c.streams - 1) * c.hidden, c.ple_vocabulary, w.rounded(c.hidden**-0.5), w.rounded(c.ple_dim**0.5),
            w.rounded(0.5**0.5), c.eps, L=c.layers, E=c.ple_dim, PARTS=parts, warps=1,
        )  # fmt: skip

    def _enter(self, layer: int, before: int | None, rows: int) -> None:
        """Add what is left of layer `before`, and begin `layer`."""
        c, w = self.config, self.weights.layers[layer]
        ple_norm = self.weights.layers[before or 0].ple_norm
        self.launch(
            tokens.enter, (rows,), self._streams, self._parts, ple_norm, w.router, w.predict, w.input_norm,
            self._predicted, self._x, rows, c.eps, H=c.hidden, PARTS=0 if before is None else self._added, LAST=False,
            ACT=self._dtype, warps=8,
        )  # fmt: skip

    def _inner(self, layer: int, rows: int) -> int:
        return self._product(
            self._x, self.weights.layers[layer].inner, rows, split=8 if rows <= 32 else 2, name="inner", layer=layer
        )

    def _write(self, layer: int, rows: int, parts: int) -> None:
        c, w = self.config, self.weights.layers[layer]
        cos, sin = self._turns[c.sliding[layer]]
        self.launch(
            attention.write, (rows, c.kv_heads), self._parts, self.slots, self.positions, cos, sin, w.k_norm,
            self.cache.keys[layer], self.cache.values[layer], rows, w.inner.shape[0], self.cache.lengths[layer], c.eps,
            KV=c.kv_heads, G=c.heads // c.kv_heads, D=c.head_dim, PARTS=parts, ACT=self._dtype, warps=1,
        )  # fmt: skip

    def _attend(self, layer: int, rows: int, parts: int, *, own: bool, early: bool = True) -> None:
        c, w, source = self.config, self.weights.layers[layer], self.config.kv_layer(layer)
        cos, sin = self._turns[c.sliding[layer]]
        length = self.cache.lengths[source]
        keys = c.window if c.sliding[layer] else length
        splits = max(1, min(_SPLITS, keys // 32, _PROGRAMS // (rows * c.kv_heads)))
        splits = 1 << (splits.bit_length() - 1)
        self.launch(
            attention.attend, (rows, c.kv_heads, splits + own), self._parts, self.slots, self.positions, cos, sin,
            w.q_norm, w.k_norm, self.cache.keys[source], self.cache.values[source], self._attended, self._laurel,
            self._sums, self._tops, self._weighted, self._arrived, rows, w.inner.shape[0], length,
            c.window if c.sliding[layer] else 0, c.eps, KV=c.kv_heads, G=c.heads // c.kv_heads, D=c.head_dim,
            RANK=c.laurel_rank, OWN=own, SPLITS=splits, TOTAL=splits + own, BLOCK=16, PARTS=parts, EARLY=early,
            ACT=self._dtype, warps=4,
        )  # fmt: skip

    def _rest(self, layer: int, ffn: int, rows: int) -> None:
        """From attention's result to the layer's end, but for the per-layer map's last norm (`_enter`)."""
        self._middle(layer, rows)
        self._feed_forward(layer, ffn, rows)
        self._correct(layer, ffn, rows)
        self._per_layer(layer, rows)

    def _middle(self, layer: int, rows: int) -> None:
        c, w = self.config, self.weights.layers[layer]
        parts = self._product(
            self._attended,
            w.o,
            rows,
            split=8 if rows <= 32 else 2,
            extra=(self._laurel, w.laurel_right),
            name="o",
            layer=layer,
        )
        self.launch(
            tokens.middle, (rows,), self._predicted, self._x, self._parts, w.attention_norm, w.laurel_norm, w.ffn_norm,
            self._mid, self._x[c.hidden * rows :], rows, c.eps, H=c.hidden, PARTS=parts, ACT=self._dtype, warps=8,
        )  # fmt: skip

    def _feed_forward(self, layer: int, ffn: int, rows: int) -> None:
        c, w = self.config, self.weights.layers[layer]
        both, cutoff = nf4_of(w.gate_up), c.cutoff(layer)
        tile, warps, unroll, stages = (16, 2, 2, 3) if rows <= 8 and self._gpu else (32, 2 if rows <= 32 else 4, 1, 4)
        x = self._x[c.hidden * rows :]
        adapted, down, more = self._low_rank(layer, "gate_up", c.hidden, rows)
        self.launch(
            matmul.gate_up, (down + self._grid(ffn, tile, rows),), x, both.packed, both.absmax,
            self._parts if cutoff else self._y, self._lut, *more[:7], rows, ffn, both.shape[0] // 2, c.hidden,
            c.hidden // BLOCK, BM=tile_of(rows), BN=tile, UNROLL=unroll, FUSED=not cutoff, **adapted,
            ASM=self._gpu, ACT=self._dtype, STAGES=stages, warps=warps,
        )  # fmt: skip
        if cutoff:
            chunk = max(64, ffn // 16)
            self.launch(
                tokens.sparse_gate, (rows, ffn // chunk), self._parts, self._y, rows, cutoff, N=ffn, CHUNK=chunk,
                ACT=self._dtype, warps=16,
            )  # fmt: skip

    def _correct(self, layer: int, ffn: int, rows: int) -> None:
        c, w = self.config, self.weights.layers[layer]
        parts = self._product(
            self._y,
            w.down,
            rows,
            split=16 if rows <= 32 else 4,
            columns=ffn,
            tile=64,
            unroll=2 if rows <= 32 else 1,
            name="down",
            layer=layer,
        )
        self.launch(
            tokens.correct, (rows,), self._predicted, self._mid, self._parts, w.ffn_out_norm, w.router, w.correct,
            w.correct_scale, self._streams, self._x, rows, c.eps, H=c.hidden, PARTS=parts, ACT=self._dtype, warps=8,
        )  # fmt: skip

    def _per_layer(self, layer: int, rows: int) -> None:
        c, w = self.config, self.weights.layers[layer]
        parts = self._product(self._x, w.ple_gate, rows, split=8 if rows <= 8 else 4, out=self._gate)
        out, blocks = nf4_of(w.ple_out), c.ple_dim // BLOCK
        self._added = blocks
        self.launch(
            matmul.ple_map, (self._grid(c.hidden, 32, rows), blocks), self._gate, self._ple, out.packed, out.absmax,
            self._parts, self._lut, rows, c.hidden, c.ple_dim, layer * c.ple_dim, c.layers * c.ple_dim,
            BM=tile_of(rows), BN=32, PARTS=parts, ASM=self._gpu, ACT=self._dtype,
            warps=2 if rows <= 8 else 4,
        )  # fmt: skip

    def _finish(self, layer: int, rows: int) -> None:
        """Add what is left of the last layer; streams become one; logits."""
        c, w, last = self.config, self.weights, self.weights.layers[layer]
        self.launch(
            tokens.enter, (rows,), self._streams, self._parts, last.ple_norm, last.router, last.predict,
            last.input_norm, self._predicted, self._x, rows, c.eps, H=c.hidden, PARTS=self._added, LAST=True,
            ACT=self._dtype, warps=8,
        )  # fmt: skip
        parts = self._product(self._x, w.last, rows, split=4, copies=c.streams - 1)
        self.launch(
            tokens.leave, (rows,), self._predicted, self._parts, w.norm, self._x, rows, c.eps, H=c.hidden, PARTS=parts,
            ACT=self._dtype, warps=8,
        )  # fmt: skip
        self.launch(
            head.head, (c.vocabulary // 64,), self._x, w.rows.codes, w.rows.scale, self.logits, self.tops, rows,
            c.vocabulary, c.softcap or 0.0, H=c.hidden, BM=tile_of(rows), BN=64, BK=128, ACT=self._dtype, STAGES=4,
            warps=4,
        )  # fmt: skip
