import json
import re
from dataclasses import replace
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import answer
from core.text import DEVANAGARI, LANGUAGES, OF_ITSELF, language, sentences
from core.wisdom import faithful
from core.wisdom.corpus import Story, Verse, corpus

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
    assert sentences(text) == count


def test_four_sentences_at_most_and_one_name():
    assert answer.tidy("A b.  C d.\nE f. G h. I j.") == "A b. C d. E f. G h."
    assert answer.tidy("Rise, Arjuna, and arjuna's bow") == "Rise, Partha, and Partha's bow"
    assert answer.tidy("उठो अर्जुन") == "उठो पार्थ"


def test_an_unfinished_sentence_is_dropped_where_another_stands():
    assert answer.whole("One is done. And then the") == "One is done."
    assert answer.whole("only half of") == "only half of"


@pytest.mark.parametrize(
    "text",
    ["A b. C d. E f. She said, “Go.” I j.", "A b. C d. E f. Read 2.47 today. I j.", "A b. C d. E f. So... wait. I j."],
)
def test_four_sentences_are_enough_once_the_fourth_is_whole(text):
    """A text grows by letters: it is broken off at the letter after the fourth, and loses nothing."""
    grown = next(text[:n] for n in range(len(text)) if answer.enough(text[:n]))
    assert answer.whole(grown) == answer.whole(text)
    assert grown == answer.whole(text) + " "


@given(
    st.lists(st.sampled_from(["One. ", "Go!\n", "यह।", "Arjuna", "2.", "47 ", ".", "”", " "]), max_size=20).map("".join)
)
def test_what_comes_after_enough_is_never_shown(text):
    for n in range(len(text)):
        if answer.enough(text[:n]):
            assert answer.tidy(text[:n]) == answer.tidy(text)


GOOD = "The river does not ask the stone to move. Put down the oar for one night and listen to the water."


def test_partha_is_always_addressed():
    assert answer.addressed(GOOD) == "Partha, t" + GOOD[1:]
    assert answer.addressed("CPR first.") == "Partha, CPR first."
    assert answer.addressed("God is not far.") == "Partha, God is not far."
    named = GOOD.replace("listen", "listen, Partha,")
    assert answer.addressed(named) == named
    assert answer.addressed("रुको और सुनो।") == "पार्थ, रुको और सुनो।"
    assert answer.addressed("") == ""


def test_who_speaks_of_itself_is_heard_to_also_once_partha_is_addressed():
    said = answer.addressed("I am the lord of all that lives. Seek refuge in nobody else, and your sorrow will end.")
    assert faithful.faults(said, "") == ("spoiled",)


def test_the_verses_own_words_call_partha_and_never_speak_as_god():
    assert answer.verbatim(VERSE) == f"Hear this, Partha. {VERSE.text}"
    assert answer.verbatim(replace(VERSE, text="Rise, Partha.")) == "Hear this. Rise, Partha."
    divine = replace(VERSE, text="I am the taste when you drink water.")
    assert answer.verbatim(divine) == f"Hear what Krishna says in the Gita, Partha: “{divine.text}”"
    for verse in corpus().verses:
        said = answer.verbatim(verse)
        assert "Partha" in said and (said.endswith("”") or not re.search(r"\b(?:I|me|my|mine|myself)\b", said))


def test_what_a_verse_says_to_a_person_keeps_every_rule():
    rows = [json.loads(line) for line in files("core.wisdom").joinpath("counsel.jsonl").read_text("utf-8").splitlines()]
    assert len({row["text"] for row in rows}) == len(rows)
    for row in rows:
        said = row["text"]
        assert corpus().verse(row["verse"]) and said.strip() == said and said[-1] in ".!?।", row
        assert language(said) == row["language"] or (row["language"] != "hi" and not DEVANAGARI.search(said)), row
        assert not OF_ITSELF.search(said) and not re.search(r"Partha|Arjun|Krishna|पार्थ|अर्जुन|कृष्ण", said), row
    for verse in corpus().verses:
        written = [(text, tongue) for tongue in LANGUAGES for text in corpus().counsel(verse.ref, tongue)]
        for text, tongue in written:
            for opening in corpus().openings("", tongue):
                said = f"{opening} {text}"
                assert answer.fixed(corpus(), verse, said) and not faithful.faults(said, ""), said
            assert not answer.fixed(corpus(), verse, f"Partha, so it is. {text}") and not answer.fixed(
                corpus(), verse, text
            )


