"""What a host tells those who watch it, over real HTTP: every kind of answer counted once, and whether it is ready."""

import asyncio
import contextlib
import logging
import re
import socket
import sqlite3

import httpx
import pytest

from bots import metrics, watch, web, words
from bots.dialogue import Dialogue
from bots.host import open_dialogue
from bots.settings import ConfigurationError, Settings
from bots.telegram.adapter import TelegramAdapter
from core.engine import EngineError
from core.wisdom.search import finder
from storage import Store
from tests.bots.discord.talk import talking as talking_discord
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.bots.telegram.talk import settings_for, talking
from tests.core.test_engine import Breaking
from tests.platforms.telegram_server import TelegramServer
from tests.tiny import Speaking

ME = 7
SPOILED = "I am Krishna, the Lord of all, and I command you."  # thrown away by the rules of an answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.asynccontextmanager
async def watching(dialogue=None):
    """(client, Watch) of somebody who watches, and the dialogue if there is one."""
    settings = Settings(_env_file=None, http_listen=f"127.0.0.1:{free_port()}", telegram_token="1:x")
    async with contextlib.AsyncExitStack() as stack:
        one, _ = await stack.enter_async_context(web.watched(settings))
        if dialogue is not None:
            await stack.enter_async_context(one.telling(dialogue))
        client = httpx.AsyncClient(base_url=f"http://{settings.http_listen}", timeout=10)
        yield await stack.enter_async_context(client), one


