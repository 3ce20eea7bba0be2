"""Greetings, thanks, "ok", "help", "who are you?", and what no counsel is for (the weather, a sum, a joke): such a message wants no
verse and no story, and the last but one no model's word."""

from __future__ import annotations

import re

from bots import elsewhere, words
from bots.words import Said
from core.text import WORD, spoken
from core.wisdom.reading import SAYING

_GREETING = re.compile(
    r"(?:(?:hi+|hey+|hello+|helo|hallo|hola|salaam|salam|as?salamu? ?alaikum|namaste+|namaskar(?:am)?|pranaa?m|vanakkam|"
    r"sat sri akal|(?:hare|jai) (?:krishna|shri krishna|shree krishna)|radhe(?: radhe)?|good (?:morning|afternoon|evening)|"
    r"greetings|yo|sup|नमस्ते|नमस्कार|प्रणाम|हैलो|हाय|(?:हरे|जय|जय श्री) कृष्णा?|राधे राधे)"
    r"(?: (?:there|krishna|bot|friend|ji|जी|all|everyone|कृष्ण))?)"
)
_THANKS = re.compile(
    r"(?:ok(?:ay)?,? )?(?:thanks?(?: you)?(?: (?:so|very) much| a lot)?|thankyou|thx|tysm|ty|dhanyava?a?d|shukriya|bahut shukriya|"
    r"धन्यवाद|शुक्रिया|बहुत धन्यवाद|bye+|good ?night|शुभ रात्रि|alvida)"
    r"(?: (?:krishna|friend|bot|ji|जी|for (?:this|that|your help)))?(?: (?:that|this|it) (?:really )?helped(?: me)?(?: a lot)?)?"
    r"|(?:that|this|it) (?:really )?helped(?: me)?(?: a lot)?(?: thanks?(?: you)?)?|i feel (?:so much |much |a bit |a little )?better(?: now)?(?: thanks?(?: you)?)?"
)
_HINDI = re.compile(
    r"\b(?:ac+h+a|theek|thik|samajh|sahi|madad|meri|mujhe|bakwas|bekar|bewakoof|yeh?|tum?)\b"
)  # too short for language()
_IT = (
    r"(?:lord |shr[ie]+ |bhagwan )?(?:god|krishna|human|person|real|bot|robot|ai|machine|program|software|computer|chatgpt|gemini|"
    r"alive|conscious|insaan|aadmi|bhagwan|bhagavan|ishwar|asli|भगवान|ईश्वर|कृष्ण|इंसान|आदमी|रोबोट|मशीन|बॉट|असली)"
)
_WHO = re.compile(
    r"(?:(?:hi|hey|hello|ok|so|but|and|wait|please|namaste) )?(?:tell me (?:the truth )?|be honest |honestly |sach (?:bolo|batao) |सच बताओ )?(?:"
    r"(?:who|what) (?:exactly |really )?(?:are|r) (?:you|u|this)(?: really| exactly| krishna)?|(?:who|what) is this(?: bot)?|(?:who|what)s this"
    rf"|(?:are|r) (?:you|u) (?:really |actually |truly |just |only )*(?:an? |the )?(?:real )?{_IT}(?: or (?:not|no|an? |just |the |real )*{_IT}?)?"
    rf"|(?:you|u) (?:are|r) (?:really |actually )?(?:an? |the )?{_IT} right|is (?:this|it) (?:really |actually |just )?(?:an? |the )?(?:real )?{_IT}"
    rf"|am i (?:really )?(?:talking|speaking|chatting) (?:to|with) (?:an? |the )?(?:real )?{_IT}"
    r"|who (?:made|built|created|runs) (?:you|u|this)(?: bot)?"
    rf"|(?:{_IT} (?:ho|hai|hain|h)|ya) (?:ya )?(?:sach (?:me|mein) |sach much )?(?:an? )?{_IT}(?: (?:ho|hai|h))?"
    rf"|(?:kya )?(?:tum|aap|tu|ap) (?:sach (?:me|mein|mei) |really |asli )?(?:kaun|kon|kya|{_IT})(?: hi)? (?:ho|hai|hain|h)(?: kya| na)?"
    r"|(?:kaun|kon) (?:ho|hai|hain) (?:tum|aap|tu|ap)"
    rf"|(?:क्या )?(?:तुम|आप|तू) (?:सच में |सचमुच |असली )?(?:कौन|क्या|{_IT})(?: ही)? (?:हो|है|हैं)(?: क्या| ना?)?|(?:कौन) (?:हो|है|हैं) (?:तुम|आप|तू)"
    r")(?: (?:haan ya na+h?i?|yes or no|bhai|yaar|krishna|bro|हाँ या ना))*"
)

