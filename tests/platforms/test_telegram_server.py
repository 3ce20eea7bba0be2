"""The loopback Telegram against the real client library: what it grants, and what it refuses in Telegram's words."""

from __future__ import annotations

import asyncio
import contextlib

import aiohttp
import pytest
import telegram
from aiohttp import web
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity, ReplyParameters

from tests.platforms.telegram_server import TOKEN, TelegramServer

ME, GROUP = 11, -1001


@contextlib.asynccontextmanager
async def served():
    """A server and the library's own client, logged in."""
    async with TelegramServer() as server, Bot(server.token, base_url=f"{server.base}/bot") as bot:
        server.private(ME, "hello")
        server.group(GROUP, ME, "hello")
        yield server, bot


async def refused(call, words, kind=telegram.error.BadRequest):
    with pytest.raises(kind) as caught:
        await call
    assert words.lower() in str(caught.value).lower(), caught.value


def keyboard(data):
    return InlineKeyboardMarkup([[InlineKeyboardButton("Press", callback_data=data)]])


def test_updates_come_marked_as_clients_mark_them_and_wait_until_they_are_confirmed():
    async def main():
        async with served() as (server, bot):
            server.group(GROUP, ME, "/verse 2.47")
            server.group(GROUP, ME, "in topic", mention=False, topic=5)
            first = await bot.get_updates()
            assert [u.message.text for u in first[:3]] == [
                "hello",
                "@krishna_test_bot hello",
                "/verse@krishna_test_bot 2.47",
            ]
            entities = [u.message.parse_entities() for u in first[1:3]]
            assert [list(e.values()) for e in entities] == [["@krishna_test_bot"], ["/verse@krishna_test_bot"]]
            topic = first[3].message
            assert topic.is_topic_message and topic.chat.is_forum and topic.reply_to_message.forum_topic_created
            assert await bot.get_updates(limit=1) == first[:1]
            assert [u.update_id for u in await bot.get_updates(offset=first[3].update_id)] == [first[3].update_id]
            late = asyncio.create_task(bot.get_updates(offset=first[3].update_id + 1, timeout=5))
            await server.wait_for(lambda: server.updates.polled)
            server.private(ME, "😀 @krishna_test_bot /help")
            (update,) = await late
            assert list(update.message.parse_entities().values()) == ["@krishna_test_bot", "/help"]
            server.replay(update.to_dict())
            assert (await bot.get_updates(offset=update.update_id + 1))[0].update_id == update.update_id

    asyncio.run(main())


def test_only_what_was_asked_for_comes():
    async def main():
        async with served() as (server, bot):
            await bot.get_updates(allowed_updates=["message"])
            await bot.send_message_draft(ME, 3, "a", api_kwargs={"can_stop": True})
            assert server.stop_generation(ME) is None and server.draft(ME) is None
            await bot.get_updates(offset=-1, allowed_updates=["stopped_message_generation"])
            await bot.send_message_draft(ME, 4, "b", api_kwargs={"can_stop": True})
            server.stop_generation(ME)
            server.private(ME, "not asked for")
            *_, update = await bot.get_updates()
            assert update.api_kwargs["stopped_message_generation"]["draft_id"] == 4

    asyncio.run(main())


def test_one_poller_and_no_poller_beside_a_webhook():
    async def main():
        async with served() as (server, bot), Bot(server.token, base_url=f"{server.base}/bot") as other:
            (*_, last) = await bot.get_updates()
            first = asyncio.create_task(other.get_updates(offset=last.update_id + 1, timeout=5))
            await server.wait_for(lambda: server.updates.polled)
            await bot.get_updates(offset=last.update_id + 1)
            await refused(first, "terminated by other getUpdates request", telegram.error.Conflict)
            await refused(bot.set_webhook("http://example.com/x"), "HTTPS URL must be provided")
            await bot.set_webhook("https://example.com/x")
            await refused(bot.get_updates(), "while webhook is active", telegram.error.Conflict)
            await bot.delete_webhook()
            assert (await bot.get_webhook_info()).url == ""

    asyncio.run(main())


