"""The cases: words that somebody wrote for a trouble, said to nobody else."""

from collections.abc import Sequence

import numpy as np
import pytest

from core import answer
from core.text import LANGUAGES, language, sentences
from core.wisdom import faithful
from core.wisdom.cases import Cases, Learned
from core.wisdom.corpus import Case, corpus, phrasings
from core.wisdom.letters import BUCKETS, letters
from core.wisdom.meaning import DIMENSIONS
from core.wisdom.search import finder


def test_every_case_rests_on_what_exists_and_says_it_in_each_language():
    seen = set()
    for case in corpus().cases:
        assert case.id not in seen and len({*case.verses}) == 2 and 3 <= len({*case.stories}) <= 6, case.id
        seen.add(case.id)
        assert all(map(corpus().verse, case.verses)) and all(map(corpus().story, case.stories)), case.id
        assert {*case.counsel} == {"en", "hi", "hinglish"}, case.id
        assert {language(question) for question in phrasings()[case.id]} == {"en", "hi", "hinglish"}, case.id
    assert len(seen) >= 200


def test_the_counsel_of_a_case_keeps_the_rules_that_a_models_has_to_keep():
    for case in corpus().cases:
        for tongue, said in case.counsel.items():
            assert faithful.faults(said, "") == () and language(said) == tongue, (case.id, tongue)
            assert 2 <= sentences(said) <= 4 and said.count("Partha") + said.count("पार्थ") == 1, (case.id, tongue)
            assert corpus().told(said) is case


def test_every_subject_has_sentences_that_begin_an_answer():
    """Each is one sentence that calls Partha, true of whoever asks of the subject; none stands under two subjects."""
    subjects = {"", *(case.subject for case in corpus().cases)}
    seen = set()
    for subject in subjects:
        for tongue in LANGUAGES:
            openings = corpus().openings(subject, tongue)
            assert len({*openings}) >= 4 and not seen & {*openings}, (subject, tongue)
            seen |= {*openings}
            for said in openings:
                assert corpus().subject(said) == subject, said
                assert sentences(said) == 1 and said.count("Partha") + said.count("पार्थ") == 1, said
                follows = corpus().counsel("2.47", tongue)[0]
                assert faithful.faults(f"{said} {follows}", "") == () and language(f"{said} {follows}") == tongue, said
                assert answer.subject_of(corpus(), f"{said} {follows}") == subject, said


def test_nobody_asks_two_cases_in_the_same_words():
    said = [question for asked in phrasings().values() for question in asked]
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
    assert (found := finder().look(question).case) is not None and found.id == case


@pytest.mark.parametrize("question", ["", "hm", "the train to Pune is blue", "क", "what do you think of rivers"])
def test_anything_else_is_none(question):
    assert finder().look(question).case is None


def weights(*rows: Sequence[float]) -> Learned:
    """Of answers by the first parts of a meaning, and the bias."""
    made = np.zeros((len(rows), DIMENSIONS + BUCKETS + 1), dtype=np.float32)
    for filled, row in zip(made, rows, strict=True):
        filled[: len(row) - 1], filled[-1] = row[:-1], row[-1]
    return Learned.of(made)


def meaning(*parts: float) -> np.ndarray:
    return np.array([*parts, *[0] * (DIMENSIONS - len(parts))], dtype=np.float32)


def test_a_question_is_a_case_where_that_is_likely():
    two = [Case(name, f"{name}s", (), (), {}) for name in "xy"]
    cases = Cases(two, weights([9, 0, 0], [0, 9, 0], [0, 0, 2]))  # x, y, and none, whatever is asked
    assert cases.of("", meaning(1), "en") == cases.of("", meaning(1), "hi") == (two[0], "xs")
    # 0.38 likely: surer in Devanagari
    assert cases.of("", meaning(1.65 / 9), "en")[0] is two[0] and cases.of("", meaning(1.65 / 9), "hi")[0] is None
    assert cases.of("", meaning(1.3 / 9), "en")[0] is None


def test_a_subject_is_sure_where_none_of_its_cases_is():
    four = [Case(name, subject, (), (), {}) for name, subject in zip("wxyz", "sstu", strict=True)]
    cases = Cases(four, weights([3, 0, 0], [0, 3, 0], [0, 0, 0], [0, 0, 0], [0, 0, 1]))
    assert cases.of("", meaning(0.5, 0.5), "hi") == (None, "s")
    assert cases.of("", meaning(-1, -1), "hi") == (None, "t")
    assert cases.of("", meaning(-0.2, -0.2), "hi") == (None, "")


def test_words_for_a_death_want_more_where_nobody_speaks_of_one():
    lost = Case("x", "grief", (), (), {})
    cases = Cases([lost, Case("y", "t", (), (), {})], weights([3, 0], [0, 0], [0, 0]))
    for question, known in (("my mother died", True), ("my mother is deaf", False)):
        assert cases.of(question, meaning(0.35), "en")[0] is (lost if known else None)  # 0.59 likely
        assert cases.of(question, meaning(0.8), "en")[0] is lost


def test_glad_words_want_more():
    glad = Case("x", "joy", (), (), {})
    cases = Cases([glad, Case("y", "t", (), (), {})], weights([3, 0], [0, 0], [0, 0]))
    assert cases.of("", meaning(0.35), "en") == (None, "joy") and cases.of("", meaning(0.8), "en")[0] is glad
    assert cases.of("", meaning(0.1), "en") == (None, "")


def test_letters_tell_what_a_meaning_does_not():
    made = np.zeros((3, DIMENSIONS + BUCKETS + 1), dtype=np.float32)
    places, values = letters("dil toot gaya")
    made[0, DIMENSIONS + places] = 8 * values
    x = Case("x", "s", (), (), {})
    cases = Cases([x, Case("y", "t", (), (), {})], Learned.of(made))
    assert cases.of("दिल टूट गया", meaning(), "hi")[0] is x and cases.of("naukri", meaning(), "hi")[0] is None
