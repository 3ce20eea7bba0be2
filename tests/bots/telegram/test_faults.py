"""What goes wrong: the network, Telegram itself, a lost confirmation, a restart, a wrong token, a forged webhook."""

from __future__ import annotations

import asyncio
import socket
import sqlite3

import aiohttp
import pytest

from bots import menu, words
from bots.daily import Daily
from bots.dialogue import Dialogue
from bots.settings import ConfigurationError
from bots.telegram.adapter import TelegramAdapter
from core.wisdom.search import finder
from storage import Store
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.bots.telegram.talk import running, settings_for, talking
from tests.platforms.telegram_server import TOKEN, TelegramServer
from tests.storage.conftest import many_turns

ME = 7


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("kind", ["502", "500", "429"])
def test_a_refused_answer_is_sent_until_it_arrives(tmp_path, tokenizer, kind):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            talk.server.fault("sendMessage", kind)
            talk.server.private(ME, "What is duty?")
            answer = await talk.answer(ME)
            await talk.idle()
            assert answer.text.startswith(COUNSEL) and talk.server.messages(ME) == [answer]
            assert len(talk.server.called("sendMessage")) == 2

    asyncio.run(main())


@pytest.mark.parametrize(("kind", "shown"), [("drop_after", 1), ("drop_before", 0)])
def test_an_answer_of_unknown_fate_is_not_sent_again_but_offered(tmp_path, tokenizer, kind, shown):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            server.fault("sendMessage", kind)
            server.private(ME, "What is duty?")
            offer = await talk.answer(ME, shown + 1)
            assert offer.text == words.UNSURE["en"] and offer.buttons == ("Show the answer",)
            await talk.idle()
            assert sum(m.text.startswith(COUNSEL) for m in server.messages(ME)) == shown
            server.press(ME, offer, "Show")
            assert (await talk.answer(ME, shown + 2)).text.startswith(COUNSEL)

    asyncio.run(main())


def test_who_blocks_is_given_up_in_silence(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.05)) as talk:
            talk.server.private(ME, "What is duty?")
            await talk.server.wait_for(lambda: talk.server.draft(ME))
            talk.server.block(ME)
            await talk.idle()
            assert [c.code for c in talk.server.called("sendMessage")] == [403]
            assert talk.server.messages(ME) == []
            talk.server.block(ME, False)
            talk.engine.pace_s = 0.0
            talk.server.private(ME, "I am back.")
            await talk.answer(ME)

    asyncio.run(main())


def test_an_update_that_comes_again_is_dropped(tmp_path, tokenizer, caplog):
    caplog.set_level("INFO", "bots")

    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            asked = talk.server.private(ME, "What is duty?")
            talk.server.replay(asked)
            await talk.answer(ME)
            talk.server.replay(asked)
            talk.server.fault("getUpdates", "drop_after")
            talk.server.private(ME, "/help")
            await talk.answer(ME, 2)
            await talk.idle()
            assert len(talk.server.messages(ME)) == 2 and len(talk.engine.requests) == 1

    asyncio.run(main())
    told = [r.getMessage() for r in caplog.records if "came" in r.getMessage()]
    assert "a text came again" in told and told.count("a text came") == told.count("a command came") == 1


def test_what_one_poll_brings_is_answered_in_each_chat_in_the_order_in_which_it_was_said(tmp_path, tokenizer):
    async def main():
        engine = ScriptedEngine(tokenizer)
        async with TelegramServer() as server:
            for number in range(4):
                for person in (7, 8, 9):
                    server.private(person, f"Question {number} of {person}?")
            async with running(server, tmp_path, engine, per_minute=60):
                await server.wait_for(lambda: all(len(server.messages(person)) == 4 for person in (7, 8, 9)))
            asked = [prompt.rpartition("Question ")[2][:6] for prompt in engine.prompts]
            for person in (7, 8, 9):
                assert [q for q in asked if q.endswith(str(person))] == [f"{n} of {person}" for n in range(4)]

    asyncio.run(main())


def test_what_was_asked_over_hours_while_nobody_listened_is_not_too_fast(tmp_path, tokenizer):
    async def main():
        async with TelegramServer() as server:
            for number in range(4):
                asked = server.private(ME, f"Question {number}?")
                asked.update["message"]["date"] -= 3600 * (4 - number)
            for number in range(3):
                server.private(8, f"Question {number}?").update["message"]["date"] -= 3600
            limits = {"per_minute": 2, "per_day": 3}
            async with running(server, tmp_path, ScriptedEngine(tokenizer), **limits) as talk:
                await talk.idle()
                for person, answers, refusal in ((ME, 3, words.quota(3)["en"]), (8, 2, words.too_fast(60)["en"])):
                    said = [m.text for m in server.messages(person)]
                    assert sum(text.startswith(COUNSEL) for text in said) == answers
                    assert [text for text in said if not text.startswith(COUNSEL)] == [refusal]

    asyncio.run(main())


