import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import answer
from core.wisdom.corpus import Story, Verse

VERSE = Verse(2, 47, "Krishna", "The work is yours; its fruit was never in your hands.", ("work",), "", "")
STORY = Story(
    "s", "Marie Curie", "1903", "Paris", "Marie Curie worked on.", "work", ("work",), "a book", "europe", True
)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three?", 3),
        ("One", 1),
        ("", 0),
        ("यह पहला है। यह दूसरा है॥", 2),
        ('He said "go." Then left.', 2),
        ("3.5 is one.", 1),
    ],
)
def test_sentences(text, count):
    assert answer.sentences(text) == count


def test_four_sentences_at_most_and_one_name():
    assert answer.tidy("A b.  C d.\nE f. G h. I j.") == "A b. C d. E f. G h."
    assert answer.tidy("Rise, Arjuna, and arjuna's bow") == "Rise, Partha, and Partha's bow"
    assert answer.tidy("उठो अर्जुन") == "उठो पार्थ"


def test_an_unfinished_sentence_is_dropped_where_another_stands():
    assert answer.whole("One is done. And then the") == "One is done."
    assert answer.whole("only half of") == "only half of"


GOOD = "The river does not ask the stone to move. Put down the oar for one night and listen to the water."


def test_partha_is_always_addressed():
    assert answer.mended(GOOD, VERSE) == "Partha, t" + GOOD[1:]
    assert answer.mended(GOOD.replace("listen", "listen, Partha,"), VERSE).startswith("The river")


@pytest.mark.parametrize(
    "babble",
    [
        "",
        "No.",
        "I am the one who is the one who is the one who is the one who is. I am the one.",
        GOOD + " Меня зовут.",
        "one sentence only, however long it may be, is no counsel for a person in trouble",
    ],
)
def test_babble_is_never_shown_the_verses_own_words_are(babble):
    assert answer.mended(babble, VERSE) == f"Hear this, Partha. {VERSE.text}"


def test_a_speaker_who_speaks_of_itself_is_not_shown():
    assert answer.spoiled("Partha, I am the one who made the stars.")
    assert answer.spoiled("Trust me, Partha")
    assert not answer.spoiled('Say it aloud, Partha: "I was wrong, and I am sorry." Then')
    assert not answer.spoiled('Say it aloud, Partha: "I was')  # the quotation is still being made
    assert not answer.spoiled(GOOD) and answer.sound(GOOD)
    assert answer.mended("I see you, friend. " + GOOD, VERSE).startswith("Hear this, Partha.")


def test_hindi_may_repeat_a_pronoun_but_not_speak_of_itself():
    said = "पार्थ, तुम्हारा काम तुम्हारे हाथ में है और तुम्हारी नींद भी। तुम्हें बस आज का दीया जलाना है, कल तुम्हारा नहीं।"
    assert not answer.spoiled(said) and answer.sound(said)
    assert answer.spoiled("पार्थ, मैं तुम्हारे साथ हूँ।")


def test_the_story_is_told_word_for_word_and_the_verse_named():
    assert answer.compose("Counsel.", STORY, VERSE) == f"Counsel.\n\n{STORY.text}\n\n— Gita 2.47"
    assert answer.counsel_of(answer.compose("Counsel.", STORY, VERSE)) == "Counsel."


@given(st.text())
def test_any_text_can_be_tidied_and_stays_short(text):
    tidied = answer.tidy(text)
    assert answer.sentences(tidied) <= answer.MOST_SENTENCES + 1
    assert answer.tidy(tidied) == tidied
    assert "arjuna" not in answer.mended(answer.whole(text), VERSE).lower().split()
