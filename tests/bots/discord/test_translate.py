"""What a message and an interaction become, and what a dead process would have been told. Mostly without a network."""

from __future__ import annotations

import asyncio

import aiohttp
import discord
import pytest

from bots.discord.client import Client
from bots.discord.missed import Missed, Session
from bots.discord.surface import DiscordSurface, view
from bots.discord.translate import from_interaction, from_message
from bots.settings import Settings
from bots.surface import Button, Gone
from tests.bots.discord.talk import World
from tests.platforms import discord_messages
from tests.platforms.discord_json import channel_json, guild_json, message_json, user_json
from tests.platforms.discord_state import SEND_MESSAGES, SEND_MESSAGES_IN_THREADS, VIEW_CHANNEL, File

ASK = {
    "id": "1",
    "name": "ask",
    "contexts": [0, 1, 2],
    "integration_types": [0, 1],
    "options": [{"name": "question", "type": 3, "required": True}],
}


class Desk:
    """A client that is nowhere connected, but knows what it would know."""

    def __init__(self):
        self.server = World()
        self.server.world.commands = [ASK]
        self.client = Client(Settings(_env_file=None))
        self.state = self.client._connection
        self.state.user = discord.ClientUser(state=self.state, data=user_json(self.server.bot))
        self.state._add_guild_from_data(guild_json(self.server.world, self.server.hall))

    def message(self, sent):
        data = message_json(self.server.world, sent, all_content=True)
        if sent.channel.guild:
            channel = self.client.get_channel(sent.channel.id)
        else:
            data_of_it = channel_json(self.server.world, sent.channel)
            channel = discord.DMChannel(me=self.client.user, state=self.state, data=data_of_it)
        return from_message(discord.Message(state=self.state, channel=channel, data=data), self.client.user)

    def interaction(self, place, kind="text", name="ask", **how):
        made = self.server.slash(self.server.anna, place, "ask", {"question": "why?"}, **how)
        interaction = discord.Interaction(data=self.server._payload(made), state=self.state)
        return from_interaction(interaction, kind, name, "why?")


def test_what_a_message_becomes():
    desk = Desk()
    server, anna, me = desk.server, desk.server.anna, desk.server.bot
    said = desk.message(sent := server.say(anna, server.room, f"Why, {me.mention}? And <@!{me.id}>"))
    assert (said.kind, said.private, said.text, said.reply_to) == ("text", False, "Why,  ? And", None)
    assert (said.update_id, said.chat_id, said.user_id) == (f"m{sent.id}", str(server.room.id), str(anna.id))
    assert said.user_name == "Anna" and not said.address["linear"] and not said.address["discreet"]
    sent.id -= 3_600_000 << 22  # as if it were written an hour before
    assert abs(desk.message(sent).received_at - (sent.created_at - 3600)) < 0.01
    other = server.add_user("boris")
    assert desk.message(server.say(anna, server.room, f"{me.mention} tell {other.mention}")).text == (
        f"tell {other.mention}"
    )
    assert desk.message(server.say(anna, server.room, f"tell {other.mention}", mention=False)) is None
    private = desk.message(server.dm(anna, "why?"))
    assert private.private and private.address["linear"] and private.address["discreet"]
    photo = discord_messages.write(server, server.dm_channel(anna), anna, {"content": ""}, {0: File("a.png", b"x")})
    assert desk.message(photo).kind == "media"


@pytest.mark.parametrize(
    ("written", "kind", "command", "text"),
    [
        ("/help", "command", "help", ""),
        ("/Verse  2.47 ", "command", "verse", "2.47"),
        ("/daily 7:30\nKolkata", "command", "daily", "7:30\nKolkata"),
        ("/ask why?", "text", None, "why?"),
        ("/helpless, that is what I am", "text", None, "/helpless, that is what I am"),
        ("/dance", "command", "dance", ""),
        ("/Dance_2 ", "command", "dance_2", ""),
        ("/dance with me?", "text", None, "/dance with me?"),
        ("/नाच", "text", None, "/नाच"),
        ("and/or /help", "text", None, "and/or /help"),
    ],
)
def test_a_command_that_was_typed_as_text(written, kind, command, text):
    desk = Desk()
    for said in (
        desk.message(desk.server.dm(desk.server.anna, written)),
        desk.message(desk.server.say(desk.server.anna, desk.server.room, f"{desk.server.bot.mention} {written}")),
    ):
        assert (said.kind, said.command, said.text) == (kind, command, text)


