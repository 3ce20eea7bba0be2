"""Where an answer's time went, for OpenTelemetry: by KRISHNA_TRACES one trace for each message, from its arrival on.

A message that is taken up again after a crash goes on in its trace, whose number is made of its key.

Without that setting nothing of OpenTelemetry is imported, and a span costs a look at a variable. A trace bears the key
that the log's lines of the message bear. It holds no word of anybody's, no person and no chat: what goes into `span` and
`note` are names and figures of this program, and of an error its class alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar
from hashlib import blake2b
from typing import Any

from bots.settings import ConfigurationError, Settings
from storage import Inbound

TIMEOUT_S = 3.0  # for a collector that does not answer; a stop waits for it once or twice

_tracer: Any = None
_key: ContextVar[str] = ContextVar("key")  # of the message that is under way


@contextlib.asynccontextmanager
async def sending(settings: Settings) -> AsyncIterator[None]:
    """Send spans to the collector of the settings meanwhile, and the last of them at the end. Raises ConfigurationError."""
    global _tracer
    if not settings.traces:
        yield
        return
    provider = _provider(settings.traces)
    _tracer = provider.get_tracer("krishna")
    try:
        yield
    finally:
        _tracer = None
        await asyncio.to_thread(provider.shutdown)


def _provider(collector: str) -> Any:
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
    except ImportError as error:
        raise ConfigurationError(
            f'KRISHNA_TRACES needs OpenTelemetry ({error}); pip install -e ".[traces]", or leave the setting empty'
        ) from error
    url = collector.rstrip("/").removesuffix("/v1/traces") + "/v1/traces"

    class Ids(RandomIdGenerator):
        def generate_trace_id(self) -> int:
            key = _key.get("")
            return (
                int.from_bytes(blake2b(key.encode(), digest_size=16).digest()) if key else super().generate_trace_id()
            )

    about = Resource.create({"service.name": "krishna"})
    provider = TracerProvider(resource=about, id_generator=Ids(), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(url, timeout=TIMEOUT_S)))
    return provider


@contextlib.contextmanager
def span(name: str, **figures: Any) -> Iterator[None]:
    """The time that something takes, as a part of the span around it; also of one whose task began this one."""
    if _tracer is None:
        yield
        return
    with _tracer.start_as_current_span(
        name, attributes=figures, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except BaseException as error:  # a library would add its words, which may be somebody's
            from opentelemetry.trace import StatusCode

            current.set_attribute("error.type", type(error).__name__)
            current.set_status(StatusCode.ERROR)
            raise


@contextlib.contextmanager
def message(inbound: Inbound, name: str = "message") -> Iterator[None]:
    """The span of a message, known by its key in the inbox: the first of its trace, where nothing is around it."""
    before = _key.set(":".join(inbound.key))
    try:
        with span(name, request=_key.get(), platform=inbound.platform, kind=inbound.kind):
            yield
    finally:
        _key.reset(before)


def note(**figures: Any) -> None:
    """Add to the span that is open here."""
    if _tracer is not None:
        from opentelemetry.trace import get_current_span

        get_current_span().set_attributes({name: value for name, value in figures.items() if value is not None})


class Laps:
    """Spans one after the other of which only the ends are seen: lap("queue wait") names the time since the last call.

    Calls with the same name in a row are one span.
    """

    def __init__(self) -> None:
        self._name, self._since, self._until = "", time.time_ns(), 0

    def __call__(self, name: str) -> None:
        if _tracer is not None:
            if name != self._name:
                self._end()
            self._name, self._until = name, time.time_ns()

    async def __aenter__(self) -> Laps:
        return self

    async def __aexit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        if self._name and _tracer is not None:
            _tracer.start_span(self._name, start_time=self._since).end(self._until)
            self._name, self._since = "", self._until
