"""What this program neither knows nor makes, where a message is about nothing else: the weather, a score, a sum, code, a joke.

A search for counsel would find some: to "17 * 23" it said "do not give up the doing". Only whole messages are meant: "the
weather makes me sad" is a sorrow.
"""

from __future__ import annotations

import re
from unicodedata import normalize

from core.text import spoken

_SUM = re.compile(
    r"(?:(?:what(?:'?s| is)|how much is|calculate|solve|compute|kitna hota h(?:ai)?) *)?[\d.,()]+(?: *(?:[-+*/x×÷^%]|plus|minus|times|divided by|into) *[\d.,()]+)+[ =?]*(?:(?:kitna|kya|कितना) *(?:hota|hua|hai|h|होता|है| )*\??)?",
    re.IGNORECASE,
)
_POLITE = r"(?:(?:hi|hey|hello|ok|please|pls|can|could|would|you|u|will|krishna|bhai|bro|yaar|kindly|me|mujhe|zara|ek|aaj|abhi|tell|give|show|बताओ|मुझे|आज|ज़रा|जरा|एक) )*"
_ASKED = r"(?: (?:please|pls|now|today|tomorrow|tonight|aaj|kal|krishna|bhai|bro|yaar|na|batao|bataiye|bata|do|sunao|sunaiye|suna|dijiye|kya|hai|h|hain|बताओ|बताइए|सुनाओ|सुनाइए|क्या|है|दो|ना|आज|कल))*"
_THINGS = (
    r"(?:(?:what|hows?|whats?|will|is|it|the|be|like|going|to|kaisa|kya|कैसा|क्या) )*(?:\S+ (?:ka|me|mein|का|में) )?(?:weather|temperature|forecast|mausam|मौसम)(?: (?:like|forecast|kaisa|kya|rahega|ra?hne|hoga|today|tomorrow|कैसा|रहेगा|होगा))*(?: (?:in|at|of|for) \S+(?: \S+)?)?",
    r"(?:will it|is it going to) (?:rain|snow)(?: (?:today|tomorrow|tonight|in) ?\w*)?",
    r"(?:(?:what|whats|is|the) )*time(?: is it)?(?: in \w+)?(?: (?:kya|kitna) (?:hua|hai|ho raha)\w*)?|kitne baje(?: hain?| h)?|कितने बजे(?: हैं)?|(?:what|whats|which) (?:is )?(?:the |todays? )?(?:date|day)(?: is it)?",
    r"(?:(?:what|whats|is|the|any|some) )*(?:latest|todays?|breaking|recent|aaj ki)? ?(?:news|headlines|khabar\w*|समाचार|खबर|ख़बर)(?: (?:of|on|about|from|in) (?:\w+ ?){1,4})?",
    r"(?:(?:what|whats|is|the|live|latest|current) )*(?:\w+ (?:vs?|versus|and) \w+ )?(?:(?:cricket|match|ipl|football|final|game|india|test) )?(?:ka |ki )?(?:score|scorecard)(?: (?:kya|of|in|for) ?\w*)?(?: \w+ (?:vs?|versus) \w+)?",
    r"(?:aaj |kal )?(?:ka |the )?(?:match|ipl|world cup|final|election|chunav|मैच) (?:ka result|kaun|kon|kisne|कौन) ?(?:jee?ta|jeet\w*|जीता)?(?: score(?: kya)?)?|who (?:won|is winning|will win) (?:the |todays |last |this )?(?:\w+ ){0,2}(?:match|election|elections|game|cup|final|league|ipl|oscar\w*|race)",
    r"(?:(?:tell|crack|say|share|know|any|a|an|another|some|good|funny|one|koi) )*(?:jokes?|chutkul\w*|चुटकुल\S*)",
    r"(?:(?:write|make|compose|create|sing|recite|say|me|a|an|the|some|short|little|love|koi|ek|एक|कोई) )+(?:poem|poetry|song|rap|haiku|shayari|sher|kavita|शायरी|कविता|गाना)(?: (?:about|on|for|ke|par|पर) (?:\w+ ?){1,6})?|(?:shayari|शायरी|कविता)(?: \w+){0,2}",
    r"(?:(?:write|make|create|give|help|with|need|do|me|my|a|an|the|some|in|for|fix|debug) )+(?:(?:python|java|javascript|html|css|sql|php|simple|small|c) )*(?:code|program|script|function|website|homework|assignment|essay|resume|cv|cover letter|caption|captions|powerpoint|presentation|tweet)\b(?: (?:\S+ ?){1,12})?",
    r"translate (?:\S+ ?){1,20}|how (?:do|to|can) (?:you |i |we )?say (?:\S+ ){1,6}in \w+|(?:what is the meaning of the word|spell|how do you spell) \S+",
    r"(?:(?:what|whats|is|the|name|tell) )*(?:capital|population|currency|prime minister|president|pm|cm|area) of (?:\w+ ?){1,4}(?: (?:kya|kaun|kon))?",
    r"(?:(?:what|whats|which|is|the|suggest|recommend|me|a) )*(?:best|good|top|cheapest) (?:phones?|mobiles?|laptops?|cars?|bikes?|tvs?|headphones|cameras?|restaurants?|hotels?|movies?|series|games?|stocks?|shares?|crypto)(?: (?:\S+ ?){1,6})?",
    r"(?:(?:the|price|rate|of|whats?|is|aaj|ka|ke|ki) )*(?:gold|petrol|diesel|dollar|bitcoin|sensex|nifty|sone|share) (?:price|rate|bhav|ka bhav|ka rate)(?: (?:\w+ ?){1,3})?",
    r"(?:(?:recipe|recipes) (?:of|for)|how (?:do (?:i|you)|to|can i) (?:make|cook|bake)) (?!friends|peace|money|up\b|decisions?|love|time|(?:my|him|her|them|it|this|a (?:life|living|difference|decision|choice))\b)(?:\w+ ?){1,4}|\w+ (?:kaise banat[ei]|banane ka tarika|ki recipe)(?: \w+){0,2}",
    r"(?:(?:what|whats|is|my|todays?|the|daily|read|see|tell|make|mera|meri|aaj|ka|aj|apna|bata|dekh\w*|मेरा|मेरी|आज|का) )*(?:horoscope|rash?i ?fal|kundl[ie]|zodiac(?: sign)?|lucky (?:number|colou?r|day)|palm|future predict\w*|राशिफल|कुंडली|लकी नंबर|शुभ अंक)(?: (?:for|of|of the day|batao|kya|dekh\w*|\w+ (?:rash?i|राशि)|का|देख\S*)(?: \w+){0,2})?",
)
_ELSEWHERE = re.compile(normalize("NFC", rf"{_POLITE}(?:{'|'.join(_THINGS)}){_ASKED}"))
# Who asks for a poem about dying is heard.
_SORROW = re.compile(
    r"\b(?:di(?:e|ed|es|ying)|dead|death|kill\w*|hurt\w*|pain\w*|sad\w*|lonel\w*|alone|cry\w*|disappear\w*|goodbye|suicid\w*|grie\w*|lost|miss\w*|trauma|dukh|dard|udaas|mar|maut|akel\w*)\b|मर|मौत|दुख|दर्द|अकेल|उदास"
)


def asked(text: str) -> bool:
    """Whether a message asks for nothing but such a thing."""
    said = spoken(text)
    return bool(_SUM.fullmatch(text) or (_ELSEWHERE.fullmatch(said) and not _SORROW.search(said)))
