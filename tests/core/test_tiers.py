"""Which nested model answers: examples of both kinds, and what holds for every question and every load."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.engine import EngineStats
from core.tiers import asks_deeper, choose, crowded, depth, only_deeper
from training.dialogues import load

TIERS = ("small", "large")
IDLE = EngineStats("model", 8, 0, 0, 0.0, 0, None, queue=256, wait_s=0.0)

SIMPLE = (
    "hi",
    "how do I forgive?",
    "trump yes or no",
    "idk anymore",
    "Which religion is best? be honest",
    "ipl pe last bet laga du?",
    "what is happiness actually",
    "छुट्टी चाहिए",
)
DEEP = (
    "my dad died in march and i still have not cried",
    "third miscarriage. doctor says no reason found",
    "maut se bahut darr lagta hai",
    "पिताजी की मौत के बाद घर सूना है",
    "why does he get everything when i am the one who works, who stays late, who never complains?",
    "Company let go 300 of us by email, laptop locked before I finished reading it. I'm 47. My wife tells everyone I'm "
    "'consulting'. Every morning I go and sit in the park with my office bag till 6.",
    "क्यों हर बार मुझे ही छोड़ना पड़ता है, घर भी, नौकरी भी, और फिर सब कहते हैं तुम बदल गई",
)
stats = st.builds(
    EngineStats,
    model=st.just("model"),
    slots=st.integers(1, 64),
    busy=st.integers(0, 64),
    queued=st.integers(0, 600),
    tokens_per_s=st.just(0.0),
    answered=st.just(0),
    failed=st.none(),
    queue=st.integers(0, 512),
    wait_s=st.floats(0, 600),
)


@pytest.mark.parametrize("question", SIMPLE)
def test_simple_questions_get_the_small_model(question):
    assert choose(TIERS, question, stats=IDLE).tier == "small"


@pytest.mark.parametrize("question", DEEP)
def test_deep_questions_get_the_large_model(question):
    assert choose(TIERS, question, stats=IDLE).tier == "large"


def test_a_theme_and_a_longer_talk_make_a_question_deeper():
    question = "and if it never comes back?"
    assert depth(question, 2, ("grief", "work"))[0] == 2 and choose(TIERS, question).tier == "small"
    assert choose(TIERS, question, exchanges=2, themes=("grief",)).why == "a deep theme, a longer talk"


def test_of_the_questions_people_ask_neither_model_gets_nearly_all():
    asked = [turn.question for dialogue in load() for turn in dialogue.turns]
    large = sum(choose(TIERS, question).tier == "large" for question in asked)
    assert 0.1 < large / len(asked) < 0.7


@given(st.text(max_size=400), st.integers(0, 20), stats)
def test_a_model_that_nests_none_gets_no_tier(question, exchanges, load):
    assert choose((), question, exchanges=exchanges, stats=load, deeper=True).tier == ""


@given(st.text(max_size=400), st.integers(0, 20), stats, st.booleans())
def test_who_asks_for_more_gets_it_and_nobody_else_while_many_wait(question, exchanges, load, deeper):
    choice = choose(TIERS, question, exchanges=exchanges, stats=load, deeper=deeper)
    assert choice.tier in TIERS and choice.why
    assert choice == choose(TIERS, question, exchanges=exchanges, stats=load, deeper=deeper)
    if deeper or asks_deeper(question):
        assert choice.tier == "large"
    elif crowded(load):
        assert choice.tier == "small"


@given(stats, st.data())
def test_the_small_model_takes_over_before_anybody_is_turned_away(load, data):
    """Turned away is who comes when `queue` wait already: the small one answers since half of them came."""
    load = replace(load, queue=max(2, load.queue))
    assert crowded(replace(load, queued=data.draw(st.integers(max(1, load.queue // 2), load.queue))))


@given(st.text(max_size=300), st.text(max_size=300), st.integers(0, 9))
def test_more_words_are_never_shallower(question, more, exchanges):
    assert depth(f"{question} {more}", exchanges)[0] >= depth(question, exchanges)[0]


@given(st.text(max_size=100), stats)
def test_an_operator_can_settle_it(question, load):
    if not asks_deeper(question):
        assert choose(TIERS, question, stats=load, always="small").tier == "small"
        assert choose(TIERS, question, stats=load, always="large").tier == "large"


def test_words_that_ask_for_a_deeper_answer():
    for only in ("deeper", "Go deeper.", "Deeper please!", "can you go a bit deeper?", "explain in more depth",
                 "aur gehra batao", "gehrai se samjhao", "और गहराई से बताइए", "विस्तार से"):  # fmt: skip
        assert only_deeper(only) and asks_deeper(only), only
    beside = "could you go deeper into duty for me, I am lost"
    assert asks_deeper(beside) and not only_deeper(beside)
    for other in ("", "I fall deeper into debt", "the water is deeper here", "how deep is love?", "depth"):
        assert not asks_deeper(other) and not only_deeper(other), other
