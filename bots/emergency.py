"""How people say that a body is in danger now: the patterns of crisis.py that ask for an ambulance. As danger.py's are written.

Whose body it is stands in most of them: "I can't breathe in this marriage" is no emergency, "my son can't breathe" is one.
"""

from __future__ import annotations

_KIN = (
    r"(?:<man>|baby|babies|newborn|infant|toddler|child|kids?|daughter|grand\w+|granny|nan|friend|room ?mate|neighbou?r|colleague|stranger|someone|somebody"
    r"|(?:old )?(?:man|woman|lady)|boy|girl|he|she|hes|shes|year old)"
)
_APNA = (
    r"(?:papa|pitaji|baba|abbu|mum+y|ma+|ammi|amma|dadi|dada|nani|nana|bach(?:ch)?[aei]\w*|bet[aei]|bab[uy]|baby|pati|patni|biwi|bhai|behen|bahan|didi|dost|chacha|chachi"
    r"|mama|mami|sas|sasur|ladk[aei]|unhe|unko|use|usko|uski|unki|mujhe|mereko)"
)
_APNE = r"(?:पापा|पिता\S*|बाबा|अब्बू|मम्मी|मां|अम्मी|अम्मा|दादी|दादा|नानी|नाना|बच्च\S*|बेट\S*|पति|पत्नी|बीवी|भाई|बहन|दीदी|दोस्त|चाचा|सास|ससुर|उन्हें|उनको|उसे|उसको|मुझे)"

