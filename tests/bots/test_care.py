import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.care import HEALTH, of
from core.answer import compose, counsel_of

LEAVES = {
    "en": (
        "should i stop taking my antidepressants and just meditate",
        "3 yr old burning with fever, mother in law says tulsi water is better than a hospital",
        "is it weak to see a therapist if you believe",
        "can i skip my insulin today, i am fasting",
        "my mother refuses chemo, she says prayer is enough",
        "is it a sin to take pills",
        "i flushed my meds last night",
        "dr put me on lithium. i feel great now, im finishing this strip and not buying more",
        "lump in breast, 4 months. havent told anyone. if its my karma what will a biopsy change",
    ),
    "hinglish": (
        "kya main dawai chhod du aur sirf mantra jap karu",
        "doctor ke bina thik ho sakta hu kya",
        "bacche ko 103 bukhar hai, pehle baba ke paas le jau?",
        "papa ka dialysis hota hai. bolte hai aatma amar hai, machine hata do",
    ),
    "hi": (
        "क्या मैं दवा लेना बंद कर दूं",
        "इलाज की जगह पूजा से ठीक हो जाऊंगी?",
        "बेटी को तीन दिन से 104 बुखार है, सास झाड़-फूँक करवा रही है",
    ),
}
OTHERS = (
    "how do i stop being angry at my doctor brother",
    "my father is in hospital and i cannot sleep",
    "my mother died of cancer. was it her karma?",
    "i quit smoking",
    "my son has a fever for cricket and nothing else",
    "i feel weak when i see him",
    "i left my job without notice",
    "mera doctor banne ka sapna toot gaya",
    "papa cancer se guzar gaye, mandir jana chhod diya",
    "मेरा बेटा डॉक्टर बनना चाहता है",
)


@pytest.mark.parametrize("language", LEAVES)
def test_who_would_leave_a_medicine_is_told_to_ask_in_their_own_language(language):
    for question in LEAVES[language]:
        assert of(question) is HEALTH and HEALTH.said(question) == HEALTH.word[language], question


def test_others_are_not():
    assert [question for question in OTHERS if of(question)] == []


def test_it_stands_under_the_counsel_and_before_the_story():
    whole = compose("Keep steady, Partha.", None, [], HEALTH.word["en"])
    assert whole == f"Keep steady, Partha.\n\n{HEALTH.word['en']}" and counsel_of(whole) == "Keep steady, Partha."


@given(st.text(max_size=200))
def test_any_text_is_read(text):
    found = of(text)
    assert found is None or found.said(text)


def test_long_texts_take_little_time():
    start = time.process_time()
    for text in ("insulin " * 4000, "stop it now " * 3000, "are you really " * 3000, "women girls wife " * 2000):
        of(text)
    assert time.process_time() - start < 1
