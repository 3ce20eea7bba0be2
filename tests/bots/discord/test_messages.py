"""Mentions, replies and private chats: who is answered, what is remembered where, and texts longer than a message."""

from __future__ import annotations

import asyncio
from itertools import pairwise

from bots import words
from tests.bots.discord.talk import World, ask, button, labels, running, talking, whole
from tests.bots.engines import COUNSEL, ScriptedEngine
from tests.platforms import discord_messages
from tests.platforms.discord_state import MENTION_EVERYONE, READ_MESSAGE_HISTORY, VIEW_CHANNEL, File, User


def sentences(words_each: int, filling: str = "") -> str:
    """Four long ones, in which nothing is said three times."""
    lines = (" ".join(f"word{n}x{i}{filling}" for i in range(words_each)) for n in range(4))
    return "Partha, " + " ".join(f"{line}." for line in lines)


def test_a_mention_is_answered_as_a_reply_that_grows(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.055)) as talk:
            server = talk.server
            asked = server.say(server.anna, server.room, f"Tell me, {server.bot.mention}, what is duty?")
            [message] = await server.wait_for(lambda: server.ours(server.room))
            assert message.reply_to is asked and message.mentions == [server.anna] and labels(message) == ["Stop"]
            answer = await talk.answer(server.room)
            assert server.ours(server.room) == [answer] and answer.content.startswith(COUNSEL)
            assert labels(answer)[:3] == ["Another answer", "👍", "👎"]
            frames = answer.history[:-1]
            assert len(frames) >= 2 and all(1.4 < b.at - a.at < 2.0 for a, b in pairwise(frames))
            assert all(COUNSEL.startswith(a.content) and a.content != b.content for a, b in pairwise(answer.history))
            assert str(server.bot.id) not in talk.engine.prompts[0] and "Tell me" in talk.engine.prompts[0]
            assert talk.clean()

    asyncio.run(main())


def test_many_at_once_in_a_channel_keep_its_limits(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.005)) as talk:
            server = talk.server
            server.limits.rates |= {"create message": (5, 0.5), "edit message": (5, 0.5)}
            asked = [server.say(server.add_user("u"), server.room, "What is duty?") for _ in range(8)]
            await server.wait_for(
                lambda: sum("— Gita" in m.content for m in server.ours(server.room)) == len(asked), 10
            )
            assert {m.reply_to for m in server.ours(server.room)} == set(asked) and talk.clean()

    asyncio.run(main())


