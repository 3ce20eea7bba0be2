"""Groups: silent unless addressed, one edited message, topics, and who may press what."""

from __future__ import annotations

import asyncio
import logging
from itertools import pairwise

import pytest

from bots import menu, words
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.bots.telegram.talk import GROUP, running, talking
from tests.platforms.telegram_server import TelegramServer
from tests.platforms.telegram_world import ANONYMOUS

ME, OTHER = 7, 8


def test_only_who_addresses_it_is_answered(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            server.group(GROUP, ME, "What is duty?", mention=False)
            server.group(GROUP, ME, "/dance", mention=False)  # perhaps another bot's
            server.group(GROUP, ME, "/help@another_bot", mention=False)
            server.group(GROUP, ME, "@krishna_test_bots what is duty?", mention=False)
            theirs = server.group(GROUP, OTHER, "Nobody asked you.", mention=False)
            server.group(GROUP, ME, "I answer a person.", mention=False, reply_to=theirs)
            server.media(ME, "photo", chat_id=GROUP)
            await talk.idle()
            assert not server.messages(GROUP) and not talk.engine.requests

            asked = server.group(GROUP, ME, "What is duty?")
            first = await talk.answer(GROUP)
            assert first.text.startswith(COUNSEL) and first.reply_to == asked.id
            assert "krishna_test_bot" not in talk.engine.prompts[0] and "What is duty?" in talk.engine.prompts[0]
            server.group(GROUP, OTHER, "And why?", mention=False, reply_to=first)
            await talk.answer(GROUP, 2)
            assert "What is duty?" in talk.engine.prompts[1]
            server.group(GROUP, OTHER, "/ask What is anger?")
            await talk.answer(GROUP, 3)
            server.group(GROUP, OTHER, "/help", mention=False)
            server.group(GROUP, OTHER, "/dance")
            server.group(GROUP, OTHER, "/mydata")
            server.media(OTHER, "photo", "@krishna_test_bot look", chat_id=GROUP)
            await talk.answer(GROUP, 7)
            said = [m.text for m in server.messages(GROUP)[3:]]
            assert sorted(said) == sorted(
                [menu.HELP["en"], words.UNKNOWN_COMMAND["en"], menu.MYDATA_PRIVATE["en"], words.MEDIA["en"]]
            )
            assert server.documents(GROUP) == [] and server.drafts(GROUP) == [] and talk.clean()

    asyncio.run(main())


def test_an_admin_who_writes_as_the_group_is_answered(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            asked = talk.server.group(GROUP, ANONYMOUS, "What is duty?")
            answer = await talk.answer(GROUP)
            assert answer.text.startswith(COUNSEL) and answer.reply_to == asked.id
            (turn,) = (await talk.dialogue.store.mydata("telegram", str(GROUP)))["turns"]
            assert turn["question"] == "What is duty?"
            press = talk.server.press(OTHER, answer, "again:")  # Telegram tells who pressed, not that he is that admin
            await talk.answer(GROUP, 2)
            assert press.answer != words.NOT_YOURS["en"]

    asyncio.run(main())


def test_who_may_not_ask_may_still_see_and_erase_what_is_kept(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            talk.server.private(ME, "What is duty?")
            await talk.answer(ME)
            talk.dialogue.settings = talk.dialogue.settings.model_copy(update={"block": (f"telegram:{ME}",)})
            talk.server.private(ME, "And why?")
            assert (await talk.answer(ME, 2)).text == words.BLOCKED["en"]
            talk.server.private(ME, "/mydata")
            await talk.server.wait_for(lambda: talk.server.documents(ME))
            talk.server.private(ME, "/forget")
            await talk.server.wait_for(lambda: talk.server.messages(ME)[-1].text.startswith("It is erased"))
            assert not (await talk.dialogue.store.mydata("telegram", str(ME)))["turns"]

    asyncio.run(main())


def test_an_answer_is_one_message_that_grows(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.11)) as talk:
            server = talk.server
            asked = server.group(GROUP, ME, "What is duty?")
            (message,) = await server.wait_for(lambda: server.messages(GROUP))
            assert message.reply_to == asked.id and message.buttons == ("Stop",)
            posted = message.at
            answer = await talk.answer(GROUP)
            assert server.messages(GROUP) == [answer] and answer.text.startswith(COUNSEL)
            assert 2 <= len(answer.edits) <= 3 and answer.edits[0].at - posted > 2.9
            assert all(e.buttons == ("Stop",) for e in answer.edits[:-1]) and answer.buttons[0] == "Another answer"
            assert all(a.text != b.text for a, b in pairwise(answer.edits)) and talk.clean()

    asyncio.run(main())


def test_a_topic_is_a_conversation_and_answers_stay_in_it(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            server.group(GROUP, ME, "said in a topic", mention=False, topic=1)
            asked = server.group(GROUP, ME, "Alpha worries me.", topic=1)
            first = await talk.answer(GROUP)
            server.group(GROUP, ME, "Beta worries me.", topic=2)
            second = await talk.answer(GROUP, 2)
            assert first.topic == asked.topic != second.topic is not None
            server.group(GROUP, ME, "Go on.", mention=False, topic=1, reply_to=first)
            third = await talk.answer(GROUP, 3)
            assert third.topic == first.topic and "Alpha" in talk.engine.prompts[2]
            assert "Beta" not in talk.engine.prompts[2] and talk.clean()

    asyncio.run(main())


def test_private_and_group_never_share_what_was_said(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            server.private(ME, "My secret is Alpha.")
            await talk.answer(ME)
            server.group(GROUP, ME, "Beta is no secret.")
            answer = await talk.answer(GROUP)
            server.private(ME, "What did I tell you?")
            await talk.answer(ME, 2)
            server.group(GROUP, ME, "What did I tell you?", mention=False, reply_to=answer)
            await talk.answer(GROUP, 2)
            server.group(GROUP - 1, ME, "And here?")
            await talk.answer(GROUP - 1)
            group, private, reply, elsewhere = talk.engine.prompts[1:]
            assert "Alpha" not in group and "Alpha" in private and "Beta" not in private
            assert "Beta" in reply and "Alpha" not in reply
            assert "Alpha" not in elsewhere and "Beta" not in elsewhere

    asyncio.run(main())


def test_only_who_asked_may_stop_or_ask_again_and_everybody_may_vote(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.1)) as talk:
            server = talk.server
            server.group(GROUP, ME, "What is duty?")
            (message,) = await server.wait_for(lambda: server.messages(GROUP))
            refused = server.press(OTHER, message, "stop:")
            await server.wait_for(lambda: refused.answer)
            assert refused.answer == words.NOT_YOURS["en"] and talk.engine.busy == 1
            stop = server.press(ME, message, "Stop")
            answer = await talk.answer(GROUP)
            assert (
                answer.text.endswith(words.STOPPED["en"]) and talk.engine.busy == 0 and len(server.messages(GROUP)) == 1
            )
            await server.wait_for(lambda: stop.answer is not None)
            refused, vote = server.press(OTHER, answer, "again:"), server.press(OTHER, answer, "up:")
            await server.wait_for(lambda: refused.answer and vote.answer)
            assert (refused.answer, vote.answer) == (words.NOT_YOURS["en"], words.VOTE[1]["en"])
            talk.engine.pace_s = 0.0
            server.press(ME, answer, "Another")
            second = await talk.answer(GROUP, 2)
            assert second.reply_to == answer.id and second.text.startswith(COUNSEL) and talk.clean()

    asyncio.run(main())


def test_many_at_once_stay_within_the_groups_limit(tmp_path, tokenizer):
    """More than twenty in a minute wait rather than be refused."""

    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer), drain_s=0.0) as talk:
            for user in range(100, 130):
                talk.server.group(GROUP, user, "/verse 2.47")
            await talk.answer(GROUP, 20)
            await asyncio.sleep(3.2)  # a leaky bucket would let one more through now
            assert len(talk.server.messages(GROUP)) == 20 and talk.clean()

    asyncio.run(main())


def test_a_first_frame_of_unknown_fate_is_not_sent_again(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.03), pace_s=0.2) as talk:
            talk.server.fault("sendMessage", "drop_after")
            talk.server.group(GROUP, ME, "What is duty?")
            answer = await talk.answer(GROUP, 2)
            assert answer.text.startswith(COUNSEL) and not answer.edits
            await talk.idle()
            assert len(talk.server.messages(GROUP)) == 2

    asyncio.run(main())


