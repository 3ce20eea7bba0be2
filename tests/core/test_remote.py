"""The engine over servers, against a real HTTP server on loopback that speaks and fails as vLLM does."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import gc
import re
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.engine import (
    DeadlineExceeded,
    Delta,
    Done,
    EngineError,
    EngineFull,
    LoadError,
    ModelFailed,
    PromptTooLong,
    Request,
    Sampling,
    Waiting,
)
from core.open import open_engine
from core.prompt import TUNED
from core.remote import endpoint, fleet
from core.settings import EngineSettings
from tests.platforms.openai_server import WORDS, OpenAIServer
from tests.process import Bots, environment

PROMPT = (2, 1000, 2000, 3000)
WHOLE = "".join(WORDS)


@pytest.fixture(autouse=True)
def _quick(monkeypatch, embedded_folder):
    monkeypatch.setattr(fleet, "REST_S", (0.05, 0.1))
    monkeypatch.setattr("core.remote.engine.PAUSE_S", 0.01)
    monkeypatch.setattr("core.remote.open.AGAIN_S", 0.05)


@pytest.fixture(scope="module")
def tokenizer_of_the_host(embedded_folder):
    """Read once: a quarter of a second each time."""
    from core.remote import open as opening

    kept = opening.gemma_tokenizer
    read = kept(EngineSettings(_env_file=None), print)
    opening.gemma_tokenizer = lambda *_: read
    yield read
    opening.gemma_tokenizer = kept


def run(act, servers=None, *, patience_s=0.0, on_failure=print, **settings):
    """Start servers, open an engine over them, and run act(engine, *servers)."""

    async def main():
        async with contextlib.AsyncExitStack() as stack:
            running = [await stack.enter_async_context(s) for s in servers or [OpenAIServer()]]
            given = {"remote": " ".join(s.base for s in running), "_env_file": None, **settings}
            engine = await open_engine(
                EngineSettings(**given), progress=lambda _: None, on_failure=on_failure, patience_s=patience_s
            )
            stack.push_async_callback(engine.close)
            return await asyncio.wait_for(act(engine, *running), 20)

    return asyncio.run(main())


pytestmark = pytest.mark.usefixtures("tokenizer_of_the_host")


async def text_of(engine, request=None, **more):
    text, done = "", None
    async for event in engine.generate(request or Request(PROMPT, **more)):
        if isinstance(event, Delta):
            text += event.text
        elif isinstance(event, Done):
            done = event
    return text, done


async def until(true, within_s=5.0):
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("cut", [0, 1, 3, 7, 64])
def test_the_words_are_the_same_however_the_bytes_are_cut(cut):
    async def act(engine, server):
        server.cut = cut
        text, done = await text_of(engine)
        assert text == WHOLE and done.reason == "stop"
        assert (done.usage.prompt_tokens, done.usage.reused_tokens, done.usage.answer_tokens) == (4, 2, len(WORDS))
        assert 0 < done.usage.first_token_s <= done.usage.total_s
        assert (await text_of(engine, max_tokens=3))[1].reason == "length"
        assert engine.stats().tokens == {"": len(WORDS) + 3} and engine.stats().answered == 2

    run(act)


def test_events_may_have_several_lines_and_any_line_end():
    async def act():
        async def chunks():
            for byte in "data: 1\r\ndata: क\n\n: nothing\n\nevent: x\r\ndata:3\r\n\r\ndata: cut off".encode():
                yield bytes([byte])

        return [data async for data in endpoint.events(chunks())]

    assert asyncio.run(act()) == ["1\nक", "3"]


def test_what_the_server_is_asked():
    async def act(engine, server):
        sampling = Sampling(temperature=0.7, top_p=0.9, top_k=40, repetition_penalty=1.1, seed=7)
        await text_of(engine, Request(PROMPT, max_tokens=5, sampling=sampling, stop=("\n\n",)))
        assert server.requests == [
            {
                "model": "gemma",
                "prompt": list(PROMPT),
                "max_tokens": 5,
                "temperature": 0.7,
                "top_p": 0.9,
                "top_k": 40,
                "repetition_penalty": 1.1,
                "seed": 7,
                "stop": ["\n\n"],
                "stop_token_ids": [1, 106],  # <eos>, <end_of_turn>
                "stream": True,
                "stream_options": {"include_usage": True, "continuous_usage_stats": True},
            }
        ]

    run(act)


def test_closing_the_stream_ends_the_work_on_the_server():
    async def act(engine, server):
        server.pieces, server.pace_s = ["word "] * 1000, 0.01
        stream = engine.generate(Request(PROMPT, max_tokens=1000))
        async for event in stream:
            if isinstance(event, Delta):
                break
        assert server.running == engine.stats().busy == 1
        await stream.aclose()
        await until(lambda: server.running == 0, within_s=1)
        assert server.aborted == 1 and engine.stats().busy == 0
        assert engine.stats().answered == 1  # heard enough of: so most end, and others' wait is told by them

    run(act)


@pytest.mark.parametrize("fault", [500, 502, 503, 429, 401, "drop"])
def test_what_fails_before_the_first_token_is_answered_elsewhere(fault):
    async def act(engine, one, two):
        one.faults.append(fault)
        text, done = await text_of(engine)
        assert text == WHOLE and done.reason == "stop"
        assert [len(s.requests) for s in (one, two)] == [1, 1]

    run(act, [OpenAIServer(), OpenAIServer()])


def test_who_goes_elsewhere_makes_room_for_who_waits():
    async def act(engine, one, two):
        for server in (one, two):
            server.pieces, server.pace_s = ["word "] * 1000, 0.01
        one.faults.append(500)
        asked = [
            asyncio.create_task(text_of(engine, user=str(n), conversation=str(n), max_tokens=1000)) for n in range(3)
        ]
        await until(lambda: two.running == 2)
        await until(lambda: one.running == 1, within_s=1)
        assert engine.stats().queued == 0
        for task in asked:
            task.cancel()

    run(act, [OpenAIServer(), OpenAIServer()], slots=1)


def test_requests_without_a_conversation_are_not_one_conversation():
    async def act(engine, server):
        server.pace_s = 0.01
        await asyncio.gather(*(text_of(engine, user=str(n)) for n in range(8)))
        assert server.most == 4

    run(act, slots=4)


def test_a_silent_server_is_left_for_another_one(monkeypatch):
    monkeypatch.setattr(endpoint, "SILENT_S", 0.1)

    async def act(engine, one, two):
        one.faults.append("stall")
        assert (await text_of(engine))[0] == WHOLE
        await until(lambda: one.running == 0)
        assert one.aborted == 1 and len(two.requests) == 1

    run(act, [OpenAIServer(), OpenAIServer()])


@pytest.mark.parametrize("fault", ["break", "error"])
def test_what_fails_after_the_first_token_is_never_tried_again(fault):
    async def act(engine, one, two):
        one.faults.append(fault)
        said = []
        with pytest.raises(EngineError, match="broke off"):
            async for event in engine.generate(Request(PROMPT)):
                said.append(event.text)
        assert said == WORDS[:3]
        assert [len(s.requests) for s in (one, two)] == [1, 0]
        assert (await text_of(engine))[0] == WHOLE

    run(act, [OpenAIServer(), OpenAIServer()])


def test_a_request_that_no_server_takes_is_refused_once():
    async def act(engine, server):
        for fault, kind in (("bad", EngineError), (400, EngineError), ("long", PromptTooLong)):
            server.faults.append(fault)
            with pytest.raises(kind):
                await text_of(engine, max_tokens=20)
        assert len(server.requests) == 3
        with pytest.raises(PromptTooLong):  # seen here: the servers' context is the shorter one
            await text_of(engine, Request((2,) * 90, max_tokens=20))
        with pytest.raises(EngineError):
            await text_of(engine, Request((), max_tokens=5))
        assert len(server.requests) == 3 and engine.stats().failed is None

    run(act, [OpenAIServer(context=100)])


def test_servers_that_take_no_more_say_when_to_come_again():
    async def act(engine, one, two):
        for server in (one, two):
            server.retry_after = "17"
            server.faults.extend([429] * 9)
        for _ in range(3):
            with pytest.raises(EngineFull) as full:
                await text_of(engine)
            assert full.value.retry_after_s == 17
        assert engine.stats().failed is None  # they are well

    run(act, [OpenAIServer(), OpenAIServer()])


def test_the_server_with_the_fewest_requests_gets_the_next():
    async def act(engine, *servers):
        for server in servers:
            server.pace_s = 0.02
        await asyncio.gather(*(text_of(engine) for _ in range(9)))
        assert [len(s.requests) for s in servers] == [3, 3, 3]

    run(act, [OpenAIServer() for _ in range(3)])


def test_the_others_wait_here_in_order_and_are_told_their_place():
    async def act(engine, server):
        await text_of(engine)  # so that times are known
        server.pace_s = 0.01
        places = []

        async def ask(user):
            async for event in engine.generate(Request(PROMPT, user=user, conversation=user)):
                if isinstance(event, Waiting):
                    assert event.seconds > 0
                    places.append((user, event.place))

        asking = [asyncio.create_task(ask(user)) for user in ("a", "b", "c", "d", "e")]
        await until(lambda: engine.stats().queued == 3)
        assert engine.stats().busy == engine.stats().slots == 2 and engine.stats().wait_s > 0
        with pytest.raises(EngineFull) as full:
            await ask("f")
        assert full.value.retry_after_s > 0
        await asyncio.gather(*asking)
        assert places[:3] == [("c", 1), ("d", 2), ("e", 3)] and ("e", 1) in places
        assert server.most == 2 and engine.stats().queued == engine.stats().busy == 0

    run(act, slots=2, queue=3)


def test_deadlines():
    async def act(engine, server):
        server.pieces, server.pace_s = ["word "] * 1000, 0.01
        long = asyncio.create_task(text_of(engine, max_tokens=1000, deadline_s=0.5))
        await until(lambda: server.running == 1)
        with pytest.raises(DeadlineExceeded):  # it waits here
            await text_of(engine, deadline_s=0.1)
        text, done = await long
        assert done.reason == "deadline" and done.usage.answer_tokens == text.count("word") > 10
        assert engine.stats().answered == 1  # so that it is known how long others wait for such answers
        server.faults.append("stall")
        with pytest.raises(DeadlineExceeded):  # it waits there
            await text_of(engine, deadline_s=0.1)
        await until(lambda: server.running == 0)
        assert engine.stats().failed is None

    run(act, slots=1)


def test_a_server_that_fails_again_and_again_is_left_alone_until_it_answers():
    told = []

    async def act(engine, server):
        await server.stop()
        with pytest.raises(EngineError):
            await text_of(engine)
        with pytest.raises(ModelFailed, match="no server answers"):
            await text_of(engine)
        with pytest.raises(ModelFailed):  # at once, without a try
            await text_of(engine)
        assert len(told) == 1 and "no server answers" in engine.stats().failed
        await server.start()
        await until(lambda: engine.stats().failed is None)
        assert (await text_of(engine))[0] == WHOLE
        server.faults.extend([500] * 9)
        with pytest.raises(EngineError):
            await text_of(engine)

    run(act, on_failure=told.append)


def test_answers_that_are_closed_early_keep_single_failures_from_adding_up():
    async def act(engine, server):
        server.refusing = 500  # whatever takes it down keeps it down
        engine._fleet.endpoints[0].on_trial()  # one failure would be enough, until it has answered
        for _ in range(2 * endpoint.FAILURES):
            stream = engine.generate(Request(PROMPT))
            async for event in stream:
                if isinstance(event, Delta):
                    break
            await stream.aclose()
            server.faults.append(500)  # of the next, which is tried again and answered
        assert engine.stats().failed is None and len(server.requests) == 4 * endpoint.FAILURES - 1

    run(act)


@pytest.mark.parametrize("fault", ["break", "error"])
def test_a_server_that_breaks_every_answer_off_is_left_alone_too(fault):
    async def act(engine, one, two):
        one.faults.extend([fault] * 9)
        one.refusing = 500
        for _ in range(endpoint.FAILURES):
            with pytest.raises(EngineError, match="broke off"):
                await text_of(engine)
        assert (await text_of(engine))[0] == WHOLE and len(two.requests) == 1 and engine.stats().slots == 8

    run(act, [OpenAIServer(), OpenAIServer()])


@pytest.mark.parametrize("listed", [[{"object": "model"}], ["gemma"], [{"id": 7}], {"id": "gemma"}])
def test_a_server_that_lists_its_models_in_no_known_form_comes_back_when_it_does(listed):
    """It is one that does not answer: at a start, while it is down, and for an adapter."""

    async def act(engine, server):
        server.listed = listed
        engine._fleet.lost(engine._fleet.endpoints[0], "it was slow")
        await until(lambda: "is no OpenAI-compatible server" in (engine.stats().failed or ""))
        with pytest.raises(LoadError, match="is no OpenAI-compatible server"):
            await open_engine(EngineSettings(remote=server.base, _env_file=None), progress=print)
        engine._fleet.endpoints[0].down = ""
        with pytest.raises(LoadError, match="is no OpenAI-compatible server"):
            await engine.load_adapter("lora", Path("/nowhere"))
        server.listed = None
        await until(lambda: engine.stats().failed is None)
        assert (await text_of(engine))[0] == WHOLE

    run(act)


def test_those_who_wait_are_told_when_no_server_is_left(monkeypatch):
    async def act(engine, server):
        server.pace_s = 0.2
        asked = [asyncio.create_task(text_of(engine, Request(PROMPT, user=str(i)))) for i in range(3)]
        await until(lambda: engine.stats().queued == 2)
        monkeypatch.setattr(endpoint, "FAILURES", 1)
        await server.stop()
        ends = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(e) for e in ends] in ([EngineError, ModelFailed, ModelFailed], [ModelFailed] * 3)
        assert engine.stats().busy == engine.stats().queued == 0

    run(act, slots=1)


def test_one_server_down_takes_nobody_with_it():
    async def act(engine, one, two):
        await one.stop()
        for _ in range(3):
            ends = await asyncio.gather(*(text_of(engine) for _ in range(4)))
            assert all(text == WHOLE for text, _ in ends)
        assert engine.stats().slots == 8 and engine.stats().failed is None
        await one.start()
        await until(lambda: engine.stats().slots == 16)

    run(act, [OpenAIServer(), OpenAIServer()])


def lora(folder, *, tuned=True, words=b"factors"):
    folder.mkdir(exist_ok=True)
    (folder / "adapter_config.json").write_text("{}")
    (folder / "adapter_model.safetensors").write_bytes(words)
    if tuned:
        (folder / TUNED).write_text("{}")
    return folder


def test_an_adapter_is_loaded_everywhere_and_named_by_what_is_in_it(tmp_path):
    async def act(engine, one, two):
        assert engine.adapters == ("lora",) and engine.tuned("lora") and engine.fluent
        [name] = one.adapters
        assert one.adapters == two.adapters == {name: str(tmp_path / "lora")}
        await text_of(engine, adapter="lora")
        await text_of(engine)
        assert [asked["model"] for asked in one.requests] == [name, "gemma"]
        await engine.load_adapter("lora#2", lora(tmp_path / "plain", tuned=False, words=b"others"))
        assert len(one.adapters) == 2 and not engine.tuned("lora#2")
        with pytest.raises(EngineError):
            await text_of(engine, adapter="another")

    run(act, [OpenAIServer(), OpenAIServer()], adapter=str(lora(tmp_path / "lora")))


def test_a_server_started_anew_is_given_its_adapters_again(tmp_path):
    async def act(engine, server):
        before = dict(server.adapters)
        await server.stop()
        await server.start()
        assert not server.adapters
        ends = await asyncio.gather(*(text_of(engine, adapter="lora") for _ in range(4)))
        assert [text for text, _ in ends] == [WHOLE] * 4 and server.adapters == before

    run(act, adapter=str(lora(tmp_path / "lora")))


def test_an_adapter_is_unloaded_when_its_last_request_ends(tmp_path):
    async def act(engine, server):
        server.pace_s = 0.02
        last = asyncio.create_task(text_of(engine, adapter="lora"))
        await until(lambda: server.running == 1)
        await engine.unload_adapter("lora")
        with pytest.raises(EngineError):
            await text_of(engine, adapter="lora")
        assert len(server.adapters) == 1
        assert (await last)[0] == WHOLE
        await until(lambda: not server.adapters)

    run(act, adapter=str(lora(tmp_path / "lora")))


def test_who_no_longer_waits_for_an_adapter_leaves_it_on_no_server(tmp_path):
    async def act(engine, one, two):
        two.loading.clear()
        loading = asyncio.create_task(engine.load_adapter("lora", lora(tmp_path / "lora")))
        await until(lambda: one.adapters and two.asked_to_load)
        loading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await loading
        two.loading.set()
        await until(lambda: not one.adapters and not two.adapters)
        assert engine.adapters == ()
        await engine.load_adapter("lora", tmp_path / "lora")
        assert len(one.adapters) == len(two.adapters) == 1

    run(act, [OpenAIServer(), OpenAIServer()])


def test_two_hosts_that_load_the_same_adapter_at_once_share_it(tmp_path):
    async def act(engine, server):
        settings = EngineSettings(remote=server.base, _env_file=None)
        other = await open_engine(settings, progress=lambda _: None)
        server.loading.clear()
        both = [asyncio.create_task(e.load_adapter("lora", lora(tmp_path / "lora"))) for e in (engine, other)]
        await until(lambda: server.asked_to_load == 2)
        server.loading.set()
        await asyncio.gather(*both)
        assert [(await text_of(e, adapter="lora"))[0] for e in (engine, other)] == [WHOLE, WHOLE]
        assert len(server.adapters) == 1
        await other.close()

    run(act)


def test_a_start_that_is_broken_off_leaves_no_session_open(tmp_path):
    faults = []

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: faults.append(context["message"]))
        async with OpenAIServer() as server:
            server.loading.clear()
            adapter = str(lora(tmp_path / "lora"))
            settings = EngineSettings(remote=server.base, adapter=adapter, _env_file=None)
            opening = asyncio.create_task(open_engine(settings, progress=lambda _: None))
            await until(lambda: server.asked_to_load)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
            server.loading.set()

    asyncio.run(main())
    gc.collect()
    assert faults == []


def test_an_answer_that_is_under_way_when_the_engine_closes_ends_with_an_error_and_alarms_nobody():
    told = []

    async def act(engine, server):
        server.pieces, server.pace_s = ["word "] * 1000, 0.01
        asked = asyncio.create_task(text_of(engine, max_tokens=1000))
        await until(lambda: server.running == 1)
        await engine.close()
        with pytest.raises(EngineError):
            await asked
        assert told == [] and engine.stats().busy == 0

    run(act, on_failure=told.append)


def test_an_adapter_that_the_servers_have_needs_no_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    server = OpenAIServer(lora=False)
    server.adapters["krishna"] = "/on/the/server"

    async def act(engine, server):
        await text_of(engine, adapter="krishna")
        assert server.requests[0]["model"] == "krishna" and engine.tuned("krishna")
        with pytest.raises(LoadError, match="VLLM_ALLOW_RUNTIME_LORA_UPDATING"):
            await engine.load_adapter("own", lora(tmp_path / "own"))
        with pytest.raises(LoadError, match="no folder here"):
            await engine.load_adapter("none", tmp_path / "none")
        await engine.unload_adapter("krishna")
        assert "krishna" in server.adapters  # it is the operator's

    run(act, [server], adapter="krishna")


class Reversed:
    def encode(self, text):
        return [*map(ord, reversed(text))]


@pytest.mark.parametrize(
    ("server", "settings", "mend"),
    [
        ({"key": "secret"}, {"remote_key": "another"}, "KRISHNA_REMOTE_KEY"),
        ({}, {"model": "llama"}, "serves gemma and not llama; set KRISHNA_MODEL"),
        ({"models": ("gemma", "other")}, {}, "serves gemma, other; set KRISHNA_MODEL"),
        ({"tokenizer": Reversed()}, {}, "KRISHNA_TOKENIZER"),
        ({}, {"remote": "http://127.0.0.1:9"}, "does not answer .*mend KRISHNA_REMOTE"),
        ({}, {"adapter": "/nowhere/lora"}, "KRISHNA_ADAPTER"),
        ({"refusing": 400}, {}, "HTTPS port.*mend KRISHNA_REMOTE"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence_with_the_mend(server, settings, mend):
    one = OpenAIServer(*server.get("models", ()), key=server.get("key", ""))
    one.tokenizer, one.refusing = server.get("tokenizer"), server.get("refusing", 0)
    with pytest.raises(LoadError, match=mend):
        run(None, [one], **settings)


def test_a_right_key_a_named_model_and_the_same_tokenizer_are_fine(tokenizer):
    server = OpenAIServer("gemma", "other", key="secret")
    server.tokenizer = tokenizer

    async def act(engine, _):
        assert (await text_of(engine))[0] == WHOLE and engine.stats().model == "other"

    run(act, [server], remote_key="secret", model="other")


def test_each_server_is_told_its_own_password_or_the_key():
    """Both would stand in the same header."""

    async def main():
        async with OpenAIServer() as guarded, OpenAIServer(key="the-key") as keyed:
            remote = f"{guarded.base.replace('//', '//me:secret@')} {keyed.base}"
            settings = EngineSettings(remote=remote, remote_key="the-key", _env_file=None)
            said = []
            engine = await open_engine(settings, progress=said.append)
            assert said[-1].endswith("served by 2 of 2 servers")
            assert (await text_of(engine))[0] == WHOLE
            await engine.close()
            assert guarded.authorized == {"Basic " + base64.b64encode(b"me:secret").decode()}
            assert keyed.authorized == {"Bearer the-key"}
            settings = EngineSettings(remote=keyed.base.replace("//", "//me:secret@"), _env_file=None)
            with pytest.raises(LoadError, match="mend its password in KRISHNA_REMOTE"):
                await open_engine(settings, progress=print)

    asyncio.run(main())


def test_servers_that_are_still_starting_are_waited_for():
    async def main():
        server, told = OpenAIServer(), []
        await server.start()
        await server.stop()
        settings = EngineSettings(remote=server.base, _env_file=None)
        opening = asyncio.create_task(open_engine(settings, progress=told.append, patience_s=10))
        await until(lambda: told)
        await server.start()
        engine = await opening
        assert "waiting for a server" in told[0] and (await text_of(engine))[0] == WHOLE
        await engine.close()
        with pytest.raises(ModelFailed):
            await text_of(engine)
        await server.stop()

    asyncio.run(main())


def test_addresses_are_read_as_people_write_them():
    read = EngineSettings(remote="http://a:8000, https://b/v1/\n http://c/openai/v1", _env_file=None).remote
    assert read == ("http://a:8000/v1", "https://b/v1", "http://c/openai/v1")
    read = EngineSettings(remote="http://me:se%2Fcret@gpu1/v1", _env_file=None).remote
    assert read == ("http://me:se%2Fcret@gpu1/v1",)


@pytest.mark.parametrize(
    "written",
    [
        *("me:secret@gpu1:8000", "http://me:secret@gpu1:80b/v1", "http://me:123/secret@gpu1/v1"),
        *("http://me:1,secret@gpu1", "http://me:secret@", "http://me:#secret@gpu1/v1", "http://me:secret@[gpu1/v1"),
    ],
)
def test_what_is_no_address_is_told_without_a_word_of_it(written):
    with pytest.raises(ValidationError) as told:
        EngineSettings(remote=f"http://a:8000, {written}", _env_file=None)
    [problem] = told.value.errors(include_input=False)
    assert re.search(r"number 2|number 3", problem["msg"]) and "http://gpu1:8000/v1" in problem["msg"]
    assert "secret" not in problem["msg"]


def test_a_servers_password_is_sent_and_never_said(caplog, monkeypatch):
    """However it fails, and however it does not fit."""
    monkeypatch.setattr(endpoint, "SILENT_S", 0.1)
    said = []

    def guarded(server):
        return server.base.replace("//", "//me:secret@")

    async def main():
        async with OpenAIServer() as server:
            settings = EngineSettings(remote=f"http://me:secret@127.0.0.1:9/v1 {guarded(server)}", _env_file=None)
            engine = await open_engine(settings, progress=said.append, on_failure=said.append)
            for fault in (500, 429, "drop", "stall", "bad", "break"):
                server.faults.extend([fault] * 3)
                with pytest.raises(EngineError) as error:
                    await text_of(engine)
                said.append(str(error.value))
                server.faults.clear()
                engine._fleet.endpoints[1].answered()
            server.models = ["another"]
            await engine._fleet.count(engine._fleet.endpoints[1], endpoint.NotServed("it was started anew"))
            said.append(engine.stats().failed)
            await until(lambda: "does not serve gemma" in str(engine._fleet.endpoints[1].down))
            with pytest.raises(EngineError) as error:
                await engine.load_adapter("lora", Path("/nowhere"))
            said.append(str(error.value))
            await engine.close()
            assert server.authorized == {"Basic " + base64.b64encode(b"me:secret").decode()}
        for other, model in ((OpenAIServer(), "llama"), (OpenAIServer(), ""), (OpenAIServer("a", "b"), "")):
            other.tokenizer = Reversed()
            async with other:
                settings = EngineSettings(remote=guarded(other), model=model, _env_file=None)
                with pytest.raises(LoadError) as refused:
                    await open_engine(settings, progress=said.append)
                said.append(str(refused.value))

    asyncio.run(main())
    assert len(said) == 13 and all(said), said
    whole = "\n".join([*said, caplog.text])
    assert "secret" not in whole and "me:" not in whole, whole
    assert whole.count("http://127.0.0.1:") > 13


def test_a_host_needs_no_pytorch_for_it(tmp_path):
    """In a process of its own: opened and asked, nothing has imported torch or transformers."""
    script = """
