"""The loopback Discord, driven by the real discord.py, and by bare requests where the library is too well-behaved."""

import asyncio
import contextlib
import io
import time

import aiohttp
import discord
import pytest
from discord import app_commands

from tests.platforms.discord_forms import ApiError, check_commands
from tests.platforms.discord_server import DiscordServer, connected
from tests.platforms.discord_state import SEND_MESSAGES, VIEW_CHANNEL


class Again(discord.ui.DynamicItem[discord.ui.Button], template=r"again:(?P<turn>\d+)"):
    def __init__(self, turn):
        super().__init__(discord.ui.Button(label="Again", custom_id=f"again:{turn}"))
        self.turn = turn

    @classmethod
    async def from_custom_id(cls, interaction, item, match):
        return cls(int(match["turn"]))

    async def callback(self, interaction):
        await interaction.response.edit_message(content=f"turn {self.turn} again", view=None)
        await interaction.followup.send("for you", ephemeral=True)


def again(turn):
    view = discord.ui.View(timeout=None)
    view.add_item(Again(turn))
    return view


class Bot(discord.Client):
    def __init__(self, **intents):
        intents = discord.Intents(guilds=True, messages=True, **intents)
        super().__init__(intents=intents, guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)
        self.got, self.events = [], []

    async def setup_hook(self):
        self.add_dynamic_items(Again)

        @self.tree.command(description="Ask")
        @app_commands.allowed_installs(guilds=True, users=True)
        @app_commands.allowed_contexts(guilds=True, dms=True, private_channels=True)
        async def ask(interaction, question: str, quietly: bool = False):
            await self.asked(interaction, question, quietly)

        await self.tree.sync()

    async def asked(self, interaction, question, quietly):
        await interaction.response.defer(ephemeral=quietly)
        await interaction.edit_original_response(content=f"{question} Yes.", view=again(7))
        await interaction.followup.send("And more.")

    async def before_identify_hook(self, shard_id, *, initial=False):
        pass  # not five seconds

    async def on_message(self, message):
        self.got.append(message)

    async def on_resumed(self):
        self.events.append("resumed")

    async def on_guild_remove(self, guild):
        self.events.append("kicked")

    @property
    def heard(self):
        return [m.content for m in self.got if m.author != self.user]


@contextlib.asynccontextmanager
async def running(bot=None, token=None, **options):
    """A server with a guild, a channel and Anna; a bot that is ready."""
    async with DiscordServer(**options) as server:
        server.hall = server.add_guild()
        server.room = server.add_channel(server.hall)
        server.anna = server.add_user("anna")
        bot = bot or Bot()
        with connected(server):
            task = asyncio.create_task(bot.start(token or server.token))
            try:
                await server.wait_for(lambda: bot.is_ready() or task.done())
                if task.done():
                    await task
                yield server, bot
            finally:
                await bot.close()
                await asyncio.gather(task, return_exceptions=True)


async def bare(server, method, path, json=None, token=None):
    """A request without the library's care for rate limits: status, body, headers."""
    headers = {"Authorization": f"Bot {token or server.token}"}
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, server.api_base + path, json=json, headers=headers) as reply,
    ):
        as_json = reply.content_type == "application/json"
        return reply.status, await (reply.json() if as_json else reply.text()), reply.headers


def refused(code, status=None):
    """A context in which discord.py must raise Discord's error of that code."""

    class Expect:
        def __enter__(self):
            return self

        def __exit__(self, kind, error, trace):
            assert isinstance(error, discord.HTTPException), error
            assert error.code == code and status in (None, error.status), error
            return True

    return Expect()


def run(main):
    asyncio.run(asyncio.wait_for(main(), 20))


