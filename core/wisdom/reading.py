"""A question as the search reads it: figures of speech and signs as what they say, Hindi and Hinglish word by word in English."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files
from unicodedata import normalize

from bm25s.stopwords import STOPWORDS_EN

from core.text import WORD, language
from core.wisdom.corpus import asked

ENOUGH = 4  # words that a question must have beside "according to the gita" to be asked without it
# Death said of a day's work or a joke: read as what is meant, or it is answered with a deathbed.
_FIGURES = [
    (re.compile(pattern, re.IGNORECASE), meant)
    for pattern, meant in (
        (r"\bdie[ds]? (?:of )?laughing\b|\b(?:hans|has)te hanste mar\w* ga\w+", "laughed"),
        (r"\b(?:is|are|was|were) (?:literally |just |so )?killing me\b", "is wearing me out"),
        (r"\bkill for (?=an? |some )", "love to have "),
        (r"\bdying (?=to (?:see|know|meet|go|try|hear|have)\b)", "longing "),
        (r"\b(?:battery|phone|laptop|wifi) (?:is|keeps|was) dying\b", "battery is empty"),
        (
            r"\bmar\w? ga[iy]\w* (?=ya+r\b|bhai\b|itn[ai]\b)(?=.*\b(?:ka+m|office|pad\w*ai|exam\w*|match|garmi|assignment\w*)\b)",
            "thak gaya ",
        ),
        (r"\b((?:ka+m|office|pad\w*ai|exam\w*|match|garmi|bhoo?kh?)\b.{0,40}?)\bmar\w? ga[iy]\w*", r"\1thak gaya"),
    )
]
# Of a relative "is gone" is "died": "dadi chali gayi", "mera bhai accident me chala gaya", "papa ko gaye ek saal hua". A brother
# or a child who is gone without a cause named may be abroad.
_ELDERS = "dad[ai]|nan[ai]|maa|mummy|papa|pitaji|amma|दाद[ाी]|नान[ाी]|माँ|मां|मम्मी|पापा|पिता|पिताजी|अम्मा"
_KIN = f"{_ELDERS}|bhai|behe?n|bahan|bet[ai]|भाई|बहन|बेट[ाी]"
_CAUSE = "(?:accident|corona|covid|cancer|bimari|attack|हादसे|दुर्घटना|एक्सीडेंट|कोरोना|कैंसर|बीमारी)(?: (?:me|mein|se|में|से))?"
_WENT = r"(?:chal[aei] g\w+|चल[ाेी] ग[^\s।,.]+)"
_GONE = [
    re.compile(rf"(?<![\w\u0900-\u0963])({kin})(?: ji| जी)?{how}(?![\w\u0900-\u0963])", re.IGNORECASE)
    for kin, how in (
        (_ELDERS, rf"((?: (?:kal|aaj|raat|subah|कल|आज|रात|सुबह))*) {_WENT}"),
        (_KIN, rf"( {_CAUSE}) {_WENT}"),
        (_KIN, r"() (?:ko g(?:a?y|uzr)e|को (?:गए|गये|गुज़रे|गुजरे))"),
    )
]
# Signs that are sent without a word.
_SIGNS = (
    ("😭😢🥺😿", "I am crying, I am so sad"),
    ("😔😞☹🙁😟😕", "I feel sad and low"),
    ("💔", "my heart is broken"),
    ("😡🤬😠", "I am so angry"),
    ("😰😨😱😥😖", "I am anxious and afraid"),
    ("😴🥱😩😫", "I am so tired"),
    ("😍💘", "I am in love"),
    ("🎉🥳🎊😀😄😁", "I am happy today and grateful"),
    ("🐶🐕🐾🐱🐈", "my pet"),
)
SAYING = frozenset("".join(signs for signs, _ in _SIGNS))
_BY_THE_BOOK = re.compile(  # said beside what is asked, it would find what is asked about the book
    r"\b(?:(?:as per|according to|against|in|by|from) (?:the |bhagavad |bhagwad )*gita|(?:does|do|kya) (?:the )?gita (?:says? (?:that )?|forbids? )|gita (?:ke hisab|ke anusar|me(?:in)?)(?: se)?)\b",
    re.IGNORECASE,
)
# Hindi as it is typed in chats, and the spelling that the glossary has.
_TYPED = dict(
    re.findall(
        r"(\w+)=(\w+)",
        "nhi=nahi gya=gaya gyi=gayi gye=gaye gai=gayi rha=raha rhi=rahi rhe=rahe kr=kar krta=karta krti=karti "
        "krte=karte krna=karna krne=karne kro=karo kru=karu mna=mana pta=pata bna=bana hu=hoon hun=hoon "
        "chota=chhota choti=chhoti chote=chhote bht=bahut bhot=bahut lgta=lagta lgti=lagti smjh=samajh jyada=zyada "
        "fir=phir bhn=behen mummi=mummy glti=galti dhoka=dhokha muje=mujhe",
    )
)


def literal(question: str) -> str:
    """A question as it is meant."""
    for figure, meant in _FIGURES:
        question = figure.sub(meant, question)
    for gone in _GONE:
        question = gone.sub(r"\1\2 mar gaya", question)
    if len(WORD.findall(asked_for := _BY_THE_BOOK.sub(" ", question))) >= ENOUGH:
        question = asked_for
    if not WORD.search(question):
        question = ", ".join(meant for signs, meant in _SIGNS if set(signs) & set(question)) or question
    return question


@lru_cache(maxsize=1)
def _glossary() -> dict[str, str]:
    found: dict[str, str] = json.loads(files(__package__).joinpath("glossary.json").read_text(encoding="utf-8"))
    return {_usual(phrase): meant for phrase, meant in found.items()}


def _usual(phrase: str) -> str:
    """A phrase in small letters, its words in the usual spelling, without the dot below that many leave out of Hindi."""
    low = normalize("NFC", phrase.lower()).replace("\u093c", "")
    return " ".join(_TYPED.get(word, word) for word in WORD.findall(low))


def in_english(text: str) -> str:
    """The words of Hindi and Hinglish in a text, in English: "naukri chali gayi" gives "job". Empty for English."""
    return " ".join(_glossary()[span] for span in _spans(text))


def english(question: str) -> str:
    """A question as the model of meaning can read it: Hindi and Hinglish by their words in English.

    Hinglish has English words of its own ("boss sabke samne gaali deta hai"), and they stay.
    """
    spans = _spans(question)
    known = {word for span in spans for word in span.split()}
    said = _usual(question).split()
    words = " ".join(dict.fromkeys(_glossary()[span] for span in spans))
    kept = [word for word in said if word in _plain() and word not in known]
    if language(question) == "en" and len(known) <= max(sum(word in STOPWORDS_EN for word in said), 1):
        return f"{question} {words}".strip()
    return " ".join([words, *dict.fromkeys(kept)]).strip() or question


@lru_cache(maxsize=1)
def _plain() -> frozenset[str]:
    """Words of the questions in English, of four letters or more: shorter ones ("me", "par", "the") are Hindi's too."""
    words = {word for row in asked() if row["language"] == "en" for word in WORD.findall(row["question"].lower())}
    return frozenset(word for word in words if len(word) > 3).difference(STOPWORDS_EN)


def _spans(text: str) -> list[str]:
    """The phrases of one to three words that the glossary has, the longest first, each word in one: "shubh raatri" is a good night,
    whatever "shubh" is alone."""
    said, words = _usual(text).split(), _glossary()
    found, free = list[str](), [True] * len(said)
    for n in (3, 2, 1):
        for i in range(len(said) - n + 1):
            span = " ".join(said[i : i + n])
            if span in words and all(free[i : i + n]):
                found.append(span)
                free[i : i + n] = [False] * n
    return found
