"""What a question is written in, on the questions of the index, whose language people have noted."""

from collections import Counter

import pytest

from core.text import language, readable, spoken
from core.wisdom.corpus import asked


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


def test_short_wishes_in_hinglish_are_known_for_it():
    for text in ("ek shayari sunao na", "Hindi me jawab do", "aur agar usne mna kr diya to?", "yr thoda simple bolo"):
        assert language(text) == "hinglish", text
    for text in ("my 3 yr old and my 6 yr old fight", "Hume says we cannot know", "Diya and I light the diya"):
        assert language(text) == "en", text


def test_a_long_message_is_not_hinglish_for_a_name_or_a_quoted_word():
    long = "I have been so tired of all this and I do not know what I should do any more. " * 6
    assert language(f"Jo left me. {long} Raj and Ab were there, and Se too.") == "en"
    assert language(f'My mother said "zyada mat bolo". {long}') == "en"
    assert (
        language("main thak gaya hu, office me kuch theek nahi chal raha, ghar pe bhi koi nahi samajhta. " * 6)
        == "hinglish"
    )


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
