"""Verses and stories: all there, well formed, and found by their references."""

import re
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from core.text import language, sentences
from core.wisdom.corpus import CHAPTERS, corpus
from core.wisdom.themes import THEMES

LETTERS = {
    letter: latin
    for letters, latins in (
        ("अआइईउऊऋएऐओऔ", "a ā i ī u ū ṛ e ai o au"),
        ("ािीुूृॄेैोौ", "ā i ī u ū ṛ ṝ e ai o au"),
        ("कखगघङचछजझञटठडढणतथदध", "k kh g gh ṅ c ch j jh ñ ṭ ṭh ḍ ḍh ṇ t th d dh"),
        ("नपफबभमयरलवशषसह", "n p ph b bh m y r l v ś ṣ s h"),
        ("ॐंःँ", "oṃ ṃ ḥ m̐"),
    )
    for letter, latin in zip(letters, latins.split(" "), strict=True)
}


def in_latin(sanskrit: str) -> str:
    """Devanagari in IAST's letters, without spaces, stops and the sign of a vowel that fell out."""
    spoken = re.sub("([क-ह])(?![ा-्])", r"\1अ", sanskrit)
    return re.sub("[्ऽ ।॥\n]", "", spoken).translate(str.maketrans(LETTERS))


def test_every_verse_is_there_once_and_in_order():
    assert [(v.chapter, v.verse) for v in corpus().verses] == [
        (chapter, verse) for chapter, count in enumerate(CHAPTERS, 1) for verse in range(1, count + 1)
    ]
    for verse in corpus().verses:
        assert verse.text and verse.sanskrit and verse.transliteration, verse.ref
        assert "Arjun" not in verse.text
        assert 1 <= sentences(verse.text) <= 2, verse.ref
        assert set(verse.themes) <= set(THEMES) and verse.themes


def test_the_sanskrit_says_the_same_in_both_scripts_and_nothing_else():
    for verse in corpus().verses:
        assert in_latin(verse.sanskrit) == re.sub(r"[\s']", "", verse.transliteration), verse.ref
        assert 1 <= len(verse.sanskrit.split("\n")) <= 4 and verse.sanskrit.endswith("॥"), verse.ref
    assert corpus().verse("2.47").sanskrit.startswith("कर्मण्येवाधिकारस्ते मा फलेषु कदाचन।")


def test_stories_in_hindi_are_of_one_script_and_of_the_same_numbers():
    for story in corpus().stories:
        hindi, latin = story.told("hi"), story.told("hinglish")
        assert not re.search(r"[A-Za-z०-९]|पार्थ|अर्जुन", hindi), story.id
        assert not re.search(r"[\u0900-\u097f]|Partha|Arjun", latin) and language(latin) == "hinglish", story.id
        for told in (hindi, latin):
            assert sorted(re.findall(r"\d+", told)) == sorted(re.findall(r"\d+", story.text)), story.id
            assert 40 <= len(told.split()) <= 115 and told[-1] in "।.?!'\"", story.id


def test_stories_are_many_checked_and_of_the_whole_world():
    stories = corpus().stories
    assert len({s.id for s in stories}) == len(stories) >= 300
    assert all(s.checked and s.source and s.when and s.where for s in stories)
    assert all(50 <= len(s.text.split()) <= 80 for s in stories)
    assert all(2 <= len(s.themes) <= 4 and set(s.themes) <= set(THEMES) for s in stories)
    assert sum(s.woman for s in stories) >= 0.4 * len(stories)
    regions = Counter(s.region for s in stories)
    assert regions["asia"] + regions["africa"] >= 0.3 * len(stories)
    assert len(regions) == 6
    themes = Counter(t for s in stories for t in s.themes)
    assert all(themes[t] >= 5 for t in THEMES), themes


def test_references_are_read_as_people_write_them():
    for text in ("2.47", " 2:47 ", "2,47", "2 47", "Gita 2.47", "bg 2.47", "२.४७"):
        assert corpus().verse(text) is corpus().verses[47 + 46], text
    for text in ("", "2", "2.73", "19.1", "0.1", "2.47.1", "two"):
        assert corpus().verse(text) is None, text


@given(st.text(max_size=20))
def test_any_text_is_a_verse_or_none(text):
    verse = corpus().verse(text)
    assert verse is None or verse in corpus().verses


def test_neighbours_lead_through_the_whole_book():
    ref, seen = "1.1", ["1.1"]
    while (after := corpus().beside(ref)[1]) is not None:
        assert corpus().beside(after)[0] == ref
        ref = after
        seen.append(ref)
    assert len(seen) == 701 and ref == "18.78"
