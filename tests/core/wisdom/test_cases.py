"""The cases: words that somebody wrote for a trouble, said to nobody else."""

import numpy as np
import pytest

from core.text import language, sentences
from core.wisdom import faithful
from core.wisdom.cases import Cases
from core.wisdom.corpus import Case, corpus
from core.wisdom.search import finder


def test_every_case_rests_on_what_exists_and_says_it_in_each_language():
    seen = set()
    for case in corpus().cases:
        assert case.id not in seen and len({*case.verses}) == 2 and 3 <= len({*case.stories}) <= 6, case.id
        seen.add(case.id)
        assert all(map(corpus().verse, case.verses)) and all(map(corpus().story, case.stories)), case.id
        assert {*case.counsel} == {"en", "hi", "hinglish"}, case.id
        assert {language(question) for question in case.asked} == {"en", "hi", "hinglish"}, case.id
    assert len(seen) >= 200


def test_the_counsel_of_a_case_keeps_the_rules_that_a_models_has_to_keep():
    for case in corpus().cases:
        for tongue, said in case.counsel.items():
            assert faithful.faults(said, "") == () and language(said) == tongue, (case.id, tongue)
            assert 2 <= sentences(said) <= 4 and said.count("Partha") + said.count("पार्थ") == 1, (case.id, tongue)
            assert corpus().told(said) is case


def test_nobody_asks_two_cases_in_the_same_words():
    said = [question for case in corpus().cases for question in case.asked]
    assert len({*said}) == len(said)


@pytest.mark.parametrize(
    ("question", "case"),
    [
        ("they gave the promotion to somebody I trained", "passed-over"),
        ("my novel got its 57th rejection today", "rejected-manuscript"),
        ("credit cards 38k in debt, collectors call me at work. too ashamed to tell anyone", "debt-collectors"),
        ("naukri chali gayi, ghar pe kaise bataun", "lost-job-tell-home"),
    ],
)
def test_a_trouble_that_many_bring_is_its_case(question, case):
    assert (found := finder().case(question)) is not None and found.id == case


@pytest.mark.parametrize("question", ["", "hm", "the train to Pune is blue", "क", "what do you think of rivers"])
def test_anything_else_is_none(question):
    assert finder().case(question) is None


def test_a_question_is_a_case_where_that_is_likely_and_its_phrasings_are_alike():
    two = [Case(name, (), (), ("a", "b", "c"), {}) for name in "xy"]
    towards = np.array(
        [[9, 0, 0], [0, 9, 0], [0, 0, 2]], dtype=np.float32
    )  # of x, of y, and of none, whatever is asked
    cases = Cases(two, [""] * 4 + ["x"] * 3 + ["y"] * 3, towards)
    x, cosines = np.array([1, 0], dtype=np.float32), np.full(10, 0.2, dtype=np.float32)
    assert cases.of(x, cosines, "en") is None  # nothing that was asked is like it
    cosines[4:7] = 0.8
    assert cases.of(x, cosines, "en").id == cases.of(x, cosines, "hi").id == "x"
    assert (
        cases.of(x / 5, cosines, "en").id == "x" and cases.of(x / 5.2, cosines, "hi") is None
    )  # 0.4: surer where words are looked up
    assert cases.of(x / 9, cosines, "en") is None
