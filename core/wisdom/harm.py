"""What no counsel may say: to leave medicine, to hurt somebody, to stay with who does, or to rank by birth.

A last net under what a model writes, far from whole; the persona and the examples come before it. Patterns are for text as
`lowered` of faithful.py leaves it: small letters, no nukta. A denial ("never stop your pills") is none of these.
"""

from __future__ import annotations

import re

_DENIED = re.compile(r"(?:\b(?:not|never|n?or|no|to)|n['’]t) $")  # "to": what is only thought of
_SAME = r"[^.!?।]"  # within a sentence
_H, _END = r"(?<![\u0900-\u0963])", r"(?![\u0900-\u0963])"  # \b is of no use where vowel signs are no letters

_MEDICINE = (
    r"(?:medicines?|medications?|meds|pills?|tablets|insulin|treatments?|therapy|doctors?|antidepressants?|chemo\w*|inhalers?"
    r"|prescriptions?|injections?|dialysis)\b"
)
_YOURS = r"(?:him|her|them|yourself|your (?:wife|husband|child|son|daughter|mother|father|brother|sister|boss))\b"
_PERSON = r"(?:the|that|this|those|these|any) (?:m[ae]n|wom[ae]n|boys?|girls?|child|children|husband|wife|people|thief|neighbou?rs?)\b"
_HIM = r"(?:him|them|her|a man|someone|your (?:husband|wife|in-laws|father|mother|partner|family|parents))\b"
_HITS = r"(?:hits?|beats?|strikes?|slaps?|kicks?|hurts? you|abus\w+|violen\w+|cruel\w*|blows|beatings?|fists?)\b"
_BEAR = r"(?:bear|endure|suffer|obey|submit|tolerate|put up with)\b"
_LOW = r"(?:(?:a |the |every )?(?:shudra|dalit|untouchable|vaishya|low caste|wom[ae]n|wi(?:fe|ves)|widow|girl|daughter-in-law)s?)\b"

_ENGLISH = re.compile(
    rf"\b(?:(?:stop|leave|quit|drop|refuse|skip|flush|throw (?:away|out)|give up|put (?:away|aside)|lay down|come off|get off"
    rf"|(?:do|live|heal) without)(?: \w+){{0,2}} {_MEDICINE}"
    rf"|(?:no longer need|(?:don['’]t|do not) need|need no(?: more)?|no need (?:of|for))(?: your| the| any| those| these)? {_MEDICINE}"
    rf"|{_MEDICINE} (?:is|are) (?:\w+ )?(?:poison|useless|needless|chains|a crutch|a weakness|not needed)\b"
    rf"|{_MEDICINE}{_SAME}{{0,40}}\bthrow (?:them|it|those) (?:out|away)\b"
    rf"|(?:kill|hit|beat|strike|hurt|harm|slap|punish|stab|shoot|murder|poison) (?:{_YOURS}|{_PERSON})"
    r"|(?:s?he|they|you|who did (?:this|it)) (?:\w+ )?deserves? (?:to (?:die|suffer)|to be (?:hit|hurt|beaten|killed|slapped)|death|(?:a|the) (?:beating|blow)s?)\b"
    r"|(?:take (?:your )?revenge|end your life|make (?:him|her|them) (?:pay|suffer|bleed))\b"
    rf"|(?:stay|remain|live|go back|return) (?:(?:with|to|beside) {_HIM}{_SAME}{{0,25}}\b(?:if|when|though|although|while) (?:s?he|they|his|her|their)\b{_SAME}{{0,30}}\b{_HITS}"
    rf"|(?:(?:with|to|beside) {_HIM}|(?:home|there|in (?:the|that|his) house)\b){_SAME}{{0,25}} and (?:\w+ )?{_BEAR})"
    r"|(?:bear|endure|suffer|tolerate|accept|forgive) (?:\w+ )?(?:blows|beatings?|fists?|slaps|abuse|violence)\b"
    rf"|your (?:duty|dharma|karma|fate|lot) (?:is |it is )?(?:as a wife )?to (?:stay with|go back|{_BEAR})"
    rf"|{_LOW} (?:must|should|shall|has to|have to|ought to|(?:is|are) (?:born|made|meant|there) to) (?:\w+ )?(?:serve|obey|submit|bow|know (?:their|her|his) place)\b"
    r"|(?:low|high|lower|higher|upper)[- ](?:born|castes?)\b|know your place\b)"
)

