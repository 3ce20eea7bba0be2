"""What people ask about the answer that they just had: who that was, whether it is true, why this story, the same in
Hindi, shorter. It is answered from what is stored: a search would read "who was she?" as a new sorrow, a model would
invent."""

from __future__ import annotations

import re
from typing import Literal
from unicodedata import normalize

from bots import care, wishes, words
from core import answer
from core.text import DEVANAGARI, Language, language, spoken
from core.wisdom.corpus import Corpus, Story
from storage import Turn

Wish = Literal["who", "name", "source", "why", "short", "en", "hi", "hinglish"]

_LEAD = r"(?:(?:and|but|so|ok|okay|wait|hey|lol|hmm+|aur|par|lekin|acha|accha|bhai|और|पर|लेकिन|अच्छा) )*"
_THIS = r"(?:this|that|it|the|these|those)"
_STORY = r"(?:story|kahani|kissa|कहानी|किस्सा|बात)"
_YEH = r"(?:yeh?|w?oh?|vo|is|us|यह|ये|वह|वो|वे|इस|उस)"
_ONE = r"(?:woman|man|person|lady|guy|girl|boy|writer|poet|king|queen|aurat|a+dmi|ladk[ia]|insaan|mahila|vyakti|औरत|महिला|स्त्री|आदमी|लड़की|लड़का|इंसान|व्यक्ति)"
_WAS = r"(?:hain?|h|th[aie]|है|हैं|था|थी|थे|थीं)"
_WISHES: list[tuple[Wish, str]] = [
    (
        "who",
        rf"who(?: (?:is|was|are|were)|s) (?:she|he|they|(?:{_THIS} )?{_ONE}|this|that|it)(?: (?:in|from) {_THIS} story)?(?: again)?"
        rf"|{_YEH}(?: {_ONE})? (?:kaun|kon|कौन) {_WAS}|(?:kaun|kon|कौन) {_WAS} {_YEH}(?: {_ONE})?",
    ),
    (
        "source",
        rf"(?:is|was) {_THIS}(?: story)?(?: (?:really|actually|even|a))*(?: (?:true|real|fake|made up|fiction))(?: story)?(?: or (?:not|fake|fiction|made up|just a story))?"
        rf"|(?:true|real) story|(?:whats? )?(?:is )?(?:the |your |any )?(?:sources?|reference)(?: (?:please|pls|for {_THIS}|of {_THIS}))?(?: story)?"
        rf"|did {_THIS}(?: story)? (?:really |actually |ever )?happen|(?:where|which book|what book) (?:is|was|does|did) {_THIS}(?: story)? (?:come )?from"
        rf"|where (?:did|do) you (?:get|read|find|hear) {_THIS}(?: story)?|(?:when|where) (?:did|was) {_THIS}(?: story)?(?: happen)?"
        rf"|(?:kya |क्या )?{_YEH} ?{_STORY}?(?: kya| क्या)? (?:sac+h+i?|asli|real|true|jhoo?thi?|सच|सच्ची|सही|असली|झूठी)(?: {_STORY})?(?: (?:me|mein|में))?(?: (?:{_WAS}|hua|hui|हुआ|हुई|kya|क्या|na|ना|ya (?:nahi|jhoo?thi?)))*"
        rf"|{_STORY} (?:sac+h+i?|asli|real|true|jhoo?thi?|सच|सच्ची|असली|झूठी)(?: (?:{_WAS}|kya|क्या|na|ना|ya (?:nahi|jhoo?thi?)))*|(?:sac+h+i?|asli|real|true|सच|सच्ची) (?:hai|h|है) (?:kya |क्या )?{_YEH}(?: {_STORY})?|(?:ye |yeh )?(?:kahani |story )?(?:kisne likhi|kahan se (?:hai|li|aayi))(?: (?:hai|ye|yeh|kahani|story))*|स्रोत(?: क्या है| बताओ| बताइए)?",
    ),
    (
        "why",
        rf"why (?:(?:did|do|are|would) (?:you|u) (?:tell|telling|giv|give|giving|send|share|choose|pick|say)(?: me)? )?(?:{_THIS}|such a)(?: \w+)? story(?: (?:to|for) me)?"
        rf"|what (?:does|has|did) {_THIS}(?: story)? (?:have |got |do )?(?:to do )?with (?:me|this|it|us|my \w+|anything)"
        rf"|whats?(?: is)? the (?:point|moral|lesson|meaning) (?:of|in|behind) {_THIS}(?: story)?|how (?:is|does|do) {_THIS}(?: story)? (?:relat|relevant|appl|connect)\w*(?: (?:to|with) (?:me|this|us|my \w+))?"
        rf"|i (?:dont|do not|didnt) (?:get|understand) {_THIS} story"
        rf"|{_YEH} {_STORY} (?:se |से )?(?:mer[ae]|mujhe|मेरा|मुझे|मेरी) (?:se )?(?:kya|क्या) (?:lena ?-?dena|matlab|kaam|लेना देना|मतलब|काम)(?: (?:hai|h|है))?"
        rf"|{_YEH} {_STORY} (?:ky?u+n?|kyon|kisliye|se kya|ka kya|क्यों|क्यूँ|का क्या|से क्या)(?: \S+){{0,3}}|(?:ky?u+n?|kyon|क्यों) (?:sunai|batai|suna rahe ho|सुनाई|बताई)(?: {_YEH})?(?: {_STORY})?",
    ),
    (
        "short",
        r"(?:(?:please|pls|can|could|you|make|say|tell|me|keep|give|explain|answer|speak|write|it|this|that|thats|was|is|in|a|bit|much|way|little|too|more|very|the|be|and) )*"
        r"(?:shorter|short|simpler|simply|simple|briefly|brief|one line|one sentence|tl ?dr|too long|plain english|(?:simple|simpler|fewer|plain|easy|easier) (?:words|english|language|terms))(?: (?:please|pls|version|answer|way|words|krishna|bro|next time))*"
        r"|(?:(?:thoda|aur|please|ise|isko|zara) )*(?:ch+h?ota|short|simple|saral|aa?sa+n|kam shabdo\w*|ek line|seedhe shabdo\w*|sankshep)(?: (?:me|mein|shabdo\w*|bhasha|kar ?ke|batao|bataiye|samj?ha+o|bolo|likho|please|pls|bhai))*"
        r"|(?:(?:थोड़ा|और|कृपया|इसे) )*(?:छोटा|संक्षेप|सरल|आसान|एक लाइन|सीधे शब्दों|कम शब्दों)(?: (?:में|शब्दों|भाषा|करके|बताओ|बताइए|बोलो|समझाओ|समझाइए|कहो|कहिए))*",
    ),
]
_FOUND = [(wish, re.compile(normalize("NFC", rf"{_LEAD}(?:{pattern})"))) for wish, pattern in _WISHES]
_LONGER = (
    r"(?:(?:can|could|you|u|please|pls|give|tell|say|explain|write|make|me|it|this|a|an|the|much|some|little|in|bit) )*"
    r"(?:longer|long answer|more(?: please| detail\w*| about (?:it|this|that))?|(?:in )?(?:more )?detail\w*|elaborate|go on|continue|explain more|aage(?: batao| bolo)?|(?:thoda )?(?:aur|vistar se|detail (?:me|mein)) (?:batao|bataiye|bolo|samj?ha+o|samjhaiye)"
    r"|(?:थोड़ा )?(?:और|आगे|विस्तार से) (?:बताओ|बताइए|बोलो|बोलिए|समझाओ|समझाइए|कहो|कहिए))(?: (?:one|answer|version|please|pls|krishna|bhai|yaar))*"
)
_STORY_ALONE = re.compile(
    normalize(
        "NFC",
        r"(?:(?:ok|okay|hmm|nice|thanks|but|and|please|pls|can|could|you|u|give|tell|share|i|want|have|do|know|me|mujhe|bhai|yaar|krishna|any|मुझे) )*"
        r"(?:(?:(?:an)?other|one more|a? ?different|a? ?new|more) (?:true |short |real )?(?:story|stories)|(?:ek|koi|kuch|ko+i) (?:aur|dusr[ai]|doosr[ai]|nay[ai]|alag) (?:\w+ )?(?:kahani|story|kissa)|(?:dusr[ai]|doosr[ai]|aur) (?:kahani|story|kissa)"
        r"|(?:एक|कोई|कुछ) (?:और|दूसरी|नई|अलग) (?:\S+ )?(?:कहानी|किस्सा)|(?:दूसरी|और) (?:कहानी|किस्सा))"
        r"(?: (?:please|pls|bhai|yaar|krishna|batao|bataiye|sunao|sunaiye|suna|do|dijiye|chahiye|hai|kya|बताओ|बताइए|सुनाओ|सुनाइए|दो|दीजिए|चाहिए))*",
    )
)
_NAMED = re.compile(r"(?:who (?:is|was)|whos|tell me (?:more )?about|more about) (.+)")
_ANOTHER = re.compile(
    normalize(
        "NFC",
        r"(?:(?:but|no|nah|ok|okay|please|sorry|bhai|yaar|nahi|give me|tell me|can i (?:have|get)|say) )*"
        rf"(?:another|another (?:one|answer|story|verse)|something (?:else|different)|(?:a )?different (?:one|answer|story)"
        rf"|(?:that|this|it|which)(?: (?:story|answer|verse))? (?:really )?(?:doesnt|does not|didnt|did not|isnt|is not|wasnt|is no|was no|was not) (?:help|helping|help me|helpful|help at all|work|it|useful|what i (?:asked|meant|need)|about me|for me)"
        rf"|not (?:helpful|helping|what i asked|useful)|(?:you are|youre|ur|that is|thats|this is) (?:so |just |totally )?(?:wrong|not right|not true)|i (?:disagree|dont agree|do not agree)|{_THIS}(?: story| answer| verse)? has nothing to do with (?:me|this|it|my \w+)|that makes no sense"
        r"|(?:ek|koi|kuch|ko+i) (?:aur|dusr[ai]|doosr[ai])(?: (?:kahani|story|jawab|baat))?(?: (?:batao|sunao|do|bataiye|sunaiye))?|(?:dusr[ai]|doosr[ai])(?: (?:kahani|story|jawab))?(?: (?:batao|sunao|bataiye))?"
        r"|(?:is|iss|us) ?se (?:kuch|koi fa+yda|kya) (?:nah?in? )?(?:hoga|hota|hua|nah?in?)(?: \w+)?|koi fa+yda nah?in?(?: hua| hai)?|kaam nah?in? (?:aaya|kiya|aata)"
        rf"|{_LONGER}"
        r"|(?:एक|कोई|कुछ) (?:और|दूसरा|दूसरी)(?: (?:कहानी|जवाब|उत्तर|बात))?(?: (?:बताओ|बताइए|सुनाओ|सुनाइए))?|(?:दूसरा|दूसरी)(?: (?:कहानी|जवाब|उत्तर))?(?: (?:बताओ|बताइए|सुनाइए))?|इससे (?:कुछ|कोई फायदा) नहीं (?:होगा|हुआ|होता))"
        r"(?: (?:please|pls|bhai|yaar|krishna|at all|though))*",
    )
)


