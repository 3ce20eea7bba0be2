"""What is counted for Prometheus: all of it here, and the places that count take a line each. No label names a person."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from core.engine import Engine

if TYPE_CHECKING:
    import aiohttp

    from bots.counsel import Made

ENDS = ("done", "mended", "stopped", "failed")
KINDS = ("text", "command", "press", "media")
WHOLE = "whole"  # the tier of a model that nests no other

registry = CollectorRegistry()
for _common in (ProcessCollector, PlatformCollector, GCCollector):
    _common(registry=registry)

_FEW_S = (0.1, 0.25, 0.5, 1, 2, 3, 5, 8, 13, 21, 34, 60, 120, 180)
_messages = Counter("krishna_messages", "Messages that came and were stored", ["platform", "kind"], registry=registry)
_answers = Counter(
    "krishna_answers",
    "Answers, by how they ended. mended: some of the model's words were thrown away first",
    ["platform", "end"],
    registry=registry,
)
_faults = Counter("krishna_faults", "Words thrown away, by the rule that they broke", ["rule"], registry=registry)
_crises = Counter("krishna_crises", "Messages answered with helplines", registry=registry)
_refusals = Counter("krishna_refusals", "Calls that a platform refused with 429", ["platform"], registry=registry)
_wait = Histogram(
    "krishna_queue_wait_seconds", "From a question's turn to its slot", buckets=(0, *_FEW_S), registry=registry
)
_first = Histogram(
    "krishna_first_token_seconds",
    "From a question's turn to the first words",
    ["tier"],
    buckets=_FEW_S,
    registry=registry,
)
_total = Histogram(
    "krishna_answer_seconds", "From a question's turn to its answer", ["tier"], buckets=_FEW_S, registry=registry
)
_database = Histogram(
    "krishna_database_seconds",
    "Of a read or a write, its wait for other writers included",
    ["kind"],
    buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
    registry=registry,
)


_ready = Gauge("krishna_ready", "1 while a message that came now would be answered, as at /readyz", registry=registry)


def expect(platforms: Iterable[str]) -> None:
    """Begin at zero what these platforms may count: Prometheus sees no rise in what is not there before."""
    for platform in platforms:
        _refusals.labels(platform)
        for kind in KINDS:
            _messages.labels(platform, kind)
        for end in ENDS:
            _answers.labels(platform, end)


def came(platform: str, kind: str) -> None:
    """A message came and is stored."""
    _messages.labels(platform, kind).inc()


def answered(platform: str, made: Made | None) -> None:
    """An answer was made, or none."""
    if made is None:
        _answers.labels(platform, "failed").inc()
        return
    figures, tier = made.figures, made.figures.get("tier") or WHOLE
    mended = made.status == "done" and figures.get("faults")
    _answers.labels(platform, "mended" if mended else made.status).inc()
    if made.helplines:
        crisis()
    for rule in figures.get("faults") or ():
        _faults.labels(rule).inc()
    _wait.observe(figures["wait_s"])
    _total.labels(tier).observe(figures["total_s"])
    if figures["first_token_s"] is not None:
        _first.labels(tier).observe(figures["first_token_s"])


def ended() -> dict[str, int]:
    """How many answers ended in which way since the start, on all platforms together."""
    ends = dict.fromkeys(ENDS, 0)
    for sample in next(iter(_answers.collect())).samples:
        if sample.name.endswith("_total"):
            ends[sample.labels["end"]] += int(sample.value)
    return ends


def crisis() -> None:
    """Somebody was given helplines. Who and where is nobody's business."""
    _crises.inc()


def refused(platform: str) -> None:
    """A platform said 429."""
    _refusals.labels(platform).inc()


def ready(yes: bool) -> None:
    """Whether a message that came now would be answered."""
    _ready.set(yes)


_database_of = {kind: _database.labels(kind) for kind in ("read", "write")}


def database(kind: str, seconds: float) -> None:
    """A read or a write is over."""
    _database_of[kind].observe(seconds)


def trace(platform: str) -> aiohttp.TraceConfig:
    """Counts the 429s of a client of aiohttp, also those that its library waits for in silence."""
    import aiohttp

    async def ended(_: Any, __: Any, request: aiohttp.TraceRequestEndParams) -> None:
        if request.response.status == 429:
            refused(platform)

    config = aiohttp.TraceConfig()
    config.on_request_end.append(ended)
    return config


class EngineCollector(Collector):
    """The engine's state when Prometheus asks for it."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self._tiers = engine, engine.tiers or ("",)
        for tier in self._tiers:  # at zero, as expect() says
            _first.labels(tier or WHOLE)
            _total.labels(tier or WHOLE)

    def collect(self) -> Iterable[Metric]:
        stats = self._engine.stats()
        for name, text, value in (
            ("krishna_queue_depth", "Requests that wait for a slot", stats.queued),
            ("krishna_queue_capacity", "Requests that may wait", stats.queue),
            ("krishna_queue_expected_wait_seconds", "How long a request that came now would wait", stats.wait_s),
            ("krishna_slots", "Chats that can be decoded at once", stats.slots),
            ("krishna_slots_busy", "Chats that are being decoded", stats.busy),
            (
                "krishna_model_failed",
                "1 when the model failed, for good, or while no server of KRISHNA_REMOTE answers",
                bool(stats.failed),
            ),
        ):
            yield GaugeMetricFamily(name, text, value)
        model = GaugeMetricFamily("krishna_model", "Always 1; the label tells the model", labels=["model"])
        model.add_metric([stats.model], 1)
        yield model
        tokens = CounterMetricFamily("krishna_tokens", "Answer tokens made, those thrown away too", labels=["tier"])
        for tier, made in (dict.fromkeys(self._tiers, 0) | stats.tokens).items():
            tokens.add_metric([tier or WHOLE], made)
        yield tokens
        yield from _gpus()


def _gpus() -> Iterable[Metric]:
    """Memory of each GPU, whoever uses it. Without CUDA in use there is none."""
    torch: Any = sys.modules.get("torch")
    used = GaugeMetricFamily("krishna_gpu_memory_used_bytes", "Memory in use on a GPU", labels=["gpu"])
    total = GaugeMetricFamily("krishna_gpu_memory_bytes", "Memory of a GPU", labels=["gpu"])
    if torch is not None and torch.cuda.is_initialized():
        for i in range(torch.cuda.device_count()):
            free, size = torch.cuda.mem_get_info(i)
            used.add_metric([str(i)], size - free)
            total.add_metric([str(i)], size)
    return used, total
