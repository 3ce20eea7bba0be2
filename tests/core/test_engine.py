"""The engine's loop on tiny models of random weights: real threads, real batches."""

import asyncio
import time

import pytest
import torch

from core.engine import (
    DeadlineExceeded,
    Delta,
    Done,
    EngineError,
    EngineFull,
    ModelFailed,
    PromptTooLong,
    Request,
    Sampling,
    Waiting,
)
from core.resident.engine import ResidentEngine
from core.resident.loader import load
from core.resident.loop import Loop
from core.resident.prefixes import PIECE
from core.settings import EngineSettings
from tests.tiny import Speaking

GREEDY = Sampling(temperature=0)


@pytest.fixture(scope="module")
def loaded(tiny_folder):
    return load(EngineSettings(model=str(tiny_folder), slots=4, context=768), lambda _: None)


@pytest.fixture(scope="module")
def loaded_one(gemma3_folder):
    return load(EngineSettings(model=str(gemma3_folder), slots=4, context=768), lambda _: None)


def run(loaded, act, **options):
    """Run act(engine) in a loop of its own."""

    async def main():
        engine = ResidentEngine(*loaded, **options)
        try:
            return await asyncio.wait_for(act(engine), 60)
        finally:
            await engine.close()

    return asyncio.run(main())


async def text_of(engine, request):
    text, done = "", None
    async for event in engine.generate(request):
        if isinstance(event, Delta):
            assert event.text
            text += event.text
        elif isinstance(event, Done):
            done = event
    return text, done


async def until(true, within_s=30.0):
    """Poll: the engine's thread has no event to wait for."""
    async with asyncio.timeout(within_s):
        while not true():  # noqa: ASYNC110
            await asyncio.sleep(0.005)


def prompt(engine, n, seed=0):
    return (engine.tokenizer.bos, *(1000 + (i * 37 + seed * 101) % 5000 for i in range(n - 1)))


def test_many_at_once_give_exactly_what_each_gives_alone(loaded):
    async def act(engine):
        requests = [
            Request(prompt(engine, n, n), max_tokens=20, sampling=GREEDY, user=str(n))
            for n in (3, 40, 129, 300, 12, 64)
        ]
        alone = [(await text_of(engine, r))[0] for r in requests]
        engine.loop.prefixes.forget()  # what could be reused
        together = [text for text, _ in await asyncio.gather(*(text_of(engine, r) for r in requests))]
        assert together == alone
        assert len(set(alone)) == len(alone)

    run(loaded, act)


def test_a_kept_prefix_is_reused_and_changes_nothing(loaded):
    async def act(engine):
        request = Request(prompt(engine, 3 * PIECE + 9), max_tokens=30, sampling=GREEDY)
        first, done = await text_of(engine, request)
        assert done.usage.reused_tokens == 0
        again = await asyncio.gather(*(text_of(engine, request) for _ in range(3)))
        assert {text for text, _ in again} == {first}
        assert all(done.usage.reused_tokens >= 2 * PIECE for _, done in again)

    run(loaded, act)


def test_a_seed_gives_the_same_words_in_any_company(loaded_one):
    async def act(engine):
        request = Request(prompt(engine, 20), max_tokens=30, sampling=Sampling(seed=7))
        alone = (await text_of(engine, request))[0]
        others = [text_of(engine, Request(prompt(engine, 30, i), max_tokens=30, user=str(i))) for i in range(6)]
        assert (await asyncio.gather(text_of(engine, request), *others))[0][0] == alone
        assert (await text_of(engine, Request(prompt(engine, 20), max_tokens=30, sampling=Sampling(seed=8))))[
            0
        ] != alone

    run(loaded_one, act)


def test_closing_the_stream_frees_the_slot_within_a_step(loaded_one):
    model = Speaking(loaded_one[0], [1000], pace_s=0.02)

    async def act(engine):
        stream = engine.generate(Request(prompt(engine, 10), max_tokens=700))
        async for event in stream:
            if isinstance(event, Delta):
                break
        assert engine.stats().busy == 1
        await stream.aclose()
        steps = model.steps
        await until(lambda: engine.stats().busy == 0)
        assert model.steps <= steps + 1  # the one that was under way
        assert engine.stats().answered == 1  # heard enough of: so most end, and others' wait is told by them
        assert (await text_of(engine, Request(prompt(engine, 10), max_tokens=5)))[1].usage.answer_tokens <= 5

    run((model, loaded_one[1]), act)


