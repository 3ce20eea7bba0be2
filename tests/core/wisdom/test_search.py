"""The finder on the real corpus, and how often it is right on questions that nothing was made from."""

import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from functools import lru_cache

import numpy as np

from core.wisdom.corpus import asked, corpus
from core.wisdom.desk import Desk
from core.wisdom.meaning import Meaning, known
from core.wisdom.reading import english, in_english
from core.wisdom.search import finder
from tests.process import ROOT

# Two threads that ask for it first get the one finder; PyTorch cannot even script MiniLM in two threads at once.
FIRST = """
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from core.wisdom.search import finder
together = Barrier(4)
def first(_):
    together.wait()
    return finder()
with ThreadPoolExecutor(4) as pool:
    assert len(set(map(id, pool.map(first, range(4))))) == 1
"""

LABELS, LONG = (
    [json.loads(line) for line in (ROOT / f"training/data/{name}.jsonl").read_text("utf-8").splitlines()]
    for name in ("labels", "long")
)


def test_threads_that_ask_for_it_first_get_one_finder():
    subprocess.run([sys.executable, "-c", FIRST], cwd=ROOT, check=True, timeout=120)


@lru_cache(maxsize=2)
def answers(*, long=False):
    """What the search finds for each label: the best three verses, the best three stories."""
    found = (finder().find(row["question"], 3) for row in (LONG if long else LABELS))
    return [{"verses": [v.ref for v in verses], "stories": [s.id for s in stories]} for verses, stories in found]


def shares(found, rows=LABELS, most=None):
    """As the table in docs/benchmarks.md: verse first, of three, story first, of three, in percent. most: only so many of
    each label's list count as fitting."""
    fits = [
        [bool({*mine[key][:n]} & {*row[key][:most]}) for mine, row in zip(found, rows, strict=True)]
        for key in ("verses", "stories")
        for n in (1, 3)
    ]
    return [round(100 * sum(right) / len(rows), 1) for right in fits]


def constant(most=None, rows=LABELS):
    """The three that fit most labels, each next one among those that are left: what any search has to beat."""
    always = {}
    for key in ("verses", "stories"):
        lists, always[key] = [row[key][:most] for row in rows], []
        for _ in range(3):
            best, _ = Counter(name for names in lists for name in names).most_common(1)[0]
            lists = [names for names in lists if best not in names]
            always[key].append(best)
    return [always] * len(rows)


def test_it_finds_at_least_as_much_as_the_figures_in_the_docs_say():
    assert len(LABELS) >= 250
    for got, least in zip(shares(answers()), (76, 92, 72, 87), strict=True):
        assert got >= least
    for got, least in zip(shares(answers(), most=6), (54, 79, 61, 78), strict=True):
        assert got >= least


def test_saying_always_the_same_is_as_right_as_the_docs_say():
    assert constant()[0]["verses"] == ["6.5", "2.47", "2.14"]
    assert shares(constant()) == [48.1, 83.5, 23.1, 46.9]
    assert shares(constant(6), most=6) == [26.2, 51.9, 11.2, 26.2]


def test_of_long_messages_it_finds_at_least_as_much_as_the_figures_in_the_docs_say():
    for got, least in zip(shares(answers(long=True), LONG), (20, 50, 29, 54), strict=True):
        assert got >= least
    assert shares(constant(rows=LONG), LONG) == [22.7, 56.8, 9.1, 25.0]


def test_of_a_long_text_only_the_beginning_is_read():
    """A message of 1,900 characters took 24 ms of one core when twice as much of it was read, and nothing more was found."""
    begun = "why " * 150
    read, more = Meaning()([begun, f"{begun} did my dog have to die"])
    assert np.array_equal(read, more)


def test_labels_that_are_near_questions_of_the_index_are_as_few_as_the_docs_say():
    meant = Meaning(exact=True)([english(row["question"]) for row in LABELS])
    nearest = np.max(meant @ known()[0].T, axis=1)
    assert (np.sum(nearest > 0.8), np.sum(nearest > 0.7)) == (7, 24)
    apart = [i for i in range(len(LABELS)) if nearest[i] <= 0.7]
    _, verse, _, story = shares([answers()[i] for i in apart], [LABELS[i] for i in apart])
    assert verse >= 92 and story >= 86


def test_the_vectors_are_those_of_the_texts():
    """meaning.npz is made anew after every change of the corpus: python -m core.wisdom.vectors."""
    meaning, source = Meaning(exact=True), corpus()
    questions, verses, stories, *_ = known()
    assert (len(questions), len(verses), len(stories)) == (len(asked()), len(source.verses), len(source.stories))
    for vectors, texts in (
        (questions, [row.get("english") or english(row["question"]) for row in asked()]),
        (verses, [v.text for v in source.verses]),
        (stories, [f"{s.shows} {s.text}" for s in source.stories]),
    ):
        some = range(0, len(texts), 23)
        assert np.min(np.sum(meaning([texts[i] for i in some]) * vectors[list(some)], axis=1)) > 0.999


def test_vectors_made_in_int8_are_near_the_exact_ones():
    texts = [english(row["question"]) for row in LABELS[:24]]
    assert np.min(np.sum(Meaning()(texts) * Meaning(exact=True)(texts), axis=1)) > 0.97


