"""Whatever a platform sends, nothing escapes, no words of it reach the log, and who comes next is answered.

`KRISHNA_FUZZ=10000 pytest tests/fuzz` tries as many updates for each platform, as `.ci/run` does (a minute), not a hundred.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import logging
import os
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from telegram import Update, User
from telegram.ext._utils.webhookhandler import TelegramHandler
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine
from tornado.web import Application, HTTPError

from bots import logs
from bots.dialogue import Dialogue
from bots.discord.adapter import DiscordAdapter
from bots.discord.translate import from_interaction
from bots.settings import Settings
from bots.telegram.adapter import Inbox, TelegramAdapter
from bots.telegram.sieve import sieved, sift
from core.wisdom.search import finder
from storage import Store
from tests.bots.discord import talk as discord
from tests.bots.discord.test_translate import Desk
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.bots.telegram import talk as telegram
from tests.fuzz.mutants import WORDS, mutants
from tests.platforms.discord_json import message_json
from tests.platforms.telegram_server import TelegramServer

ME, NEXT, GROUP = 7, 8, -1001
POST, JSON = (
    RequestStartLine("POST", "/telegram", "HTTP/1.1"),
    HTTPHeaders({"Host": "here", "Content-Type": "application/json"}),
)
MANY = int(os.environ.get("KRISHNA_FUZZ", "100"))
PATIENT = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=MANY)
FEW = settings(PATIENT, max_examples=60, phases=[Phase.generate], database=None)


@contextlib.contextmanager
def listened():
    """Reads what a host's log would hold: no words of anybody's."""
    before = logging.root.handlers[:], logging.root.level
    logs.begin(Settings(_env_file=None))
    out = io.StringIO()
    logging.root.handlers[0].setStream(out)
    try:
        yield
    finally:
        logging.root.handlers[:], logging.root.level = before
    assert "walnut" not in out.getvalue(), out.getvalue()


class Taking(Dialogue):
    """A dialogue that stores what comes and answers none of it. kept: what was stored, as a restart would read it."""

    def __init__(self, store):
        super().__init__(Settings(_env_file=None), store, ScriptedEngine(None), finder())
        self.kept = []

    async def receive(self, inbound):
        inbound = replace(inbound, update_id=str(len(self.kept)))  # each is a new one
        assert await super().receive(inbound)
        self.kept += [pending.inbound for pending in await self.store.unfinished(inbound.platform)]
        await self.store.done(inbound.key)
        return False


class Line:
    """The connection of a post, of which tornado only wants to hear when it ends."""

    def set_close_callback(self, callback):
        pass


class Quiet(DiscordAdapter):
    """It acknowledges nothing: nobody is there."""

    async def interact(self, interaction, kind, name, text):
        await self._store(from_interaction(interaction, kind, name, text))


def telegram_updates(server):
    """Real updates of each sort."""
    answer = server.world.add(server.world.chat(ME), server.world.bot, "an answer")
    answer.keyboard = [[{"text": "Another answer", "callback_data": "again:1"}]]
    server.private(ME, WORDS, language="hi")
    server.private(ME, f"/verse {WORDS}", reply_to=answer)
    server.group(GROUP, ME, WORDS, topic=3)
    server.group(GROUP, ME, f"/ask {WORDS}")
    server.media(ME, "photo", WORDS)
    server.media(ME, "new_chat_title")
    server.press(ME, answer, "again:1")
    stop = {"update_id": 3, "stopped_message_generation": {"chat": {"id": ME, "type": "private"}, "draft_id": 9}}
    return [*server.updates.made, stop]


def discord_events(server, commands):
    """Real events of each sort that is read: {"t": name, "d": data}."""
    server.world.commands = commands
    ours = server.say(server.anna, server.room, "What is duty?")
    said = [
        server.say(server.anna, server.room, f"{server.bot.mention} {WORDS}"),
        server.say(server.anna, server.add_thread(server.room), f"{server.bot.mention} {WORDS}"),
        server.dm(server.anna, WORDS),
    ]
    asked = [
        server._payload(server.slash(server.anna, place, "ask", {"question": WORDS}))
        for place in (server.room, server.dm_channel(server.anna))
    ]
    button = {
        "type": 3,
        "data": {"component_type": 2, "custom_id": "again:1"},
        "message": message_json(server.world, ours, all_content=True),
    }
    messages = [{"t": "MESSAGE_CREATE", "d": message_json(server.world, m, all_content=True)} for m in said]
    return messages + [{"t": "INTERACTION_CREATE", "d": data} for data in (*asked, asked[0] | button)]


def some(real):
    """A few mutants."""
    found = []

    @FEW
    @given(mutants(real))
    def draw(update):
        found.append(update)

    draw()
    return found


@contextlib.contextmanager
def entered(runner, manager):
    """What an asynchronous context gives, in a runner whose loop stands still between two steps."""
    given = runner.run(manager.__aenter__())
    try:
        yield given
    finally:
        runner.run(manager.__aexit__(None, None, None))


@contextlib.asynccontextmanager
async def taking(folder):
    store = await Store.open(folder / "krishna.db")
    try:
        yield Taking(store)
    finally:
        await store.close()


@pytest.mark.slow  # in CI
def test_telegram_updates_of_any_form(tmp_path):
    """From polling's bytes or a webhook's post through the library and the inbox into the database."""
    with listened(), asyncio.Runner() as runner, entered(runner, taking(tmp_path)) as dialogue:
        server = TelegramServer()
        adapter = TelegramAdapter(telegram.settings_for(server, tmp_path), dialogue)
        adapter._bot._bot_user = User.de_json(server.world.bot, None)

        tried, inbox, server_of_posts = Counter(), Inbox(adapter, webhook=True), Application()

        async def posted(update):
            """As the library's server of webhooks does (bots/telegram/adapter.py gives it sift to begin with)."""
            body = json.dumps(update).encode()
            request = HTTPServerRequest(start_line=POST, headers=JSON, body=body, connection=Line())
            handler = TelegramHandler(server_of_posts, request, bot=adapter._bot, update_queue=inbox, secret_token=None)
            with contextlib.suppress(HTTPError):  # then it is refused
                sift(handler)
                await handler.post()

        async def polled(update):
            data = sieved(json.dumps({"ok": True, "result": [update]}).encode())
            updates = Update.de_list(data["result"], adapter._bot)
            assert all(isinstance(read.update_id, int) for read in updates)  # the library counts on it
            await adapter.take_all(updates)

        @PATIENT
        @given(mutants(telegram_updates(server)), st.sampled_from([polled, posted]))
        def fuzz(update, come):
            tried[come] += 1
            runner.run(asyncio.wait_for(come(update), 10))

        fuzz()
        assert len(dialogue.kept) > 3 and min(tried[polled], tried[posted]) > 0.2 * MANY
        assert tried.total() >= MANY