def test_waiting_is_told_with_place_and_time(loaded_one):
    async def act(engine):
        await text_of(engine, Request(prompt(engine, 5), max_tokens=20))  # so that times are known

        async def places(i):
            request = Request(prompt(engine, 5, i), max_tokens=60, user=str(i), sampling=GREEDY)
            return [e async for e in engine.generate(request) if isinstance(e, Waiting)]

        told = await asyncio.gather(*(places(i) for i in range(7)))
        assert [len(t) for t in told[:4]] == [0, 0, 0, 0]
        assert [t[0].place for t in told[4:]] == [1, 2, 3]
        assert all(t.seconds and t.seconds > 0 for events in told for t in events)
        assert told[6][-1].place == 1

    run(loaded_one, act)


def test_a_full_queue_refuses_with_a_time(loaded_one):
    async def act(engine):
        jobs = [
            asyncio.create_task(text_of(engine, Request(prompt(engine, 5, i), max_tokens=80, user=str(i))))
            for i in range(8)
        ]
        done = await asyncio.gather(*jobs, return_exceptions=True)
        refused = [d for d in done if isinstance(d, EngineFull)]
        assert len(refused) == 2
        assert all(r.retry_after_s > 0 for r in refused)
        assert (await text_of(engine, Request(prompt(engine, 5), max_tokens=3)))[1] is not None

    run(loaded_one, act, queue_size=2)


def test_one_conversation_cannot_hold_every_slot(loaded_one):
    async def act(engine):
        crowd = [
            asyncio.create_task(
                text_of(engine, Request(prompt(engine, 5, i), 200, GREEDY, conversation="server", user=str(i)))
            )
            for i in range(6)
        ]
        await until(lambda: engine.stats().busy == 2 and engine.stats().queued == 4)
        await text_of(engine, Request(prompt(engine, 5), max_tokens=3, conversation="private", user="p"))
        assert engine.stats().busy == 2 and engine.stats().queued == 4  # it waited for none of them
        await asyncio.gather(*crowd)

    run(loaded_one, act)


def test_deadlines(loaded_one):
    async def act(engine):
        blockers = [
            asyncio.create_task(text_of(engine, Request(prompt(engine, 5, i), max_tokens=400, user=str(i))))
            for i in range(4)
        ]
        await until(lambda: engine.stats().busy == 4)
        with pytest.raises(DeadlineExceeded):
            await text_of(engine, Request(prompt(engine, 5), max_tokens=5, deadline_s=0.05))
        for blocker in blockers:
            blocker.cancel()
        text, done = await text_of(engine, Request(prompt(engine, 5), max_tokens=700, deadline_s=0.5))
        assert done.reason == "deadline" and text and done.usage.total_s < 1.5

    run(loaded_one, act)


def test_who_would_wait_past_their_deadline_is_not_queued(loaded_one):
    async def act(engine):
        blockers = [
            asyncio.create_task(text_of(engine, Request(prompt(engine, 5, i), 700, GREEDY, user=str(i))))
            for i in range(4)
        ]
        await until(lambda: engine.stats().busy == 4)
        engine.loop.pace.ended(40.0)  # four slots: somebody's turn comes every ten seconds
        told = []

        async def ask(user):
            async for event in engine.generate(Request(prompt(engine, 5), 5, user=user, deadline_s=25.0)):
                told.append((user, event.seconds))

        asking = {user: asyncio.create_task(ask(user)) for user in "abcd"}
        await asyncio.wait([asking["c"], asking["d"]])
        for user in "cd":
            error = asking[user].exception()
            assert isinstance(error, EngineFull) and error.retry_after_s == 30.0
        await until(lambda: len(told) == 2)
        assert told == [("a", 10.0), ("b", 20.0)] and engine.stats().queued == 2
        for task in [*blockers, *asking.values()]:
            task.cancel()

    run((Speaking(loaded_one[0], [1000], pace_s=0.02), loaded_one[1]), act)


