"""The pure parts: what an update becomes, what a text becomes, and who waits for whom."""

from __future__ import annotations

import asyncio
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from telegram import Update
from telegram.error import RetryAfter

from bots.telegram.limiter import FRAME, Limiter, Window
from bots.telegram.surface import LIMIT, formatted
from bots.telegram.translate import stopped_chat, translate
from tests.platforms.telegram_rules import text_of
from tests.platforms.telegram_server import TelegramServer
from tests.platforms.telegram_world import utf16

ME, GROUP = 7, -1001
MARKS = st.text(alphabet=st.sampled_from(list("ab1 \n\t*_~`|[]()<>#!-+.\\&;:/😀क्é")), max_size=60)


@given(st.one_of(MARKS, st.text(max_size=80)))
@example("\t a")
@example("[a](b) [c](http://d) [e](http://f.g) ![h](tg://emoji?id=5) [i](tg://user?id=7)")
@example(" **😀** ")
def test_any_text_is_taken_by_telegram(text):
    plain, entities = formatted(text)
    if plain.strip():
        text_of({"text": plain, "entities": [e.to_dict() for e in entities]})
        assert all(e.offset >= 0 and e.offset + e.length <= utf16(plain) for e in entities)


def test_marks_become_entities_and_plain_text_stays():
    plain, entities = formatted("Do **this**, Partha.\n\nA story.\n\n— Gita 2.47")
    assert plain == "Do this, Partha.\n\nA story.\n\n— Gita 2.47"
    assert [(e.type, e.offset, e.length) for e in entities] == [("bold", 3, 4)]
    assert formatted("2 * 3 * 4, a_b_c") == ("2 * 3 * 4, a_b_c", [])
    assert formatted("***") != ("", [])