@pytest.mark.slow  # in CI
def test_discord_events_of_any_form(tmp_path):
    """From the gateway's event through the library into the database."""
    with listened(), asyncio.Runner() as runner, entered(runner, taking(tmp_path)) as dialogue:
        desk = Desk()
        adapter = Quiet(Settings(_env_file=None), dialogue)
        adapter._client, desk.client._hearer = desk.client, adapter
        desk.client.loop = runner.get_loop()
        tried = 0

        async def come(event):
            if isinstance(name := event.get("t"), str) and name in desk.state.parsers:
                desk.state.parsers[name](json.loads(json.dumps(event.get("d"))))
            async with asyncio.timeout(10):
                while left := asyncio.all_tasks() - {asyncio.current_task()}:
                    await asyncio.wait(left)

        @PATIENT
        @given(mutants(discord_events(desk.server, desk.server.world.commands)))
        def fuzz(event):
            nonlocal tried
            tried += 1
            runner.run(come(event))

        fuzz()
        assert len(dialogue.kept) > 3 and tried >= MANY


def test_who_comes_after_odd_updates_is_answered_on_telegram(tmp_path, tokenizer):
    """A real run, polled; what it answers to odd messages is its own affair."""
    odd = [update | {"update_id": n} for n, update in enumerate(some(telegram_updates(TelegramServer())))]

    async def main():
        async with telegram.talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            talk.server.updates.pending += odd
            talk.server.private(NEXT, "What is duty?")
            answer = await talk.answer(NEXT, within=20)
            assert answer.text.startswith(COUNSEL)

    with listened():
        asyncio.run(main())


def test_who_comes_after_odd_events_is_answered_on_discord(tmp_path, tokenizer):
    async def main():
        async with discord.talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            real = discord_events(server, server.world.commands)
            await talk.idle()
            (session,) = server.gateway.sessions.values()
            for event in some(real):
                if isinstance(event.get("t"), str):
                    session.dispatch(event["t"], event.get("d"))
            boris = server.add_user("boris")
            server.dm(boris, "What is duty?")
            answer = await talk.answer(server.dm_channel(boris), within=20)
            assert answer.content.startswith(COUNSEL) and not talk.run.done()

    with listened():
        asyncio.run(main())