def test_who_waited_too_long_and_goes_lets_the_next_one_know(loaded_one):
    async def act(engine):
        blockers = [
            asyncio.create_task(text_of(engine, Request(prompt(engine, 5, i), 700, GREEDY, user=str(i))))
            for i in range(4)
        ]
        await until(lambda: engine.stats().busy == 4)
        late = asyncio.create_task(text_of(engine, Request(prompt(engine, 5), 5, user="a", deadline_s=0.05)))
        await asyncio.sleep(0)
        places = []
        async for event in engine.generate(Request(prompt(engine, 5), 5, user="b")):
            assert isinstance(event, Waiting)
            places.append(event.place)
            if event.place == 1:
                break
        assert places == [2, 1] and isinstance(late.exception(), DeadlineExceeded)
        assert not any(blocker.done() for blocker in blockers)
        for blocker in blockers:
            blocker.cancel()

    run(loaded_one, act)


def test_a_long_prompt_does_not_stall_those_who_talk(loaded_one):
    async def act(engine):
        seen = []

        async def talk():
            async for event in engine.generate(Request(prompt(engine, 5), max_tokens=300, user="a", sampling=GREEDY)):
                if isinstance(event, Delta):
                    seen.append(time.monotonic())

        talking = asyncio.create_task(talk())
        await until(lambda: len(seen) >= 5)
        start = time.monotonic()
        _, done = await text_of(engine, Request(prompt(engine, 5 * PIECE), max_tokens=1, user="b"))
        between = [t for t in seen if start < t < start + done.usage.first_token_s]
        assert len(between) >= 3  # at least one token between two pieces of the prompt
        talking.cancel()

    run(loaded_one, act)


def test_bad_requests_are_refused_before_they_queue(loaded_one):
    async def act(engine):
        with pytest.raises(PromptTooLong):
            await text_of(engine, Request(prompt(engine, 700), max_tokens=100))
        with pytest.raises(EngineError):
            await text_of(engine, Request((), max_tokens=5))
        with pytest.raises(ValueError):
            Sampling(top_p=0)
        with pytest.raises(ValueError):
            Sampling(seed=2**64)

    run(loaded_one, act)


def test_a_failing_request_fails_alone(loaded_one):
    async def act(engine):
        good = [text_of(engine, Request(prompt(engine, 9, i), max_tokens=50, user=str(i))) for i in range(3)]
        bad = text_of(engine, Request((2, 10_000_000), max_tokens=5, user="bad"))  # no such token
        *fine, failed = await asyncio.gather(*good, bad, return_exceptions=True)
        assert all(isinstance(f, tuple) and f[1] for f in fine)
        assert isinstance(failed, EngineError) and not isinstance(failed, ModelFailed)
        assert engine.stats().failed is None and engine.stats().busy == 0

    run(loaded_one, act)


class Breaking:
    """A model that works until it is broken."""

    def __init__(self, model):
        self._model, self.broken, self.together = model, False, 0

    def __getattr__(self, name):
        return getattr(self._model, name)

    def decode(self, slots, *args):
        if self.broken:
            raise RuntimeError("CUDA error: an illegal memory access")
        self.together = len(slots)
        return self._model.decode(slots, *args)


def test_a_broken_model_tells_everybody_and_the_host(loaded_one):
    model, tokenizer = loaded_one
    told = []

    async def act(engine):
        jobs = [
            asyncio.create_task(text_of(engine, Request(prompt(engine, 5, i), max_tokens=500, user=str(i))))
            for i in range(9)
        ]
        await until(lambda: breaking.together == 4)
        breaking.broken = True
        ends = await asyncio.gather(*jobs, return_exceptions=True)
        assert all(isinstance(e, EngineError) for e in ends)
        assert any(isinstance(e, ModelFailed) for e in ends)
        with pytest.raises(ModelFailed):
            await text_of(engine, Request(prompt(engine, 5), max_tokens=5))
        assert len(told) == 1 and "illegal memory access" in told[0]
        assert "illegal memory access" in engine.stats().failed

    breaking = Breaking(model)
    run((breaking, tokenizer), act, on_failure=told.append)


def test_prompts_that_go_well_do_not_hide_that_every_step_fails(loaded_one):
    """One after another: between two broken steps there is always a prompt that was read."""
    model, tokenizer = loaded_one
    told = []

    async def act(engine):
        breaking.broken = True
        for n in range(4):
            with pytest.raises(EngineError):
                await text_of(engine, Request(prompt(engine, 5, n), max_tokens=5))
        assert len(told) == 1 and "3 times in a row" in told[0]

    breaking = Breaking(model)
    run((breaking, tokenizer), act, on_failure=told.append)