def test_a_group_that_threw_it_out_is_given_up(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            talk.server.group(GROUP, ME, "What is duty?")
            talk.server.block(GROUP)
            await talk.idle()
            assert [c.code for c in talk.server.called("sendMessage")] == [403] * len(talk.server.called("sendMessage"))
            assert await talk.store.unfinished("telegram") == []

    asyncio.run(main())


@pytest.mark.parametrize("half", [False, True])
def test_a_group_that_becomes_a_supergroup_is_answered_there_and_talk_goes_on(tmp_path, tokenizer, half):
    """Also where half an answer stands in the old one."""

    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.1 if half else 0.0), pace_s=0.3) as talk:
            server = talk.server
            server.world.chat(GROUP).basic = True
            if half:
                server.group(GROUP, ME, "Alpha worries me.")
                await server.wait_for(lambda: [m for m in server.messages(GROUP) if m.edits])
                new = server.upgrade(GROUP)
            else:
                server.fault("sendMessage", "429", retry_after=1)  # it is made, and waits
                server.group(GROUP, ME, "Alpha worries me.")
                await server.wait_for(lambda: server.called("sendMessage"))
                new = server.upgrade(GROUP)
            answer = await talk.answer(new)
            assert answer.text.startswith(COUNSEL) and "— Gita" in answer.text and answer.reply_to is None
            await talk.idle()
            assert len(server.messages(new)) == 1 and len(server.messages(GROUP)) == half
            talk.engine.pace_s = 0.0
            server.group(new, OTHER, "Go on.", mention=False, reply_to=answer)
            await talk.answer(new, 2)
            assert "Alpha worries me." in talk.engine.prompts[1]
            vote = server.press(OTHER, answer, "up:")
            await server.wait_for(lambda: vote.answer == words.VOTE[1]["en"])
            assert "— Gita" in (await pressed(talk, ME, answer, "again:", 3)).text

    asyncio.run(main())