def test_mentions_and_direct_messages_carry_their_text_and_other_messages_do_not():
    async def main():
        async with running() as (server, bot):
            said = server.say(server.anna, server.room, "hello")
            server.say(server.anna, server.room, "not for you", mention=False)
            server.dm(server.anna, "quietly")
            await server.wait_for(lambda: len(bot.heard) == 3)
            assert bot.heard == [f"{bot.user.mention} hello", "", "quietly"]
            reply = await bot.got[0].reply("hi", mention_author=False)
            *_, mine = server.messages(server.room)
            assert (mine.content, mine.reply_to, mine.mentions) == ("hi", said, [])
            await reply.edit(content="hi there")
            assert (mine.content, mine.edits) == ("hi there", 1)
            assert [version.content for version in mine.history] == ["hi", "hi there"]
            answered = server.say(server.anna, server.room, "thanks", reply_to=mine)
            await server.wait_for(lambda: bot.heard[-1] == "thanks")
            assert bot.got[-1].reference.resolved.content == "hi there" and answered.mentions == [server.bot]
            direct = await server.wait_for(lambda: [m for m in bot.got if m.content == "quietly"])
            await direct[0].channel.send("here")
            assert [m.content for m in server.messages(server.dm_channel(server.anna))] == ["quietly", "here"]
            async with bot.get_channel(server.room.id).typing():
                pass
            assert len(server.typings) == 1 and server.violations == 0

    run(main)


def test_a_command_is_deferred_edited_and_followed_up():
    async def main():
        async with running() as (server, bot):
            assert server.commands["ask"]["contexts"] == [0, 1, 2]
            with pytest.raises(ValueError):
                server.slash(server.anna, server.room, "ask")
            asked = server.slash(server.anna, server.room, "ask", {"question": "Why?"})
            await server.wait_for(lambda: asked.followups)
            assert asked.acked_after_s < 1 and asked.ack_type == 5
            assert [v.content for v in asked.original.history] == ["", "Why? Yes."]
            assert not asked.original.loading and list(asked.original.buttons) == ["again:7"]
            assert [m.content for m in server.messages(server.room)] == ["Why? Yes.", "And more."]

            quiet = server.slash(server.anna, server.room, "ask", {"question": "And?", "quietly": True})
            await server.wait_for(lambda: quiet.followups)
            assert quiet.original.ephemeral
            boris = server.add_user("boris")
            assert quiet.original not in server.messages(server.room, seen_by=boris)
            with refused(10008, 404):
                await bot.get_channel(server.room.id).fetch_message(quiet.original.id)

            private = server.slash(server.anna, server.dm_channel(server.anna), "ask", {"question": "Hm?"})
            await server.wait_for(lambda: private.followups)
            assert private.context == 1 and server.violations == 0

    run(main)


def test_a_button_is_found_by_its_custom_id():
    async def main():
        async with running() as (server, bot):
            await bot.get_channel(server.room.id).send("turn 3", view=again(3))
            [message] = server.messages(server.room)
            pressed = server.press(server.anna, message, "again:3")
            await server.wait_for(lambda: pressed.followups)
            assert (message.content, message.buttons, pressed.ack_type) == ("turn 3 again", {}, 7)
            assert pressed.original is message and pressed.followups[0].ephemeral
            with pytest.raises(LookupError):
                server.press(server.anna, message, "again:3")

    run(main)


def test_a_session_is_resumed_and_nothing_is_lost_or_told_twice():
    async def main():
        async with running() as (server, bot):
            for n, disturb in enumerate((server.drop_sockets, server.ask_reconnect, lambda: server.close(4000))):
                server.say(server.anna, server.room, f"before {n}")
                await server.wait_for(lambda n=n: len(bot.heard) == 2 * n + 1)
                disturb()
                server.say(server.anna, server.room, f"meanwhile {n}")
                await server.wait_for(lambda n=n: len(bot.events) == n + 1)
                await asyncio.sleep(0.05)
                assert len(bot.heard) == 2 * n + 2
            assert len(server.gateway.identifies) == 1
            server.invalidate_sessions()
            await server.wait_for(lambda: len(server.gateway.identifies) == 2 and server.gateway.ready)
            server.say(server.anna, server.room, "anew")
            await server.wait_for(lambda: len(bot.heard) == 7)

    run(main)