def test_without_the_models_words_a_verse_speaks_in_the_questions_language():
    work, battle = corpus().verse("2.47"), corpus().verse("1.4")  # nobody wrote what that one says to a person
    for question, tongue in (("kya karun, sab khatam", "hinglish"), ("मैं क्या करूँ?", "hi"), ("why?", "en")):
        said = [answer.instead(corpus(), [work, battle], question + "?" * n) for n in range(20)]
        assert len({*said}) >= 4 and all(answer.fixed(corpus(), work, text) for text in said)
        assert {language(text) for text in said} == {tongue} and said[0] == answer.instead(corpus(), [work], question)
    assert answer.instead(corpus(), [battle, work], "why?") == answer.verbatim(battle)
    assert answer.fixed(corpus(), work, answer.instead(corpus(), [battle, work], "kya karun?"))
    assert answer.instead(corpus(), [battle], "kya karun?") == answer.verbatim(battle)


def test_of_a_subject_no_two_answers_of_a_talk_begin_alike():
    work, said = corpus().verse("2.47"), []
    for _ in corpus().openings("exams", "en"):
        said.append(answer.instead(corpus(), [work], "why?", subject="exams", before=said))
    assert {answer.subject_of(corpus(), text) for text in said} == {"exams"}
    assert len({text.partition(".")[0] for text in said}) == len(said)
    assert answer.instead(corpus(), [work], "why?", subject="exams", before=said) in said  # all were said


def test_the_language_of_a_question():
    """On the labelled questions that people ask; the few that are missed tell their language by one rare word."""
    rows = [json.loads(line) for line in files("core.wisdom").joinpath("asked.jsonl").read_text("utf-8").splitlines()]
    assert sum(language(row["question"]) != row["language"] for row in rows) < 0.003 * len(rows)


def test_the_story_is_told_word_for_word_and_the_verse_named():
    assert answer.compose("Counsel.", STORY, [VERSE]) == f"Counsel.\n\n{STORY.text}\n\n— Gita 2.47"
    beside = replace(VERSE, chapter=6, verse=5)
    assert answer.compose("Counsel.", None, [VERSE, beside]) == "Counsel.\n\n— Gita 2.47, 6.5"
    hindi = replace(STORY, text_hi="मेरी क्यूरी काम करती रहीं।")
    assert answer.compose("पार्थ, चलो।", hindi, [VERSE]) == f"पार्थ, चलो।\n\n{hindi.text_hi}\n\n— Gita 2.47"
    assert answer.compose("पार्थ, चलो।", STORY, [VERSE]) == f"पार्थ, चलो।\n\n{STORY.text}\n\n— Gita 2.47"
    assert answer.compose("Counsel.", hindi, [VERSE]).split("\n\n")[1] == STORY.text
    latin = replace(hindi, text_hinglish="Marie Curie kaam karti rahin.")
    assert answer.compose("Partha, kya hua?", latin, [VERSE]).split("\n\n")[1] == latin.text_hinglish
    assert answer.compose("", latin, [VERSE], tongue="hi") == f"{latin.text_hi}\n\n— Gita 2.47"
    assert answer.counsel_of(answer.compose("Counsel.", STORY, [VERSE])) == "Counsel."


@given(st.text())
def test_any_text_can_be_tidied_and_stays_short(text):
    tidied = answer.tidy(text)
    assert sentences(tidied) <= answer.MOST_SENTENCES + 1
    assert answer.tidy(tidied) == tidied
    assert "arjuna" not in answer.addressed(answer.whole(text)).lower().split()


def test_a_first_word_with_an_apostrophe_is_small_after_the_name():
    assert answer.addressed("Another's joy is real.") == "Partha, another's joy is real."