import asyncio, sys
from core.engine import Request
from core.open import open_engine
from core.settings import EngineSettings
async def main():
    engine = await open_engine(EngineSettings())
    print([event async for event in engine.generate(Request((2, 3), max_tokens=2))][-1].reason)
    await engine.close()
    print({"torch", "transformers"} & set(sys.modules))
asyncio.run(main())
"""

    async def main():
        async with OpenAIServer() as server:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", script),
                cwd=tmp_path,
                env=environment(tmp_path, REMOTE=server.base),
                stdout=asyncio.subprocess.PIPE,
            )
            out, _ = await asyncio.wait_for(process.communicate(), 60)
            assert out.decode().split("\n")[:2] == ["length", "set()"], out

    asyncio.run(main())


def test_the_whole_program_answers_from_a_server(tmp_path):
    async def main():
        async with OpenAIServer() as server:
            server.pieces = [
                "Partha, the work in your hands is yours, and its harvest never was. ",
                "Do the next small thing well, and rest tonight without counting what is lost.",
            ]
            async with Bots(tmp_path, "chat", "--once", "Why is my work for nothing?", REMOTE=server.base) as bots:
                assert await bots.ended(60) == 0, bots.output
            assert "the work in your hands" in " ".join(bots.output), bots.output
            assert server.requests[0]["prompt"][0] == 2

    asyncio.run(main())