def test_a_session_outlives_its_bot_but_not_for_ever():
    async def main():
        async with DiscordServer() as server, aiohttp.ClientSession() as http:

            async def hello(*commands):
                """What comes until nothing more does, or the close code."""
                got = []
                async with http.ws_connect(f"{server.gateway_url}/?v=10&encoding=json") as ws:
                    for command in commands:
                        await ws.send_json(command)
                    with contextlib.suppress(TimeoutError):
                        while (message := await ws.receive(timeout=0.25)).type is aiohttp.WSMsgType.TEXT:
                            got.append(message.json())
                        return got, ws.close_code
                    ws._writer.transport.abort()  # as if killed
                    return got, None

            identify = {"op": 2, "d": {"token": server.token, "intents": 512, "properties": {}}}
            assert (await hello({"op": 3, "d": {}}))[1] == 4003
            assert (await hello({"op": 2, "d": identify["d"] | {"token": "wrong"}}))[1] == 4004
            assert (await hello({"op": 2, "d": identify["d"] | {"intents": 1 << 15}}))[1] == 4014
            assert (await hello(identify, identify))[1] == 4005
            got, _ = await hello({"op": 1, "d": None}, identify)
            assert [e["op"] for e in got] == [10, 11, 0] and got[2]["t"] == "READY"
            resume = {"op": 6, "d": {"token": server.token, "session_id": got[2]["d"]["session_id"], "seq": 1}}
            got, _ = await hello(resume)
            assert [e["t"] for e in got] == [None, "RESUMED"]
            assert (await hello({"op": 6, "d": resume["d"] | {"seq": 99}}))[1] == 4007
            server.gateway.session_timeout_s = 0
            got, _ = await hello(resume)
            assert (got[-1]["op"], got[-1]["d"]) == (9, False)
            server.gateway.heartbeat_interval_s = 0.02
            assert (await hello())[1] == 4009

    run(main)


def test_a_wrong_token_and_intents_that_were_not_granted():
    async def main():
        with pytest.raises(discord.LoginFailure):
            async with running(token="wrong"):
                pass
        with pytest.raises(discord.PrivilegedIntentsRequired):
            async with running(Bot(message_content=True)):
                pass
        async with running(Bot(message_content=True), privileged=1 << 15) as (server, bot):
            server.say(server.anna, server.room, "for all to read", mention=False)
            await server.wait_for(lambda: bot.heard == ["for all to read"])
            assert (await bare(server, "GET", f"/channels/{server.room.id}", token="wrong"))[:2] == (
                401,
                {"message": "401: Unauthorized", "code": 0},
            )

    run(main)


def test_what_discord_refuses():
    async def main():
        async with running() as (server, bot):
            server.limits.rates["create message"] = (100, 5.0)
            room = bot.get_channel(server.room.id)
            await room.send("ॐ" * 2000)
            with refused(50035, 400):
                await room.send("x" * 2001)
            with refused(50006, 400):
                await room.send(" \n ")
            with refused(10008, 404):
                await room.get_partial_message(1).edit(content="x")
            with refused(50035, 400):
                await room.send("x", reference=discord.MessageReference(message_id=1, channel_id=room.id))
            unsure = discord.MessageReference(message_id=1, channel_id=room.id, fail_if_not_exists=False)
            assert (await room.send("x", reference=unsure)).reference is None
            with refused(10003, 404):
                await bot.get_partial_messageable(1).send("x")
            boris = server.add_user("boris", accepts_dms=False)
            with refused(50007, 403):
                await bot.get_partial_messageable((await (await bot.fetch_user(boris.id)).create_dm()).id).send("x")
            for denied, code in ((VIEW_CHANNEL, 50001), (SEND_MESSAGES, 50013)):
                closed = server.add_channel(server.hall, "closed", denied=denied)
                with refused(code, 403):
                    await bot.get_partial_messageable(closed.id).send("x")
            hers = server.say(server.anna, server.room, "mine")
            with refused(50005, 403):
                await room.get_partial_message(hers.id).edit(content="x")
            with refused(50013, 403):
                await room.get_partial_message(hers.id).delete()
            server.kick(server.hall)
            with refused(50001, 403):
                await bot.get_partial_messageable(room.id).send("x")
            await server.wait_for(lambda: bot.events == ["kicked"])
            assert server.violations == 0

    run(main)


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ([{"type": 2, "style": 1, "label": "x", "custom_id": "y" * 101}], "custom_id"),
        ([{"type": 2, "style": 1, "label": "x" * 81, "custom_id": "y"}], "label"),
        ([{"type": 2, "style": 1, "label": "x"}], "custom_id"),
        ([{"type": 2, "style": 9, "label": "x", "custom_id": "y"}], "style"),
        ([{"type": 2, "style": 1, "label": "x", "custom_id": f"{n}"} for n in range(6)], "Must be between 1 and 5"),
        ([{"type": 2, "style": 1, "label": "x", "custom_id": "same"}] * 2, "COMPONENT_CUSTOM_ID_DUPLICATED"),
    ],
)
def test_buttons_that_discord_refuses(row, where):
    async def main():
        async with DiscordServer() as server:
            room = server.add_channel(server.add_guild())
            body = {"content": "x", "components": [{"type": 1, "components": row}]}
            status, answer, _ = await bare(server, "POST", f"/channels/{room.id}/messages", body)
            assert (status, answer["code"]) == (400, 50035) and where in str(answer["errors"]["components"])

    run(main)