def test_no_question_of_the_test_is_in_the_index():
    indexed = {row["question"] for row in asked()}
    assert not indexed & {row["question"] for row in LABELS}


def test_the_index_names_only_what_exists():
    cases = {"", *(case.id for case in corpus().cases)}
    for row in asked():
        assert all(corpus().verse(ref) for ref in row["verses"])
        assert all(corpus().story(name) for name in row["stories"])
        assert row.get("case", "") in cases


def test_counsel_is_never_the_telling_of_the_battle():
    for question in ("elephants and chariots on the field of battle", "Sanjaya told the king", "", "…", "?!"):
        assert all(v.speaker not in ("Sanjaya", "Dhritarashtra") for v in finder().find(question, 5)[0])


def test_a_story_that_was_told_is_not_told_again_while_others_are_left():
    question = "I failed my exam again"
    first = finder().find(question, 1)[1][0]
    assert finder().find(question, 1, told={first.id})[1][0].id != first.id
    every = {s.id for s in corpus().stories}
    assert finder().find(question, 1, told=every)[1][0] == first


def test_hindi_and_hinglish_are_read():
    assert "job" in in_english("naukri chali gayi, ab kya karun")
    assert "angry" in in_english("मुझे बहुत गुस्सा आता है")
    assert in_english("I lost my job") == ""
    assert english("मुझे ज़िंदगी से डर लगता है") == english("मुझे ज़िंदगी से डर लगता है".replace("ज़", "\u095b"))
    assert english("Is karma real?").startswith("Is karma real?")
    said = english("boss roz sabke saamne gaali deta hai, promotion bhi nahi mila").split()
    assert {"boss", "promotion"} <= set(said) and "roz" not in said and "nahi" not in said


def test_hindi_is_read_as_it_is_typed_in_chats():
    assert english("office me maza nhi aata, kaam chhod du?") == english("office me maza nahi aata, kaam chhod du?")
    assert english("nishkam karm ka matlab kya h").split()[0] == "selfless"
    said = english("porn dekhne ki aadat hai, chhod nahi pa raha").split()  # "me", "hi" and "to" are no English there
    assert {"porn", "habit"} <= set(said) and "dekhne" not in said
    assert english("mummy ro rahi hai, papa ro rahe hai").split().count("weep") == 1


def test_a_relative_who_is_gone_has_died():
    for gone in (
        "dadi chali gyi, mai mil bhi nahi paya",
        "दादी कल रात चली गईं।",
        "mera chota bhai accident me chala gya",
        "papa ko gye 1 saal ho gya",
        "माँ को गए आज तेरह दिन हुए",
    ):
        verses, _ = finder().find(gone, 3)
        assert {v.ref for v in verses} & {"2.11", "2.13", "2.20", "2.22", "2.27", "2.28"}, gone
    assert finder().find("bhai canada chala gaya") != finder().find("bhai mar gaya")


def test_it_takes_few_milliseconds():
    """19 ms on an idle core (docs/benchmarks.md), 56 once in CI; two sets of threads that wait for each other took 250."""
    finder().find("warm up")
    took = []
    for row in LABELS[:60]:
        tries = []
        for _ in range(3):  # the best of them: what else this process still does is not the search's
            start = time.process_time()
            finder().read([row["question"]])  # find() remembers it
            tries.append(time.process_time() - start)
        took.append(min(tries))
    assert sorted(took)[len(took) // 2] < 0.05


def test_questions_that_are_read_together_find_what_each_finds_alone():
    questions = [row["question"] for row in LABELS[:20]] + ["", "why", "why " * 300]
    together = finder().read(questions)
    for question, (verses, stories, *_) in zip(questions, together, strict=True):
        [(alone, told, *_)] = finder().read([question])
        assert list(verses[:3]) == list(alone[:3]) and list(stories[:3]) == list(told[:3])


def test_a_question_that_many_ask_at_once_is_read_once():
    finds = finder()
    read, given = [], finds.read
    question = "Why is everybody asking me the same?"

    async def main():
        desk = Desk(finds)
        found = await asyncio.gather(*(desk.find(question, 3) for _ in range(20)), desk.find("And I?", 2, told={"x"}))
        assert found[:20] == [finds.find(question, 3)] * 20 and found[20] == finds.find("And I?", 2)
        assert await desk.find(question, 1) == finds.find(question, 1)

    finds.read = lambda questions: read.extend(questions) or given(questions)
    try:
        assert not finds.knows(question)
        asyncio.run(main())
    finally:
        del finds.read
    assert sorted(read) == sorted([question, "And I?"])
    assert finds.knows(question)


def test_a_question_by_the_book_is_looked_up_without_the_book():
    """ "As per the Gita" finds what is asked about the Gita, whatever the question is."""
    for asked_for in ("is drinking beer really wrong", "do I have to fast on ekadashi"):
        found = finder().find(f"{asked_for} as per the gita")
        assert found == finder().find(asked_for)


def test_signs_alone_are_read_as_what_they_say():
    assert finder().find("😭😭") == finder().find("I am crying, I am so sad")
    assert finder().find("🐶💔") == finder().find("my heart is broken, my pet")
