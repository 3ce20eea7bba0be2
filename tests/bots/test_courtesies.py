"""Greetings and thanks are met as such; nothing that asks for counsel is taken for one."""

import pytest

from bots import courtesies, words


@pytest.mark.parametrize(
    "text", ["hi", "Hello!", "hey there", "Namaste ji 🙏", "Hare Krishna", "good morning", "HIII!!"]
)
def test_a_greeting_is_greeted(text):
    assert courtesies.reply(text) == words.GREETING


@pytest.mark.parametrize("text", ["thanks", "Thank you so much!", "ok thank you", "thx 🙏", "shukriya", "good night"])
def test_thanks_are_taken(text):
    assert courtesies.reply(text) == words.THANKS


def test_hindi_is_answered_in_hindi():
    assert courtesies.reply("नमस्ते 🙏") == words.GREETING_HI
    assert courtesies.reply("बहुत धन्यवाद जी") == words.THANKS_HI


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hi, my mother died",
        "hello darkness",
        "thanks to him I lost my job",
        "how do I say thank you to someone I hurt",
        "goodbye everyone",
        "bye forever",
        "I want to say good night for the last time",
        "krishna",
        "?",
    ],
)
def test_words_that_carry_something_are_a_question(text):
    assert courtesies.reply(text) is None