@pytest.mark.parametrize("way", ["question", "button"])
def test_what_comes_with_forget_in_one_poll_is_not_kept(tmp_path, tokenizer, way):
    async def main():
        engine, database = ScriptedEngine(tokenizer), tmp_path / "krishna.db"
        async with TelegramServer() as server:
            async with running(server, tmp_path, engine) as talk:
                server.private(ME, "What is duty?")
                first = await talk.answer(ME)
                await talk.idle()
            with sqlite3.connect(database) as connection:  # so that erasing takes a while
                connection.execute(many_turns(1800, f"'{ME}'").replace("SELECT i,", "SELECT i + 9,"))
            if way == "button":
                server.press(ME, first, "Another")
            else:
                server.private(ME, "Do you remember me?")
            server.private(ME, "/forget")
            async with running(server, tmp_path, engine) as talk:
                await server.wait_for(lambda: any(m.text.startswith("It is erased") for m in server.messages(ME)))
                await talk.idle()
                assert not (await talk.store.mydata("telegram", str(ME)))["turns"]

    asyncio.run(main())


def test_a_stop_in_the_middle_is_taken_up_at_the_next_start(tmp_path, tokenizer):
    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.1)
        async with TelegramServer() as server:
            async with running(server, tmp_path, engine, drain_s=0.0) as talk:
                server.private(ME, "What is duty?")
                await server.wait_for(lambda: server.draft(ME))
            assert server.messages(ME) == [] and engine.busy == 0
            server.private(ME, "/help")  # while nobody listens
            engine.pace_s = 0.0
            async with running(server, tmp_path, engine) as talk:
                await talk.answer(ME, 2)
                await talk.idle()
                assert sorted(m.text[:20] for m in server.messages(ME)) == sorted([COUNSEL[:20], menu.HELP["en"][:20]])
                assert len(engine.requests) == 2

    asyncio.run(main())


def test_a_button_whose_answer_breaks_off_twice_gets_an_apology_and_not_a_third_try(tmp_path, tokenizer):
    async def main():
        engine = ScriptedEngine(tokenizer)
        async with TelegramServer() as server:
            async with running(server, tmp_path, engine) as talk:
                server.private(ME, "What is duty?")
                first = await talk.answer(ME)
                await talk.idle()
            engine.pace_s = 0.1
            for tries in (2, 3):
                async with running(server, tmp_path, engine, drain_s=0.0) as talk:
                    if tries == 2:
                        server.press(ME, first, "Another")
                    await server.wait_for(lambda tries=tries: engine.busy and len(engine.requests) == tries)
            engine.pace_s = 0.0
            async with running(server, tmp_path, engine) as talk:
                apology = await talk.answer(ME, 2)
                await talk.idle()
                assert (apology.text, apology.buttons) == (words.TROUBLE["en"], ("Try again",)) and len(
                    engine.requests
                ) == 3
                server.press(ME, apology, "Try")
                assert (await talk.answer(ME, 3)).text.startswith(COUNSEL)
                turns = (await talk.store.mydata("telegram", str(ME)))["turns"]
                assert [turn["status"] for turn in turns] == ["done", "failed", "done"]

    asyncio.run(main())


def test_a_run_that_is_cancelled_ends_in_good_order(tmp_path, tokenizer):
    """As when another platform's token is wrong."""

    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.02)
        async with TelegramServer() as server:
            settings = settings_for(server, tmp_path)
            store = await Store.open(settings.database_url)
            adapter = TelegramAdapter(settings, Dialogue(settings, store, engine, finder()))
            run = asyncio.create_task(adapter.run(asyncio.Event()))
            server.private(ME, "What is duty?")
            await server.wait_for(lambda: server.draft(ME))
            run.cancel()
            with pytest.raises(asyncio.CancelledError):
                await run
            assert server.messages(ME)[0].text.startswith(COUNSEL)
            await store.close()

    asyncio.run(main())


@pytest.mark.parametrize("token", [TOKEN[:-1] + "x", "nonsense"])
def test_a_wrong_token_is_the_operators_to_mend(tmp_path, token):
    async def main():
        async with TelegramServer() as server:
            adapter = TelegramAdapter(settings_for(server, tmp_path, telegram_token=token), None)
            with pytest.raises(ConfigurationError, match=r"TELEGRAM_TOKEN.*@BotFather"):
                await adapter.run(asyncio.Event())

    asyncio.run(main())


