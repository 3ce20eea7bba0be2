"""What strangers might try: buttons that nobody gave them, words for the database, the disk, and everybody's phones."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3

import pytest
from pydantic import SecretStr
from yarl import URL

from bots import logs, words
from bots.settings import Settings
from bots.telegram.surface import formatted
from tests.bots.discord import talk as discord
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.bots.telegram.talk import talking
from tests.bots.test_page import served

ME, OTHER, GROUP = 7, 8, -1001
TRIES = (
    "'; DROP TABLE turns; --",
    "x' OR '1'='1",
    '"); DELETE FROM inbox; --',
    "../../../../etc/passwd",
    "file:///etc/passwd",
    "{0.__class__.__init__.__globals__} %(name)s %n ${7*7} {{7*7}}",
    "\0 nothing",
)


def forged(server, user, message, data):
    """A press of a button that the message does not have, as a client of one's own can send it."""
    press = server.world.press(user, message, data)
    query = {
        "id": press.id,
        "from": server.world.person(user),
        "message": server.world.message_json(message),
        "chat_instance": "1",
        "data": data,
    }
    server.updates.add("callback_query", query)
    return press


def test_a_button_that_nobody_gave_does_nothing(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            server.private(ME, "I fear my father.")
            mine = await talk.answer(ME)
            again = mine.button("Another")
            number = again.partition(":")[2]
            server.private(OTHER, "What is duty?")
            theirs = await talk.answer(OTHER)
            server.group(GROUP, ME, "What is anger?")
            public = await talk.answer(GROUP)
            await talk.idle()
            kept, edits = len(talk.engine.requests), len(public.edits)

            actions = ("again", "deeper", "retry", "show", "stop", "up", "down")
            wrong = [f"{action}:{number}" for action in actions]
            wrong += ["show:" + "9" * 40, "up:-1", "up:1 OR 1=1", "down:٩", "nothing", "again:", ":", "show:0"]
            for user, message in ((OTHER, theirs), (ME, public)):  # a stranger, and I where others would read it
                pressed = [forged(server, user, message, data) for data in wrong]
                await server.wait_for(lambda pressed=pressed: all(p.answer is not None for p in pressed))
                assert {p.answer for p in pressed} == {words.EXPIRED["en"]}
            for data in ("page:2.47", "verse:2.47", "page:../../2.47"):
                forged(server, OTHER, public, data)
            await talk.answer(GROUP, 3)
            await talk.idle()
            assert len(public.edits) == edits and public.text.startswith(COUNSEL)  # no page was turned over an answer
            assert len(server.messages(OTHER)) == 1 and len(server.messages(GROUP)) == 3
            assert len(talk.engine.requests) == kept
            for user in (ME, OTHER):
                assert not (await talk.store.mydata("telegram", str(user)))["votes"]
            assert talk.clean()

    asyncio.run(main())


def test_words_for_the_database_and_the_disk_are_words(tmp_path, tokenizer):
    async def main():
        before = set(tmp_path.iterdir())
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            commands = [""] + [f"/{name} " for name in ("verse", "daily", "optout", "adapter")]
            for person, text in enumerate(TRIES, start=ME):
                server.world.person(person)["first_name"] = text
                for command in commands:
                    server.private(person, command + text)
            for person, text in enumerate(TRIES, start=ME):
                await talk.answer(person, len(commands), within=20)
                (turn,) = (await talk.store.mydata("telegram", str(person)))["turns"]
                assert turn["question"] == text.replace("\0", "")
            server.private(OTHER, "What is \ud800 duty?")
            assert (await talk.answer(OTHER, len(commands) + 1)).text.startswith(COUNSEL)
        with contextlib.closing(sqlite3.connect(tmp_path / "krishna.db")) as file:
            tables = {name for (name,) in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        assert {"turns", "inbox"} <= tables
        made = {path.name for path in set(tmp_path.iterdir()) - before}
        assert made == {"krishna.db"}, made

    asyncio.run(main())


def test_no_path_leads_to_a_file(tmp_path):
    async def main():
        async with served(database_url=str(tmp_path / "krishna.db")) as (client, one, _):
            await client.get(one.link())
            for path in (
                "/../.env",
                "/..%2f..%2fetc/passwd",
                "/%2e%2e/%2e%2e/etc/passwd",
                "//etc/passwd",
                "/page.html",
            ):
                reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
                writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
                answer = await reader.read()
                writer.close()
                assert answer.split()[1] == b"404" and b"root:" not in answer, (path, answer)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Ask @boris_1 and @@carol, @**dora**.", "Ask ＠boris_1 and @＠carol, ＠dora."),
        ("Write to help@example.org at 5 @ noon.", "Write to help@example.org at 5 @ noon."),
        ("[your bank](https://evil.example.org/login)", "your bank"),
        ("[Boris](tg://user?id=7) ![x](tg://emoji?id=5)", "Boris 🖼x"),
    ],
)
def test_telegrams_words_call_nobody_and_hide_no_address(said, shown):
    plain, entities = formatted(said)
    assert " ".join(plain.split()) == shown and not {e.type for e in entities} - {"bold"}
    assert not any(e.url or e.user for e in entities)


def test_nobody_is_called_while_an_answer_grows(tmp_path, tokenizer):
    async def main():
        text = f"Partha, @boris waits. {COUNSEL}"
        async with talking(tmp_path, ScriptedEngine(tokenizer, text, pace_s=0.03), pace_s=0.2) as talk:
            talk.server.group(GROUP, ME, "Whom shall I call?")
            answer = await talk.answer(GROUP)
            assert len(answer.edits) > 1 and all("@boris" not in edit.text for edit in answer.edits)
            assert "@boris" not in answer.text and "＠boris waits" in answer.text

    asyncio.run(main())


def test_discords_links_show_where_they_lead(tmp_path, tokenizer):
    async def main():
        text = f"Partha, [your bank](https://evil.example.org) waits. {COUNSEL}"
        async with discord.talking(tmp_path, ScriptedEngine(tokenizer, text)) as talk:
            talk.server.say(talk.server.anna, talk.server.room, "Where is my money?")
            answer = await talk.answer(talk.server.room)
            assert r"[your bank]\(https://evil.example.org)" in answer.content
            assert all("](" not in version for version in talk.server.history_of(answer)) and talk.clean()

    asyncio.run(main())


def test_every_secret_of_the_settings_is_masked(monkeypatch):
    """Also one that is added later."""
    names = [name for name, field in Settings.model_fields.items() if "SecretStr" in str(field.annotation)]
    given = {name: SecretStr(f"a-secret-called-{name}") for name in names}
    addresses = {
        "database_url": "postgresql://me:its-password@db/krishna",
        "traces": "https://me:its-password@collector",
        "telegram_api_base": "http://me:its-password@proxy",
        "remote": "http://me:its-password@gpu1/v1,http://me:another-password@gpu2/v1,http://me:of:p@ssword-3@gpu3/v1,"
        "http://me:in%20codes%21@gpu4/v1",
    }
    assert {"telegram_token", "discord_token", "webhook_secret", "remote_key"} <= set(names)
    assert all(URL(a.split(",")[0]).password == "its-password" for a in addresses.values())
    settings = Settings(_env_file=None, **given, **addresses)
    mask = logs.Mask(logs.secrets(settings))
    passwords = ("its-password", "another-password", "of:p@ssword-3", "in%20codes%21", "in codes!")
    for secret in (*(s.get_secret_value() for s in given.values()), *passwords):
        assert secret not in mask(f"POST https://x/{secret}/y: refused"), secret
        assert secret not in repr(settings) or secret in passwords
