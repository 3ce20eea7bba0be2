"""A merged model as a GGUF for llama.cpp: f16, Q8_0 or Q4_K_M, for Gemma 3 and Gemma 3n.

The file format and the names of tensors are the package gguf's; which tensor gets which type in Q4_K_M is what
llama.cpp's own quantizer does, checked against a file that it made (the embedded model). The K-quants are made by
llama.cpp's code, which the package xllamacpp brings; f16 and Q8_0 need no more than numpy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch

from training.base import TEMPLATE
from training.errors import ExportError

Kind = Literal["f16", "q8_0", "q4_k_m"]
KINDS: tuple[Kind, ...] = ("f16", "q8_0", "q4_k_m")
ROWS = 8192  # converted at once: Gemma 3n's tables for each layer would take 9.4 GB as float32
SMALL = re.compile(r"altup|laurel|per_layer_model_proj")  # not worth quantizing, and felt at once
Array = np.ndarray[Any, Any]


def write(folder: Path, out: Path, kind: Kind) -> None:
    """folder: a merged model, as training/export.py writes it. Raises ExportError."""
    import gguf

    config = json.loads((folder / "config.json").read_text())
    deep = config["model_type"].startswith("gemma3n")
    arch = gguf.MODEL_ARCH.GEMMA3N if deep else gguf.MODEL_ARCH.GEMMA3
    layers = config["num_hidden_layers"]
    names = gguf.get_tensor_name_map(arch, layers)
    tensors = {_named(name, names): (read, shape) for name, read, shape in _tensors(folder, deep)}
    if deep:
        tensors |= _unused(config, tensors)
    vocabulary = tensors["token_embd.weight"][1][0]
    new = out.with_suffix(".part")
    writer = gguf.GGUFWriter(str(new), gguf.MODEL_ARCH_NAMES[arch])
    _about(writer, config, deep, kind)
    _words(writer, folder, vocabulary)
    types = {name: _type(name, shape, kind, layers) for name, (_, shape) in tensors.items()}
    for name, (_, shape) in tensors.items():
        shape = (vocabulary, *shape[1:]) if name == "per_layer_token_embd.weight" else shape
        size = int(np.prod(gguf.quant_shape_to_byte_shape(shape, types[name])))
        writer.add_tensor_info(
            name, gguf.quant_shape_to_byte_shape(shape, types[name]), np.dtype(np.uint8), size, types[name]
        )
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for name, (read, shape) in tensors.items():
        lifted = 1.0 if not deep and name.endswith("norm.weight") else 0.0  # Gemma 3 keeps its norms less one
        data = _packed(read(), types[name], lifted)
        if name == "per_layer_token_embd.weight" and shape[0] < vocabulary:  # pictures and sounds have no row here
            data = np.concatenate([data, np.zeros((vocabulary - shape[0], data.shape[1]), data.dtype)])
        writer.write_tensor_data(data)
    writer.close()
    new.replace(out)


def _tensors(folder: Path, deep: bool) -> Iterator[tuple[str, Callable[[], torch.Tensor], tuple[int, ...]]]:
    """(name in transformers, how to read it, its shape); AltUp's three matrices are one in a GGUF."""
    from safetensors import safe_open

    stacked: dict[str, list[tuple[Path, str]]] = {}
    for path in sorted(folder.glob("*.safetensors")):
        with safe_open(path, "pt") as file:
            for name in file.keys():  # noqa: SIM118, not a dictionary
                if (found := re.fullmatch(r"(model\.altup_(?:unembed_)?projections)\.\d+\.weight", name)) is not None:
                    stacked.setdefault(found[1], []).append((path, name))
                elif name != "lm_head.weight":
                    yield name, partial(_read, path, name), tuple(file.get_slice(name).get_shape())
    for name, parts in stacked.items():
        width = _read(*parts[0]).shape
        yield f"{name}.weight", partial(_stacked, sorted(parts)), (len(parts), *width)


