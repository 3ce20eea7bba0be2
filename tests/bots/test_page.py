"""The operator's page over real HTTP: who is let in, what it tells, what its button does, and what it never shows."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import sys
from dataclasses import replace

import httpx
import pytest

from bots import door, host, logs, metrics, page, watch, web
from bots.control import listening, tell
from bots.settings import ConfigurationError, Settings
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.bots.telegram.talk import talking
from tests.bots.test_watch import free_port
from tests.storage.conftest import asked, opened, sql

ME = 7
FORM = re.compile(r'name="form" value="([^"]+)"')


@contextlib.asynccontextmanager
async def served(dialogue=None, listen="127.0.0.1", **more):
    """(client, Page, settings); the client's address is 127.0.0.1 whatever is listened on."""
    port = free_port()
    settings = Settings(_env_file=None, http_listen=f"{listen}:{port}", **more)
    async with contextlib.AsyncExitStack() as stack:
        told, one = await stack.enter_async_context(web.watched(settings))
        if dialogue is not None:
            await stack.enter_async_context(told.telling(dialogue))
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10)
        yield await stack.enter_async_context(client), one, settings


async def let_in(client, one):
    assert (await client.get(one.link())).status_code == 200
    answer = await client.get("/")
    assert answer.status_code == 200
    return answer.text


def test_a_link_lets_one_browser_in_once(monkeypatch):
    async def main():
        async with served() as (client, one, _), httpx.AsyncClient(base_url=client.base_url) as other:
            for answer in (
                await client.get("/"),
                await client.get("/", headers={"Cookie": f"krishna_{client.base_url.port}="}),
            ):
                assert answer.status_code == 401 and "python -m bots page" in answer.text
            link = one.link()
            assert (await client.head(link)).status_code == 405  # a checker of links does not use it up
            entered = await client.get(link)
            assert entered.status_code == 200 and entered.headers["cache-control"] == "no-store"
            cookie = entered.headers["set-cookie"]
            assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie
            assert (await client.get("/")).status_code == 200
            assert (await client.get(link)).status_code == 200  # the same browser, asking twice
            assert (await other.get(link)).status_code == 403
            assert (await other.get("/login/guessed")).status_code == 403
            assert (await other.get("/")).status_code == 401
            monkeypatch.setattr(door, "LINK_S", 0.0)
            assert (await other.get(one.link())).status_code == 403
            monkeypatch.setattr(door, "SESSION_S", 0.0)
            monkeypatch.setattr(door, "LINK_S", 60.0)
            assert (await other.get(one.link())).status_code == 200
            assert (await other.get("/")).status_code == 401
            policy = (await client.get("/")).headers["content-security-policy"]
            assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy

    asyncio.run(main())


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "[", ""]
)
def test_another_name_for_this_machine_is_refused(host):
    async def main():
        async with served() as (client, one, _):
            await let_in(client, one)
            for path in ("/", one.link()):
                answer = await client.get(path, headers={"Host": host})
                assert answer.status_code in (400, 403) and "Krishna" not in answer.text
            assert (await client.get("/", headers={"Host": "localhost"})).status_code in (200, 401)
            assert (await client.get("/healthz", headers={"Host": host or "any"})).status_code in (200, 400)

    asyncio.run(main())


@pytest.mark.parametrize(
    "peer, host, there",
    [
        ("127.0.0.1", "127.0.0.1:8090", True),
        ("127.0.0.53", "localhost:9000", True),  # a tunnel's end, under another port
        ("::1", "[::1]:8090", True),
        ("::ffff:127.0.0.1", "127.0.0.1", True),
        ("192.168.1.5", "127.0.0.1:8090", False),
        ("172.18.0.1", "localhost", False),  # a container's gateway
        ("fe80::1", "[::1]", False),
        ("", "localhost", False),
    ],
)
def test_only_loopback_is_let_in(peer, host, there):
    from aiohttp.test_utils import make_mocked_request

    assert door.here(make_mocked_request("GET", "/", headers={"Host": host}).clone(remote=peer)) is there