def test_an_interaction_is_answered_once_in_time_and_only_so_long():
    async def main():
        async with running() as (server, bot):
            server.limits.rates["webhook"] = (100, 1.0)
            held = []

            async def hold(interaction, question, quietly):
                held.append(interaction)

            async def next_one(**how):
                asked = server.slash(server.anna, server.room, "ask", {"question": "?"}, **how)
                return asked, await server.wait_for(lambda: held and held.pop())

            bot.asked = hold
            server.ack_within_s = 0.1
            asked, interaction = await next_one()
            with refused(10015, 404):
                await interaction.followup.send("too soon")
            await asyncio.sleep(0.15)
            with refused(10062, 404):
                await interaction.response.defer()
            assert asked.acked_after_s is None

            server.ack_within_s = 3
            asked, interaction = await next_one()
            with refused(50035, 400):
                await interaction.response.send_message("x" * 2001)
            await interaction.response.send_message("first")
            interaction.response._response_type = None
            with refused(40060, 400):
                await interaction.response.defer()
            assert asked.original.content == "first" and asked.original.type == 20
            await interaction.delete_original_response()
            with refused(10008, 404):
                await interaction.edit_original_response(content="x")

            asked, interaction = await next_one(guild_installed=False)
            await interaction.response.defer()
            await interaction.followup.send("in place of the thinking")
            assert asked.original.content == "in place of the thinking" and not asked.followups
            for n in range(5):
                await interaction.followup.send(f"{n}")
            with refused(40094, 400):
                await interaction.followup.send("one too many")
            server.token_lifetime_s = 0
            with refused(50027, 401):
                await interaction.edit_original_response(content="too late")

    run(main)


def test_an_app_that_only_a_person_installed_reaches_no_channel():
    async def main():
        async with running() as (server, bot):
            lobby = server.add_channel(server.add_guild("elsewhere", member=False), "lobby")
            group = server.add_private_channel(server.anna, server.add_user("boris"))
            for channel in (lobby, group):
                asked = server.slash(server.anna, channel, "ask", {"question": "?"}, guild_installed=False)
                await server.wait_for(lambda asked=asked: asked.followups)
                assert asked.outside and asked.original.content == "? Yes."
                with refused(50001, 403):
                    await bot.get_partial_messageable(channel.id).send("x")

    run(main)


