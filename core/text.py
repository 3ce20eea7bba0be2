"""What several rooms ask of a text."""

from __future__ import annotations

import re
from typing import Literal, get_args
from unicodedata import normalize

Language = Literal["en", "hi", "hinglish"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

WORD = re.compile(r"[\w\u0900-\u0963\u0966-\u097f]+")  # \w alone cuts Devanagari at every vowel sign
DEVANAGARI = re.compile(r"[\u0900-\u097f]")
# An end of sentence: its mark, closing quotes, then space or the end. "Dr." and the like are not met in counsel.
MARK = r"[.!?।॥…]+[\"'”’)\]]*"
END = re.compile(rf"{MARK}(?=\s|$)")
_NO_APOSTROPHES = str.maketrans("", "", "'’‘`")
SPARSE = 8  # of so many words one must be Hindi; half of one where English has it too
OF_ITSELF = re.compile(  # the speaker speaks of himself, in English or Hindi
    r"\b(?:I|[Mm]yself|[Mm]ine|[Mm]y|[Mm]e)\b|(?<![\u0900-\u097f])(?:मैं|मेर[ाेी]|मुझे|मुझसे|मुझको)(?![\u0900-\u097f])"
)
# Words of Hindi in Latin letters: one of the first kind tells it, or two of the second, which stand in English too. In a
# long text more must be there: a quoted word or a name ("Jo") is no language.
_HINGLISH = re.compile(
    r"\b(?:hain?|hoon|muj?h(?:e|ko|se)|nah?in?|nhi|kya|ky[ou]n?|kaise|mer[aei]|maine|ra?h[aei]|kar(?:na|u|un|oon|t[aei])|kr(?:n[aei]|t[aei]|u|un)|bhai|"
    r"woh|apn[aei]|toh|bhi|hot[ai]|ga?y[aei]|liye|matlab|[zj]indagi|yaar|un?k[aei]|usk[aei]|koi|kuch+|sabhi|b[ao]hut|chahiye|"
    r"ghar|dukh|mann|dil|gussa|pais[ae]|sach|batao|baar|hu[aei]|lagt[aei]|bolt[aei]|de[nt][aei]|dekht[aei]|ja(?:ta|te|un|unga|ungi)|chaht[aei]|sakt[aei]|"
    r"samajh\w*|akel[aei]|pareshan|uda+s|bechain|aaj|aay[aei]|pehl[aei]|nikamm[aei]|thak[aei]|hamesha|bilkul|zyada|jyada|lekin|kabhi|saath|kal se|roz|"
    r"suna(?:o|na|ne|ya|do|iye)?|sunte|jawab|usne|isne|kisne|kis[ei]|mna|bol(?:[aio]|iye)|bata(?:iye|do)|kaha(?:n|ni)|muje|hamar[aei]|tumhar[aei]|"
    r"unhone|krne|agar|ch+h?ot[aei]|sabk[aei]|sa?amne|"
    r"ladk[aeoi]\w*|kiya|wal[aei]|a?chh[aei]|kitn[aei]|itn[aei]|jais[aei]|ais[aei]|madad|padh?(?:ai|n[ae])|baith\w*|likhi|milega|lagega|chhod\w*|maar[aeo]|pucha|bhatak\w*)\b",
    re.IGNORECASE,
)
_PERHAPS = re.compile(
    r"\b(?:tum|aap|kaun|hu?m?|ho|k[aeio]|mai|mein|wo|aur|hun|ek|th[ai]|ab|jo|pe|se|ya|l[eu]|la?gi|kal|raat|sab|phir|"
    r"sha+di|naukri|pya+r|pati|biwi|beta|beti|bach+[aei]|saas|dost|dar+|thak|bina|ki+y[ae]|agar|"
    r"(?<!\d )(?:yr|h)|kaha|diya|fir|ma+a|ne|sa+ri|paap|hume)\b",
    re.IGNORECASE,
)
# Two of these are English whatever else is there. Not "why", "more" or "ok": those are said in every language.
_OF_ENGLISH = re.compile(
    r"\b(?:the|an?|is|are|am|was|were|i|you|your|my|me|do|does|did|can|should|of|this|that|it|for|with|and|to)\b"
)


def language(text: str) -> Language:
    """What a text is written in: Hindi in its own letters, in Latin ones, else English (or anything else)."""
    if DEVANAGARI.search(text):
        return "hi"
    perhaps = {word.lower() for word in _PERHAPS.findall(text)}
    told = 2 * len(_HINGLISH.findall(text)) + len(perhaps)
    return "hinglish" if told >= max(2, len(WORD.findall(text)) / SPARSE) else "en"


def plainly_english(text: str) -> bool:
    """Whether even a few words are told to be English: by two at least that nobody borrows."""
    return len({*_OF_ENGLISH.findall(text.lower())}) > 1 and language(text) == "en"


def spoken(text: str) -> str:
    """The words of a text alone, in small letters, a space between two; "don't" is "dont"."""
    return " ".join(WORD.findall(normalize("NFC", text.lower().translate(_NO_APOSTROPHES))))


def sentences(text: str) -> int:
    """How many sentences a text has; a last one without its mark counts."""
    ends = list(END.finditer(text))
    tail = text[ends[-1].end() :] if ends else text
    return len(ends) + bool(tail.strip())


def readable(text: str) -> bool:
    """Whether a text is mostly in letters of which this program knows a language: Latin ones or Devanagari."""
    letters = [c for c in text if c.isalpha()]
    return 2 * sum(c < "\u0250" or bool(DEVANAGARI.match(c)) for c in letters) >= len(letters)


def first_line(error: BaseException) -> str:
    """What an error says, in one line of at most 300 characters; its name where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
