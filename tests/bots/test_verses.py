"""Who asks for a verse in words is given verses; who tells of something is not."""

from __future__ import annotations

import pytest

from bots import verses


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("a verse about fear", "fear"),
        ("Just a verse about letting go please", "letting go"),
        ("can you give me a gita verse on anger?", "anger"),
        ("give me a verse", ""),
        ("verse of the day", ""),
        ("koi shlok sunao", ""),
        ("dar par koi shlok batao", "dar"),
        ("mann ki shanti ke liye ek shlok", "mann ki shanti"),
        ("क्रोध पर कोई श्लोक सुनाइए", "क्रोध"),
        ("एक श्लोक बताइए", ""),
        ("i need a verse for my mother who died", None),
        ("what does verse 2.47 mean", None),
        ("which verse helps me forgive my father", None),
        ("i wrote a verse and nobody read it", None),
        ("my life is a poem without a verse", None),
        ("how do i stop being afraid", None),
    ],
)
def test_a_verse_that_is_asked_for_in_words(text, about):
    assert verses.wanted(text) == about
