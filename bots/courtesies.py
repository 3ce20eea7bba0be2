"""Greetings and thanks: a person who only says hello wants no verse and no story yet."""

from __future__ import annotations

import re

from bots import words
from core.text import DEVANAGARI, WORD

_GREETING = re.compile(
    r"(?:(?:hi+|hey+|hello+|helo|hallo|hola|salaam|salam|as?salamu? ?alaikum|namaste+|namaskar(?:am)?|pranaa?m|vanakkam|"
    r"sat sri akal|(?:hare|jai) (?:krishna|shri krishna|shree krishna)|radhe(?: radhe)?|good (?:morning|afternoon|evening)|"
    r"greetings|yo|sup|नमस्ते|नमस्कार|प्रणाम|हैलो|हाय|(?:हरे|जय|जय श्री) कृष्णा?|राधे राधे)"
    r"(?: (?:there|krishna|bot|friend|ji|जी|all|everyone|कृष्ण))?)"
)
_THANKS = re.compile(
    r"(?:ok(?:ay)?,? )?(?:thanks?(?: you)?(?: (?:so|very) much| a lot)?|thankyou|thx|tysm|ty|dhanyava?a?d|shukriya|bahut shukriya|"
    r"धन्यवाद|शुक्रिया|बहुत धन्यवाद|bye+|good ?night|शुभ रात्रि|alvida)"
    r"(?: (?:krishna|friend|bot|ji|जी|for (?:this|that|your help)))?"
)


def reply(text: str) -> str | None:
    """What to say to a message that is nothing but a greeting or thanks; None for any other."""
    plain = " ".join(WORD.findall(text.lower()))
    hindi = DEVANAGARI.search(plain) is not None
    if _GREETING.fullmatch(plain):
        return words.GREETING_HI if hindi else words.GREETING
    if _THANKS.fullmatch(plain):
        return words.THANKS_HI if hindi else words.THANKS
    return None