@pytest.mark.parametrize(
    "listen, base",
    [
        ("127.0.0.1:8090", "http://127.0.0.1:8090"),
        ("0.0.0.0:80", "http://127.0.0.1:80"),
        ("[::]:80", "http://[::1]:80"),
        ("localhost:1", "http://localhost:1"),
        ("192.168.1.5:8090", None),
        ("krishna.example:8090", None),
    ],
)
def test_a_link_leads_to_loopback(listen, base):
    assert door.address(listen) == base


def test_it_tells_how_the_host_is_and_nothing_that_was_said(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk, served(talk.dialogue) as (client, one, _):
            ends = metrics.ended()
            before = sum(ends.values()) - ends["failed"]
            talk.server.private(ME, "My brother Zebedee took the walnut cupboard.")
            await talk.answer(ME)
            talk.server.private(ME, "And what of Quillfeather?")
            await talk.answer(ME, 2)
            await talk.idle()
            logging.getLogger("bots.somewhere").error(
                "of %s in %s came %d: %s", "Zebedee", 123456789, 7, OSError("Quillfeather")
            )
            logging.getLogger("a.library").error("Zebedee said %s", "walnut", exc_info=ValueError("cupboard"))
            text = await let_in(client, one)
            assert "of … in … came 7: OSError" in text and "ValueError" in text and "a.library" in text
            assert ">ready<" in text and "scripted" in text
            assert re.search(r"Queue</dt><dd>0 <small>of 256", text) and f"Answers</dt><dd>{before + 2}<" in text
            assert "conversations 1, questions 2" in text and text.count("<rect") == 14
            assert "questions 2, people 1, failed 0" in text
            for word in ("Zebedee", "walnut", "Quillfeather", "cupboard", COUNSEL[:12], "Partha", f">{ME}<"):
                assert word not in text, word
            assert f"telegram:{ME}" not in text

    asyncio.run(main())


def test_before_the_model_is_there_and_after_the_database_is_gone(tmp_path, tokenizer, monkeypatch):
    async def main():
        async with served() as (client, one, _):
            assert "the model is being loaded" in await let_in(client, one)
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk, served(talk.dialogue) as (client, one, _):
            sql(tmp_path / "krishna.db", "ALTER TABLE turns RENAME TO away")
            text = await let_in(client, one)
            assert "no such table: turns" in text and "Tokens a second" in text
            sql(tmp_path / "krishna.db", "ALTER TABLE away RENAME TO turns")
            assert "<rect" in (await client.get("/")).text

    asyncio.run(main())


def test_no_word_of_what_went_wrong_brings_a_secret_to_those_who_watch(tmp_path, tokenizer):
    class Failed(ScriptedEngine):
        def stats(self):
            return replace(super().stats(), failed="http://me:its-password@gpu1/v1 does not answer")

    async def main():
        remote = "http://me:its-password@gpu1/v1"
        async with (
            talking(tmp_path, Failed(tokenizer)) as talk,
            served(talk.dialogue, remote=remote) as (client, one, _),
        ):
            for text in (await let_in(client, one), (await client.get("/readyz")).text):
                assert "@gpu1/v1 does not answer" in text and "its-password" not in text

    asyncio.run(main())


def test_the_button_swaps_the_adapter_and_only_from_the_page(tmp_path, tokenizer):
    for name in ("lora-1", "lora-2", "notes"):
        (tmp_path / name).mkdir()
    for name in ("lora-1", "lora-2"):
        (tmp_path / name / "adapter_config.json").write_text("{}")

    async def main():
        engine = ScriptedEngine(tokenizer)
        async with (
            talking(tmp_path, engine) as talk,
            served(talk.dialogue, adapter=tmp_path / "lora-1") as (client, one, _),
        ):
            press = {"do": "load", "path": str(tmp_path / "lora-2")}
            assert (await client.post("/adapter", data=press)).status_code == 401
            text = await let_in(client, one)
            assert re.findall(r'<option value="([^"]*)">', text) == [str(tmp_path / f"lora-{i}") for i in (1, 2)]
            for wrong in ({}, {"form": "guessed"}, {"form": "ü"}):  # another site's, with the browser's cookie
                assert (await client.post("/adapter", data=press | wrong)).status_code == 403
            assert engine.adapters == ()
            mine = {"form": FORM.search(text)[1]}
            answer = await client.post("/adapter", data=press | mine)
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
            assert engine.adapters == ("lora-2",)
            text = (await client.get("/")).text
            assert "lora-2 answers from now on" in text and "Back to the base" in text
            await client.post("/adapter", data={"do": "unload"} | mine)
            await asyncio.sleep(0.05)
            assert engine.adapters == ()
            text = (await client.get("/")).text
            assert "the base answers from now on" in text and "Back to the base" not in text
            await client.post("/adapter", data={"do": "<dance>"} | mine)
            text = (await client.get("/")).text
            assert "nothing changed" in text and "&lt;dance&gt;" in text and "<dance>" not in text

    asyncio.run(main())


def test_a_link_can_be_asked_for_while_the_host_runs(tmp_path, tokenizer):
    async def main():
        database = str(tmp_path / "krishna.db")
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            async with served(talk.dialogue, database_url=database) as (client, one, settings):
                async with listening(settings, talk.dialogue.adapters, one.link):
                    link = await tell(settings, {"do": "page"})
                assert link.startswith(str(client.base_url))
                assert (await client.get(link)).status_code == 200
                assert (await client.get("/")).status_code == 200
            for listen, mend in (("", "KRISHNA_HTTP_LISTEN=127"), ("192.168.1.5:8090", "only given on loopback")):
                other = settings.model_copy(update={"http_listen": listen})
                one = page.Page(other, watch.Watch(), logs.Recent(logs.Mask()))
                async with listening(other, talk.dialogue.adapters, one.link):
                    with pytest.raises(ConfigurationError, match=mend):
                        await tell(other, {"do": "page"})

    asyncio.run(main())


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("terminal", [True, False])
def test_a_start_says_how_to_get_in_where_the_operator_sees_it(form, terminal, monkeypatch):
    """Also where the log is JSON, which goes elsewhere and so holds no link: a terminal shows one beside it."""
    screen, stderr = os.openpty() if terminal else os.pipe()
    said = []

    async def main():
        async with served(log_format=form) as (client, one, settings):
            host._invite(settings, one, said.append)
            os.write(stderr, b"\n")
            shown = os.read(screen, 9999).decode()
            links = re.findall(r"http://\S+/login/\S+", said[0] + shown)
            assert len(said) == 1 and "`python -m bots page` prints a link" in said[0]
            assert ("/login/" in said[0]) == (form == "text")
            assert len(links) == (form == "text" or terminal)
            for link in links:
                assert (await client.get(link)).status_code == 200
            one._settings = settings.model_copy(update={"http_listen": "192.0.2.1:8090"})
            host._invite(settings, one, said.append)  # where nobody is let in
            assert len(said) == 1

    with open(stderr, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        asyncio.run(main())
    os.close(screen)


def test_the_days_are_those_of_this_machine(tmp_path):
    file = tmp_path / "krishna.db"

    async def main():
        async with opened(file) as store:
            for number, (conversation, hours) in enumerate((("a", 0), ("a", 0), ("b", 0), ("a", 24), ("c", 400))):
                await asked(store, number, conversation=conversation)
                sql(file, "UPDATE turns SET created_at = created_at - ? WHERE update_id = ?", hours * 3600, str(number))
            found = await store.days(3)
            assert [(day.conversations, day.questions) for day in found] == [(0, 0), (1, 1), (2, 3)]
            assert found[-1].ordinal - found[0].ordinal == 2

    asyncio.run(main())
