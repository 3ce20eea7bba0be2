"""What a question is written in, on the questions of the index, whose language people have noted."""

from collections import Counter

import pytest

from core.text import language, readable, spoken
from core.wisdom.search import asked


def test_the_language_of_what_people_ask_is_told():
    told = Counter((row["language"], language(row["question"])) for row in asked())
    of = Counter(row["language"] for row in asked())
    assert told["hi", "hi"] == of["hi"]
    assert told["en", "en"] >= 0.999 * of["en"] and told["hinglish", "hinglish"] >= 0.98 * of["hinglish"]


def test_other_letters_are_not_readable():
    assert readable("¿por qué?") and readable("मन की बात") and readable("2.47?!") and readable("")
    assert not readable("எனக்கு வேலை இல்லை") and not readable("我很难过") and not readable("мне грустно, help")


def test_a_few_words_of_hinglish_are_known_for_it():
    for text in ("pareshan hu", "bahut udaas hu", "aaj pehli salary aayi", "thaki hu"):
        assert language(text) == "hinglish", text
    assert language("aj left me and moved out") == "en"


def test_the_words_of_a_text_alone():
    assert spoken("That DOESN’T help!! 🙄") == "that doesnt help" and spoken("...") == ""


def test_few_words_are_english_where_two_are_nobody_elses():
    from core.text import plainly_english

    for text in ("tell me a joke", "are you god", "is it true?", "should i go", "I am sad"):
        assert plainly_english(text), text
    for text in (
        "why?",
        "tell me more",
        "exam me fail",
        "mai to gaya",
        "in Hindi",
        "kya karu",
        "a hai the",
        "ok thanks",
        "यह the is",
    ):
        assert not plainly_english(text), text


@pytest.mark.parametrize(
    "text", ["ek shayari sunao na", "Hindi me jawab do", "aur agar usne mna kr diya to?", "chhota jawab do"]
)
def test_few_words_of_hinglish_are_heard(text):
    assert language(text) == "hinglish"


def test_two_words_that_both_languages_have_tell_nothing_of_a_long_text():
    assert (
        language("My sister Jo married a man named Dost. " + "We have not spoken for years and I miss her. " * 12)
        == "en"
    )