MEDICAL = {
    "en": (
        rf"{_KIN} (?:is |are |has |have |just |s )?<gap>(?:not|isnt|stopped|cant|cannot|cant even|barely|hardly|struggling to|trouble|no longer) breath\w*",
        rf"{_KIN} <gap>(?:wont|not|cant|doesnt|didnt|isnt) (?:be )?(?:wak\w*|woken|respond\w*)(?! (?:up )?(?:early|for|at|on|before|till|until|in|by|to|me))",
        rf"{_KIN} (?:has |just |have )*(?:collapsed|fainted|passed out|gone (?:limp|blue|cold and))(?! (?:and (?:died|was)|last|in|when|at|on|years?|yesterday|once))",
        rf"{_KIN} (?:is |are |s |has ben |keeps )?(?:unconscious|unresponsive|convulsing|seizing|choking(?! (?:me|up|with|on (?:tears|words|his|her)))|turn\w* blue|gasping|having (?:a )?(?:fit|fits|seizure|convulsion\w*))",
        r"is unconscious|having a (?:heart attack|stroke|seizure)|(?:is|am|im|shes|hes|are|be) having (?:an? )?(?:allergic reaction|asthma attack|miscarriage)|anaphyla\w+|(?:throat|airway|lips|tongue|face) (?:is |are )?(?:closing|swelling|swollen)|allerg\w* <far>(?:breath\w*|swell\w*|swollen|throat)|lips (?:are |is |turned |turning |going )*blue",
        r"chest <gap>(?:pain|pressure|tight\w*|hurts?|hurting|aches?|burning) <far>(?:sweat\w*|left arm|arm|jaw|breath\w*|dizzy|numb)|(?:arm|jaw) <gap>(?:numb|pain\w*) <far>chest|crushing <gap>chest"
        r"|left (?:arm|hand) <gap>numb|(?:chest pain|chest (?:is )?hurt\w*) (?:right now|now|wont stop|for (?:an|two|\d) hour)",
        r"(?:face|mouth) <gap>(?:droop\w*|numb|fallen|twisted)|half (?:of )?(?:my|his|her|the) (?:face|body) <gap>numb|slurr\w+ (?:my |his |her )?(?:speech|words)|(?:speech|words) (?:is |are )?(?:suddenly )?slurr\w+",
        r"(?:\d+|months?|weeks) (?:weeks|months|pregnant) <far>(?:blood|bleeding)|(?:bleeding|blood) <far>(?:pregnan\w*|heavily|wont stop|not stop\w*|non ?stop)|pregnan\w* <far>(?:bleeding|blood|baby (?:not|stopped|isnt) moving)|(?:vomit\w*|throw\w* up|cough\w*(?: up)?|spit\w*) blood",
        rf"{_KIN} <gap>(?:swallow\w*|drank|drunk|ate|eaten) <gap>(?:battery|magnets?|coins?|bleach|poison|phenyl|harpic|detergent|kerosene|thinner|pills?|tablets?|medicines?|acid)",
        rf"{_KIN} <gap>(?:burn(?:t|ed)|scalded) <gap>(?:badly|acid|boiling|hot|face|whole)|(?:electrocuted|electric shock) <far>(?:now|unconscious|moving|breath\w*)|fell <far>(?:hit|head) <far>(?:unconscious|vomit\w*|bleeding|wont wake)|fell <far>(?:isnt|not|cant|wont) (?:mov|wak|respond)\w*|(?:alcohol|drunk|drank|drugs?) <far>(?:wont|not|cant|isnt) (?:wak|respond|breath)\w*",
        r"(?:snake|cobra|scorpion) (?:has )?(?:just )?(?:bit|bitten)|bitten by a <gap>(?:snake|cobra|scorpion|dog)|my waters? (?:just |has |have )?(?:broke|broken)|in labou?r (?:now|right now|and)",
        r"fever <gap>10[4-9]|10[4-9](?:\.\d)? ?(?:f |degrees? )?<gap>fever|took <gap>(?:much|double|extra|wrong) insulin|sugar (?:is |level )?<gap>(?:[23]\d|[5-9]\d\d) (?:and|now|<far>(?:shak|sweat|unconscious|dizz)\w*)",
    ),
    "hinglish": (
        rf"{_APNA} <gap>(?:behosh|behos|bahosh)(?! (?:ho ?k|hok|hon|ho jat|th[aei]))|{_APNA} <far>(?:behosh|behos|bahosh) ho (?:ga|gy)[aeiy]*(?! th)|(?:behosh|behos|bahosh) (?:pad\w*|hai|h|he)\b|hosh (?:me(?:in)? )?<no> (?:a|h)\w*",
        rf"{_APNA} <far>sans <gap>(?:<no>|ruk|band|atak|phul|ful|ukhad)\w*|{_APNA} <far>sans lene me(?:in)? <gap>(?:dik+at|tak\w+|pareshani|mushkil|problem)|sans (?:band|ruk) (?:ho )?(?:ga|gy|gi|rah)\w*",
        rf"{_APNA} <far>(?:chest|chhati|chati|sine|sene) (?:me(?:in)? )?<gap>dard|(?:chest|chhati|chati|sine|sene) (?:me(?:in)? )?<gap>dard <far>(?:pasina|sans|hath|chakar|ghabra|ulti|baya)\w*|(?:heart ?at+ack|dil ka daura|daura|dora|mirgi) <gap>(?:a|pad|ho) rah\w*",
        r"khu?o?n <gap>(?:ruk <no>|<no> ruk|beh rah|bah rah|nikal(?:ta)? ja rah)\w*|khu?o?n ki ulti|ulti me(?:in)? khu?o?n|(?:pregnan\w*|garbh\w*|pet se) <far>(?:khu?o?n|blood|bleding)",
        r"gir (?:ga|gy|gi|pad)\w* <far>(?:uth <no>|<no> uth|behosh|khu?o?n|hil <no>|<no> hil)|(?:abhi|aj|subah|achanak|rat) <far>(?:lakwa|lakva|falij) (?:mar|pad|ho)\w*|(?:munh|muh|chehra) tedha ho",
        rf"{_APNA} <far>(?:batery|sika|coin|tezab|acid|phenyl|harpic|kerosene|mit+i ka tel|dawai|goli\w*) (?:nigal|kha|pi) (?:l|ga|gy|gi)\w*|bijli ka (?:jhatka|current) lag\w*|{_APNA} <gap>(?:current|karant|shock) lag (?:ga|gy)\w*|mu(?:nh?|h) se jha+g|{_APNA} <gap>n[ie]+l[aei] pad\w*|{_APNA} <far>jal ga\w* <far>(?:bahut|tel|garam|pani|acid)",
        r"(?:sanp|nag|bich+h?u) (?:ne )?<gap>(?:kat|das)\w*|(?:bukhar|fever|temp\w*) <gap>10[4-9]|10[4-9] <gap>(?:bukhar|fever)|prasav pi[dr]a|(?:delivery|prasav) (?:ka |ke )?dard|dard shuru ho gay\w* <far>(?:bach+a|delivery)",
    ),
    "hi": (
        rf"{_APNE} <far>(?:बेहोश|होश (?:में )?नहीं)|बेहोश (?:हो ग|पड|हैं|है)|(?:{_APNE} <far>|उनकी |उसकी )सांस <gap>(?:नहीं|रुक|बंद|अटक|फूल|उखड)",
        rf"{_APNE} <far>(?:सीने|छाती) में <gap>दर्द|(?:सीने|छाती) में <gap>दर्द <far>(?:पसीन|सांस|हाथ|चक्कर|उल्टी)|(?:दिल का दौरा|हार्ट अटैक|दौरा|मिर्गी) <gap>(?:पड|आ|हो) रह",
        "खून <gap>(?:नहीं रुक|रुक नहीं|बह रहा|निकल रहा)|खून की उल्टी|उल्टी में खून|(?:गर्भ\\S*|प्रेग\\S*|पेट से) <far>खून|(?:अभी|आज|सुबह|अचानक|रात) <far>लकवा (?:मार|पड|हो)|लकवा <far>(?:अभी|आज)|मुंह से झाग|मुंह टेढा हो",
        rf"गिर (?:ग\S*|पड\S*) <far>(?:(?:उठ|बोल|हिल) नहीं|नहीं (?:उठ|बोल|हिल)|बेहोश|खून)|{_APNE} <far>(?:बैटरी|सिक्का|तेजाब|फिनाइल|दवाई|गोली\S*|मिट्टी का तेल) (?:निगल|खा|पी) (?:ल|ग)",
        "(?:सांप|बिच्छू) ने <gap>(?:काट|डस)|बुखार <gap>10[4-9]|10[4-9] <gap>बुखार|बिजली का (?:झटका|करंट) लग|प्रसव पीडा",
    ),
}
