"""What somebody asks of the form of an answer beside what they ask: in which language, and that it be short or without a story.

"Answer in Hindi please, I am jealous of my sister" wants Hindi, and counsel about envy. "I cannot speak in English before my
class" wants no language: it is the trouble itself. So a wish is a clause of its own, or words that are said to the bot.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from unicodedata import normalize

from core.text import Language, spoken

_TONGUE = r"(hindi|english|angre[zj]i|hinglish|roman hindi|हिंदी|हिन्दी|अंग्रेजी|अंग्रेज़ी|इंग्लिश|हिंग्लिश)"
_TONGUES: dict[str, Language] = {
    **dict.fromkeys(("hindi", "हिंदी", "हिन्दी"), "hi"),
    **dict.fromkeys(("hinglish", "roman hindi", "हिंग्लिश"), "hinglish"),
}
_ONLY = re.compile(  # nothing but the wish: what followups.py hears too
    normalize(
        "NFC",
        r"(?:(?:please|pls|plz|can|could|you|u|say|tell|speak|write|answer|reply|respond|talk|explain|it|this|that|me|again|same|the|translate|to|into|in|repeat|and|ok|yeh?|isko|ise|wahi|yahi|mujhe|zara|thoda|ap|aap|bhai|कृपया|यही|इसे|मुझे|ये|यह|फिर|से) )*"
        rf"{_TONGUE}"
        r"(?: (?:me|mein|mai|main|please|pls|plz|only|hi|batao|bataiye|bataye|bolo|boliye|likho|likhiye|samj?ha+o|jawab|uttar|do|de|dena|dijiye|dobara|phir|se|answer|krishna|karo|kijiye|bhai|में|मे|बताओ|बताइए|बोलो|बोलिए|लिखो|लिखिए|समझाओ|समझाइए|कहो|कहिए|जवाब|उत्तर|दो|दीजिए|दें|दोबारा|फिर|से|ही|सरल|आसान|करके|simple|saral|aasan|words|shabdo))*",
    )
)
_SAID_TO_IT = [
    re.compile(normalize("NFC", pattern), re.IGNORECASE)
    for pattern in (
        r"(?:(?<![^.!?,;\n।(])\s*(?:please |pls |plz |kindly )?|\b(?:please|pls|plz|kindly) |\b(?:can|could|will|would) (?:you|u) (?:please |pls |plz |kindly )?)"
        rf"(?:answer|reply|respond|tell|say|speak|talk|write|explain|give)(?: (?:me|it|this|to me|your answer|the answer|answer|a reply)){{0,2}} in {_TONGUE}\b(?: (?:please|pls|plz|only))*",
        rf"(?<![\w\u0900-\u097f])(?:(?:mujhe|muje|मुझे) )?{_TONGUE} (?:me|mein|mai|main|में|मे)(?: (?:hi|ही|please|pls))*"
        r" (?:jawab|javab|uttar|answer|reply|batao|bataiye|bataye|batana|bata do|bolo|boliye|likho|likhiye|samj?ha+o|samj?haiye|samj?ha do|जवाब|उत्तर|बताओ|बताइए|बताएँ|बताएं|बता दो|बोलो|बोलिए|समझाओ|समझाइए|समझा दो|लिखो|लिखिए|कहो|कहिए)"
        r"(?: (?:do|de do|dijiye|dena|karo|please|pls|plz|bhai|ji|दो|दीजिए|दें|देना|जी))*(?![\w\u0900-\u097f])(?: (?:ki|कि)(?= ))?(?! (?:\S+ )?(?:nah?in?|nhi|नहीं))",
        rf"(?<=\S )in {_TONGUE}(?: (?:please|pls|plz|only))+[.!?]*$",
    )
]
# "How to control anger in hindi", as people type it into a search. Not "why did I fail in hindi".
_TYPED = re.compile(
    rf"^(?=(?:how|what|why|who|which|tell|explain|give|meaning|is|should|can)\b)(?!.*\b(?:fail\w*|marks?|exams?|papers?|weak|spe+a?k\w*|talk\w*|teach\w*|subject|medium|interview|class|write|sing|think\w*)\b)(?P<what>.+) in {_TONGUE}[.!?]*$",
    re.IGNORECASE | re.DOTALL,
)
_BRIEF = re.compile(  # a story is what makes an answer long
    normalize(
        "NFC",
        r"(?<![\w\u0900-\u097f])(?:(?:but|and|par|lekin|aur|please|pls|plz|bhai|yaar|yr|itna|itni|zyada) )*(?:"
        r"(?:no|without|skip|(?:do not|dont|don't) (?:tell|give|send|want|need)(?: me)?|i (?:do not|dont|don't) (?:want|need)) (?:(?:an?|any|the|another|more|long|this|these|your) )*(?:stor(?:y|ies)|kahani\w*|lectures?)(?!\w)(?! (?:of|about|in|from|to|any ?more)\b)(?: (?:please|pls|plz|this time|today|now|just (?:the )?(?:answer|advice|counsel)))*"
        r"|(?:kahani|kahaniyan?|story|stories|gya+n|bhashan) (?:mat|nah?in?|nhi|na) (?:suna\w*|bata\w*|chahiye|do|dena|likh\w*)|bina (?:kahani|story) ke"
        r"|(?:कहानी|कहानियाँ|कहानियां|किस्से|ज्ञान|भाषण) (?:मत|नहीं|न) (?:सुना\S*|बता\S*|चाहिए|दो|देना|दीजिए)|बिना कहानी के"
        r"|(?:in|just|only) (?:one|a single|1|two|a few|few) (?:lines?|sentences?|words?)(?: only)?(?= ?(?:[:,.!?]|please|pls|plz|$))"
        r"|(?<![^.!?,;:\n।(] )(?:(?:a |the |give (?:me )?(?:a )?|only )?(?:short|brief|quick) answer|(?:be|keep it|answer) (?:short|brief|briefly|quick))(?: only)?(?= ?(?:[:,.!?]|please|pls|plz|$))"
        r"|(?:ch+h?ot[aei](?: sa)?|short(?: mein| me)) (?:jawab|uttar|answer|batao|bolo)(?: (?:do|dena|dijiye))?|ek (?:line|vakya) (?:me|mein|mai) (?:batao|bolo|jawab do|bata do|samj?ha+o)"
        r"|(?:छोटा|संक्षेप में|एक (?:वाक्य|लाइन|पंक्ति) में) (?:सा )?(?:जवाब|उत्तर|बताओ|बताइए|कहो|कहिए)(?: (?:दो|दीजिए))?"
        r")(?: (?:please|pls|plz|bhai|yaar|ji|जी))*(?![\w\u0900-\u097f])",
    ),
    re.IGNORECASE,
)
_OTHERS = re.compile(
    r"\b(?:answer|reply|respond|tell|say|speak|talk|write|explain|translate)\b[^.!?,\n]{0,20}? (?:in|to|into) (spanish|french|german|portuguese|italian|russian|arabic|chinese|japanese|urdu|tamil|telugu|marathi|bengali|bangla|gujarati|punjabi|kannada|malayalam|odia|nepali|sanskrit)\b"
    r"|(?:^|[.!?,;] *|\b(?:please|pls|plz) )in (?:spanish|french|german|urdu|tamil|telugu|marathi|bengali|gujarati|punjabi|kannada|malayalam|sanskrit)(?: please| pls)?[.!?]*$"
    r"|\b(urdu|tamil|telugu|marathi|bengali|bangla|gujarati|punjabi|kannada|malayalam) (?:me|mein|mai) (?:jawab|batao|bolo|bataiye|samj?ha+o)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(r"[^.!?,;:\n।()]+[.!?,;:\n।()]*")


@dataclass(frozen=True, slots=True)
class Wishes:
    """tongue: None where none is asked for. other: one is that this program has no words in. question: what is left to be
    answered; empty where nothing is."""

    tongue: Language | None
    other: bool
    brief: bool
    question: str


def only_tongue(text: str) -> Language | None:
    """The language that a message asks for, where it says nothing else."""
    found = _ONLY.fullmatch(spoken(text))
    return _TONGUES.get(found[1], "en") if found else None


def of(text: str) -> Wishes:
    """What a message asks of the form of its answer."""
    clauses = [(clause, only_tongue(clause)) for clause in _CLAUSE.findall(text)]
    tongues = [tongue for _, tongue in clauses if tongue]
    rest = "".join(clause for clause, tongue in clauses if not tongue) if tongues else text
    for pattern in _SAID_TO_IT:
        tongues += [_TONGUES.get(found[1].lower(), "en") for found in pattern.finditer(rest)]
        rest = pattern.sub(" ", rest)
    if typed := _TYPED.match(rest.strip()):
        tongues.append(_TONGUES.get(typed[2].lower(), "en"))
        rest = typed["what"]
    asked = _BRIEF.sub(" ", rest)
    brief = asked != rest
    if brief or tongues:
        asked = " ".join(asked.split()).strip(" ,;:")
        asked = re.sub(r"\s*([.!?,;:])(?:\s*[,;:.])+", r"\1", asked).lstrip(".!?।) ")
    return Wishes(tongues[-1] if tongues else None, bool(_OTHERS.search(text)), brief, asked)


def lasting(questions: Iterable[str]) -> Wishes:
    """The wishes of a talk, newest question first: a language holds until another is asked for, the rest for one answer."""
    now, *before = map(of, questions)
    return replace(now, tongue=next((w.tongue for w in (now, *before) if w.tongue), None))
