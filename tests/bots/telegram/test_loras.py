"""Prompts follow the adapter of the talk that they belong to."""

from __future__ import annotations

import asyncio
from pathlib import Path

from core.prompt import EXAMPLES
from tests.bots.engines import ScriptedEngine
from tests.bots.telegram.talk import talking

EXAMPLE = EXAMPLES[0][0]


def test_a_talk_keeps_its_adapter_and_the_prompt_that_it_was_trained_on(tmp_path, tokenizer):
    async def main():
        async with talking(tmp_path, ScriptedEngine(tokenizer), admins="telegram:9") as talk:
            server, adapters = talk.server, talk.dialogue.adapters

            async def ask(person, n, text):
                server.private(person, text)
                answer = await talk.answer(person, n)
                request = talk.engine.requests[-1]
                assert (EXAMPLE in talk.engine.prompts[-1]) is (request.adapter == "")  # the scripted ones are tuned
                return request.adapter, answer

            assert (await ask(1, 1, "How do I begin?"))[0] == ""
            await adapters.load(Path("/srv/tuned"))
            assert (await ask(1, 2, "And then?"))[0] == ""
            used, second = await ask(2, 1, "How do I begin?")
            assert used == "tuned"
            server.private(9, "/stats")
            assert "model scripted with tuned: " in (await talk.answer(9)).text
            adapters.unload()
            server.press(2, second, "Another")
            await talk.answer(2, 2)
            assert talk.engine.requests[-1].adapter == "tuned"
            assert (await ask(2, 3, "And then?"))[0] == "tuned"
            server.private(2, "/new")
            await talk.answer(2, 4)
            assert (await ask(2, 5, "Something else."))[0] == "" and talk.clean()

    asyncio.run(main())
