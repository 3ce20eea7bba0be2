"""A verse that is asked about by its number is the one that is answered with."""

import pytest

from core.wisdom.corpus import corpus
from core.wisdom.named import named


@pytest.mark.parametrize(
    ("text", "refs"),
    [
        ("explain 2.47 to me", ["2.47"]),
        ("What does Gita 2:47 mean?", ["2.47"]),
        ("chapter 2, verse 47 please", ["2.47"]),
        ("ch 2 v 47", ["2.47"]),
        ("adhyay 6 ka shlok 5 samjhao", ["6.5"]),
        ("अध्याय २ श्लोक ४७ का मतलब", ["2.47"]),
        ("bg 6.5 and bg 6.6, and 6.5 again", ["6.5", "6.6"]),
        ("2.47 ka matlab kya hai", ["2.47"]),
        ("explain 19.1", []),  # there is none
        ("I got 6.5 cgpa, explain that to papa", []),
        ("woke at 2.30 am, what does it mean", []),
        ("my verse got 2.5 lakh views, meaning nothing", []),
        ("I owe 2.47 to the shop", []),
        ("what does 1.2.3 mean", []),
        ("", []),
    ],
)
def test_verses_are_found_by_their_numbers(text, refs):
    assert [verse.ref for verse in named(text, corpus())] == refs