def wish(text: str) -> Wish | None:
    """What a message asks about the answer before it, and nothing else; None for any other."""
    said = spoken(text)
    if tongue := wishes.only_tongue(text):
        return tongue
    found = (wish for wish, pattern in _FOUND if pattern.fullmatch(said))
    return next(found, "name" if _NAMED.fullmatch(said) else None)


def another(text: str) -> bool:
    """Whether a message says no more than that the answer did not help, or asks for another, or for more."""
    return bool(_ANOTHER.fullmatch(spoken(text))) or another_story(text)


def another_story(text: str) -> bool:
    """Whether it is another story that a message asks for, and nothing else."""
    return bool(_STORY_ALONE.fullmatch(spoken(text)))


def reply(text: str, turn: Turn, corpus: Corpus, locale: str | None) -> str | None:
    """What to say to a message about the answer of a turn; None where it is about something else."""
    asked, verses = wish(text), [v for v in map(corpus.verse, turn.verses) if v is not None]
    if asked is None or turn.answer is None or turn.status != "done" or not verses:
        return None
    story = corpus.story(turn.story or "")
    tongue = language(text) if language(text) != "en" else language(turn.question)
    match asked:
        case "name" if story is None or not set(_name(text)) <= set(spoken(story.person).split()):
            return None
        case "who" | "name":
            return _who(story, tongue) if story else None
        case "source":
            rests = words.RESTS[tongue].format(ref=verses[0].ref)
            return f"{_who(story, tongue)} {rests}" if story else rests
        case "why":
            return words.WHY[tongue].format(shows=story.shown(tongue)) if story else None
        case "short":
            tongue = language(turn.question)
            lines = [answer.addressed(line) for line in corpus.counsel(verses[0].ref, tongue)]
            short = min([answer.counsel_of(turn.answer), *lines], key=len)
            return "\n\n".join([short, *_cares(turn.answer, tongue, locale)])
        case _:
            counsel = answer.counsel_of(turn.answer)
            told, subject = corpus.told(counsel), answer.subject_of(corpus, counsel) or ""
            said = told.counsel[asked] if told else answer.instead(corpus, verses, turn.question, asked, subject)
            if (asked == "hi") != bool(DEVANAGARI.search(said)):  # nobody wrote any in Hindi
                return None
            return answer.compose(said, story, verses, " ".join(_cares(turn.answer, asked, locale)))


def _name(text: str) -> list[str]:
    found = _NAMED.fullmatch(spoken(text))
    return found[1].split() if found else []


def _who(story: Story, tongue: Language) -> str:
    return words.WHO_THAT[tongue].format(person=story.person, where=story.where, when=story.when, source=story.source)


def _cares(said: str, tongue: Language, locale: str | None) -> list[str]:
    """The words of care that stand in an answer, in a language."""
    found = [
        c.in_(tongue, locale)
        for c in (care.DANGER, *(kind for kind, _ in care.KINDS))
        if any(word.split("{")[0] in said for word in c.word.values())
    ]
    return list(dict.fromkeys(found))
