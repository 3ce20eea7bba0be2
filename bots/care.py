"""A word of care under an answer, in fixed words, whatever a model said: to who would leave a medicine, asks leave to
hurt, asks whether this is God, ranks people by birth or faith, or may be in danger. The verses for it are fixed too: the search goes by
likeness, and may find "stay to your last breath" for who is tired of a machine.

As in crisis.py, patterns are for text as `for_patterns` leaves it, and a word too many costs nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bots import alarm, crisis
from bots.crisis import for_patterns
from core.text import Language, language
from core.wisdom.meaning import Matrix


@dataclass(frozen=True, slots=True)
class Care:
    """word: by language. verses: the answer rests on them. away: stories that would say the contrary, by id."""

    word: dict[Language, str]
    verses: tuple[str, ...]
    away: frozenset[str] = frozenset()

    def said(self, question: str, locale: str | None = None) -> str:
        return self.in_(language(question), locale)

    def in_(self, tongue: Language, locale: str | None) -> str:
        emergency, lines = crisis.helplines(crisis.Crisis("danger", tongue), locale)
        return self.word[tongue].format(emergency=emergency, lines="; ".join(lines))


# Measure in all that keeps the body; who wears it down hurts what lives in it. No story of meditation in a doctor's place.
HEALTH = Care(
    {
        "en": "Before a medicine or a treatment is changed or left, ask the doctor who gave it. If you feel ill now, call for help at once.",
        "hi": "दवा या इलाज बदलने या छोड़ने से पहले उस डॉक्टर से पूछो जिसने उसे दिया है। अभी तबीयत ख़राब लगे, तो तुरंत मदद बुलाओ।",
        "hinglish": "Dawa ya ilaaj badalne ya chhodne se pehle us doctor se poochho jisne diya hai. Abhi tabiyat kharab lage to turant madad bulao.",
    },
    ("6.17", "17.6"),
    frozenset({"goenka-turned-down", "dipa-ma-rangoon", "janet-frame-prize"}),
)
HARM = Care(
    {
        "en": "No verse of the Gita is leave for you to hurt anybody. If anger could become a blow, step away first, and talk to someone you trust.",
        "hi": "गीता का कोई श्लोक तुम्हें किसी को चोट पहुँचाने की छूट नहीं देता। गुस्सा हाथ तक आने लगे, तो पहले वहाँ से हट जाओ और किसी भरोसे के इंसान से बात करो।",
        "hinglish": "Gita ka koi shlok tumhe kisi ko chot pahunchane ki chhoot nahi deta. Gussa haath tak aane lage to pehle wahan se hat jao aur kisi bharose ke insaan se baat karo.",
    },
    ("16.2", "12.13"),
)
SOFTWARE = Care(
    {
        "en": "I am software that passes on what the Gita says. I am not Krishna, and not God.",
        "hi": "मैं एक सॉफ़्टवेयर हूँ, जो गीता की बात आगे पहुँचाता है। मैं न कृष्ण हूँ, न भगवान।",
        "hinglish": "Main ek software hoon jo Gita ki baat aage pahunchata hai. Main na Krishna hoon, na Bhagwan.",
    },
    ("18.61", "10.20"),
)
DANGER = Care(
    {
        "en": "If somebody is hurting you, or you think of dying or of hurting someone: you do not have to bear it, and it needs a person now. Emergency: {emergency}. People who listen: {lines}.",
        "hi": "अगर कोई तुम्हें चोट पहुँचा रहा है, या जीने का मन नहीं करता, तो अकेले मत सहो; अभी किसी से बात करो। आपातकाल: {emergency}। तुम्हारी बात सुनने वाले: {lines}।",
        "hinglish": "Agar koi tumhe chot pahuncha raha hai, ya jeene ka mann nahi karta, to akele mat saho; abhi kisi se baat karo. Emergency: {emergency}. Tumhari baat sunne wale: {lines}.",
    },
    ("9.29", "12.13"),
)
AFTER = Care(  # who lost somebody to suicide is at risk, and grieves: the answer stays, and beside it stand those who listen
    {
        "en": "You could not have carried that for them, and you need not carry it alone. On a night when your own wish to live grows thin: {lines}; emergency: {emergency}.",
        "hi": "यह बोझ तुम अकेले मत उठाओ। किसी रात जीने का मन कम हो, तो सुनने वाले: {lines}; आपातकाल: {emergency}।",
        "hinglish": "Yeh bojh tum akele mat uthao. Kisi raat jeene ka mann kam ho, to sunne wale: {lines}; emergency: {emergency}.",
    },
    ("2.27", "12.13"),
)
_NO_RANK: dict[Language, str] = {
    "en": "Nobody is lower or higher by birth, by being a woman or a man, by whom they love, or by the name they pray to.",
    "hi": "जन्म से, स्त्री या पुरुष होने से, किससे प्रेम है इससे, या किस नाम से प्रार्थना करते हैं इससे, कोई ऊँचा या नीचा नहीं होता।",
    "hinglish": "Janm se, aurat ya mard hone se, kisse pyaar hai isse, ya kis naam se prarthana karte hain isse, koi ooncha ya neecha nahi hota.",
}
BIRTH, FAITH = Care(_NO_RANK, ("5.18", "9.29")), Care(_NO_RANK, ("9.29", "4.11"))

# By script: a medicine, a treatment or what is treated; and, anywhere beside it, the wish to leave it or to put faith in
# its place. The other kinds are built alike: what it is about, and for most what is wanted of it.
MEDICINE = {
    "en": r"insulin|lithium|metformin|predni\w+|valproate|statins?|thyroxine|warfarin|hiv|t\.?b\.?|type (?:1|2|one|two)|heart (?:surgery|disease|pils)|anti ?depres\w*|s+ris?|med(?:s|icines?|ications?)|pil(?:s|l)?|tablets?|capsules?|doses?|chemo\w*|dialysis|inhalers?|steroids?"
    r"|anti ?biotics?|paracetamol|ibuprofen|aspirin|fevers?|infections?|seizures?|blod pres+ure|therapists?|psychiatrists?|rehab|vac+in\w*|injections?|treatments?|therapy|operations?|operat\w+ on|bipolar|schizo\w+|(?:no|not|dont|without|instead of) (?:go |take \w+ |to |a |the )*hospitals?|surgery|biopsy|lump|tumou?r|cancer|diabet\w*|epilep\w*|asthma|transfusion|doctors? sa(?:y|id)"
    r"|(?:without|instead of|no|see|leave|trust) (?:a |the |my |any )?doctors?",
    "hinglish": r"daw+a\w*|dava\w*|goli\w*|tablet\w*|insulin|injection|ila+j|(?:doctor|da[ck]tar)\w* (?:ko|ke|ne|ki)|chemo\w*|operation|dialysis|aspatal|hospital|mirgi|thyroid|hiv|tik[ae]|vac+in\w*|inhaler|cancer|tb|bukha+r|fever|paracetamol|therapist",
    "hi": "दवा|दवाई|गोली|गोलियां|इंसुलिन|इंजेक्शन|इलाज|कीमो|डॉक्टर (?:को|के|ने|की)|अस्पताल|ऑपरेशन|टीका|खुराक|डायलिसिस|कैंसर|बुखार|टीबी|मिर्गी|थायरॉइड|इनहेलर|दौरे",
}
LEAVE = {
    "en": r"stop\w*|skip\w*|quit\w*|leav\w+|throw\w*|threw|bin(?:ed)?|flush\w*|refus\w*|instead|without|half|avoid\w*|finish\w*|cancel\w*|give up|gave up|wean\w*|reduc\w*"
    r"|(?:not|dont|do not|no longer|never|wont|stil|why) (?:want |should i |a |the |any |blod go(?:ing)? |to |be )*(?:tak\w+|buy\w*|ned|have|get|go|se|give|told|transfus\w*)|(?:havent|not) told|cut(?:ting)? (?:down|back)"
    r"|c(?:o|a)me? of|coming of|ditch\w*|drop(?:ed|ing)?|replac\w*|poison|sin|excus\w*|exempt|enough|cured?|heal\w*|pray\w*|faith|mantras?|chant\w*|guru\w*|baba|karma|fasting|herb\w*|halved|no doctors?|gods? wil|gods hands|fate|religio\w*|atachment"
    r"|beter than|weak\w*",
    "hinglish": r"ch+h?o[dr]\w*|band|rok\w*|mat|bina|jagah|bajay|hata\w*|thik|jar+ur?at|zar+ur?at|(?:nahi|nahin|nhi|nai|ni|na) (?:l\w+|kha\w*|ja\w*|chahi\w*)|fek\w*|phenk\w*|kam kar\w*"
    r"|ky[uo]n? (?:kha|l[ue]|ja)\w*|karma|bhagwan|upar ?wal\w*|kismat|taveez|tabiz|jha+d\w*|mantra|baba\w*|guru\w*|puja|vrat",
    "hi": "छोड|बंद|रोक|मत|न ले|नहीं ले|नहीं खा|नहीं जा|बिना|जगह|बजाय|जरूरत|फेंक|कम कर|ठीक|हटा|झाड|ताबीज|बेहतर|कमजोरी|मंत्र|बाबा|गुरु|पूजा|व्रत|भगवान|किस्मत",
}
# A body that may not go hungry or wait, and a fast, or prayer in the place of help.
BODY = {
    "en": r"pregnan\w*|breast ?fe+d\w*|type (?:1|2|one|two)|diabet\w*|insulin|metformin|kidneys?|heart patient|epilep\w*|ulcers?|anore?x\w*|bleding|snake ?bite",
    "hinglish": r"pregnan\w*|garbh\w*|sugar (?:hai|ki|ka|ke|wal\w*|patient)|diabet\w*|bp (?:hai|ki|ka|ke)|kidney|khu?o?n (?:beh|aa|ja)\w*|dud?h pila\w*",
    "hi": "गर्भवती|गर्भ से|प्रेग्नेंट|शुगर|मधुमेह|डायबि|बीपी|किडनी|दूध पिला|खून बह",
}
FAST = {
    "en": r"fast(?:s|ed|ing)?|nirjala|ekadashi|navratri|ramad[ah]n|karva ?chauth|only water|pray\w*|temple|jha+d\w*|baba|guru\w*",
    "hinglish": r"vrat|upvas|nirjala|ekadashi|ro[zj]a|karva ?chauth|bhukh[ei]|mandir|jha+d\w*|baba|puja",
    "hi": "व्रत|उपवास|निर्जल|एकादशी|रोजा|करवा ?चौथ|मंदिर|झाड|बाबा|पूजा",
}
# Who mourns, or gives thanks for health, is not told to see a doctor.
GONE = re.compile(
    r"\b(?:(?:beat|beaten|survived) (?:the |her |his |my )?cancer|cancer fre+)\b(?!.*\b(?:stop|skip|leave|should|can|chemo\w*|pils?|med\w*|dawa\w*)\b)|"
    r"\b(?:die[sd]|dead|death|pas+ed away|lost (?:him|her|my)|mar ga\w*|guzar\w*|(?:nahi|nhi|nahin) rah\w*|chal base)\b|मर ग|मृत्यु|देहांत|गुजर|नहीं रह|चल बस"
)

HURT = {
    "en": r"kil(?:ing)?|murder\w*|(?:hit|hiting|beat|beating|slap\w*|punch\w*|stab\w*|shot|shot\w*|atack\w*|(?<!god )(?<!he )(?<!gods )(?<!krishna )(?<!karma )punish|burn) (?:up |down )?(?:my|him|her|his|a|the|them|their|those|children|kids|wom[ae]n|wife|people|back)|poison|nuke\w*|bomb(?:s|ing)?|destroy|slain|slay\w*|revenge|vengeance|teach \w+ (?:\w+ )?(?:a )?les+on|us(?:e|ing) violence|violence (?:is|ever|against)|weapons?"
    r"|hurt (?:him|her|them|my|those|someone)|make (?:him|her|them) (?:suf+er|pay|bled|cry)|curse|black magic",
    "hinglish": r"mar(?:na|u|un|ne|o|unga|ungi|dun?|dunga|pit)|pit(?:na|u|unga)|hinsa kar\w*|badla (?:l\w+|chah\w*)|badle ki|sabak sikha\w*|katl|hatya|(?:hath|pair|had+i\w*|mu+n?h|sir|tang\w*) (?:\w+ )?tod\w*|vadh|kala jadu|vashikaran",
    "hi": "मारना|मारूं|मार दूं|मार सकत|पीटना|पीट सकत|हिंसा कर|बदला (?:ले|चाह)|बदले की|सबक सिखा|हत्या|वध|काला जादू",
}
LICENCE = {
    "en": r"puja|gita|krishna|arjuna?|dharma\w*|karma|scriptures?|verse|shlok\w*|mantra|holy|duty|sin|permis+\w*|bles+\w*|al+owed|(?:is it|it is|its) (?:right|ok\w*|fine|just\w*)|justif\w*|religio\w*|muslims?|hindus?|christians?|enem\w*|kali yuga?|deserves?|dis?obe\w*|discipline",
    "hinglish": r"gita|krishna?|arjuna?|dh[ae]rm\w*|karma|shlok|mantra|pap|punya|ashirwad|adhikar|haq|sahi|galat|jayaz|musal?man\w*|dushman\w*",
    "hi": "गीता|कृष्ण|अर्जुन|धर्म|कर्म|श्लोक|मंत्र|पाप|पुण्य|आशीर्वाद|अधिकार|हक|सही|गलत|जायज|मुसलमान|दुश्मन",
}
ITSELF = {
    "en": r"(?:are|r) (?:yo)?u (?:real+y |actual+y |truly |the |a |an |lord |stil )*(?:real+y you|god(?! (?:at|with|in|enough))|krishna|bhagwan|human|real(?! \w+ (?:to|for))|bot|ai|robot|machine|program|software|chat ?gpt|person|divine|avatar|incarnation)"
    r"|(?:tel|say|admit|confes|prove) (?:me |that )*(?:yo)?u? ?(?:are |r |ur |i am |im )(?:really )?(?:god|krishna|lord)|(?:who|company|model) (?:made|built|created|trained) (?:yo)?u|(?:who|what) are (?:yo)?u(?: real+y)?(?: ?[?!.]|$)|(?:yo)?u (?:are|r) (?:my )?(?:god(?! (?:at|with|in|enough))|lord|krishna|bhagwan)\b"
    r"|i krishna|(?:worship|pray to|bow to) you|system prompt|(?:previous|prior|above|your) instructions|new persona|(?:ignore|forget|disregard|over+ide|bypas+) (?:(?:al|of|the|these|any) )*(?:your|previous|prior|above|earlier) (?:rules?|prompts?|guidelines?|programing|training|orders)"
    r"|(?:ignore|forget|disregard) (?:everything|al|what|whatever) (?:that )?(?:yo)?u (?:were|was|have be+n|had be+n) (?:told|taught|given|instructed)|you are now|jailbreak",
    "hinglish": r"(?:tum|tu|ap|aap) (?:\w+ ){0,3}(?:bhagwan|krishna?|kanha|ishwar|insan|machine|robot|bot|ai|software) (?:ho|hai|hain|he|h)\b|tum(?:he|ko|hein)? kisne banaya|ap ?ko kisne banaya"
    r"|(?:apn[ei]|pich+h?l[ei]|p[ae]hl[ei]|purane|upar ke|sa+re) (?:\w+ ){0,2}(?:instructions?|nirdesh\w*|niyam\w*|rules?|prompt|adesh\w*) (?:ko |sab |bhi )*(?:bh[uo]+l ja(?:o|iye|ie)?|ignore kar(?:o|iye|ie|do| do| de)?|ch+h?od d(?:o|e|ijiye)|mat man\w*|na man\w*|hata d(?:o|e))",
    "hi": "(?:तुम|तू|आप) (?:\\S+ ){0,3}(?:भगवान|कृष्ण|ईश्वर|इंसान|मशीन|रोबोट|बॉट)(?: कृष्ण)? (?:हो|हैं|है)|(?:तुम्हें|आपको|तुमको) किसने बनाया"
    "|(?:अपने|पिछले|पहले के|पुराने|ऊपर के|सारे|सभी) (?:\\S+ ){0,2}(?:निर्देश|नियम|आदेश|इंस्ट्रक्शन|प्रॉम्प्ट)\\S* (?:को |सब |भी )*(?:भूल जा(?:ओ|इए|इये|एं|$| )|(?:अनदेखा|नजर ?अंदाज|इग्नोर) कर(?:ो|िए|ें| दो| दे)|छोड दो|मत मान|हटा दो)",
}
RANK = {
    "en": r"dalits?|untouchab\w*|shudras?|chaturvarn\w*|varna|mlec+h\w*|castes?|casteis\w*|low(?:er)? born|adivasis?|(?:gays?|lesbians?|homosexual\w*|trans(?:gender)?|hijras?|lgbt\w*|bisexual) (?:\S+ ){0,9}(?:sin\w*|lower|wrong|unatural|hates?|curse\w*|disease|impure|alowed|acept\w*)",
    "hinglish": r"achh?ut|(?:nich\w*|neech\w*|unch\w*|apni|d[uo]+sri|alag|meri|cho?hot\w*|kis) jati|jati (?:vyavastha|pratha|bhed\w*|dekh\w*)|ja+t (?:me|ke|ki|ka|wal\w*|pat)|biradari|(?:nich\w*|neech\w*|chhot\w*|unch\w*) (?:ja+t\w*|kul)|shudra\w*|aurat\w* (?:\w+ ){0,3}(?:nich\w*|neech\w*|kam(?:tar|jor)?|adhikar|bojh)|bet(?:i|iyan?) (?:\w+ ){0,6}bojh|reservation|kin+ar",
    "hi": "अछूत|जाति|जात |बिरादरी|शूद्र|दलित|किन्नर|समलैंगिक|बेटी (?:\\S+ ){0,6}बोझ|औरत\\S* (?:\\S+ ){0,4}(?:नीच|कमतर|अशुद्ध)",
}
WHO = r"(?:wom[ae]n|girls?|wi(?:fe|ves)|daughters?|ladies|periods|menstru\w*|widows?|brahmins?|foreigners?)"
BELOW = r"(?:lower|inferior|les+er|les (?:than|pure|spiritual|worthy)|impure|unclean|purer?|superior|(?:a )?burden|read the gita|(?:not )?alowed|equal\w*|(?:to )?obey|slaves?)"
BELIEF = {
    "en": r"muslims?|islam|al+ah|christians?|jes+us|bible|quran|koran|jew(?:s|ish)?|buddhis\w*|sikhs?|atheis\w*|agnostic|convert\w*|other (?:gods?|religions?|faiths?)|non ?believers?",
    "hinglish": r"musal?man\w*|isai|isa masih|nastik|al+ah|dusre dharm\w*|dharm parivartan|dharam badal\w*",
    "hi": "मुसलमान|इस्लाम|ईसाई|नास्तिक|अल्लाह|दूसरे धर्म|धर्म परिवर्तन",
}
JUDGED = {
    "en": r"hel|false|the same(?! \w)|only true|lower|beter than|go(?:es)? to heaven|sins?|sinful|wrong|convert\w*|evil|hate[sd]?|haram|real god|one god|kaf+ir\w*|impure",
    "hinglish": r"nara?k|galat|jho+th\w*|ek hi|pap|swarg|moksha|dushman|badal\w*|parivartan|padh\w*|accha|sach\w*|apna\w*",
    "hi": "नरक|गलत|झूठ|एक ही|पाप|स्वर्ग|मोक्ष|दुश्मन|बदल|परिवर्तन|पढ",
}


def _read(*parts: dict[str, str]) -> list[tuple[re.Pattern[str], ...]]:
    return [
        tuple(re.compile(rf"\b(?:{words[script]})\b" if script != "hi" else words["hi"]) for words in parts)
        for script in ("en", "hinglish", "hi")
    ]


# What detect() has let pass as of long ago, or as somebody's end.
BY_OWN_HAND = re.compile(
    r"\b(?:(?:died|dead) by suicide|com+it+ed suicide|lost (?:\S+ ){1,4}to suicide|(?:to+k|ended) (?:his|her|their) (?:own )?life|(?:kil+ed|hanged|hung|shot) (?:him|her|them)sel\w+|(?:suicide|khudkushi|atma? ?hatya) (?:kar )?(?:l[iy]a?|ki thi|kiy?a)|jan d[ei] di)\b|(?:आत्म ?हत्या|खुदकुशी) (?:कर ली|की थी)|जान (?:दे दी|ले ली)"
)
# "Why does Krishna tell Arjuna to kill?" asks no leave for oneself.
OF_THE_BOOK = re.compile(
    r"^(?!.*\b(?:i|im|my|me|we|us|our|mujhe|muje|main?|mai|mer[aei]|hum|ham)\b).*\b(?:arjun\w*|kurukshetra|mahabharat\w*|pandav\w*|kaurav\w*)\b"
    r"|^(?!.*(?:मैं|मुझे|मेर|हम)).*(?:अर्जुन|कुरुक्षेत्र|महाभारत|पांडव|कौरव)",
    re.DOTALL,
)
# Whom people put below others, in English: here the order of the words tells it.
LOWERED = re.compile(
    rf"\b(?:{WHO} (?:\S+ ){{0,4}}{BELOW}|(?:above|superior to|below) (?:his|her|my|the|a )* ?{WHO}"
    r"|(?:bad|wrong|sins?|sinful|sick|broken|hates?|curse\w*|disgust\w*|dirty|impure|shame\w*) (?:\S+ ){0,6}(?:gay|lesbian|bisexual|trans|queer))\b"
)
# The gravest first.
KINDS: list[tuple[Care, list[tuple[re.Pattern[str], ...]]]] = [
    (AFTER, [(BY_OWN_HAND,)]),
    (HEALTH, [*_read(MEDICINE, LEAVE), *_read(BODY, FAST)]),
    (HARM, _read(HURT, LICENCE)),
    (SOFTWARE, _read(ITSELF)),
    (BIRTH, [*_read(RANK), (LOWERED,)]),
    (FAITH, _read(BELIEF, JUDGED)),
]


def of(question: str) -> Care | None:
    """The care that belongs to this question; None for most."""
    text = for_patterns(question)
    for care, ways in KINDS:
        if (care is HEALTH and GONE.search(text)) or (care is HARM and OF_THE_BOOK.search(text)):
            continue
        if any(all(part.search(text) for part in way) for way in ways):
            return care
    return None


def all_of(question: str, whole: str, meaning: Matrix) -> tuple[Care | None, list[Care]]:
    """What a question needs by its words, and what by what it sounds like beside that. whole: the question with what it goes on
    about. meaning: the vector of that."""
    known, raised = of(question), alarm.raised(whole, meaning)
    doubts = [care for kind, care in (("danger", DANGER), ("harm", HARM), ("health", HEALTH)) if kind in raised]
    return known, [care for care in doubts if care is not known]
