"""Traces in a real OpenTelemetry receiver: one for each message, whole, and with nothing in it that anybody said."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from pydantic import ValidationError

from bots import logs, traces
from bots.settings import ConfigurationError, Settings
from core.engine import Waiting
from storage import Inbound
from tests.bots.discord.talk import talking as talking_discord
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.bots.telegram.talk import talking
from tests.bots.test_watch import SPOILED, free_port

ME = 4815162342
SAID = "My brother Zebedee took the walnut cupboard."


@contextlib.asynccontextmanager
async def collector():
    """(settings that send to it, what came: bodies of OTLP)."""
    came: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        assert request.headers["Content-Type"] == "application/x-protobuf"
        came.append(await request.read())
        return web.Response(
            body=ExportTraceServiceResponse().SerializeToString(), content_type="application/x-protobuf"
        )

    app, port = web.Application(), free_port()
    app.add_routes([web.post("/v1/traces", take)])
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield Settings(_env_file=None, traces=f"http://127.0.0.1:{port}"), came
    finally:
        await runner.cleanup()


def spans_of(came):
    return [
        span
        for body in came
        for resource in ExportTraceServiceRequest.FromString(body).resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    ]


def read(came):
    """{trace: {span's name: [span, ...]}}, once every span has its parent in the same trace, or is its trace's first."""
    found: dict[bytes, dict[str, list]] = {}
    for span in spans_of(came):
        found.setdefault(span.trace_id, {}).setdefault(span.name, []).append(span)
    for names in found.values():
        here = [span for same in names.values() for span in same]
        assert sum(not span.parent_span_id for span in here) == 1
        assert {span.parent_span_id for span in here} <= {span.span_id for span in here} | {b""}
        assert all(span.start_time_unix_nano <= span.end_time_unix_nano for span in here)
    return found


def figures(span):
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in span.attributes}


def seconds(span):
    return (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9


class Queued(ScriptedEngine):
    """Lets each request wait first."""

    async def generate(self, request):
        yield Waiting(1, 0.2)
        await asyncio.sleep(0.2)
        yield Waiting(1, 0.1)
        async with contextlib.aclosing(super().generate(request)) as events:
            async for event in events:
                yield event


def test_one_trace_for_each_message_from_its_arrival_to_its_answer(tmp_path, tokenizer):
    async def main():
        engine = Queued(tokenizer, f"Partha, hear me now. {SPOILED}", COUNSEL, pace_s=0.005)
        async with collector() as (settings, came):
            async with traces.sending(settings), talking(tmp_path, engine) as talk:
                talk.server.private(ME, SAID)
                await talk.answer(ME)
                talk.server.private(ME, "/help")
                await talk.answer(ME, 2)
                await talk.idle()
            (answer, command), whole = sorted(read(came).values(), key=len, reverse=True), b"".join(came)
            assert set(command) == {"message", "store", "answer", "crisis", "delivery"}
            assert set(answer) - set(command) == {
                *("guard", "turn", "wisdom", "prompt", "counsel", "mend"),
                *("queue wait", "first token", "generation"),
            }
            (first,), (made,) = answer["message"], answer["answer"]
            assert made.parent_span_id == first.span_id
            assert figures(first) == {"request": figures(made)["request"], "platform": "telegram", "kind": "text"}
            assert figures(first)["request"].startswith("telegram:")
            assert figures(made)["end"] == "done"
            (counsel,), (mend,) = answer["counsel"], answer["mend"]
            assert len(figures(counsel)["faults"].values) > 0 and not figures(mend)["faults"].values
            for name in ("queue wait", "first token", "generation"):
                assert [span.parent_span_id for span in answer[name]] == [counsel.span_id, mend.span_id], name
            assert all(0.2 <= seconds(span) < 0.6 for span in answer["queue wait"])
            assert sum(seconds(answer[n][1]) for n in ("queue wait", "first token", "generation")) <= seconds(mend)
            for words in (SAID, "Zebedee", "walnut", "Partha", "Krishna, the Lord", str(ME)):
                assert words.encode() not in whole, words
            assert b"krishna" in whole  # service.name

    asyncio.run(main())


def test_a_message_that_is_taken_up_again_goes_on_in_its_trace():
    one, two = (Inbound("telegram", str(n), "text", "c", True, "u", "U", SAID) for n in range(2))

    async def main():
        async with collector() as (settings, came):
            for inbound, name in ((one, "message"), (one, "answer"), (two, "message")):
                async with traces.sending(settings):  # a run of the host
                    with traces.message(inbound, name), traces.span("guard"):
                        pass
            spans = spans_of(came)
            assert len(spans) == 6
            of = [{s.trace_id for s in spans if figures(s).get("request") == ":".join(i.key)} for i in (one, two)]
            assert [len(ids) for ids in of] == [1, 1] and of[0] != of[1]
            assert {s.trace_id for s in spans} == of[0] | of[1]

    asyncio.run(main())


def test_discord_too_and_what_fails_is_told_by_its_class(tmp_path, tokenizer):
    class Broken(ScriptedEngine):
        async def generate(self, request):
            raise OSError(SAID)
            yield

    async def main():
        async with collector() as (settings, came):
            async with traces.sending(settings), talking_discord(tmp_path, Broken(tokenizer)) as talk:
                talk.server.dm(talk.server.anna, SAID)
                await talk.answer(talk.server.dm_channel(talk.server.anna))
            (trace,) = [t for t in read(came).values() if "counsel" in t]
            assert {"message", "store", "answer", "delivery"} & set(trace) >= {"message", "store", "answer"}
            (counsel,) = trace["counsel"]
            assert figures(counsel)["error.type"] == "OSError" and counsel.status.code == 2
            assert not counsel.events and b"Zebedee" not in b"".join(came)

    asyncio.run(main())


def test_a_collector_that_is_not_there_holds_nobody_up(tmp_path, tokenizer, caplog):
    async def main():
        settings = Settings(_env_file=None, traces=f"http://me:a-secret-word@127.0.0.1:{free_port()}")
        assert "a-secret-word" in logs.secrets(settings)
        async with traces.sending(settings):
            async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
                talk.server.private(ME, SAID)
                await talk.answer(ME)
            ended = time.monotonic()
        assert time.monotonic() - ended < 2 * traces.TIMEOUT_S + 1
        told = [record for record in caplog.records if record.name.startswith("opentelemetry")]
        assert told and "a-secret-word" not in caplog.text

    asyncio.run(main())


def test_without_the_setting_nothing_of_it_is_imported():
    script = "import sys, bots.answering, bots.web; print([m for m in sys.modules if m.startswith('opentelemetry')])"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
    with traces.span("nothing"):
        traces.note(nothing=1)


def test_without_the_package_it_is_one_sentence(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)

    async def main():
        async with traces.sending(Settings(_env_file=None, traces="http://127.0.0.1:4318")):
            pass

    with pytest.raises(ConfigurationError, match=r'pip install -e "\.\[traces\]"'):
        asyncio.run(main())
    with pytest.raises(ValidationError, match="write it as http://collector:4318"):
        Settings(_env_file=None, traces="collector:4318")
