"""Every fixed sentence is there in each language, says the same things, and fits where it is shown."""

from __future__ import annotations

import re
from string import Formatter
from typing import get_args

import pytest

from bots import menu, tongue, words
from core.text import DEVANAGARI, Language

LANGUAGES = set(get_args(Language))
NOTICE = 200  # characters that Telegram shows to who pressed a button


def _sentences(module):
    for name, value in vars(module).items():
        for key, said in [("", value)] if not isinstance(value, dict) or "en" in value else value.items():
            if isinstance(said, dict) and "en" in said:
                yield f"{module.__name__}.{name}{key}", said


MADE = {
    "next": words.waiting(1, None),
    "waiting": words.waiting(3, 40.0),
    "waits": words.waiting(3, 400.0),
    "full": words.full(30.0),
    "fuller": words.full(300.0),
    "too_long": words.too_long(4000),
    "too_fast": words.too_fast(60.0),
    "quota": words.quota(200),
    "daily": menu.daily(450, "Asia/Kolkata", 1_777_900_000.0, 1_778_200_000.0),
    "today": menu.daily(450, "Asia/Kolkata", 1_777_900_000.0, 1_777_900_060.0),
    "guessed": menu.daily_guess(450, guessed=True),
    "unknown": menu.daily_guess(450, guessed=False),
    "erased": menu.forgotten(1),
    "all erased": menu.forgotten(12, optout=True),
}
FIXED = {**dict(_sentences(words)), **dict(_sentences(menu)), **MADE}


def _menu(name):
    return (
        name.split(".")[-1] in {n for n, kind in menu.__annotations__.items() if "Menu" in kind} or "COMMANDS" in name
    )


@pytest.mark.parametrize("name", FIXED)
def test_a_sentence_is_whole_in_each_language(name):
    said = FIXED[name]
    assert set(said) == ({"en", "hi"} if _menu(name) else LANGUAGES)
    fields = [{field for _, field, _, _ in Formatter().parse(text) if field} for text in said.values()]
    if name != "bots.words.WHY":  # what a story shows is told in English alone
        assert all(f == fields[0] for f in fields) and (name not in MADE or not fields[0])
    assert all(re.findall(r"/[a-z]+", text) == re.findall(r"/[a-z]+", said["en"]) for text in said.values())
    for which, text in said.items():
        assert text.strip() == text != "" and bool(DEVANAGARI.search(text)) == (which == "hi" and text != "{ref}")
        assert not re.search(r"\b(?:tum|tumh\w+|tu)\b|(?<![\u0900-\u097f])(?:तुम|तू|तुम्ह\S*)(?![\u0900-\u097f])", text)


def test_the_buttons_under_a_sentence_that_is_an_answer_are_in_its_language():
    assert all(tongue.of(text) == which for said in (words.UNREAD, words.STOPPED_EARLY) for which, text in said.items())


def test_all_of_them_are_looked_at():
    assert len(FIXED) > 80 and {"bots.words.VOTE1", "bots.menu.COMMANDSnew", "bots.words.TROUBLE"} <= set(FIXED)


def test_they_fit_where_they_are_shown():
    notices = [MADE["too_fast"], MADE["quota"], words.EMPTY, words.EXPIRED, words.NOT_YOURS, words.NOTHING_TO_STOP]
    for said in (*notices, *words.VOTE.values()):
        assert all(len(text) <= NOTICE for text in said.values()), said
    for name, said in FIXED.items():
        assert not _menu(name) or all(len(text) <= 100 for text in said.values()), name  # Discord's limit
    for label in (words.STOP, words.AGAIN, words.DEEPER, words.RETRY, words.SHOW):
        assert all(len(text) <= 20 for text in label.values())


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("मुझे नींद नहीं आती", "hi"),
        ("क्यों", "hi"),
        ("mujhe neend nahi aati", "hinglish"),
        ("shukriya", "hinglish"),
        ("I cannot sleep at night", "en"),
        ("why?", None),
        ("hello", None),
        ("", None),
        ("என்னால் இரவில் தூங்க முடியவில்லை என்ன செய்வது", None),
    ],
)
def test_what_a_persons_words_tell(text, told):
    assert tongue.of(text) == told


@pytest.mark.parametrize(
    ("locale", "told"), [("hi", "hi"), ("hi-IN", "hi"), ("HI_in", "hi"), ("en-IN", None), ("his", None), (None, None)]
)
def test_what_an_app_tells(locale, told):
    assert tongue.of_app(locale) == told
