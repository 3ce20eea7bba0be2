"""What is neither a question nor an answer: commands, and buttons under an answer."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime

from bots import guard, hours, menu, tongue, verses, words
from bots.daily import Daily
from bots.delivery import deliver, insist
from bots.following import conversation
from bots.patience import patiently
from bots.replies import Replies
from bots.surface import Button, Gone, Surface
from bots.words import Said, fill, join
from core.wisdom.daily import verse_of
from core.wisdom.named import references
from storage import Inbound, Subscription

LONGEST_ID = 18  # digits; a longer one is no number of ours, and too long for a database
THEIRS = ("forget", "mydata", "optout")  # of a person's own words: also for who may not ask
OFF = ("off", "stop", "end", "leave", "no", "none", "cancel", "unsubscribe", "band", "बंद")  # after /daily


async def command(replies: Replies, daily: Daily, inbound: Inbound, surface: Surface) -> None:
    """Answer a command. inbound.command is its name without the slash, inbound.text what follows it."""
    store, rest = replies.store, inbound.text.strip()
    who = inbound.platform, inbound.user_id
    match inbound.command:
        case "start":
            await replies.say(inbound, surface, menu.WELCOME)
        case "help":
            await replies.say(inbound, surface, menu.HELP)
        case "new":
            await store.new_conversation(conversation(inbound))
            await replies.say(inbound, surface, menu.NEW)
        case "stop":
            if not await replies.stop(inbound.platform, inbound.chat_id, inbound.user_id):
                await replies.say(inbound, surface, words.NOTHING_TO_STOP)
        case "forget":
            await replies.stop(inbound.platform, inbound.chat_id, inbound.user_id)
            language = await tongue.of_person(store, inbound)  # while it is known
            out, rows = await store.is_optout(*who), await store.forget(*who)
            replies.stop_here(inbound.platform, inbound.chat_id, inbound.user_id)  # what began meanwhile
            await replies.say(inbound, surface, menu.forgotten(rows, out)[language])
        case "optout":
            out = rest.lower() != "off"
            await store.optout(*who, out)
            await replies.say(inbound, surface, menu.OPTED_OUT if out else menu.OPTED_IN)
        case "mydata":
            if not surface.discreet:
                await replies.say(inbound, surface, menu.MYDATA_PRIVATE)
                return
            data = json.dumps(await store.mydata(*who), ensure_ascii=False, indent=2).encode()
            text = await replies.worded(inbound, menu.MYDATA)
            await store.sending(inbound.key)
            await insist(lambda: surface.file("krishna-mydata.json", data, text))
        case "verse":
            if rest:
                await verse(replies, inbound, surface, rest)
            else:
                await replies.say(inbound, surface, menu.VERSE_USAGE)
        case "daily":
            await _daily(replies, daily, inbound, surface, rest)
        case "stats" if guard.user(inbound) in replies.settings.admins:
            await replies.say(inbound, surface, await _stats(replies))
        case "stats":
            await replies.say(inbound, surface, words.ADMINS_ONLY)
        case _:
            await replies.say(inbound, surface, words.UNKNOWN_COMMAND)


async def press(replies: Replies, inbound: Inbound, surface: Surface) -> None:
    """Answer a button. inbound.text is the button's data."""
    store = replies.store

    async def notice(said: Said) -> None:
        await surface.notice(await replies.worded(inbound, said))

    action, _, argument = inbound.text.partition(":")
    if action in ("verse", "page"):
        verse = replies.finder.corpus.verse(argument)
        if verse is not None:
            where = inbound.platform, inbound.chat_id, inbound.reply_to or ""
            if action == "page" and await store.turn_of_message(*where) is None:  # turned over in place, but no answer
                surface.message_id = inbound.reply_to
            await deliver(surface, verses.show(verse), verses.beside(replies.finder.corpus, verse))
        return
    turn = await store.turn(int(argument)) if argument.isdecimal() and len(argument) <= LONGEST_ID else None
    # What is pressed is the client's word: Telegram warns that no message need hold such a button.
    if turn is None or (turn.platform, turn.chat_id) != (inbound.platform, inbound.chat_id):
        await notice(words.EXPIRED)
        return
    if action in ("up", "down"):
        value = 1 if action == "up" else -1
        await store.vote(turn.id, inbound.user_id, value)
        await notice(words.VOTE[value])
    elif inbound.user_id != turn.user_id and (inbound.private or turn.user_id != inbound.chat_id):  # or as the group
        await notice(words.NOT_YOURS)
    elif action == "stop":
        if not await replies.stop_turn(turn.id):
            await notice(words.NOTHING_TO_STOP)
    elif action == "show" and turn.answer is not None:
        ids = await deliver(surface, turn.answer, replies.under(turn))
        await patiently("an answer's place", lambda: store.posted(turn.id, turn.chat_id, ids))
    elif action in ("again", "deeper", "retry"):
        if refusal := await guard.refusal(replies.settings, store, inbound):
            await notice(refusal)
            return
        another = await replies.again(inbound, turn)
        if another is not None:
            await replies.answer(inbound, surface, another)
    else:
        await notice(words.EXPIRED)


