"""Gemma's tokenizer, and text out of a growing list of tokens."""

from __future__ import annotations

import codecs
from collections.abc import Sequence
from pathlib import Path

import tokenizers

from core.engine import LoadError

STOP_TOKENS = ("<eos>", "<end_of_turn>")


class GemmaTokenizer:
    """A `tokenizer.json` of the Gemma family.

    encode() never yields a control token: a person who writes "<end_of_turn>" has written those thirteen
    characters. Control tokens come from special() alone.
    """

    def __init__(self, folder: Path) -> None:
        path = folder / "tokenizer.json"
        if not path.is_file():
            raise LoadError(f"{folder} has no tokenizer.json; copy it there from the model's own folder")
        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(path))
        except Exception as error:
            raise LoadError(f"{path} cannot be read ({error}); fetch it again") from error
        self._tokenizer.encode_special_tokens = True
        self.bos = self.special("<bos>")
        self.stops = frozenset(i for token in STOP_TOKENS if (i := self._tokenizer.token_to_id(token)) is not None)
        self._control = {i for i, token in self._tokenizer.get_added_tokens_decoder().items() if token.special}

    @property
    def vocabulary(self) -> int:
        return int(self._tokenizer.get_vocab_size())

    def encode(self, text: str) -> list[int]:
        return list(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def special(self, token: str) -> int:
        i = self._tokenizer.token_to_id(token)
        if i is None:
            raise LoadError(f"the tokenizer knows no {token}: it is not Gemma's; set KRISHNA_MODEL to a Gemma")
        return int(i)

    def decode(self, ids: Sequence[int]) -> str:
        """The text of ids, control tokens left out."""
        stream = StreamDecoder(self)
        return "".join(stream.push(i) for i in ids) + stream.flush()

    def piece(self, token: int) -> str | bytes:
        """One token as text, or as raw bytes where it is a byte of a character outside the vocabulary."""
        if token in self._control:
            return ""
        text = self._tokenizer.id_to_token(token)
        if text is None:
            return ""
        if len(text) == 6 and text.startswith("<0x") and text.endswith(">"):
            return bytes([int(text[3:5], 16)])
        return str(text).replace("▁", " ")


class StreamDecoder:
    """Tokens in, whole characters out, stop strings never shown.

    A character that comes as several byte tokens is held until it is whole; text that could be the start of
    a stop string is held until it is not.
    """

    def __init__(self, tokenizer: GemmaTokenizer, stop: Sequence[str] = ()) -> None:
        self._tokenizer = tokenizer
        self._stop = tuple(s for s in stop if s)
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self.stopped = False

    def push(self, token: int) -> str:
        """Take one token; return the text that is now certain (may be empty)."""
        piece = self._tokenizer.piece(token)
        if isinstance(piece, bytes):
            return self._release(self._utf8.decode(piece))
        return self._release(self._broken() + piece)

    def flush(self) -> str:
        """The end of the answer: all text still held, unless a stop string came. Half a character is left out."""
        self._utf8.reset()
        rest, self._held = self._held, ""
        return rest

    def _broken(self) -> str:
        """Bytes that never became a character, as U+FFFD."""
        text = self._utf8.decode(b"", final=True)
        self._utf8.reset()
        return text

    def _release(self, text: str) -> str:
        if self.stopped:
            return ""
        text = self._held + text
        # The one that is whole first ends it, so that the answer does not depend on where tokens are cut.
        ends = [(at + len(s), at) for s in self._stop if (at := text.find(s)) >= 0]
        if ends:
            self.stopped, self._held = True, ""
            return text[: min(ends)[1]]
        keep = max((n for s in self._stop for n in range(1, len(s)) if text.endswith(s[:n])), default=0)
        self._held = text[len(text) - keep :] if keep else ""
        return text[: len(text) - keep] if keep else text
