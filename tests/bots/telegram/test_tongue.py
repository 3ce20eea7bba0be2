"""Fixed words come in the language of a person's own, else of their app, else of what they asked last."""

from __future__ import annotations

import asyncio

from bots import menu, words
from core.engine import EngineFull
from tests.bots.engines import ScriptedEngine
from tests.bots.telegram.talk import talking

ME, APP, NEW = 7, 8, 9
HINDI, HINGLISH = "मुझे रात को नींद नहीं आती, क्या करूँ?", "mujhe raat ko neend nahi aati, kya karu?"


class FullEngine(ScriptedEngine):
    """An engine that has no room."""

    async def generate(self, request):
        raise EngineFull(30.0)
        yield


def test_a_limit_and_the_buttons_are_in_the_language_of_the_question(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer), per_minute=1, question_chars=400) as talk:
            server = talk.server
            for person, text, told in ((1, HINDI, "hi"), (2, HINGLISH, "hinglish"), (3, "Why do I never sleep?", "en")):
                server.private(person, text)
                answer = await talk.answer(person)
                assert answer.buttons[0] == words.AGAIN[told]
                assert answer.buttons[-1].startswith(words.GITA[told].format(ref=""))
                server.private(person, text)
                assert (await talk.answer(person, 2)).text == words.too_fast(60)[told]
                server.private(person, f"{text} " * 20)
                assert (await talk.answer(person, 3)).text == words.too_long(400)[told]
                press = server.press(person, answer, words.AGAIN[told])
                await server.wait_for(lambda press=press: press.answer)
                assert press.answer == words.too_fast(60)[told]
            assert talk.clean()

    asyncio.run(main())


def test_a_command_is_answered_in_the_apps_hindi_else_as_the_person_wrote_before(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer)) as talk:
            server = talk.server
            server.private(APP, "/help", language="hi")
            assert (await talk.answer(APP)).text == menu.HELP["hi"]
            server.private(NEW, "/help")
            assert (await talk.answer(NEW)).text == menu.HELP["en"]
            server.private(ME, HINGLISH)
            await talk.answer(ME)
            server.private(ME, "but why?")  # tells nothing: what was asked before does
            await talk.answer(ME, 2)
            for n, (text, said) in enumerate(
                [
                    ("/help", menu.HELP),
                    ("hello", words.GREETING),
                    ("/daily", None),
                ],
                start=3,
            ):
                server.private(ME, text)
                told = (await talk.answer(ME, n)).text
                assert told == said["hinglish"] if said else told.startswith("Har din 7:00 baje")
            server.private(ME, "/forget")
            assert (await talk.answer(ME, 6)).text.startswith("Sab mita diya")  # and now it is not known any more
            server.private(ME, "/new")
            assert (await talk.answer(ME, 7)).text == menu.NEW["en"]
            assert server.commands["new"] == "Begin a new conversation"
            hindi = {c["command"]: c["description"] for c in server.menus["default", "hi"]}
            assert hindi == {name: said["hi"] for name, said in menu.COMMANDS.items()} and talk.clean()

    asyncio.run(main())


def test_trouble_and_a_stop_are_told_in_hindi(tmp_path, tokenizer):
    async def main():
        (tmp_path / "full").mkdir()
        async with talking(tmp_path / "full", FullEngine(tokenizer)) as talk:
            talk.server.private(ME, HINDI)
            sorry = await talk.answer(ME)
            assert sorry.text == words.full(30)["hi"] and sorry.buttons == (words.RETRY["hi"],)
        async with talking(tmp_path, ScriptedEngine(tokenizer, pace_s=0.05)) as talk:
            talk.server.private(ME, HINDI)
            await talk.server.wait_for(lambda: talk.server.draft(ME))
            talk.server.stop_generation(ME)
            assert (await talk.answer(ME)).text.endswith(words.STOPPED["hi"]) and talk.clean()

    asyncio.run(main())