def test_a_model_whose_prompts_give_no_numbers_is_known_as_broken(loaded_one):
    """Also where no request comes as far as a decode step."""
    told = []

    class Numberless(Breaking):
        def prefill(self, *args, **kwargs):
            return torch.full_like(self._model.prefill(*args, **kwargs), torch.nan)

    async def act(engine):
        for n in range(3):
            with pytest.raises(EngineError, match="not finite"):
                await text_of(engine, Request(prompt(engine, 5, n), max_tokens=1))
        assert len(told) == 1 and "3 times in a row" in told[0]

    run((Numberless(loaded_one[0]), loaded_one[1]), act, on_failure=told.append)


class Uncopying(Breaking):
    """A model that fails in the middle of giving a slot what another one holds."""

    def copy(self, source, target, length):
        self._model.copy(source, target, length)
        raise self.error


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory."), RuntimeError("no luck")])
def test_who_cannot_be_given_a_slot_fails_alone(loaded_one, error):
    async def act(engine):
        kept = [Request(prompt(engine, PIECE + 9, n), max_tokens=8, sampling=GREEDY) for n in range(4)]
        said = [(await text_of(engine, request))[0] for request in kept]
        assert len(set(said)) == 4
        # The first slot's prefix is taken up again; then the same prompt would have it copied over the second's.
        long = asyncio.create_task(text_of(engine, Request(kept[0].prompt, max_tokens=60, sampling=GREEDY)))
        await until(lambda: engine.stats().busy == 1)
        with pytest.raises(EngineError, match="lower KRISHNA_SLOTS" if "memory" in str(error) else "no luck"):
            await text_of(engine, kept[0])
        assert (await text_of(engine, kept[1]))[0] == said[1]  # nothing is left of the half copy
        assert (await long)[0].startswith(said[0])
        assert engine.stats().failed is None and engine.stats().busy == 0

    model = Uncopying(loaded_one[0])
    model.error = error
    run((model, loaded_one[1]), act)


def test_a_command_that_fails_is_told_to_everybody(loaded_one):
    told = []

    async def act(engine):
        asked = asyncio.create_task(text_of(engine, Request(prompt(engine, 5), max_tokens=600)))
        await until(lambda: engine.stats().busy == 1)
        engine.loop.put(lambda: 1 / 0)
        with pytest.raises(ModelFailed, match="ZeroDivisionError"):
            await asked
        with pytest.raises(ModelFailed):
            await text_of(engine, Request(prompt(engine, 5), max_tokens=5))
        assert len(told) == 1

    run(loaded_one, act, on_failure=told.append)


def test_devanagari_and_emoji_arrive_whole(loaded_one):
    """Also where the limit comes in the middle of a character."""
    model, tokenizer = loaded_one
    text = "कर्मण्येवाधिकारस्ते 👨‍👩‍👧 ते 🇮🇳 𓀀 🙏🏽 end"
    tokens = tokenizer.encode(text)
    assert sum(isinstance(tokenizer.piece(t), bytes) for t in tokens) > 20  # most are parts of characters

    async def act(engine):
        cut = set()
        for most in range(1, len(tokens) + 1):
            deltas = [
                event.text
                async for event in engine.generate(Request(prompt(engine, 5), max_tokens=most, sampling=GREEDY))
                if isinstance(event, Delta)
            ]
            assert all(deltas) and text.startswith("".join(deltas))
            cut.add("".join(deltas))
        assert text in cut and text[: text.index("👨") + 1] in cut

    run((Speaking(model, tokens), tokenizer), act)


def test_tokens_are_counted_by_the_tier_that_made_them(loaded_one):
    class Nested(Loop):
        tiers = ("small", "large")

    async def main():
        engine = ResidentEngine(*loaded_one, loop=Nested)
        try:
            made = {"small": 0, "large": 0}
            asked = [
                Request(prompt(engine, 9, i), max_tokens=6, sampling=GREEDY, tier=t)
                for i, t in enumerate(("small", "large", ""))
            ]
            for request, (_, done) in zip(
                asked, await asyncio.gather(*(text_of(engine, r) for r in asked)), strict=True
            ):
                made[request.tier or "large"] += done.usage.answer_tokens
            assert min(made.values()) > 0 and engine.stats().tokens == made
        finally:
            await engine.close()

    asyncio.run(main())
