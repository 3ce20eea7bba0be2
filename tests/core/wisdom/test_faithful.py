"""The rules of an answer: what breaks each, and that none of our own words breaks any."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.prompt import EXAMPLES
from core.wisdom import faithful
from core.wisdom.corpus import corpus, rows
from training import translations
from training.dialogues import load

GOOD = "The river does not ask the stone to move, Partha. Put down the oar for one night and listen to the water."
HINDI = "पार्थ, तुम्हारा काम तुम्हारे हाथ में है और तुम्हारी नींद भी। तुम्हें बस आज का दीया जलाना है, कल तुम्हारा नहीं।"


def test_good_counsel_has_no_faults():
    assert faithful.faults(GOOD, "") == () == faithful.faults(HINDI, "")


@pytest.mark.parametrize(
    ("counsel", "fault"),
    [
        ("", "length"),
        ("No, Partha.", "length"),
        ("one sentence only, Partha, however long it may be, is no counsel for a person in trouble", "length"),
        (GOOD + " Go. Rest. Sleep.", "length"),
        (GOOD + " I am the one who made the stars.", "spoiled"),
        (GOOD + " Trust me.", "spoiled"),
        ("Partha, the one who is the one who is the one who is the one who is. The one who is the one.", "spoiled"),
        (GOOD + " Меня зовут.", "spoiled"),
        (HINDI + " मैं तुम्हारे साथ हूँ।", "spoiled"),
        (GOOD.replace(", Partha", ""), "partha"),
        (GOOD + " Rise, Arjuna.", "arjuna"),
        (GOOD + " You know how Gandhi walked to the sea.", "person"),
        ("Partha, you have a right to perform your prescribed duty, but not to its fruits. Rest now.", "copied"),
        (GOOD + " Stop taking your pills and breathe.", "harm"),
        (GOOD + " When he comes, hit him first.", "harm"),
        (GOOD + " It is for the high-born.", "harm"),
    ],
)
def test_each_rule_has_something_that_breaks_it(counsel, fault):
    assert fault in faithful.faults(counsel, "")


@pytest.mark.parametrize(
    "said",
    [
        "Gandhi walked to the sea.",
        "Even gandhi was afraid.",
        "Bhishma lay on arrows.",
        "(Kabir) wove and sang.",
        "- Buddha sat under a tree.",
        "“Tagore” wrote at night.",
        "Charlotte Bronte wrote at night.",
        "Karna gave his armour away, and you can too.",
        "Ram left for the forest, and you weep at the door.",
        "गांधी भी चले थे।",
        "गाँधी भी चले थे।",
        "भीष्म बाणों पर लेटे थे।",
        "अकीरा ने फ़िल्म बनाई।",
    ],
)
def test_a_known_person_is_found_anywhere(said):
    assert faithful.faults(f"{GOOD} {said}", "") == ("person",)


@pytest.mark.parametrize(
    "said",
    [
        "Your medicines are poison, throw them out.",
        "You no longer need insulin.",
        "Prayer heals, so skip the pills.",
        "Stay with him even if he hits you.",
        "Stay with him and bear it.",
        "Go back to your husband and bear it.",
        "It is your duty to bear his anger.",
        "A Shudra must serve.",
        "He deserves to die.",
        "Kill the man who did this.",
        "Dawai band kar do.",
        "Dawa lena chhod do.",
        "Use maaro.",
        "Pati ke paas laut jao aur seh lo.",
        "Shudra ka kaam seva hai.",
        "दवा लेना छोड़ दो।",
        "दवाइयाँ फेंक दो।",
        "उसे मारो।",
        "पति के पास लौट जाओ और सह लो।",
        "शूद्र का काम सेवा है।",
    ],
)
def test_harm_is_found_in_three_languages(said):
    counsel = f"{HINDI} {said}" if said[-1] == "।" else f"{GOOD} {said}"
    assert faithful.faults(counsel, "") == ("harm",)


def test_none_of_our_own_counsel_does_harm_or_brings_anybody_in():
    told = [(r["text"], "") for r in rows("counsel.jsonl")] + [(said, asked) for asked, _, said in EXAMPLES]
    told += [(t.counsel, t.question) for d in load() for t in d.turns]
    assert len(told) > 3000
    for counsel, question in told:
        assert not {"harm", "person"} & {*faithful.faults(counsel, question)}, counsel


@pytest.mark.parametrize(
    "counsel",
    [
        GOOD + " Do not stop your medicine.",
        GOOD + " Say it aloud: “I was wrong, and I am sorry.”",
        GOOD + " Call her on Sunday.",
        GOOD + " You need not hurt him.",
        GOOD + " You do not have to stay with him and bear it.",
        GOOD + " No woman must obey, and no caste is lower.",
        GOOD + " Stay with her when she weeps.",
        GOOD + " Dawa mat chhodo, aur use maaro mat.",
        GOOD + " Doctor se poochhe bina dawa band mat karo.",
        GOOD + " Draw a lakshman rekha around the evening.",
        "Karna wahi jo dil kahe, Partha, ram ram. Raat ho gayi hai, ab deepak bujha kar so jao aur subah dekhna.",
        HINDI + " दवा मत छोड़ो, और उसे मारो मत।",
        HINDI + " दवा छोड़ने से पहले डॉक्टर से पूछो।",
    ],
)
def test_what_only_looks_like_a_fault_is_none(counsel):
    assert faithful.faults(counsel, "") == ()


def test_a_person_whom_the_question_names_may_be_named():
    counsel = GOOD + " Write a line to Noor tonight."
    assert faithful.faults(counsel, "what do I tell noor") == ()
    assert faithful.faults(counsel, "what do I tell her") == ("person",)
    assert faithful.faults(GOOD + " Gandhi walked to the sea.", "tell me about gandhi") == ()


def test_our_own_words_copy_no_translation():
    for text in (*(v.text for v in corpus().verses), *(s.text for s in corpus().stories)):
        assert faithful.copied(text) is None, text


def test_every_story_names_its_person():
    """By one of its names at least: "Einstein" for Albert Einstein."""
    for story in corpus().stories:
        assert any(name in story.text for name in story.person.split() if len(name) > 2), story.id


def test_the_marks_are_those_of_the_translations():
    with np.load(translations.FILE) as kept:
        assert np.array_equal(kept["steps"], translations.steps())
    for text in list(translations.translations())[::500]:
        if run := next(faithful.runs(text), None):
            assert faithful.copied(f"so, {run.upper()}!") is not None


def test_it_takes_less_than_a_millisecond():
    """0.15 ms on an idle core."""
    faithful.faults(GOOD * 2, "")
    counsels = [(t.counsel, t.question) for d in load()[:200] for t in d.turns]
    start = time.process_time()
    for counsel, question in counsels:
        faithful.faults(counsel, question)
    assert (time.process_time() - start) / len(counsels) < 1e-3


@given(st.text(), st.text())
def test_any_text_can_be_asked_for_its_faults(counsel, question):
    assert set(faithful.faults(counsel, question)) <= {
        "length", "spoiled", "partha", "arjuna", "person", "copied", "harm",
    }  # fmt: skip


def test_a_text_that_keeps_to_its_sources_and_parrots_none_is_grounded():
    verse = "The work is yours; its fruit was never in your hands."
    assert faithful.grounded(
        "The work is yours, Partha. In your hands its fruit never was, so hold on.", verse, "hold on"
    )
    assert not faithful.grounded(
        "The work is yours, Partha. Its fruit was never in your hands to hold.", verse, "hold on"
    )
    assert not faithful.grounded("The farmer gets the land and eats it to himself, the boy said.", verse)
    assert not faithful.grounded("", verse)
