import json
import random
import re
import time
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from bots import crisis
from bots.crisis import HELPLINES, REPLY, Crisis, detect, reply

CASES = [
    json.loads(line) for line in (Path(__file__).parent / "crisis_cases.jsonl").read_text("utf-8").splitlines() if line
]
COUNTRIES = {code: entry for code, entry in HELPLINES.items() if not code.startswith("_")}
KINDS = ("suicide", "abuse", "danger", "medical")


def test_every_case_is_answered_as_labelled():
    wrong = []
    for case in CASES:
        found = detect(case["text"])
        kind = found.kind if found else None
        if kind != case["kind"] or (found and found.language != case["language"]):
            wrong.append(f"{case['text']!r}: wanted {case['kind']} in {case['language']}, got {found}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_the_cases_are_enough():
    texts = [case["text"] for case in CASES]
    assert len(set(texts)) == len(texts) >= 220
    assert sum(case["kind"] is None for case in CASES) >= 90
    for kind in (*KINDS, None):
        assert {case["language"] for case in CASES if case["kind"] == kind} == {"en", "hi", "hinglish"}


def test_disguises_and_screens():
    for text in (
        "K1LL MYS3LF",
        "k.i.l.l myself",
        "ｋｉｌｌ ｍｙｓｅｌｆ",
        "I wanna d!e",
        "kiiiill   \n myself",
        "i don‘t want to live",
    ):
        assert detect(text) == Crisis("suicide", "en"), text
    assert detect("ज़िंदगी ख़त्म करनी है") == detect("जिंदगी खत्म करनी है") == Crisis("suicide", "hi")


def test_the_most_urgent_comes_first():
    assert detect("he beats me and i want to die") == Crisis("suicide", "en")
    assert detect("he beats me and says he will kill me") == Crisis("danger", "en")


def test_nothing_and_noise():
    for text in ("", " ", "!!!", "😂", "\u0000", "क", "~", "5" * 50):
        assert detect(text) is None, text


@given(st.text(max_size=300))
def test_it_never_raises(text):
    detect(text)


@given(st.sampled_from(CASES), st.sampled_from(["", " ", "\n\n", "\t "]), st.randoms())
def test_case_and_surrounding_space_do_not_matter(case, space, dice):
    cased = "".join(dice.choice((c.upper(), c.lower())) for c in case["text"])
    assert detect(space + cased + space) == detect(case["text"])


def test_long_texts_take_little_time():
    dice = random.Random(0)
    words = " ".join(case["text"] for case in CASES if case["kind"] is None).split()
    probes = [
        "a",
        "x@",
        "i ",
        "k i l ",
        "he ",
        "i want to ",
        "i dont so just ",
        "मार ",
        "मुझे ",
        "।",
        "'",
        "will kill the ",
    ]
    texts = [(probe * 100_000)[:100_000] for probe in probes]
    texts.append(" ".join(dice.choices(words, k=20_000))[:100_000])
    for text in texts:
        start = time.perf_counter()
        detect(text)
        assert time.perf_counter() - start < 0.5, text[:30]


def every_reply():
    for language in REPLY:
        for kind in KINDS:
            for locale in (None, "en", "xx-YY", *(f"en-{code}" for code in COUNTRIES)):
                yield Crisis(kind, language), locale, reply(Crisis(kind, language), locale)


def test_replies_are_short_and_have_a_way_to_a_human():
    for danger, locale, text in every_reply():
        assert 70 <= len(text.split()) <= 130, (danger, locale, len(text.split()))
        assert text.count("•") in ((0,) if danger.kind == "medical" else (1, 2, 3))
        assert re.search(r"\d{3}", text), (danger, locale)
        assert text.endswith(REPLY[danger.language]["end"])
        assert "{" not in text
        devanagari = len(re.findall("[\u0900-\u097f]", text))
        assert devanagari > 150 if danger.language == "hi" else devanagari == 0


def test_replies_do_not_preach():
    for danger, _, text in every_reply():
        assert not re.search(
            r"(?i)\b(god|krishna|gita|karma|sin|paap|bhagwan|doctor)\b|भगवान|कृष्ण|गीता|पाप|कर्म", text
        ), danger


def test_every_country_has_an_emergency_number_and_a_line():
    assert HELPLINES["_checked"] == "2026-11"
    assert len(COUNTRIES) >= 12
    for code, entry in COUNTRIES.items():
        assert re.fullmatch("[A-Z]{2}", code)
        assert re.fullmatch(r"\d{3}( / \d{3})?", entry["emergency"]), code
        assert entry["name"] and entry["suicide"], code
        for line in entry["suicide"] + entry["abuse"]:
            assert line["name"] and re.search(r"^[\d /-]+$|\.\w{2,3}$", line["contact"]), line


def test_lines_follow_the_locale_then_the_language():
    sad = Crisis("suicide", "en")
    for locale, line in {
        "en-US": "988", "en-GB": "116 123", "en_IN": "14416", "pt-br": "188", "en-AU": "13 11 14",
        "hi": "14416", "hi-Latn-IN": "14416", "en": "findahelpline.com", "pt": "findahelpline.com", "en-QQ": "findahelpline.com",
        "": "findahelpline.com", "-": "findahelpline.com",
    }.items():  # fmt: skip
        assert line in reply(sad, locale), locale
    assert "findahelpline.com" in reply(sad, None)
    assert "14416" in reply(Crisis("suicide", "hinglish"), None)
    assert "14416" in reply(Crisis("suicide", "hi"), "en")
    assert "988" in reply(Crisis("suicide", "hi"), "en-US")


def test_lines_follow_the_kind():
    assert "1-800-799-7233" in reply(Crisis("abuse", "en"), "en-US")
    assert "988" not in reply(Crisis("abuse", "en"), "en-US")
    both = reply(Crisis("danger", "en"), "en-GB")
    assert "999" in both and "116 123" in both and "0808 2000 247" in both
    assert "findahelpline.com" in reply(Crisis("abuse", "en"), "es-MX")  # no line of that kind is known there
    assert "911" in reply(Crisis("abuse", "en"), "es-MX")
    assert "999" in reply(Crisis("medical", "en"), "en-GB") and "116 123" not in reply(Crisis("medical", "en"), "en-GB")


def test_the_module_has_nothing_to_wait_for():
    assert crisis.HELPLINES and crisis.FOUND  # read and compiled on import