_DAWA = r"(?:daw+a\w*|dava\w*|goli\w*|tablets?|insulin|ila+j|injection|therapy|medicines?|pills?|doctor\w*)"
_FEW = r"(?:(?!(?:mat|na|nahin?|nhi|bina|kabhi|se|pehle)\b)\w+ ){0,3}"  # words of the same thought, none that denies it
_DO = r"(?:do|de|dena|dijiye|dalo|daalo|lo)"
_HINGLISH = re.compile(
    rf"\b(?<!bina ){_DAWA} {_FEW}(?:(?:chh?o[dr]+|ro+k|ph?e+nk|(?:band|khatam) kar) {_DO}|chh?o[dr]+o|ph?e+nko|(?:band|khatam) karo)\b(?! mat)"
    rf"|\b(?<!bina )(?:daw+a\w*|dava\w*|insulin|medicines?) (?:mat|na) (?:lo|lena|khao|khana|lijiye)\b"
    rf"|\b{_DAWA} (?:to |toh )?(?:zah?e?r|jah?e?r) (?:hai|hain)\b|\b{_DAWA} (?:ki|ka) (?:\w+ )?[zj]aroo?rat (?:nahin?|nhi)\b"
    rf"|\b(?:use|usko|usse|unhe|unhein|unko|(?:biwi|pati|patni|bachch?e|bete|beti|bahu) ko) {_FEW}(?:maa?r|pee?t)(?:o| do| dalo| daalo)\b(?! mat)"
    r"|\bbadla (?:zaroor |jarur )?lo\b"
    rf"|\b(?:pati|sasural|saas|uske|unke)\b{_SAME}{{0,40}}\b(?:laut|wapas|vapas|(?:paas|saath) (?:hi )?(?:ja|ra?h)){_SAME}{{0,30}}\b(?:s[ea]h(?: lo|o|na|te|ti)|bardaa?sht|jhel\w*)\b"
    rf"|\b(?:maa?r|pee?t)(?:e|ta|ti|te)\b{_SAME}{{0,30}}\b(?:s[ea]h (?:lo|lena)|s[ea]ht[ei] raho|bardaa?sht kar(?:o|te raho| lo))\b(?! mat)"
    r"|\bshudra\w* (?:ka|ki|ke|ko) (?:\w+ )?(?:kaam|dharm|kartavya|se[vw]a)"
)

_DAVA = rf"{_H}(?:दवा|दवाई|दवाइयां|दवाइयाँ|दवाएं|दवाएँ|गोली|गोलियां|गोलियाँ|इंसुलिन|इन्सुलिन|इलाज|इंजेक्शन|डॉक्टर)"
_KUCHH = rf"(?:(?!(?:मत|न|ना|नहीं|बिना|कभी|से|पहले){_END})[\u0900-\u0963]+ ){{0,3}}"
_KARO = r"(?:दो|दे|देना|दीजिए|डालो|लो)"
_HINDI = re.compile(
    rf"(?<!बिना ){_DAVA} {_KUCHH}(?:(?:छोड|रोक|फेंक|(?:बंद|बन्द|खत्म) कर) {_KARO}|छोडो|फेंको|(?:बंद|बन्द|खत्म) करो){_END}(?! मत)"
    rf"|(?<!बिना ){_H}(?:दवा|दवाई|इंसुलिन) (?:मत|न) (?:लो|लेना|खाओ|खाना|लीजिए){_END}|{_DAVA} (?:तो )?जहर (?:है|हैं)|{_DAVA} की (?:[\u0900-\u0963]+ )?जरूरत नहीं"
    rf"|{_H}(?:उसे|उसको|उन्हें|उनको|(?:बीवी|पति|पत्नी|बच्चे|बेटे|बेटी|बहू) को) {_KUCHH}(?:मार|पीट)(?:ो| दो| डालो|ना चाहिए){_END}(?! मत)"
    rf"|{_H}बदला (?:जरूर )?लो{_END}"
    rf"|{_H}(?:पति|ससुराल|सास|उसके|उनके){_END}{_SAME}{{0,40}}(?:लौट|वापस|(?:पास|साथ) (?:ही )?(?:जा|रह)){_SAME}{{0,30}}{_H}(?:सह|बर्दाश्त|झेल)"
    rf"|{_H}(?:मार|पीट)(?:े|ता|ती|ते){_END}{_SAME}{{0,30}}{_H}(?:सह (?:लो|लेना)|सहते रहो|सहती रहो|बर्दाश्त कर)"
    rf"|{_H}शूद्र[ोंा]* (?:का|की|के|को) (?:[\u0900-\u0963]+ )?(?:काम|धर्म|कर्तव्य|सेवा)|{_H}(?:वह|वो|वे) (?:मरने|मौत) के (?:लायक|काबिल)"
)


def harmful(low: str, hindi: bool) -> bool:
    """Whether this counsel, of whose script `hindi` tells, says one of these."""
    if hindi:
        return _HINDI.search(low) is not None
    said = (m for m in _ENGLISH.finditer(low) if not _DENIED.search(low[max(0, m.start() - 7) : m.start()]))
    return next(said, None) is not None or _HINGLISH.search(low) is not None