def test_a_poller_that_died_is_in_nobodys_way():
    async def main():
        async with served() as (server, bot):
            (*_, last) = await bot.get_updates()
            url = f"{server.base}/bot{server.token}/getUpdates?timeout=20&offset={last.update_id + 1}"
            async with aiohttp.ClientSession() as session:
                with pytest.raises(TimeoutError):
                    await session.get(url, timeout=aiohttp.ClientTimeout(0.1))
            server.private(ME, "still there?")
            assert [u.message.text for u in await bot.get_updates()] == ["still there?"]
            assert server.updates.conflicts == 0

    asyncio.run(main())


def test_a_webhook_is_called_with_its_secret_until_it_answers():
    async def main():
        got = []

        async def hook(request):
            got.append((request.headers["X-Telegram-Bot-Api-Secret-Token"], (await request.json())["update_id"]))
            return web.Response(status=500 if len(got) == 1 else 200)

        app = web.Application()
        app.router.add_post("/hook", hook)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        async with served() as (server, bot):
            await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", secret_token="s-1")
            await server.wait_for(lambda: len(server.updates.tries) == 3)  # noted when the answer came, not the call
            assert {secret for secret, _ in got} == {"s-1"} and got[0] == got[1] != got[2]
            assert [status for _, status in server.updates.tries] == [500, 200, 200]
            await server.wait_for(lambda: not server.updates.pending)
        await runner.cleanup()

    asyncio.run(main())


def test_tokens():
    async def main():
        async with TelegramServer() as server:
            for token, words in (("nonsense", "Not Found"), (TOKEN[:-1] + "x", "Unauthorized")):
                async with aiohttp.ClientSession() as session, session.get(f"{server.base}/bot{token}/getMe") as answer:
                    assert (await answer.json())["description"] == words
            with pytest.raises(telegram.error.InvalidToken):
                await Bot(TOKEN[:-1] + "x", base_url=f"{server.base}/bot").initialize()

    asyncio.run(main())


def test_messages_edits_and_their_refusals():
    async def main():
        async with served() as (server, bot):
            sent = await bot.send_message(ME, " one\n", reply_markup=keyboard("x" * 64))
            assert sent.text == "one"
            await bot.edit_message_text("two", ME, sent.message_id)
            (message,) = server.messages(ME)
            assert (message.text, message.buttons, [e.text for e in message.edits]) == ("two", (), ["two"])
            await refused(bot.edit_message_text("two", ME, sent.message_id), "message is not modified")
            await refused(bot.edit_message_text("two", ME, 99), "message to edit not found")
            await refused(bot.edit_message_text("two", ME, 1), "message can't be edited")
            await refused(bot.send_message(ME, ""), "message text is empty")
            await refused(bot.send_message(ME, " \n"), "text must be non-empty")
            await refused(bot.send_message(ME, "😀" * 2049), "message is too long")
            await refused(bot.send_message(ME, "a", reply_markup=keyboard("é" * 33)), "BUTTON_DATA_INVALID")
            await refused(bot.send_message(12, "a"), "chat not found")
            await refused(bot.send_message(ME, "a", message_thread_id=9), "message thread not found")
            await refused(bot.send_message(ME, "a", reply_parameters=ReplyParameters(99)), "to be replied not found")
            for offset, length in ((0, 3), (1, 1), (2, 2), (-1, 1)):
                entity = MessageEntity("bold", offset, length)
                await refused(bot.send_message(ME, "😀", entities=[entity]), "entity ")
            answer = ReplyParameters(99, allow_sending_without_reply=True)
            assert (await bot.send_message(ME, "b", reply_parameters=answer)).reply_to_message is None
            await bot.delete_message(ME, sent.message_id)
            assert [m.text for m in server.messages(ME)] == ["b"]
            await refused(bot.delete_message(ME, sent.message_id), "message to delete not found")
            await refused(bot.send_chat_action(ME, "thinking"), "wrong parameter action")
            await bot.send_document(ME, b"{}", filename="a.json", caption="c")
            (document,) = server.documents(ME)
            assert (document.name, document.data, document.caption) == ("a.json", b"{}", "c")
            assert len(server.refusals) == 16 and not server.violations

    asyncio.run(main())


