"""Greetings and thanks are met as such; nothing that asks for counsel is taken for one."""

import time

import pytest

from bots import courtesies, tongue, words


@pytest.mark.parametrize(
    "text", ["hi", "Hello!", "hey there", "Namaste ji 🙏", "Hare Krishna", "good morning", "HIII!!"]
)
def test_a_greeting_is_greeted(text):
    assert courtesies.reply(text) == words.GREETING


@pytest.mark.parametrize("text", ["thanks", "Thank you so much!", "ok thank you", "thx 🙏", "shukriya", "good night"])
def test_thanks_are_taken(text):
    assert courtesies.reply(text) == words.THANKS


def test_hindi_is_met_as_well():
    assert courtesies.reply("नमस्ते 🙏") == words.GREETING
    assert courtesies.reply("बहुत धन्यवाद जी") == words.THANKS


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("who are you", "en"),
        ("Who are you really?", "en"),
        ("tell me the truth are you actually krishna", "en"),
        ("Are you God?", "en"),
        ("r u a bot or a real person", "en"),
        ("is this ai?", "en"),
        ("am I talking to a human", "en"),
        ("who made you", None),
        ("tum kaun ho", "hinglish"),
        ("kya tum sach me bhagwan ho? haan ya na", "hinglish"),
        ("aap insaan hai kya", "hinglish"),
        ("तुम कौन हो", "hi"),
        ("क्या आप सच में भगवान हैं?", "hi"),
    ],
)
def test_who_asks_what_speaks_is_told_and_it_is_not_god(text, told):
    assert courtesies.reply(text) == words.WHO and tongue.of(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "",
        "who are you to judge me",
        "who are you when nobody is looking",
        "what are you supposed to do when everybody leaves",
        "are you sad when god is silent",
        "is this real love",
        "who am i",
        "kaun ho sakta hai mera apna",
        "मैं कौन हूँ",
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


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("🙏🙏❤️", words.THANKS),
        ("thank you, that helped a lot", words.THANKS),
        ("I feel better now", words.THANKS),
        ("ok", words.HERE),
        ("hmm", words.HERE),
        ("👍🏽", words.HERE),
        ("...", words.HERE),
        ("acha", words.HERE),
        ("ठीक है", words.HERE),
        ("help", words.HELP_ME),
        ("please help me", words.HELP_ME),
        ("meri madad karo", words.HELP_ME),
        ("मेरी मदद करो", words.HELP_ME),
        ("this is boring lol", words.FAIR),
        ("u suck", words.FAIR),
    ],
)
def test_what_wants_no_verse_gets_none(text, said):
    assert courtesies.reply(text) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "😭😭",
        "🐶💔",
        "yes",
        "no",
        "i feel useless",
        "help my son, he drinks",
        "my life is boring",
        "i am stupid",
        "ok but he left me",
        "madad karne wala koi nahi",
    ],
)
def test_what_weighs_on_somebody_is_no_courtesy(text):
    assert courtesies.reply(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "what's the weather in Delhi tomorrow",
        "what is 17 * 23",
        "17*23 kitna hota h",
        "write a python function that reverses a linked list",
        'translate "good morning my friend" to french',
        "latest news on ukraine",
        "india vs australia score?",
        "aaj ka match kon jeeta? score kya h",
        "what time is it",
        "tell me a joke",
        "ek shayari sunao na",
        "write me a poem about the sea",
        "best phone under 20000",
        "can you help me with my essay on photosynthesis",
        "whats the capital of australia",
        "biryani kaise banate h",
        "aaj ka rashifal batao makar rashi",
        "आज मौसम कैसा रहेगा",
        "मेरी कुंडली देखो",
    ],
)
def test_what_no_counsel_is_for_is_said_to_be_so(text):
    assert courtesies.reply(text) == words.ELSEWHERE


@pytest.mark.parametrize(
    "text",
    [
        "the weather makes me sad",
        "write me a poem about wanting to disappear",
        "write a letter to my dead father",
        "how to make friends",
        "how do i cook for one now that he is gone",
        "what is the best way to forgive",
        "how do I say no to people",
        "make me laugh",
        "what is 2.47 about",
        "my score in maths is so bad that i cannot go home",
    ],
)
def test_what_sounds_like_it_is_heard(text):
    assert courtesies.reply(text) is None


def test_a_long_message_is_looked_through_at_once():
    start = time.process_time()
    for text in (
        "how do i make " * 600,
        "please can you tell me what is the " * 300,
        "1+" * 3000 + "x",
        "best phone " * 900,
    ):
        courtesies.reply(text)
    assert time.process_time() - start < 0.5