async def counted(client, base=""):
    """{name with labels: value} of everything at /metrics."""
    answer = await client.get(f"{base}/metrics")
    assert answer.status_code == 200 and answer.headers["content-type"].startswith("text/plain")
    lines = [line.rpartition(" ") for line in answer.text.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


class Faulty(ScriptedEngine):
    """Fails where its text is empty."""

    async def generate(self, request):
        if not self.texts[min(len(self.requests), len(self.texts) - 1)]:
            self.requests.append(request)
            raise EngineError("a fault")
        async with contextlib.aclosing(super().generate(request)) as events:
            async for event in events:
                yield event


def test_every_end_of_an_answer_is_counted_once(tmp_path, tokenizer):
    async def main():
        engine = Faulty(tokenizer, COUNSEL, SPOILED, COUNSEL, "", COUNSEL)
        async with talking(tmp_path, engine) as talk, watching(talk.dialogue) as (client, _):
            server, before = talk.server, await counted(client)
            server.private(
                ME + 1, "my coach makes me stay after practice and takes off my clothes"
            )  # helplines under it
            await talk.answer(ME + 1)
            server.private(ME, "And what of anger, when it comes?")  # spoiled, then mended
            await talk.answer(ME, 1)
            server.private(ME, "Why do I fear what comes?")  # fails
            await talk.answer(ME, 2)
            engine.pace_s = 0.2
            server.private(ME, "How do I begin again?")
            await server.wait_for(lambda: server.draft(ME))
            server.private(ME, "/stop")
            await talk.answer(ME, 3)
            engine.pace_s = 0.0
            server.private(ME, "I want to end my life")
            await talk.answer(ME, 4)
            server.fault("sendMessage", "429", 1, retry_after=1)
            server.private(ME, "/help")
            await talk.answer(ME, 5)
            await talk.idle()
            after = await counted(client)
            rise = {name: after[name] - before.get(name, 0.0) for name in after}
            for end in ("done", "mended", "failed", "stopped"):
                assert rise[f'krishna_answers_total{{end="{end}",platform="telegram"}}'] == 1, end
            assert rise['krishna_messages_total{kind="text",platform="telegram"}'] == 5
            assert rise['krishna_messages_total{kind="command",platform="telegram"}'] == 2
            assert rise["krishna_crises_total"] == 2
            assert rise['krishna_refusals_total{platform="telegram"}'] == 1
            faults = {name: n for name, n in rise.items() if name.startswith("krishna_faults_total") and n}
            assert faults == {f'krishna_faults_total{{rule="{rule}"}}': 1 for rule in ("spoiled", "length")}
            assert rise["krishna_queue_wait_seconds_count"] == 3
            assert rise['krishna_first_token_seconds_count{tier="whole"}'] == 3
            assert rise['krishna_answer_seconds_count{tier="whole"}'] == 3
            assert after["krishna_slots"] == 8 and after["krishna_queue_capacity"] == 256
            assert after['krishna_model{model="scripted"}'] == 1 and after["krishna_model_failed"] == 0
            # no label tells who, where or what
            labels = set(re.findall(r'(\w+)="', "".join(name for name in after if name.startswith("krishna"))))
            assert labels <= {"platform", "kind", "end", "tier", "rule", "model", "gpu", "le"}

    asyncio.run(main())


def test_discords_refusals_are_counted_also_those_its_library_waits_for(tmp_path, tokenizer):
    async def main():
        async with talking_discord(tmp_path, ScriptedEngine(tokenizer)) as talk:
            refused = lambda: metrics.registry.get_sample_value("krishna_refusals_total", {"platform": "discord"}) or 0  # noqa: E731
            before, room = refused(), talk.server.dm_channel(talk.server.anna)
            talk.server.fault(r"POST /channels/\d+/messages", "429", 2, retry_after=0.2)
            talk.server.dm(talk.server.anna, "What is duty?")
            await talk.answer(room)
            assert refused() - before == 2

    asyncio.run(main())


def test_times_of_the_database_include_the_wait_for_its_lock(tmp_path):
    file, seen = tmp_path / "krishna.db", []

    async def main():
        store = await Store.open(file, observe=lambda *what: seen.append(what))
        seen.clear()
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        writing = asyncio.create_task(store.take_note("a", "b"))
        await asyncio.sleep(0.3)
        other.rollback()
        other.close()
        await writing
        await store.note("a")
        await store.close()

    asyncio.run(main())
    assert [kind for kind, _ in seen] == ["write", "read"]
    assert 0.25 < seen[0][1] < 5 and 0 < seen[1][1] < 0.25


def test_ready_only_while_a_message_would_be_answered(tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr(watch, "FRESH_S", 0.0)
    monkeypatch.setattr(watch, "PATIENCE_S", 0.4)
    file = tmp_path / "krishna.db"

    class Breakable(ScriptedEngine):
        failed = None

        def stats(self):
            import dataclasses

            return dataclasses.replace(super().stats(), failed=self.failed)

    async def main():
        engine = Breakable(tokenizer)
        settings = Settings(_env_file=None, database_url=str(file))
        store = await Store.open(file)
        dialogue = Dialogue(settings, store, engine, finder())
        async with watching() as (client, one):

            async def ready():
                assert (await client.get("/healthz")).text == "alive\n"
                answer = await client.get("/readyz")
                return answer.status_code, answer.text.strip()

            assert await ready() == (503, "the model is being loaded")
            async with one.telling(dialogue):
                assert await ready() == (200, "ready")
                other = sqlite3.connect(file, isolation_level=None)
                other.execute("BEGIN IMMEDIATE")
                code, text = await ready()
                assert code == 503 and text.startswith("the database took no write in")
                other.rollback()
                await asyncio.sleep(0.3)
                assert await ready() == (200, "ready")
                other.execute("CREATE TRIGGER full BEFORE UPDATE ON notes BEGIN SELECT not_there(); END")
                code, text = await ready()
                assert code == 503 and "not_there" in text
                other.execute("DROP TRIGGER full")
                other.close()
                assert await ready() == (200, "ready")
                engine.failed = "CUDA error"
                assert await ready() == (503, "the model has failed: CUDA error")
                assert (await counted(client))["krishna_model_failed"] == 1
                engine.failed, one.stopping = None, True
                assert await ready() == (503, "the host is stopping")
        await store.close()

    asyncio.run(main())


def test_a_model_that_breaks_is_told_to_people_and_to_the_operator(tmp_path, gemma3_folder, caplog):
    """A real engine as the host opens it, whose steps fail from some moment on, behind a real adapter."""

    async def main():
        async with TelegramServer() as server:
            settings = settings_for(server, tmp_path, model=str(gemma3_folder), slots=4, device="cpu")
            async with open_dialogue(settings) as dialogue, watching(dialogue) as (client, _):
                loop, stop = dialogue.engine.loop, asyncio.Event()
                speaking = Speaking(loop.model, loop.tokenizer.encode(COUNSEL), pace_s=0.05)
                breaking = loop.model = Breaking(speaking)
                run = asyncio.create_task(TelegramAdapter(settings, dialogue).run(stop))
                for person in range(1, 7):
                    server.private(person, "What is duty?")
                await server.wait_for(lambda: breaking.together == 4)
                assert (await client.get("/readyz")).text == "ready\n"
                breaking.broken = True
                said = [(await server.wait_for(lambda p=person: server.messages(p)))[0] for person in range(1, 7)]
                told = sorted(message.text for message in said)
                assert told == [words.BROKEN["en"]] * 5 + [words.TROUBLE["en"]]  # the first one fell alone
                server.private(ME, "What is duty?")
                [late] = await server.wait_for(lambda: server.messages(ME))
                assert late.text == words.BROKEN["en"]
                assert {m.buttons for m in [*said, late]} == {(words.RETRY["en"],)}
                ready = await client.get("/readyz")
                assert ready.status_code == 503 and "illegal memory access" in ready.text
                stop.set()
                await run

    asyncio.run(main())
    [critical] = [r for r in caplog.records if r.levelno == logging.CRITICAL]
    assert critical.name == "bots.host" and "illegal memory access" in critical.getMessage()
    assert critical.getMessage().endswith("start the program again")


def test_probes_do_not_pile_up_before_a_slow_database(tmp_path, tokenizer, monkeypatch):
    monkeypatch.setattr(watch, "PATIENCE_S", 0.3)
    written = []

    async def main():
        store = await Store.open(tmp_path / "krishna.db")
        note = store.take_note

        async def slow(*what):
            written.append(what)
            await asyncio.sleep(0.5)
            await note(*what)

        monkeypatch.setattr(store, "take_note", slow)
        dialogue = Dialogue(Settings(_env_file=None), store, ScriptedEngine(tokenizer), finder())
        async with watching(dialogue) as (client, _):
            answers = await asyncio.gather(*(client.get("/readyz") for _ in range(20)))
            assert {a.status_code for a in answers} == {503}
            await asyncio.sleep(0.4)
            answers = await asyncio.gather(*(client.get("/readyz") for _ in range(20)))
            assert {a.status_code for a in answers} == {200}
        await store.close()

    asyncio.run(main())
    assert len(written) == 1


@pytest.mark.parametrize("listen", ["127.0.0.1:99999", "192.0.2.1:80", "127.0.0.1:taken"])
def test_an_address_that_cannot_be_listened_on_is_one_sentence(listen):
    async def main(listen):
        settings = Settings(_env_file=None, http_listen=listen)
        with pytest.raises(ConfigurationError, match=r"set KRISHNA_HTTP_LISTEN to a free address:port"):
            async with web.watched(settings):
                pass

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        asyncio.run(main(listen.replace("taken", str(other.getsockname()[1]))))


@pytest.mark.gpu
def test_the_memory_of_a_card_is_told():
    import torch

    held = torch.zeros(2**28, dtype=torch.uint8, device="cuda")
    told = {family.name: family.samples for family in metrics._gpus()}
    (used,), (size,) = (told[f"krishna_gpu_memory_{name}bytes"][:1] for name in ("used_", ""))
    assert held.numel() <= used.value <= size.value and size.value > 2**32
    assert used.labels == size.labels == {"gpu": "0"}


def test_what_a_tier_may_count_is_there_before_its_first_answer(tmp_path, tokenizer):
    """Prometheus sees no rise in what is not there before: all answers of its first second would be lost to it."""

    async def main():
        engine = ScriptedEngine(tokenizer, tiers=("pebble", "rock"))
        async with talking(tmp_path, engine) as talk, watching(talk.dialogue) as (client, _):
            found = await counted(client)
            for tier in ("pebble", "rock"):
                for name in ("first_token_seconds_count", "answer_seconds_count", "tokens_total"):
                    assert found[f'krishna_{name}{{tier="{tier}"}}'] == 0

    asyncio.run(main())
