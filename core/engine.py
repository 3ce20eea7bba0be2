"""The Engine protocol: what the rest of the program knows of inference.

A `Request` goes in, a stream of events comes out: `Waiting` while queued, `Delta` for each piece of text,
one `Done` at the end. Closing the stream cancels the request and frees its slot.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True)
class Sampling:
    """How the next token is drawn. Defaults are the Gemma team's. temperature 0 is greedy."""

    temperature: float = 1.0
    top_p: float = 0.95
    top_k: int = 64
    repetition_penalty: float = 1.0  # over the tokens of the answer so far (Keskar et al. 2019, arXiv:1909.05858)
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.temperature < 0:
            raise ValueError("temperature must be 0 or more")
        if not 0 < self.top_p <= 1:
            raise ValueError("top_p must be above 0 and at most 1")
        if self.top_k < 1:
            raise ValueError("top_k must be 1 or more")
        if self.repetition_penalty <= 0:
            raise ValueError("repetition_penalty must be above 0")
        if self.seed is not None and not 0 <= self.seed < 2**63:
            raise ValueError("seed must be 0 or more and below 2**63")


@dataclass(frozen=True, slots=True)
class Request:
    """One answer to make.

    prompt: token ids, `<bos>` included. user and conversation are only compared, for fairness.
    deadline_s: seconds from submission after which the request ends with what it has.
    tier: a model nested in the one loaded ("e2b"), where it has any; empty: the whole model.
    adapter: the name of a LoRA adapter that the engine holds; empty: the base.
    """

    prompt: tuple[int, ...]
    max_tokens: int = 256
    sampling: Sampling = field(default_factory=Sampling)
    stop: tuple[str, ...] = ()
    user: str = ""
    conversation: str = ""
    deadline_s: float | None = None
    tier: str = ""
    adapter: str = ""

    def check(self, context: int) -> None:
        """Raises EngineError for what asks for nothing, PromptTooLong for what does not fit a context of so many tokens."""
        if not self.prompt or self.max_tokens < 1:
            raise EngineError("the prompt is empty or no answer token is allowed")
        if len(self.prompt) + self.max_tokens > context:
            raise PromptTooLong(
                f"prompt {len(self.prompt)} + answer {self.max_tokens} tokens exceed the context of {context}"
            )


@dataclass(frozen=True, slots=True)
class Waiting:
    """Still queued. place: 1 is next. seconds: expected wait, None until the engine has seen enough to tell."""

    place: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Delta:
    """Some more of the answer: whole Unicode characters, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Figures of one request. Times in seconds: queued, submission to first token, submission to end."""

    prompt_tokens: int
    reused_tokens: int
    answer_tokens: int
    wait_s: float
    first_token_s: float
    total_s: float


@dataclass(frozen=True, slots=True)
class Done:
    """The end. reason: "stop" (the model ended or a stop string came), "length", or "deadline"."""

    reason: Literal["stop", "length", "deadline"]
    usage: Usage


Event = Waiting | Delta | Done


@dataclass(frozen=True, slots=True)
class EngineStats:
    """A snapshot. tokens_per_s counts the last ten seconds, over all chats.

    queue: how many requests may wait. wait_s: how long one that came now would, as far as the engine can tell.
    tokens: answer tokens made since the start, by the tier that made them; "" where none is nested.
    failed: why every request fails now, with what mends it.
    """

    model: str
    slots: int
    busy: int
    queued: int
    tokens_per_s: float
    answered: int
    failed: str | None
    queue: int = 0
    wait_s: float = 0.0
    tokens: dict[str, int] = field(default_factory=dict)


class EngineError(Exception):
    """The request could not be answered. str() is a sentence for the log."""


class EngineFull(EngineError):
    """The queue is full, or so long that the request's deadline would pass in it. retry_after_s: when to come again."""

    def __init__(self, retry_after_s: float) -> None:
        super().__init__(f"the queue is full or too long; a place is likely in {retry_after_s:.0f} s")
        self.retry_after_s = retry_after_s


class PromptTooLong(EngineError):
    """The prompt and the reply limit do not fit the context."""


class DeadlineExceeded(EngineError):
    """The deadline passed before the first token."""


class ModelFailed(EngineError):
    """The model itself is broken; every request fails until a restart, or until a server answers again."""


class LoadError(EngineError):
    """The model or an adapter cannot be loaded. str() is one sentence that ends with the mend."""


class Tokenizer(Protocol):
    """Text to token ids and back; special tokens in the text are plain text unless asked for."""

    @property
    def bos(self) -> int: ...

    def encode(self, text: str) -> list[int]: ...

    def special(self, token: str) -> int: ...

    def decode(self, ids: Sequence[int]) -> str: ...

    def __hash__(self) -> int: ...


class Engine(Protocol):
    """Inference, wherever it runs. Safe to use from one asyncio loop."""

    @property
    def tokenizer(self) -> Tokenizer: ...

    @property
    def context(self) -> int:
        """Tokens of prompt and answer together."""
        ...

    @property
    def tiers(self) -> tuple[str, ...]:
        """The models nested in the one loaded, smallest first, the whole one last; empty where none is nested."""
        ...

    @property
    def fluent(self) -> bool:
        """Whether its counsel may be shown on its form alone. The smallest models write sentences without sense, with an
        adapter too: those look like counsel (docs/training.md)."""
        ...

    @property
    def adapters(self) -> tuple[str, ...]:
        """The LoRA adapters that a request may name, in the order in which they were loaded."""
        ...

    def tuned(self, adapter: str) -> bool:
        """Whether it was trained to answer as we do, so that the prompt needs no worked examples: with one of `adapters`
        it may be, with none (empty) it is not. Raises EngineError for any other."""
        ...

    async def load_adapter(self, name: str, folder: Path) -> None:
        """Hold one more adapter, while answers go on. Raises LoadError: no LoRA, or one of another base model."""
        ...

    async def unload_adapter(self, name: str) -> None:
        """No new request may name it. Its memory is freed when the last request that does has ended."""
        ...

    def generate(self, request: Request) -> AsyncGenerator[Event, None]:
        """Stream the answer. Raises EngineFull, PromptTooLong, DeadlineExceeded, ModelFailed or EngineError."""
        ...

    def stats(self) -> EngineStats: ...

    async def close(self) -> None: ...
