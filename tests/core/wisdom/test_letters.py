"""Hindi and Hinglish in one spelling, and a message as a vector of its pieces."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.wisdom.letters import BUCKETS, WEIGHT, letters, rows, spelling


@pytest.mark.parametrize(
    "ways",
    [
        ["ज़्यादा गुस्सा", "zyada gussa", "jyada ghussa", "JYADA  GUSSA!!"],
        ["दिल टूट गया", "dil toot gaya", "dil tut gaya"],
        ["मेरी नौकरी गई", "meri naukri gayi", "meri nokri gai"],
        ["लड़का समझता नहीं", "ladka samajhta nahi", "larka samjhta nahin"],
        ["खुश", "khush", "kush"],
    ],
)
def test_what_is_typed_in_many_ways_is_much_the_same(ways):
    def dense(text):
        places, values = letters(text)
        return np.bincount(places, values, BUCKETS)

    first, *others = map(dense, ways)
    for way, other in zip(ways[1:], others, strict=True):
        assert first @ other > 0.45 * WEIGHT**2, (way, spelling(ways[0]), spelling(way))
    assert abs(first @ dense("the train to Pune is blue")) < 0.2


@given(st.text(max_size=80))
def test_any_text_is_a_vector_of_one_length_or_nothing(text):
    places, values = letters(text)
    assert len(places) == len(values) and ((places >= 0) & (places < BUCKETS)).all()
    assert np.isclose(values @ values, WEIGHT**2 if spelling(text) else 0)


def test_many_texts_are_rows():
    texts = ["dil toot gaya", "", "नौकरी"]
    begins, places, values, size = rows(texts)
    assert size == BUCKETS and begins[0] == 0 and begins[1] == begins[2]
    for text, begin, end in zip(texts, begins, [*begins[1:], len(places)], strict=True):
        for part, whole in zip(letters(text), (places, values), strict=True):
            assert (part == whole[begin:end]).all()