def test_drafts_are_private_and_end_with_the_message():
    async def main():
        async with served() as (server, bot):
            await refused(bot.send_message_draft(GROUP, 1, "a"), "TEXTDRAFT_PEER_INVALID")
            await refused(bot.send_message_draft(ME, 0, "a"), "RANDOM_ID_INVALID")
            await bot.send_message_draft(ME, 1, "a")
            await bot.send_message_draft(ME, 1, "ab")
            assert server.draft(ME).text == "ab" and len(server.drafts(ME)) == 2
            await refused(bot.send_message_draft(ME, 1, "abc"), "Flood control exceeded", telegram.error.RetryAfter)
            assert len(server.violations) == 1
            await bot.send_message(ME, "abc")
            assert server.draft(ME) is None

    asyncio.run(main())


def test_presses_are_answered_once():
    async def main():
        async with served() as (server, bot):
            await bot.send_message(ME, "a", reply_markup=keyboard("yes:1"))
            press = server.press(ME, server.messages(ME)[0], "yes:")
            (*_, update) = await bot.get_updates()
            assert update.callback_query.data == "yes:1" and update.callback_query.message.text == "a"
            await update.callback_query.answer("thanks")
            assert press.answer == "thanks"
            await refused(update.callback_query.answer("again"), "query is too old")
            server.delete(server.messages(ME)[0])
            server.press(ME, server.world.chat(ME).messages[press.message], "yes:1")
            (*_, update) = await bot.get_updates()
            assert not update.callback_query.message.is_accessible

    asyncio.run(main())


def test_floods_are_refused_until_their_time_has_passed():
    async def main():
        async with served() as (server, bot):
            for i in range(5):
                await bot.send_message(ME, f"{i}")
            await refused(bot.send_message(ME, "5"), "Flood control exceeded", telegram.error.RetryAfter)
            for i in range(20):
                await bot.send_message(GROUP, f"{i}")
            with pytest.raises(telegram.error.RetryAfter) as caught:
                await bot.send_message(GROUP, "20")
            assert 55 <= caught.value._retry_after.total_seconds() <= 61
            for i in range(30):
                server.private(100 + i, "hello")
            calls = [bot.send_message(100 + i, "a") for i in range(30)]
            done = await asyncio.gather(*calls, return_exceptions=True)
            assert any(isinstance(d, telegram.error.RetryAfter) for d in done)
            assert len(server.violations) >= 3

    asyncio.run(main())


def test_the_menu():
    async def main():
        async with served() as (server, bot):
            await bot.set_my_commands([BotCommand("verse", "A verse")])
            assert server.commands == {"verse": "A verse"} and len(await bot.get_my_commands()) == 1
            await refused(bot.set_my_commands([BotCommand("Verse", "A verse")]), "BOT_COMMAND_INVALID")
            await refused(bot.set_my_commands([BotCommand("a" * 33, "A")]), "must not exceed 32")
            await refused(bot.set_my_commands([BotCommand("a", "")]), "must be non-empty")

    asyncio.run(main())


def test_people_who_block_and_groups_that_throw_out():
    async def main():
        async with served() as (server, bot):
            server.block(ME)
            server.block(GROUP)
            await refused(bot.send_message(ME, "a"), "bot was blocked by the user", telegram.error.Forbidden)
            await refused(bot.send_message(GROUP, "a"), "kicked from the supergroup", telegram.error.Forbidden)

    asyncio.run(main())


def test_faults_strike_as_often_as_they_were_asked_to():
    async def main():
        async with served() as (server, bot):
            server.fault("sendMessage", "429", retry_after=7)
            with pytest.raises(telegram.error.RetryAfter) as caught:
                await bot.send_message(ME, "a")
            assert caught.value._retry_after.total_seconds() == 7
            server.fault("send.*", "502", 2)
            for _ in range(2):
                await refused(bot.send_message(ME, "a"), "Bad Gateway", telegram.error.NetworkError)
            server.fault("sendMessage", "500")
            await refused(bot.send_message(ME, "a"), "Internal Server Error", telegram.error.NetworkError)
            server.fault("sendMessage", "drop_before")
            await refused(bot.send_message(ME, "a"), "disconnected", telegram.error.NetworkError)
            assert server.messages(ME) == []
            server.fault("sendMessage", "drop_after")
            await refused(bot.send_message(ME, "a"), "disconnected", telegram.error.NetworkError)
            assert [m.text for m in server.messages(ME)] == ["a"]
            assert (await bot.send_message(ME, "b")).text == "b"
            assert not server.refusals and not server.violations

    asyncio.run(main())