def _unused(c: dict[str, Any], there: dict[str, Any]) -> dict[str, Any]:
    """Keys and values of the layers that share those of others: llama.cpp never reads them, but wants to load them."""
    wide, found = c["num_key_value_heads"] * c["head_dim"], {}
    for block in range(c["num_hidden_layers"] - c["num_kv_shared_layers"], c["num_hidden_layers"]):
        shapes = {
            "attn_k": (wide, c["hidden_size"]),
            "attn_v": (wide, c["hidden_size"]),
            "attn_k_norm": (c["head_dim"],),
        }
        for name, shape in shapes.items():
            found[f"blk.{block}.{name}.weight"] = (lambda shape=shape: torch.zeros(shape), shape)
    return {name: value for name, value in found.items() if name not in there}


def _stacked(parts: list[tuple[Path, str]]) -> torch.Tensor:
    return torch.stack([_read(*part) for part in parts])


def _read(path: Path, name: str) -> torch.Tensor:
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        found: torch.Tensor = file.get_tensor(name)
        return found


def _named(name: str, names: Any) -> str:
    plain = name if name.endswith((".weight", ".bias")) else f"{name}.weight"
    found = names.get_name(plain, try_suffixes=(".weight", ".bias"))
    if found is None:
        raise ExportError(f"the model has a tensor {name}, which GGUF does not know; export a Gemma 3 or Gemma 3n")
    return str(found)