_PARTS = re.compile(r"[?!.।]+(?=\s*\w)")  # "who are you? are you an AI?"

# Signs that are sent without a word: these are thanks; others, but those that the search can read, say no more than "ok".
_HEARTS = frozenset("🙏❤♥💖💕💗💛💚💙🧡🤍💜🌸🌺🌹💐🌷😊🙂🤗😇🥰☺✨🕉🪷")
_HERE = re.compile(
    r"(?:(?:ok(?:ay)?|k+|hm+|oh+|ac+h+a|oka?y|theek(?: hai)?|thik(?: hai)?|l+o+l+|lmao|ha(?:ha)+|i see|got it|cool|nice|right|alright|wow|interesting|"
    r"samajh gay[ai]|samajh aa? ?gaya|sahi hai|अच्छा|ठीक|ठीक है|हम्म|समझ गया|समझ गई)(?: (?:ok(?:ay)?|cool|bhai|ji|bro|krishna|hai|then|जी))*)"
    r"|(?:(?:hi|hey|hello|krishna|bhai|bro|sir|ji|mujhe|aapse|tumse) )*(?:(?:can|may|could) (?:i|we) (?:ask|tell|talk to|talk with|share)(?: (?:you|u))?(?: (?:something|a question|about something))?|are (?:you|u) (?:there|here|listening|awake)"
    r"|i (?:have|had|got) a question|i (?:need|want)(?: to (?:talk|ask something)| some advice| advice| to ask (?:you )?something)|(?:ek|kuch) (?:baat|sawa+l|cheez) (?:pu+ch\w*|poo+ch\w*|bata\w*|keh\w*|kar\w*|share kar\w*)(?: (?:thi|tha|hai|h|hain|chahta|chahti|kya|hu|hoon))*"
    r"|(?:एक|कुछ) (?:बात|सवाल) (?:पूछ\S*|बता\S*|कह\S*|कर\S*)(?: (?:थी|था|है|हैं))*|kya (?:aap|tum) (?:sun rahe|yahan|waha?n?) (?:ho|hain|hai))(?: (?:please|pls|krishna|bhai|ji))*"
)
_HELP = re.compile(
    r"(?:please |pls |bhagwan |krishna |koi |meri |mujhe |कृपया |मेरी |मुझे )*(?:help+|help me+|i need help|madad|मदद)"
    r"(?: (?:please|pls|me|krishna|karo|kar do|kijiye|chahiye|करो|कीजिए|कर दो|चाहिए))*"
)
_FAIR = re.compile(
    r"(?:(?:lol|haha|bro|dude|this|that|it|the|bot|app|you|u|ur|youre|are|is|was|so|really|such|a|an|tu|tum|ye|yeh|bilkul|यह|ये|तुम|तू) )*"
    r"(?:boring|yawn|(?:suck|sux|sucks)|lame|trash|rubbish|garbage|cringe|bakwas|bekar bot|(?:stupid|dumb|useless|fake|bad|worst|shit|idiot|bewakoof) (?:bot|app|god|krishna|machine|ai|thing)|बकवास)"
    r"(?: (?:lol|haha|bro|bot|app|hai|ho|hain|man|है|हो))*|(?:you|u) (?:are|r) (?:so |really )?(?:boring|stupid|dumb|useless|fake|bad|annoying|an idiot)|shut up(?: bot)?"
)


def reply(text: str) -> Said | None:
    """What to say to a message that is nothing but a greeting, thanks, "ok", "help", mockery, the question who speaks, or what
    no counsel is for; None for any other."""
    plain = " ".join(WORD.findall(text.lower()))
    if not plain:
        signs = set(text)
        if not signs or "?" in signs or signs & SAYING:  # who sends "?" has not understood
            return None
        return words.THANKS if signs & _HEARTS else words.HERE
    if _GREETING.fullmatch(plain):
        return words.GREETING
    if _THANKS.fullmatch(plain):
        return words.THANKS
    if _WHO.fullmatch(plain) or all(
        _WHO.fullmatch(" ".join(WORD.findall(part))) for part in _PARTS.split(text.lower())
    ):
        return words.WHO
    for pattern, said in ((_HERE, words.HERE), (_HELP, words.HELP_ME), (_FAIR, words.FAIR)):
        if pattern.fullmatch(spoken(text)):
            return said
    return words.ELSEWHERE if elsewhere.asked(text) else None
