import asyncio
import time
import unicodedata
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.delivery import Live, deliver, insist, split
from bots.surface import Gone, RetryAfter, SurfaceError, Uncertain, Unreachable


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def test_it_cuts_where_a_reader_would():
    assert split("One two. Three four. Five six.", 22) == ["One two. Three four.", "Five six."]
    assert split("First paragraph.\n\nSecond one here.", 25) == ["First paragraph.", "Second one here."]
    assert split("यह पहला वाक्य है। यह दूसरा है।", 20) == ["यह पहला वाक्य है।", "यह दूसरा है।"]
    assert split("   ", 5) == []
    assert split("x" * 25, 10) == ["x" * 10, "x" * 10, "x" * 5]


@given(st.text(max_size=400), st.integers(8, 60), st.sampled_from([len, utf16]))
def test_every_part_fits_and_no_word_is_lost(text, limit, size):
    parts = split(text, limit, size)
    assert all(part and size(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_letter_keeps_its_marks():
    text = "क्षि" * 40
    for part in split(text, 30):
        assert unicodedata.category(part[0]) not in ("Mn", "Mc")


SEEN = [
    "क्षि",
    "त्र",
    "ष",
    "👨‍👩‍👧‍👦",
    "🇮🇳",
    "🇺🇸",
    "🙏🏽",
    "e\u0301",
    "a",
    "ཧཱུྃ",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "न्\u200dय",
]  # each one character to who reads it


@given(st.lists(st.sampled_from(SEEN), max_size=60), st.integers(30, 60), st.sampled_from([len, utf16]))
def test_what_is_one_character_to_a_reader_is_cut_nowhere(seen, limit, size):
    starts = {0, *accumulate(map(len, seen))}
    ends = accumulate(map(len, split("".join(seen), limit, size)))
    assert starts.issuperset(ends)


def test_marks_without_an_end_are_cut_all_the_same():
    assert [len(part) for part in split("x" + "\u0301" * 99, 30)] == [30, 30, 30, 10]


class Screen:
    """A surface that remembers; errors queued in `faults` are raised first."""

    limit, most, pace_s, discreet, has_buttons = 100, None, 0.05, True, True

    def __init__(self, *faults):
        self.faults, self.frames, self.final, self.sent, self.times = list(faults), [], None, [], []
        self.message_id = self.on_posted = None

    def size(self, text):
        return len(text)

    async def _try(self):
        self.times.append(time.monotonic())
        if self.faults:
            fault = self.faults.pop(0)
            if fault:
                raise fault

    async def show(self, text, buttons=()):
        await self._try()
        self.frames.append(text)

    async def finish(self, text, buttons=()):
        await self._try()
        self.final = (text, buttons)
        return "1"

    async def send(self, text, buttons=()):
        await self._try()
        self.sent.append((text, buttons))
        return str(1 + len(self.sent))


def test_frames_are_paced_and_only_the_newest_is_shown():
    async def main():
        screen = Screen()
        live = Live(screen)
        text = ""
        for i in range(60):
            text += f"{i} "
            live.update(text)
            await asyncio.sleep(0.005)
        await live.stop()
        assert 4 <= len(screen.frames) <= 8  # 0.3 s at one frame each 0.05 s
        gaps = [b - a for a, b in zip(screen.times, screen.times[1:], strict=False)]
        assert min(gaps) >= 0.045
        assert all(text.startswith(f) for f in screen.frames)

    asyncio.run(main())


def test_a_change_during_a_pause_is_shown_after_it():
    async def main():
        screen = Screen()
        live = Live(screen)
        live.update("a")
        await asyncio.sleep(0.01)
        live.update("ab")
        await asyncio.sleep(0.1)
        assert screen.frames == ["a", "ab"]
        await live.stop()

    asyncio.run(main())


def test_a_retry_after_is_waited_for_and_the_newest_comes_then():
    async def main():
        screen = Screen(RetryAfter(0.2))
        live = Live(screen)
        live.update("old")
        await asyncio.sleep(0.1)
        live.update("new")
        await asyncio.sleep(0.2)
        await live.stop()
        assert screen.frames == ["new"] and len(screen.times) == 2
        assert screen.times[1] - screen.times[0] >= 0.19

    asyncio.run(main())


def test_stopping_does_not_wait_out_a_penalty():
    async def main():
        screen = Screen(RetryAfter(30))
        live = Live(screen)
        live.update("x")
        await asyncio.sleep(0.02)
        start = time.monotonic()
        await live.stop()
        assert time.monotonic() - start < 0.5

    asyncio.run(main())


def test_a_refused_frame_is_not_the_end():
    async def main():
        screen = Screen(SurfaceError("not modified"))
        live = Live(screen)
        live.update("a")
        await asyncio.sleep(0.08)
        live.update("b")
        await asyncio.sleep(0.05)
        await live.stop()
        assert screen.frames == ["b"]

    asyncio.run(main())


def test_the_end_arrives_whole_through_faults_with_buttons_under_the_last_part():
    async def main():
        screen = Screen(RetryAfter(0.05), None, Unreachable("down"))
        text = "A sentence of some words here. " * 8
        assert await deliver(screen, text, "buttons") == ["1", "2", "3"]
        assert screen.final[1] == () and screen.sent[-1][1] == "buttons"
        assert " ".join([screen.final[0], *(t for t, _ in screen.sent)]) == text.strip()

    asyncio.run(main())


def test_gone_is_not_tried_again():
    async def main():
        screen = Screen(Gone("blocked"))
        with pytest.raises(Gone):
            await insist(lambda: screen.send("x"))
        assert len(screen.times) == 1

    asyncio.run(main())


def test_what_may_be_seen_twice_is_tried_again_when_a_send_broke_off():
    async def main():
        screen = Screen(Uncertain("cut"), Uncertain("cut"))
        with pytest.raises(Uncertain):
            await insist(lambda: screen.send("x"))
        await insist(lambda: screen.send("x"), twice=True)
        assert [text for text, _ in screen.sent] == ["x"]

    asyncio.run(main())
