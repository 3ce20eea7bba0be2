"""The finder on the real corpus, and how often it is right on questions that nothing was made from."""

import json
import time

from core.wisdom.corpus import corpus, rows
from core.wisdom.search import finder, in_english
from tests.process import ROOT

LABELS = [json.loads(line) for line in (ROOT / "training/data/labels.jsonl").read_text("utf-8").splitlines()]


def test_it_finds_at_least_as_much_as_the_figures_in_the_docs_say():
    verses = stories = 0
    for row in LABELS:
        verses += any(v.ref in row["verses"] for v in finder().verses(row["question"], 3))
        stories += any(s.id in row["stories"] for s in finder().stories(row["question"], 3))
    assert len(LABELS) >= 250
    assert verses / len(LABELS) >= 0.85
    assert stories / len(LABELS) >= 0.64


def test_no_question_of_the_test_is_in_the_index():
    asked = {row["question"] for row in rows("asked.jsonl")}
    assert not asked & {row["question"] for row in LABELS}


def test_the_index_names_only_what_exists():
    for row in rows("asked.jsonl"):
        assert all(corpus().verse(ref) for ref in row["verses"])
        assert all(corpus().story(name) for name in row["stories"])


def test_counsel_is_never_the_telling_of_the_battle():
    for question in ("elephants and chariots on the field of battle", "Sanjaya told the king", "", "…", "?!"):
        assert all(v.speaker not in ("Sanjaya", "Dhritarashtra") for v in finder().verses(question, 5))


def test_a_story_that_was_told_is_not_told_again_while_others_are_left():
    question = "I failed my exam again"
    first = finder().stories(question, 1)[0]
    assert finder().stories(question, 1, told={first.id})[0].id != first.id
    every = {s.id for s in corpus().stories}
    assert finder().stories(question, 1, told=every)[0] == first


def test_hindi_and_hinglish_are_read():
    assert "job" in in_english("naukri chali gayi, ab kya karun")
    assert "anger" in in_english("मुझे बहुत गुस्सा आता है")
    assert in_english("I lost my job") == ""


def test_it_takes_few_milliseconds():
    finder().verses("warm up")
    start = time.process_time()
    for row in LABELS[:50]:
        finder().verses(row["question"])
        finder().stories(row["question"])
    assert (time.process_time() - start) / 50 < 0.02