def test_limits_are_enforced_and_the_library_keeps_them():
    async def main():
        async with running() as (server, bot):
            server.limits.rates["create message"] = (3, 0.4)
            room = bot.get_channel(server.room.id)
            began = time.monotonic()
            await asyncio.gather(*(room.send(f"{n}") for n in range(7)))
            assert time.monotonic() - began > 0.8 and server.violations == 0

            fault = server.fault(r"POST /channels/\d+/messages$", "429", 2, retry_after=0.2)
            began = time.monotonic()
            await room.send("patient")
            assert time.monotonic() - began > 0.4 and len(fault.hits) == 2 and server.violations == 0

            server.limits.rates["create message"] = (3, 5.0)
            path = f"/channels/{server.add_channel(server.hall).id}/messages"
            replies = [await bare(server, "POST", path, {"content": "x"}) for _ in range(4)]
            assert [status for status, *_ in replies] == [200, 200, 200, 429]
            _, body, headers = replies[-1]
            assert 0 < body["retry_after"] <= 5 and not body["global"] and 1 <= int(headers["Retry-After"]) <= 5
            assert headers["X-RateLimit-Scope"] == "user" and headers["X-RateLimit-Remaining"] == "0"
            assert server.violations == 1 and not server.impatient
            server.fault("GET /users/@me", "429", retry_after=0.5)
            await bare(server, "GET", "/users/@me")
            await asyncio.sleep(0.2)
            await bare(server, "GET", "/users/@me")
            assert server.impatient == ["GET /users/@me"]
            server.limits.global_per_s = 3
            await asyncio.sleep(1)
            replies = [await bare(server, "GET", "/users/@me") for _ in range(4)]
            assert replies[-1][0] == 429 and replies[-1][1]["global"] and replies[-1][2]["X-RateLimit-Global"] == "true"

    run(main)


def test_faults():
    async def main():
        async with running() as (server, bot):
            room = bot.get_channel(server.room.id)
            server.fault("POST .*/messages", "500_after")
            await room.send("after an error", nonce="again")  # tried again by the library, a second later
            server.fault("POST .*/messages", "drop_before")
            with pytest.raises(aiohttp.ClientError):
                await room.send("never", nonce="never")
            server.fault("POST .*/messages", "drop_after")
            with pytest.raises(aiohttp.ClientError):
                await room.send("done unheard", nonce="once")
            await room.send("done unheard", nonce="once")
            assert [m.content for m in server.messages(server.room)] == ["after an error", "done unheard"]
            server.fault("GET /users", "502")
            assert (await bare(server, "GET", "/users/@me"))[:2] == (502, "<html>Bad Gateway</html>")
            server.fault("GET /users", "slow", retry_after=0.1)
            began = time.monotonic()
            assert (await bare(server, "GET", "/users/@me"))[0] == 200 and time.monotonic() - began > 0.1
            assert (await bare(server, "POST", "/nowhere"))[:2] == (404, {"message": "404: Not Found", "code": 0})

    run(main)


def test_files_come_and_stay():
    async def main():
        async with running() as (server, bot):
            room = bot.get_channel(server.room.id)
            sent = await room.send("yours", file=discord.File(io.BytesIO(b"{}"), "export.json"))
            [message] = server.messages(server.room)
            assert [(file.name, file.data) for file in message.files] == [("export.json", b"{}")]
            assert await sent.attachments[0].read() == b"{}"
            await sent.edit(content="still yours")
            await sent.add_files(discord.File(io.BytesIO(b"[]"), "more.json"))
            assert [file.name for file in message.files] == ["export.json", "more.json"]
            await sent.edit(attachments=[])
            assert message.files == []

    run(main)


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ({"name": "Ask"}, "APPLICATION_COMMAND_INVALID_NAME"),
        ({"name": "a b"}, "APPLICATION_COMMAND_INVALID_NAME"),
        ({"name": "x" * 33}, "BASE_TYPE_BAD_LENGTH"),
        ({"description": ""}, "BASE_TYPE_BAD_LENGTH"),
        ({"description": "x" * 101}, "BASE_TYPE_BAD_LENGTH"),
        ({"contexts": [3]}, "BASE_TYPE_CHOICES"),
        ({"options": [{"name": "a", "type": 3, "description": "x"}] * 2}, "NAME_ALREADY_EXISTS"),
        (
            {"options": [{"name": n, "type": 3, "description": "x", "required": n == "b"} for n in "ab"]},
            "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        ),
    ],
)
def test_commands_that_discord_refuses(command, code):
    with pytest.raises(ApiError, match=code):
        check_commands([{"name": "ask", "description": "x"} | command])


def test_commands_that_discord_takes():
    check_commands([{"name": "पूछो", "description": "x"}, {"name": "ask-me_2", "description": "x" * 100}])
    with pytest.raises(ApiError, match="DUPLICATE_NAME"):
        check_commands([{"name": "ask", "description": "x"}] * 2)