def _about(writer: Any, c: dict[str, Any], deep: bool, kind: Kind) -> None:
    """The model's figures."""
    import gguf

    wide = c["intermediate_size"]
    rope = c["rope_parameters"]
    writer.add_type("model")
    writer.add_name("Krishna on Gemma 3n" if deep else "Krishna on Gemma 3")
    writer.add_context_length(c["max_position_embeddings"])
    writer.add_embedding_length(c["hidden_size"])
    writer.add_block_count(c["num_hidden_layers"])
    writer.add_feed_forward_length(wide)
    writer.add_head_count(c["num_attention_heads"])
    writer.add_head_count_kv(c["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(c["rms_norm_eps"])
    writer.add_key_length(c["head_dim"])
    writer.add_value_length(c["head_dim"])
    writer.add_rope_freq_base(rope.get("full_attention", rope)["rope_theta"])
    writer.add_sliding_window(c["sliding_window"])
    if c.get("final_logit_softcapping"):
        writer.add_final_logit_softcapping(c["final_logit_softcapping"])
    if deep:
        normal: Any = torch.distributions.Normal(0.0, 1.0)
        writer.add_altup_active_idx(c["altup_active_idx"])
        writer.add_altup_num_inputs(c["altup_num_inputs"])
        writer.add_embedding_length_per_layer_input(c["hidden_size_per_layer_input"])
        writer.add_shared_kv_layers(c["num_kv_shared_layers"])
        writer.add_activation_sparsity_scale(
            [normal.icdf(torch.tensor(s)).item() for s in c["activation_sparsity_pattern"]]
        )
        writer.add_sliding_window_pattern([t == "sliding_attention" for t in c["layer_types"]])
    types = gguf.LlamaFileType
    writer.add_file_type({"f16": types.MOSTLY_F16, "q8_0": types.MOSTLY_Q8_0, "q4_k_m": types.MOSTLY_Q4_K_M}[kind])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)


def _words(writer: Any, folder: Path, vocabulary: int) -> None:
    """The tokenizer: a token's score is minus the place of the first merge that makes it, so that llama.cpp joins the
    same pairs first."""
    from gguf import TokenType

    about = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    added = {t["id"]: t for t in about["added_tokens"]}
    words = {i: t for t, i in about["model"]["vocab"].items()} | {i: t["content"] for i, t in added.items()}
    places: dict[str, int] = {}
    for merge in about["model"]["merges"]:
        left, right = merge if isinstance(merge, list) else merge.split(" ")
        places.setdefault(left + right, len(places))
    tokens, scores, kinds = [], [], []
    for i in range(vocabulary):
        word = words.get(i)
        if word is None:
            kind = TokenType.UNUSED
        elif i in added:
            kind = TokenType.CONTROL if added[i]["special"] else TokenType.USER_DEFINED
        else:
            kind = TokenType.BYTE if re.fullmatch("<0x[0-9A-F]{2}>", word) else TokenType.NORMAL
        tokens.append(word or f"[PAD{i}]")
        kinds.append(kind)
        scores.append(-float(places.get(tokens[-1], len(places))) if kind == TokenType.NORMAL else -1000.0)
    ids = {word: i for i, word in words.items()}
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(kinds)
    writer.add_bos_token_id(ids["<bos>"])
    writer.add_eos_token_id(ids["<eos>"])
    writer.add_eot_token_id(ids["<end_of_turn>"])
    writer.add_unk_token_id(ids["<unk>"])
    writer.add_pad_token_id(ids["<pad>"])
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(False)
    writer.add_chat_template(TEMPLATE.read_text("utf-8"))


def _type(name: str, shape: tuple[int, ...], kind: Kind, layers: int) -> Any:
    """The type of a tensor in a file of this kind."""
    from gguf import GGMLQuantizationType as T

    if (
        len(shape) == 1
        or "norm" in name
        or "altup_correct" in name
        or "altup_predict" in name
        or "altup_router" in name
    ):
        return T.F32
    if kind == "f16" or SMALL.search(name):
        return T.F16
    if kind == "q8_0":
        return T.Q8_0 if shape[-1] % 32 == 0 else T.F16
    block = int(found[1]) if (found := re.match(r"blk\.(\d+)\.", name)) else 0
    first, last = layers // 8, 7 * layers // 8
    more = block < first or block >= last or (block - first) % 3 == 2  # llama.cpp's: the ends, and every third between
    finer = name == "token_embd.weight" or (more and ("attn_v" in name or "ffn_down" in name))
    if shape[-1] % 256 == 0:
        return T.Q6_K if finer else T.Q4_K
    return (T.Q8_0 if finer else T.Q5_0) if shape[-1] % 32 == 0 else T.F16


def _packed(tensor: torch.Tensor, kind: Any, lifted: float) -> Array:
    """A tensor's bytes in a type, row by row, at most ROWS of them as float32 at once."""
    from gguf import GGMLQuantizationType as T
    from gguf import quants

    if tensor.dim() == 1:
        return (tensor.float() + lifted).numpy()
    parts: list[Array] = []
    for at in range(0, tensor.shape[0], ROWS):
        rows = np.ascontiguousarray((tensor[at : at + ROWS].float() + lifted).numpy())
        parts.append(_k_quant(rows, kind) if kind in (T.Q4_K, T.Q6_K) else quants.quantize(rows, kind))
    return np.concatenate(parts)


def _k_quant(rows: Array, kind: Any) -> Array:
    """float32 [rows, columns] by llama.cpp's own quantizer, uint8 [rows, bytes]."""
    import ctypes

    import gguf

    try:
        import xllamacpp.xllamacpp as llama
    except ImportError as error:
        raise ExportError("Q4_K_M needs llama.cpp's quantizer; pip install xllamacpp") from error
    quantize = ctypes.CDLL(llama.__file__).ggml_quantize_chunk
    quantize.restype = ctypes.c_size_t
    out = np.empty(gguf.quant_shape_to_byte_shape(rows.shape, kind), np.uint8)
    at, integer = ctypes.c_void_p, ctypes.c_int64
    sizes = (integer(0), integer(rows.shape[0]), integer(rows.shape[1]))
    written = quantize(ctypes.c_int(int(kind)), at(rows.ctypes.data), at(out.ctypes.data), *sizes, None)
    assert written == out.nbytes, (written, out.nbytes)
    return out
