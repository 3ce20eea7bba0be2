"""A word of care under an answer: who speaks of leaving a medicine is told to ask a doctor first, whatever a model said.

As in crisis.py, patterns are for text as `plain` leaves it, and a word too many costs nothing.
"""

from __future__ import annotations

import re

from bots.crisis import plain
from core.text import language

# A medicine, a treatment or what is treated; and, anywhere beside it, the wish to leave it or to put faith in its place.
MEDICINE = {
    "en": r"insulin|lithium|anti ?depres\w*|s+ris?|med(?:s|icines?|ications?)|pil(?:s|l)?|tablets?|capsules?|doses?|chemo\w*|dialysis|inhalers?|steroids?"
    r"|anti ?biotics?|paracetamol|ibuprofen|aspirin|fevers?|infections?|seizures?|blod pres+ure|therapists?|psychiatrists?|rehab|vac+in\w*|injections?|treatments?|therapy|operation|surgery|biopsy|lump|tumou?r|cancer|diabet\w*|epilep\w*|asthma|transfusion|doctors? sa(?:y|id)"
    r"|(?:without|instead of|no|see|leave|trust) (?:a |the |my |any )?doctors?",
    "hinglish": r"daw+a\w*|dava\w*|goli\w*|tablet\w*|insulin|injection|ila+j|(?:doctor|da[ck]tar)\w* (?:ko|ke|ne|ki)|chemo\w*|operation|dialysis|aspatal|cancer|tb|bukha+r|fever|paracetamol|therapist",
    "hi": "दवा|दवाई|गोली|गोलियां|इंसुलिन|इंजेक्शन|इलाज|कीमो|डॉक्टर (?:को|के|ने|की)|अस्पताल|ऑपरेशन|टीका|खुराक|डायलिसिस|कैंसर|बुखार|टीबी|मिर्गी",
}
LEAVE = {
    "en": r"stop\w*|skip\w*|quit\w*|leav\w+|throw\w*|threw|bin(?:ed)?|flush\w*|refus\w*|instead|without|half|avoid\w*|finish\w*|cancel\w*|give up|gave up|wean\w*|reduc\w*"
    r"|(?:not|dont|do not|no longer|never|wont|stil) (?:want |go(?:ing)? |to |be )*(?:tak\w+|buy\w*|ned|have|get|go|se|give|told)|(?:havent|not) told|cut(?:ting)? (?:down|back)"
    r"|c(?:o|a)me? of|coming of|ditch\w*|drop(?:ed|ing)?|replac\w*|poison|sin|excus\w*|exempt|enough|cured?|heal\w*|pray\w*|faith|mantras?|chant\w*|guru\w*|baba|karma|fasting|herb\w*|atachment"
    r"|beter than|weak\w*",
    "hinglish": r"ch+h?o[dr]\w*|band|rok\w*|mat|bina|jagah|bajay|hata\w*|thik|jar+ur?at|zar+ur?at|(?:nahi|nahin|nhi|nai|ni|na) (?:l\w+|kha\w*|ja\w*|chahi\w*)|fek\w*|phenk\w*|kam kar\w*"
    r"|taveez|tabiz|jha+d\w*|mantra|baba\w*|guru\w*|puja|vrat",
    "hi": "छोड|बंद|रोक|मत|न ले|नहीं ले|नहीं खा|नहीं जा|बिना|जगह|बजाय|जरूरत|फेंक|कम कर|ठीक|हटा|झाड|ताबीज|बेहतर|कमजोरी|मंत्र|बाबा|गुरु|पूजा|व्रत",
}
# Who mourns is not told to see a doctor.
GONE = re.compile(
    r"\b(?:die[sd]|dead|death|pas+ed away|lost (?:him|her|my)|mar ga\w*|guzar\w*|(?:nahi|nhi|nahin) rah\w*|chal base)\b|मर ग|मृत्यु|देहांत|गुजर|नहीं रह|चल बस"
)

PATTERNS = [
    tuple(re.compile(rf"\b(?:{words[script]})\b" if script != "hi" else words["hi"]) for words in (MEDICINE, LEAVE))
    for script in ("en", "hinglish", "hi")
]
# Measure in all that keeps the body; who wears it down hurts what lives in it. The search may find worse: "stay to your last
# breath" for who is tired of a machine.
VERSES = ("6.17", "17.6")
WORD = {
    "en": "Before a medicine or a treatment is changed or left, ask the doctor who gave it. If you feel ill now, call for help at once.",
    "hi": "दवा या इलाज बदलने या छोड़ने से पहले उस डॉक्टर से पूछो जिसने उसे दिया है। अभी तबीयत ख़राब लगे, तो तुरंत मदद बुलाओ।",
    "hinglish": "Dawa ya ilaaj badalne ya chhodne se pehle us doctor se poochho jisne diya hai. Abhi tabiyat kharab lage to turant madad bulao.",
}


def word(question: str) -> str:
    """The sentence that belongs under an answer to this question; empty for most."""
    text = plain(question)
    if GONE.search(text) or not any(medicine.search(text) and leave.search(text) for medicine, leave in PATTERNS):
        return ""
    return WORD[language(question)]