def test_a_token_refused_for_a_while_loses_nothing(tmp_path, tokenizer, caplog):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.02)) as talk:
            talk.server.private(ME, "What is duty?")
            await talk.server.wait_for(lambda: talk.server.draft(ME))
            token, talk.server.token = talk.server.token, TOKEN[:-1] + "x"
            talk.server.private(8, "/help")
            await talk.server.wait_for(
                lambda: {"sendMessage", "getUpdates"} <= {c.method for c in talk.server.refusals}
            )
            talk.server.token = token
            assert (await talk.answer(ME)).text.startswith(COUNSEL)
            assert (await talk.answer(8)).text == menu.HELP["en"]

    asyncio.run(main())
    assert "TELEGRAM_TOKEN is refused" in caplog.text and TOKEN not in caplog.text


def test_without_a_network_the_start_is_tried_again(tmp_path, tokenizer):
    async def main():
        server = TelegramServer(port=free_port())
        async with running(server, tmp_path, ScriptedEngine(tokenizer)) as talk:
            await asyncio.sleep(0.3)
            async with server:
                server.private(ME, "/help")
                assert (await talk.answer(ME)).text == menu.HELP["en"]
        async with running(TelegramServer(port=free_port()), tmp_path, ScriptedEngine(tokenizer)):
            await asyncio.sleep(0.1)  # and a stop does not wait for it

    asyncio.run(main())


def test_of_two_programs_that_poll_the_operator_is_told(tmp_path, tokenizer, caplog):
    async def main():
        (other := tmp_path / "other").mkdir()
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            async with running(talk.server, other, ScriptedEngine(tokenizer)):
                await talk.server.wait_for(lambda: "another program has this TELEGRAM_TOKEN" in caplog.text)
            talk.server.private(ME, "/help")  # the other one is gone: it goes on
            assert (await talk.answer(ME)).text == menu.HELP["en"]

    asyncio.run(main())


def test_the_webhook_takes_updates_from_telegram_alone(tmp_path, tokenizer, caplog):
    async def main():
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        more = {"webhook_url": url, "webhook_listen": f"127.0.0.1:{port}", "webhook_secret": "known-to-two"}
        async with talking(tmp_path, ScriptedEngine(tokenizer), **more) as talk:
            server = talk.server
            asked = server.private(ME, "What is duty?")
            answer = await talk.answer(ME)
            assert answer.text.startswith(COUNSEL) and server.updates.secret == "known-to-two"
            vote = server.press(ME, answer, "up:")
            server.replay(asked)
            await server.wait_for(lambda: vote.answer and not server.updates.pending)
            assert vote.answer == words.VOTE[1]["en"] and not server.called("getUpdates")
            forged = {**asked.update, "update_id": 5}
            async with aiohttp.ClientSession() as session:
                for secret in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guessed"}):
                    async with session.post(f"{url}/telegram", json=forged, headers=secret) as reply:
                        assert reply.status == 403
                broken = {"update_id": 6, "message": {"text": "my own words"}}
                for odd in (broken, {**asked.update, "update_id": 7}):
                    async with session.post(
                        f"{url}/telegram", json=odd, headers={"X-Telegram-Bot-Api-Secret-Token": "known-to-two"}
                    ) as reply:
                        assert reply.status == 200, "what nobody can read is not to come again"
                for odd in ({**asked.update, "update_id": "my own words"}, broken["message"], ["my own words"]):
                    async with session.post(
                        f"{url}/telegram", json=odd, headers={"X-Telegram-Bot-Api-Secret-Token": "known-to-two"}
                    ) as reply:
                        assert reply.status == 400, "without a number it is no update"
            assert (await talk.answer(ME, 2)).text.startswith(COUNSEL)
            await talk.idle()
            assert len(server.messages(ME)) == 2 and len(talk.engine.requests) == 2 and talk.clean()

    asyncio.run(main())
    assert "could not be read and is left out" in caplog.text and "my own words" not in caplog.text
    assert caplog.text.count("came without its secret and were refused") == 1
    assert "give all hosts the same TELEGRAM_TOKEN and KRISHNA_WEBHOOK_SECRET" in caplog.text
    assert "guessed" not in caplog.text and "known-to-two" not in caplog.text


def test_a_webhook_that_cannot_be_is_the_operators_to_mend(tmp_path):
    async def main(match, **settings):
        async with TelegramServer() as server:
            adapter = TelegramAdapter(settings_for(server, tmp_path, **settings), Nothing())
            with pytest.raises(ConfigurationError, match=match):
                await asyncio.wait_for(adapter.run(asyncio.Event()), 5)

    asyncio.run(main("KRISHNA_WEBHOOK_URL", webhook_url="http://example.com"))
    asyncio.run(main("KRISHNA_WEBHOOK_SECRET", webhook_url="https://example.com", webhook_secret="a b"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        asyncio.run(main("KRISHNA_WEBHOOK_LISTEN", webhook_url="https://example.com", webhook_listen=listen))


class Nothing:
    """A dialogue with nothing left to do."""

    daily = Daily(None, None, None)

    class store:
        shared = False

    async def take_up(self, platform):
        return []
