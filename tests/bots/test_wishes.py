"""What is asked of the form of an answer is told from what is asked."""

import time

import pytest

from bots import wishes


@pytest.mark.parametrize(
    ("text", "tongue", "rest"),
    [
        ("Can you answer in Hindi please? I am jealous of my sister", "hi", "I am jealous of my sister"),
        ("mera breakup ho gaya, hindi me jawab do", "hi", "mera breakup ho gaya"),
        ("english mein batao: zindagi ka matlab kya hai", "en", "zindagi ka matlab kya hai"),
        ("मुझे गुस्सा आता है। अंग्रेज़ी में बताइए", "en", "मुझे गुस्सा आता है।"),
        ("How to control anger in hindi", "hi", "How to control anger"),
        ("please tell me in hindi how to forgive my brother", "hi", "how to forgive my brother"),
        ("how do i forgive him in hinglish please", "hinglish", "how do i forgive him"),
        ("mujhe hindi me batao ki dukh kyu hota h", "hi", "dukh kyu hota h"),
        ("answer in hindi please", "hi", ""),
        ("Hindi me jawab do", "hi", ""),
    ],
)
def test_a_language_is_asked_for(text, tongue, rest):
    wish = wishes.of(text)
    assert (wish.tongue, wish.question, wish.brief) == (tongue, rest, False)


@pytest.mark.parametrize(
    "text",
    [
        "i cant speak in english in front of my class",
        "I failed in hindi",
        "english me answer likhna nahi aata",
        "people laugh when i try and speak in english",
        "my teacher said answer in english and i froze",
        "Why do they reply in hindi to me",
        "what is the story of karna",
        "i have no story to tell about my life",
        "my mother tells me no stories any more",
        "no stories of my father are true, he lied",
        "he gave a short answer and left",
        "life is short",
    ],
)
def test_what_is_the_trouble_itself_is_no_wish(text):
    assert wishes.of(text) == wishes.Wishes(None, False, False, text)


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("in one line: how do i stop worrying about money", "how do i stop worrying about money"),
        ("short answer pls, should i apologise first", "should i apologise first"),
        ("I failed for the fifth time. no story please", "I failed for the fifth time."),
        ("i dont want a story, tell me what to do", "tell me what to do"),
        ("kahani mat sunao bhai, naukri chhodu ya nhi", "naukri chhodu ya nhi"),
        ("yr itna gyan mat do. breakup se kaise nikle", "breakup se kaise nikle"),
        ("मुझे नींद नहीं आती, कहानी मत सुनाओ", "मुझे नींद नहीं आती"),
        ("chhota jawab do", ""),
    ],
)
def test_a_short_answer_is_asked_for(text, rest):
    wish = wishes.of(text)
    assert wish.brief and wish.tongue is None and wish.question == rest


def test_a_language_that_nothing_is_written_in_is_told_from_the_others():
    assert wishes.of("my friend moves away. please answer in spanish").other
    assert wishes.of("tamil me jawab do").other
    assert not wishes.of("i learned spanish for her and she left").other


def test_a_language_holds_for_the_talk_and_the_rest_for_one_answer():
    talk = ["and if she refuses?", "no story please. answer in hindi. my wife left", "hello, in english please"]
    wish = wishes.lasting(talk)
    assert (wish.tongue, wish.brief, wish.question) == ("hi", False, "and if she refuses?")


def test_a_long_message_is_looked_through_at_once():
    start = time.process_time()
    for text in ("please can you " * 600, "in hindi " * 900, "no story " * 900, "answer me it " * 900, "क" * 5000):
        wishes.of(text)
    assert time.process_time() - start < 1