@pytest.mark.parametrize("ours", [False, True])
@pytest.mark.parametrize("pings", [False, True])
def test_a_reply_is_for_us_if_it_answers_us(ours, pings):
    desk = Desk()
    server = desk.server
    author = server.bot if ours else server.add_user("boris")
    first = discord_messages.write(server, server.room, author, {"content": "first"}, {})
    reply = desk.message(server.say(server.anna, server.room, "and?", reply_to=first, mention=pings))
    assert (reply and reply.reply_to) == (str(first.id) if ours else None)


@pytest.mark.parametrize(("chosen", "locale"), [("en-US", "en"), ("en-GB", "en-GB"), ("hi", "hi"), ("pt-BR", "pt-BR")])
def test_a_locale_nobody_chose_tells_no_country(chosen, locale):
    desk = Desk()
    desk.server.anna.locale = chosen
    assert desk.interaction(desk.server.room).locale == locale


def test_where_it_may_write_as_a_member():
    desk = Desk()
    server, hall = desk.server, desk.server.hall
    assert desk.interaction(server.room).address["channel"] == server.room.id
    assert desk.interaction(server.dm_channel(server.anna)).address["channel"]
    for denied in (SEND_MESSAGES, VIEW_CHANNEL):
        assert desk.interaction(server.add_channel(hall, denied=denied)).address["channel"] is None
    thread = server.add_thread(server.add_channel(hall, denied=SEND_MESSAGES))
    assert desk.interaction(thread).address["channel"] == thread.id
    shut = server.add_thread(server.add_channel(hall, denied=SEND_MESSAGES_IN_THREADS))
    assert desk.interaction(shut).address["channel"] is None
    lobby = server.add_channel(server.add_guild(member=False))
    group = server.add_private_channel(server.anna, server.add_user("boris"))
    for place in (lobby, group):
        asked = desk.interaction(place, guild_installed=False)
        assert asked.address["channel"] is None and not asked.private


@pytest.mark.parametrize(("name", "hidden"), [("mydata", True), ("stop", True), ("verse", False)])
def test_what_only_the_asker_sees(name, hidden):
    desk = Desk()
    told = desk.interaction(desk.server.room, "command", name)
    assert told.address["hidden"] is told.address["discreet"] is hidden and told.command == name
    private = desk.interaction(desk.server.dm_channel(desk.server.anna), "command", name)
    assert not private.address["hidden"] and private.address["discreet"] and private.private


def test_rows_of_buttons_keep_their_order():
    async def main():
        rows = [[Button("a", "up:1"), Button("b", "down:1")], [Button("c", "verse:2.47")]]
        made = view(rows).to_components()
        assert [[c["label"] for c in row["components"]] for row in made] == [["a", "b"], ["c"]]
        assert view([[]]) is None and view(()) is None

    asyncio.run(main())


def test_hidden_words_never_go_to_the_channel():
    async def main():
        address = {"channel": 1, "application": 2, "token": None, "expires": 0.0, "press": None, "hidden": True}
        surface = DiscordSurface(Desk().client, {**address, "discreet": True, "linear": False}, "i1")
        assert not surface.repeatable(1)  # the token is dead
        for act in (surface.finish("x"), surface.send("x"), surface.file("x.json", b"{}", "x")):
            with pytest.raises(Gone):
                await act

    asyncio.run(main())


def test_what_a_dead_process_would_have_been_told():
    async def main():
        async with World() as server:
            identify = {"token": server.token, "intents": 1 << 9 | 1 << 12 | 1, "properties": {}}
            address = f"{server.gateway_url}/?v=10&encoding=json"
            async with aiohttp.ClientSession() as http, http.ws_connect(address) as socket:
                await socket.send_json({"op": 2, "d": identify})
                await server.wait_for(lambda: server.gateway.ready)
                server.say(server.anna, server.room, "Before.")
                [known] = server.gateway.sessions.values()
                session = Session(f"{server.gateway_url}/resume", known.id, len(known.events))
                server.drop_sockets()
            sent = [server.say(server.anna, server.room, "Why?"), server.dm(server.anna, "And why?")]
            again = Missed(session, server.token)
            await server.wait_for(lambda: server.gateway.ready)
            sent.append(server.dm(server.anna, "And meanwhile?"))
            await server.wait_for(lambda: len(again.found) == 3)
            assert await again.told() == [(m.channel.id, m.id) for m in sent]
            # it was left, not ended: who could not look all of that up is told again
            assert await Missed(session, server.token).told() == [(m.channel.id, m.id) for m in sent]
        assert await Missed(session, server.token).told() == []  # nobody is there

    asyncio.run(main())