def test_only_who_speaks_to_it_is_answered(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server, anna, room = talk.server, talk.server.anna, talk.server.room
            robot = User("robot", bot=True)
            theirs = server.say(anna, room, "Nobody asked you.", mention=False)
            server.say(server.add_user("boris"), room, "I answer Anna.", reply_to=theirs)
            server.say(robot, room, "What is duty?")
            server.dm(robot, "What is duty?")
            body = {"content": f"{server.bot.mention} joined"}
            discord_messages.write(server, room, anna, body, {}, type=7)  # somebody joined
            await talk.idle()
            assert server.ours(room) == [] and not talk.engine.requests

            server.say(anna, room, "What is duty?")
            first = await talk.answer(room)
            boris = server.add_user("boris")
            server.say(boris, room, "And why?", reply_to=first)
            await talk.answer(room, 2)
            assert "And why?" in talk.engine.prompts[1] and "What is duty?" in talk.engine.prompts[1]
            quiet = server.say(boris, room, "And then?", reply_to=first, mention=False)
            assert (await talk.answer(room, 3)).reply_to is quiet
            said = server.dm(boris, "What is anger?")
            assert (await talk.answer(said.channel)).content.startswith(COUNSEL)

    asyncio.run(main())


def test_with_the_message_content_intent_an_unmentioned_reply_is_read(tmp_path, tokenizer):
    async def main():
        engine = ScriptedEngine(tokenizer)
        async with (
            World(privileged=1 << 15) as server,
            running(server, tmp_path, engine, discord_message_content=True) as talk,
        ):
            server.say(server.anna, server.room, "Not for you.", mention=False)
            server.say(server.anna, server.room, "What is duty?")
            first = await talk.answer(server.room)
            server.say(server.anna, server.room, "And then?", reply_to=first, mention=False)
            await talk.answer(server.room, 2)
            assert len(talk.engine.requests) == 2 and "And then?" in talk.engine.prompts[1]

    asyncio.run(main())


def test_history_is_a_line_in_private_and_in_threads_and_branches_in_channels(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server, anna, prompts = talk.server, talk.server.anna, lambda: talk.engine.prompts
            thread = server.add_thread(server.room)
            direct = server.dm_channel(anna)
            for place in (direct, thread):
                server.say(anna, place, "Alpha worries me.")
                await talk.answer(place)
                server.say(server.add_user("boris") if place is thread else anna, place, "Beta worries me.")
                await talk.answer(place, 2)
                asked = ask(server, anna, place, "Go on.")
                await server.wait_for(lambda asked=asked: whole(asked.original))
                assert "Alpha" in prompts()[-2] and "Alpha" in prompts()[-1] and "Beta" in prompts()[-1]
            new = server.slash(anna, direct, "new")
            await server.wait_for(lambda: whole(new.original))
            server.say(anna, direct, "Delta worries me.")
            await talk.answer(direct, 5)
            assert "Alpha" not in prompts()[-1]

            for n, text in enumerate(("Gamma", "Delta"), start=1):
                server.say(anna, server.room, f"{text} worries me.")
                answer = await talk.answer(server.room, n)
            assert "Gamma" not in prompts()[-1] and "Alpha" not in prompts()[-1]
            server.say(anna, server.room, "Go on.", reply_to=server.ours(server.room)[0])
            await talk.answer(server.room, 3)
            assert "Gamma" in prompts()[-1] and "Delta" not in prompts()[-1]
            server.say(anna, server.room, "And here?", reply_to=answer)
            await talk.answer(server.room, 4)
            assert "Delta" in prompts()[-1] and "Gamma" not in prompts()[-1]

    asyncio.run(main())


def test_private_and_guild_never_share_what_was_said(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server, anna = talk.server, talk.server.anna
            direct, group = server.dm_channel(anna), server.add_private_channel(anna, server.add_user("boris"))
            server.dm(anna, "My secret is Alpha.")
            await talk.answer(direct)
            server.say(anna, server.room, "What did I tell you?")
            await talk.answer(server.room)
            asked = [ask(server, anna, place, "What did I tell you?") for place in (server.room, group)]
            await server.wait_for(lambda: all(whole(i.original) for i in asked))
            assert not any("Alpha" in prompt for prompt in talk.engine.prompts[1:])
            asked = ask(server, anna, direct, "What did I tell you?")
            await server.wait_for(lambda: whole(asked.original))
            assert "Alpha" in talk.engine.prompts[-1]

    asyncio.run(main())


def test_things_without_text_get_a_plain_sentence(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            place = server.dm_channel(server.anna)
            discord_messages.write(server, place, server.anna, {"content": ""}, {0: File("a.png", b"x")})
            assert (await talk.answer(place)).content == words.MEDIA["en"]
            server.say(server.anna, server.room, "")
            assert (await talk.answer(server.room)).content == words.EMPTY["en"]
            body = {"content": "What is duty?"}
            discord_messages.write(server, place, server.anna, body, {0: File("a.png", b"x")})
            assert (await talk.answer(place, 2)).content.startswith(COUNSEL)

    asyncio.run(main())


def test_what_a_model_says_pings_nobody(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            boris = server.add_user("boris")
            talk.engine.texts = [f"Partha, @everyone and @here and {boris.mention} wait for you. {COUNSEL}"]
            server.say(server.anna, server.room, "Whom shall I call?")
            asked = ask(server, server.anna, server.room)
            answer = await talk.answer(server.room)
            await server.wait_for(lambda: whole(asked.original))
            for message in (answer, asked.original):
                assert "@everyone" in message.content and message.allowed_mentions["parse"] == []
                assert boris not in message.mentions and not message.mention_everyone
            assert MENTION_EVERYONE & ~server.room.permissions  # what else keeps it from happening here

    asyncio.run(main())


def test_a_long_answer_is_split_at_sentences(tmp_path, tokenizer):
    """Where we are a member, into messages of the channel; elsewhere by the command's token alone."""

    async def one(talk, how):
        server, asked = talk.server, None
        place = server.add_channel(
            server.add_guild(member=False) if how == "elsewhere" else server.hall,
            denied=VIEW_CHANNEL if how == "unseen" else 0,
        )
        if how == "mention":
            server.say(server.anna, place, "Tell me much.")
        else:
            asked = ask(server, server.anna, place, guild_installed=how != "elsewhere")
        await server.wait_for(lambda: any("again:" in b for m in server.ours(place) for b in m.buttons))
        await talk.idle()
        parts = server.ours(place)
        turn = await talk.store.turn_of_message("discord", str(place.id), str(parts[-1].id))
        assert " ".join(m.content for m in parts).split() == turn.answer.split(), how
        assert turn.message_ids == tuple(str(m.id) for m in parts) and len(parts) == 3, how
        assert all(m.content.endswith(".") and not m.buttons for m in parts[:-1]), how
        if asked:
            by_token = how in ("unseen", "elsewhere")
            assert parts[0] is asked.original and asked.followups == (parts[1:] if by_token else []), how

    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, sentences(110))) as talk:
            await asyncio.gather(*(one(talk, how) for how in ("mention", "slash", "unseen", "elsewhere")))
            assert talk.clean()

    asyncio.run(main())


def test_where_discord_takes_few_messages_the_last_says_so_and_has_the_buttons(tmp_path, tokenizer, caplog):
    """Six to a command of an app that only its person has; to a button five, none of which is the first response."""

    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer, sentences(36, "y" * 90))) as talk:
            server = talk.server
            server.limits.rates["webhook"] = (50, 1.0)
            place = server.add_channel(server.add_guild(member=False))
            asked = ask(server, server.anna, place, guild_installed=False)
            await server.wait_for(lambda: len(asked.followups) == 5)
            await talk.idle()
            last = server.ours(place)[-1]
            pressed = server.press(server.anna, last, button(last, "again"))
            await server.wait_for(lambda: len(pressed.followups) == 5)
            await talk.idle()
            assert len(asked.followups) == len(pressed.followups) == 5 and len(server.ours(place)) == 11
            assert await talk.store.unfinished("discord") == []
            for parts in ([asked.original, *asked.followups], pressed.followups):
                assert parts[-1].content.endswith(words.CUT["en"]) and "Another answer" in labels(parts[-1])
                assert not any(words.CUT["en"] in m.content or m.buttons for m in parts[:-1])
                said = " ".join(m.content for m in parts).removesuffix(words.CUT["en"]).split()
                assert (await talk.store.turn(1)).answer.split()[: len(said)] == said

    asyncio.run(main())
    assert not [r for r in caplog.records if r.name.startswith("bots") and r.levelname == "ERROR"]


def test_where_history_may_not_be_read_the_answer_is_no_reply(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            place = server.add_channel(server.hall, denied=READ_MESSAGE_HISTORY)
            server.say(server.anna, place, "What is duty?")
            answer = await talk.answer(place)
            assert answer.content.startswith(COUNSEL) and answer.reply_to is None

    asyncio.run(main())