async def verse(replies: Replies, inbound: Inbound, surface: Surface, wanted: str) -> None:
    """A verse by number, also among words, or up to five for some words; the person's verse of today for none."""
    corpus = replies.finder.corpus
    refs = references(wanted, of_verses=True)
    one = corpus.verse(wanted) or next(filter(None, map(corpus.verse, refs)), None)
    if not wanted:
        one = verse_of(corpus, guard.user(inbound), datetime.now(UTC).toordinal())
    if one is not None:
        await replies.store.sending(inbound.key)
        await deliver(surface, verses.show(one), verses.beside(corpus, one))
    elif refs or not any(c.isalpha() for c in wanted):
        await replies.say(inbound, surface, fill(menu.NO_VERSE, ref=refs[0] if refs else wanted[:20]))
    else:
        found = await asyncio.to_thread(replies.finder.search, wanted, 5)
        if not found:
            await replies.say(inbound, surface, menu.NO_VERSES_FOUND)
            return
        await replies.store.sending(inbound.key)
        buttons = [Button(v.ref, f"verse:{v.ref}") for v in found]
        await deliver(surface, "\n\n".join(f"{v.ref}  {v.text}" for v in found), [buttons])


async def _daily(replies: Replies, daily: Daily, inbound: Inbound, surface: Surface, wanted: str) -> None:
    """Begin, change, show or end a person's verse of the day, in a private chat."""
    store, now = replies.store.daily, daily.clock()
    who = inbound.platform, inbound.user_id
    door = daily.doors.get(inbound.platform)
    if door is None:
        await replies.say(inbound, surface, menu.DAILY_ELSEWHERE)
        return
    if not inbound.private:
        await replies.say(inbound, surface, menu.DAILY_PRIVATE)
        return
    if wanted.lower() in OFF:
        await replies.say(inbound, surface, menu.DAILY_OFF if await store.remove(*who) else menu.DAILY_NONE)
        return
    kept = await store.get(*who)
    try:
        said = hours.parse(wanted)
    except hours.UnknownHour as error:
        await replies.say(inbound, surface, fill(menu.DAILY_HOUR, said=str(error)[:20]))
        return
    except hours.UnknownZone as error:
        await replies.say(inbound, surface, fill(menu.DAILY_ZONE, said=str(error)[:40]))
        return
    if kept is not None and said == hours.When(None, None):
        await replies.say(inbound, surface, menu.daily(kept.minute, kept.zone, now, kept.due_at))
        return
    guess = None if kept else hours.guess(inbound.locale)
    zone = said.zone or (kept.zone if kept else guess or "UTC")
    minute = said.minute if said.minute is not None else kept.minute if kept else hours.MORNING
    due_at = hours.next_due(minute, zone, now, kept.day if kept else 0)
    await store.put(Subscription(*who, inbound.chat_id, minute, zone, due_at))
    told = menu.daily(minute, zone, now, due_at)
    if not (said.zone or kept):
        told = join(told, menu.daily_guess(minute, guessed=guess is not None))
    if not door.apart:
        await replies.say(inbound, surface, told)
        return
    language = await tongue.of_person(replies.store, inbound)
    await replies.store.sending(inbound.key)
    try:  # where the verses will come: it proves that they can
        await deliver(door.letter(inbound.chat_id, inbound.update_id), told[language])
    except Gone:
        await store.remove(*who)
        await deliver(surface, menu.DAILY_REFUSED[language])


async def _stats(replies: Replies) -> str:
    engine, kept = replies.engine.stats(), await replies.store.stats()
    adapter = f" with {replies.adapters.current}" if replies.adapters.current else ""
    lines = [
        f"model {engine.model}{adapter}: {engine.busy} of {engine.slots} slots busy, {engine.queued} waiting, "
        f"{engine.tokens_per_s:.0f} tokens/s, {engine.answered} answered since the start"
        + (f", FAILED: {engine.failed}" if engine.failed else ""),
        *(f"{name}: {value}" for name, value in kept.items()),
    ]
    return "\n".join(lines)