async def pressed(talk, person, message, data, n):
    """The n-th message of a chat, that a button brings."""
    talk.server.press(person, message, data)
    return await talk.answer(message.chat, n)


def test_an_answer_that_telegram_refuses_is_told_to_the_operator(tmp_path, tokenizer, caplog):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.02), pace_s=0.2) as talk:
            server = talk.server
            asked = server.group(GROUP, ME, "What is duty?", topic=1)
            await server.wait_for(lambda: not server.updates.pending)
            server.close_topic(GROUP, 1)
            await talk.idle()
            assert server.messages(GROUP) == [] and asked.topic and not await talk.store.unfinished("telegram")

    asyncio.run(main())
    told = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING and "bots." in r.name]
    assert told == ["Telegram refuses a message, which is dropped: Topic_closed"]


def test_an_apology_stands_in_place_of_the_frame_that_a_broken_answer_left(tmp_path, tokenizer):
    async def main():
        engine = ScriptedEngine(tokenizer, pace_s=0.1)
        async with TelegramServer() as server:
            server.group(GROUP, ME, "What is duty?")
            for tries in (1, 2):
                async with running(server, tmp_path, engine, pace_s=0.2, drain_s=0.0):
                    await server.wait_for(
                        lambda tries=tries: (
                            len(engine.requests) == tries and [m for m in server.messages(GROUP) if m.edits]
                        )
                    )
            async with running(server, tmp_path, engine) as talk:
                await talk.idle()
                [apology] = server.messages(GROUP)
                assert (apology.text, apology.buttons) == (words.TROUBLE["en"], ("Try again",))
                assert len(engine.requests) == 2

    asyncio.run(main())


def test_on_a_shared_database_an_answer_whose_send_broke_off_is_made_whole_in_its_message(
    tmp_path, tokenizer, postgres
):
    async def main():
        engine, database = ScriptedEngine(tokenizer, pace_s=0.02), postgres.new()
        async with TelegramServer() as server:
            async with running(server, tmp_path, engine, database_url=database, drain_s=0.0) as talk:
                server.group(GROUP, ME, "What is duty?")
                half = (await server.wait_for(lambda: server.messages(GROUP)))[0]
                server.fault("editMessageText", "429", retry_after=60)
                await server.wait_for(lambda: server.called("editMessageText"))
                assert [p.state for p in await talk.store.unfinished("telegram")] == ["sending"]
            assert "— Gita" not in half.text
            async with running(server, tmp_path, engine, database_url=database) as talk:
                await talk.idle()
                assert server.messages(GROUP) == [half] and len(engine.requests) == 1
                assert half.text.startswith(COUNSEL) and "— Gita" in half.text
                assert half.buttons[0] == "Another answer"

    asyncio.run(main())