def test_a_text_does_not_grow_past_the_limit():
    text = "***\n\n" * (LIMIT // 5)
    assert utf16(formatted(text)[0]) <= LIMIT


def inbound(update):
    server = TelegramServer()
    return translate(Update.de_json(update, None), Update.de_json(update_of_bot(server), None).message.from_user)


def update_of_bot(server):
    chat = {"id": 1, "type": "private", "first_name": "x"}
    return {"update_id": 1, "message": {"message_id": 1, "date": 0, "chat": chat, "from": server.world.bot}}


def test_what_an_update_becomes():
    server = TelegramServer()
    sent = server.private(ME, "Why?", language="hi")
    said = inbound(sent.update)
    assert said.received_at == int(sent.at)
    assert (said.kind, said.private, said.chat_id, said.user_id, said.locale) == ("text", True, "7", "7", "hi")
    assert (said.text, said.thread_id, said.reply_to, said.address["thread"]) == ("Why?", None, None, None)
    verse = inbound(server.group(GROUP, ME, "/VERSE 2.47", topic=3).update)
    assert (verse.kind, verse.command, verse.text, verse.private) == ("command", "verse", "2.47", False)
    assert verse.thread_id == str(verse.address["thread"]) != "None"
    ask = inbound(server.group(GROUP, ME, "/ask  why?").update)
    assert (ask.kind, ask.command, ask.text) == ("text", None, "why?")
    assert inbound(server.group(GROUP, ME, "why?", mention=False).update) is None
    assert inbound(server.group(GROUP, ME, "say, @Krishna_Test_Bot, why?", mention=False).update).text == "say,  , why?"
    assert inbound(update_of_bot(server)) is None  # bots are not answered


def test_a_reply_in_a_group_without_topics_is_in_no_thread():
    server = TelegramServer()
    chat = server.world.chat(GROUP)
    ours = server.world.add(chat, server.world.bot, "an answer")
    reply = inbound(server.group(GROUP, ME, "and?", mention=False, reply_to=ours).update)
    assert (reply.reply_to, reply.thread_id) == (str(ours.id), None)


def test_the_native_stop():
    stop = {"update_id": 3, "stopped_message_generation": {"chat": {"id": ME, "type": "private"}, "draft_id": 9}}
    assert stopped_chat(Update.de_json(stop, None)) == ME
    assert stopped_chat(Update.de_json({"update_id": 3}, None)) is None


def test_a_window_is_never_overfull():
    async def main():
        window, times = Window(3, 0.05), []

        async def call():
            await window.acquire()
            times.append(time.monotonic())

        start = time.monotonic()
        await asyncio.gather(*(call() for _ in range(7)))
        assert times[2] - start < 0.05 and all(b - a >= 0.29 for a, b in zip(times, times[3:], strict=False))

    asyncio.run(main())


def test_a_stale_frame_is_refused_where_a_message_waits():
    async def main():
        limiter, done = Limiter(group=(7, 0.1)), []

        async def send(frame=None, chat=GROUP, endpoint="editMessageText", act=None):
            async def call():
                done.append(endpoint)
                if act is not None:
                    raise act

            await limiter.process_request(call, (), {}, endpoint, {"chat_id": chat}, frame)

        await send(FRAME)
        await send(FRAME)
        with pytest.raises(RetryAfter):  # five are kept for answers
            await send(FRAME)
        for _ in range(6):
            await send()
        await send(endpoint="sendChatAction", frame=None)  # counts for nothing
        assert len(done) == 9
        with pytest.raises(RetryAfter):
            await send(chat=ME, act=RetryAfter(1))
        start = time.monotonic()
        with pytest.raises(RetryAfter):
            await send(FRAME, chat=ME, endpoint="sendMessageDraft")
        assert time.monotonic() - start < 0.1
        await send(chat=8)  # another chat is not held up
        assert time.monotonic() - start < 0.2
        await send(chat=ME)
        assert time.monotonic() - start > 0.9

    asyncio.run(main())


def limited(limiter, done):
    """send(): a call through the limiter, whose name is in `done` when it goes out."""

    async def send(name, chat=ME, kind=None, endpoint="sendMessage", act=None):
        async def call():
            done.append((name, time.monotonic()))
            if act is not None:
                await act()

        await limiter.process_request(call, (), {}, endpoint, {"chat_id": chat}, kind)

    return send


async def refused(after_s, wait_s):
    await asyncio.sleep(after_s)
    raise RetryAfter(wait_s)


def test_of_two_refusals_the_one_that_lasts_longer_counts():
    """Also where it comes while somebody waits for the end of the shorter one, or for their turn."""

    async def main():
        limiter, done = Limiter(private=(4, 0.7)), []
        send = limited(limiter, done)
        start = time.monotonic()
        refusals = [
            asyncio.create_task(send("refused", act=lambda after=after, wait=wait: refused(after, wait)))
            for after, wait in ((0.0, 1), (0.3, 2), (0.4, 1))
        ]
        await asyncio.wait(refusals, return_when=asyncio.FIRST_COMPLETED)
        await send("waited")
        assert done[-1][0] == "waited" and 2.2 < done[-1][1] - start < 3.0
        assert all(isinstance(r.exception(), RetryAfter) for r in refusals) and not limiter._clear

        late = asyncio.create_task(send("refused", 8, act=lambda: refused(0.5, 1)))
        await asyncio.gather(*(send("at once", 8) for _ in range(3)))
        start = time.monotonic()
        await send("in line", 8)  # for the chat's turn, when the refusal comes
        assert isinstance(late.exception(), RetryAfter) and 1.4 < done[-1][1] - start < 2.6

    asyncio.run(main())


def test_chats_that_refused_are_not_remembered_for_ever(monkeypatch):
    monkeypatch.setattr("bots.telegram.limiter.MOST_CHATS", 3)

    async def main():
        limiter = Limiter()
        send = limited(limiter, [])
        for chat in range(1, 9):
            with pytest.raises(RetryAfter):
                await send("refused", chat, act=lambda: refused(0, 60))
        assert list(limiter._clear) == [6, 7, 8]

    asyncio.run(main())


def test_frames_of_many_groups_stand_in_no_answers_way():
    async def main():
        done = []
        send = limited(Limiter(), done)
        frames = await asyncio.gather(
            *(send("frame", -chat, FRAME, "editMessageText") for chat in range(1, 91)), return_exceptions=True
        )
        start = time.monotonic()
        await asyncio.gather(*(send("answer", chat) for chat in range(1, 10)))
        assert time.monotonic() - start < 0.2
        shown = sum(frame is None for frame in frames)
        assert 10 <= shown <= 20 and all(isinstance(frame, RetryAfter) for frame in frames if frame)
        await asyncio.gather(*(send("draft", chat, FRAME, "sendMessageDraft") for chat in range(1, 41)))  # count apart

    asyncio.run(main())
