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
    r"|mama|mami|(?:dada|nana|papa|baba|ma|chacha|mama)(?:ji|jan)|sas|sasur|ladk[aei]|unhe|unko|use|usko|uski|unki|mujhe|mereko)"
)
_APNE = r"(?:पापा|पिता\S*|बाबा|अब्बू|मम्मी|मां|अम्मी|अम्मा|दादी|दादा|नानी|नाना|बच्च\S*|बेट\S*|पति|पत्नी|बीवी|भाई|बहन|दीदी|दोस्त|चाचा|सास|ससुर|उन्हें|उनको|उसे|उसको|मुझे)"

_CHILD = r"(?:baby|babies|newborn|infant|toddler|child|kids?|daughter|son|niece|nephew|boy|girl|grand(?:son|daughter|child)|year old|month old|(?:[2-9]|1[0-2]) ?(?:yo|mo))"
_BACHA = r"(?:bach(?:ch)?[aei]\w*|bach+o|bet[aei]|bitiya|munn[aei]|gudiya|bab[uy]|baby|pot[aei]|nati|bhatij[aei]|bhanj[aei]|sal k[aei] \w+|child|kid)"
_BACCHE = r"(?:बच्च\S*|बेट[ाेी]\S*|बिटिया|मुन्न\S*|गुड़?िया|पोत[ाेी]|नाती|शिशु|साल (?:का|की|के) \S+)"
_HOT = r"10[3-9](?:\.\d)?(?: ?f| degre\w*)?"  # in a child; in anybody, from 104

MEDICAL = {
    "en": (
        rf"{_KIN} (?:"
        r"(?:is |are |has |have |just |s )?<gap>(?:"
        r"(?:not|isnt|stopped|cant|cannot|cant even|barely|hardly|struggling to|trouble|no longer) breath\w*"
        r"|(?:wont|not|cant|doesnt|didnt|isnt) (?:be )?(?:wak\w*|woken|respond\w*)(?! (?:up )?(?:early|for|at|on|before|till|until|in|by|to|me))"
        r"|(?:swallow\w*|drank|drunk|ate|eaten) <gap>(?:battery|magnets?|coins?|bleach|poison|phenyl|harpic|detergent|kerosene|thinner|pills?|tablets?|medicines?|acid|\w+ cleaner|cleaner"
        r"|sanitizer|dettol|petrol|diesel|turpentine|varnish|insecticide|pesticide|moth ?balls?|nap?hthalene|mosquito \w+|all out|good ?knight|remover|paint|shampoo|screw|needle|blade)"
        r"|(?:burn(?:t|ed)|scalded) <gap>(?:badly|acid|boiling|hot|face|whole))"
        r"|(?:has |just |have )*(?:collapsed|fainted|passed out|gone (?:limp|blue|cold and))(?! (?:and was|into|in (?:tears|laughter|my arms|his arms|love|19|20)|<far>(?:died|last|ago|years?|yesterday|once|when)\b))"
        r"|(?:is |are |s |has been |keeps )?(?:un ?con?[sc]+h?i?o?us(?! of)|unresponsive|convulsing|seizing|choking(?! (?:me|up|with|on (?:tears|words|his|her)))|turn\w* blue|gasping|having (?:a )?(?:fit|fits|seizure|convulsion\w*)))",
        r"is un ?con?[sc]+h?i?o?us(?! of)|having a (?:heart attack|stroke|seizure)|(?:is|am|im|shes|hes|are|be) having (?:an? )?(?:allergic reaction|asthma attack|miscarriage)|anaphyla\w+|(?:throat|airway|lips|tongue|face) (?:is |are )?(?:closing|swelling|swollen)|allerg\w* <far>(?:breath\w*|swell\w*|swollen|throat)|lips (?:are |is |turned |turning |going )*blue",
        r"chest <gap>(?:pain|pressure|tight\w*|hurts?|hurting|aches?|burning) <far>(?:sweat\w*|left arm|arm|jaw|breath\w*|dizzy|numb)|(?:arm|jaw) <gap>(?:numb|pain\w*) <far>chest|crushing <gap>chest|(?:cant|cannot|trouble|hard to|short of) breath\w* <far>chest (?:is |fe+ls |so |very )*(?:tight|pain|hurt|heavy)\w*"
        r"|left (?:arm|hand) <gap>numb|(?:severe|terible|sharp|intense|unbearable|very bad|sudden|horible) (?:pain in (?:my|his|her|the) chest|chest pain)(?! (?:when(?:ever)? i (?:think|se|hear|remember)|last|years?))|(?:chest pain|chest (?:is )?hurt\w*) (?:right now|now|wont stop|for (?:an|two|\d) hour)",
        r"(?:face|mouth) <gap>(?:droop\w*|numb|fallen|twisted)|half (?:of )?(?:my|his|her|the) (?:face|body) <gap>numb|slurr\w+ (?:my |his |her )?(?:speech|words)|(?:speech|words) (?:is |are )?(?:suddenly )?slurr\w+",
        r"(?:\d+|months?|weeks) (?:weeks|months|pregnant) <far>(?:blood|bleeding)|(?:bleeding|blood) <far>(?:pregnan\w*|heavily|wont stop|not stop\w*|non ?stop)|pregnan\w* <far>(?:bleeding|blood|baby (?:not|stopped|isnt) moving)|(?:vomit\w*|throw\w* up|cough\w*(?: up)?|spit\w*) blood",
        r"(?:hasnt|has not) (?:woken|woke|regained)|(?:cannot|cant|couldnt|can not|unable to) (?:be )?(?:woken|wake (?:him|her|them|(?:my|our|the) <man>)(?: up)?|wake up (?:him|her|them|(?:my|our|the) <man>)|roused?|waken)(?! (?:up )?(?:early|for|on|before|at|in|til|until))",
        r"(?:bleeding|blood|blod) (?:is )?(?:coming |pouring |flowing |gushing )*(?:from|out of|out) <gap>(?:head|ears?|mouth|eyes|stomach|chest|neck|throat|everywhere)|lying <gap>(?:road|flor|street|ground|bathrom) <far>(?:bleed\w*|blod|not moving|isnt moving|uncon\w+|not respond\w*)"
        r"|(?:car|bus|truck|lory|bike|tempo|train|scoter|auto) (?:just )?(?:hit|ran over|run over|knocked|crushed) <far>(?:bleed\w*|blod|uncon\w+|moving|breath\w*|conscious)|(?:hit|run over|knocked down) by a <gap>(?:car|bus|truck|lory|bike|train) <far>(?:bleed\w*|blod|uncon\w+|moving|breath\w*|conscious)",
        r"(?:electrocuted|electric shock) <far>(?:now|unconscious|moving|breath\w*)|fell <far>(?:hit|head) <far>(?:unconscious|vomit\w*|bleeding|wont wake)|fell <far>(?:isnt|not|cant|wont) (?:mov|wak|respond)\w*|(?:alcohol|drunk|drank|drinking|drugs?|booze|whisk\w+|vodka|rum|beers?) <far>(?:wont|not|cant|cannot|isnt|doesnt) (?:be )?(?:wak|wok|rous|respond|breath)\w*|(?:drank|drunk|vodka|whisk\w+|alcohol|drugs) <far>breathing (?:slow|weird|strange|bare|very)\w*",
        r"(?:snake|cobra|scorpion) (?:has )?(?:just )?(?:bit|bitten)|bitten by a <gap>(?:snake|cobra|scorpion|dog)|(?:my|her|<man>s?|daughters|friends) waters? (?:just |has |have )?(?:broke|broken)|in labou?r (?:now|right now|and)",
        rf"(?:fever|temp\w*) <gap>10[4-9](?:\.\d)?(?: ?f)?|10[4-9](?:\.\d)? ?(?:f |degrees? )?<gap>(?:fever|temp\w*)|{_CHILD} <far>(?:(?:fever|temp\w*) <gap>{_HOT}|{_HOT} <gap>(?:fever|temp\w*))|(?:fever|temp\w*) <gap>{_HOT} <far>{_CHILD}|{_HOT} <gap>(?:fever|temp\w*) <far>{_CHILD}"
        r"|newborn <gap>(?:has |with )(?:a )?fever|[1-3] (?:months?|weks?) old <gap>fever|fever <far>(?:stif\w* <gap>neck|neck <gap>stif\w*|convuls\w*|seizures?|(?:a|had|having|has|got|geting|and|with|by|into|then) fits?|rash that|floppy|limp|cant wake|wont wake)|(?:stif\w* neck|neck <gap>stif\w*|convuls\w*|seizures?|(?:a|had|having|got|geting|febrile) fits?) <far>fever"
        r"|took <gap>(?:much|double|extra|wrong) insulin|sugar (?:is |level )?<gap>(?:(?:[23]\d|[5-9]\d\d) (?:and|now|<far>(?:shak|sweat|unconscious|dizz)\w*)|[45]\d <far>(?:shak|sweat|uncon|dizz|faint|confus)\w*)",
    ),
    "hinglish": (
        rf"{_APNA} (?:"
        r"<gap>(?:behosh|behos|bahosh)(?! (?:ho ?k|hok|hon|ho jat|th[aei]))"
        r"|<far>(?:(?:behosh|behos|bahosh) ho (?:ga|gy)[aeiy]*(?! th)|sans <gap>(?:<no>|ruk|band|atak|(?:ph|f)[ou]l|ukhad)\w*|sans lene me(?:in)? <gap>(?:dik+at|tak\w+|pareshani|mushkil|problem)"
        r"|(?:chest|chhati|chati|sine|sene) (?:me(?:in)? )?<gap>dard|jal ga\w* <far>(?:bahut|tel|garam|pani|acid)"
        r"|(?:batery|sika|coin|tezab|acid|ph[ie]n[iy]\w+|finail|phinail|harpic|kerosene|cleaner|sanitizer|petrol|mit+i ka tel|dawai|goli\w*) (?:nigal|kha|pi) (?:l|ga|gy|gi)\w*)"
        r"|<gap>(?:(?:current|karant|shock) lag (?:ga|gy)\w*|n[ie]+l[aei] pad\w*))",
        r"(?:behosh|behos|bahosh) (?:pad\w*|hai|h|he)\b|hosh (?:me(?:in)? )?<no> (?:a|h)\w*|sans (?:band|ruk) (?:ho )?(?:ga|gy|gi|rah)\w*|bijli ka (?:jhatka|current) lag\w*|mu(?:nh?|h) se jha+g",
        r"(?:chest|chhati|chati|sine|sene) (?:me(?:in)? )?<gap>(?:(?:te[zj]|bahut|bohot|zor|jor|bhayanak) (?:ka |se |wala )?dard (?:ho|uth) (?:rah|rh)\w*|dard <far>(?:pasina|sans|hath|chakar|ghabra|ulti|baya)\w*)|(?:heart ?at+ack|dil ka daura|daura|dora|mirgi) <gap>(?:a|pad|ho) rah\w*",
        r"khu?o?n <gap>(?:ruk <no>|<no> ruk|beh rah|bah rah|nikal(?:ta)? ja rah)\w*|khu?o?n ki ulti|ulti me(?:in)? khu?o?n|(?:pregnan\w*|garbh\w*|pet se) <far>(?:khu?o?n|blood|bleding)",
        r"gir (?:ga|gy|gi|pad)\w* <far>(?:uth <no>|<no> uth|behosh|khu?o?n|hil <no>|<no> hil)|(?:abhi|aj|subah|achanak|rat) <far>(?:lakwa|lakva|falij) (?:mar|pad|ho)\w*|(?:lakwa|lakva|falij) (?:mar|pad|ho)\w* (?:ga\w* |gy\w* |hai )*(?:abhi|aj|achanak)|(?:munh|muh|chehra) tedha ho",
        r"(?:honth?|hot|nakhun) (?:bilkul |ekdam )?n[ie]+l[ae] (?:pad|ho)\w*",
        r"(?:sanp|nag|bich+h?u) (?:ne )?<gap>(?:kat|das)\w*|(?:bukha?r|fever|temp\w*) <gap>10[4-9]|10[4-9] <gap>(?:bukha?r|fever)|prasav pi[dr]a|(?:delivery|prasav) (?:ka |ke )?dard|dard shuru ho gay\w* <far>(?:bach+a|delivery)",
        rf"{_BACHA} <far>(?:(?:bukha?r|fever|temp\w*|tap) <gap>{_HOT}|{_HOT} <gap>(?:bukha?r|fever|temp\w*|tap))|(?:bukha?r|fever) <far>(?:gardan <gap>(?:ak[ad]\w*|jak[ad]\w*|stif|tait|tight)|daur[ae]|jhatk[ae]|mirgi|akad\w*|behosh)|(?:gardan <gap>(?:ak[ad]\w*|jak[ad]\w*|stif|tight)|daur[ae]|jhatk[ae]) <far>(?:bukha?r|fever)",
        # who drank, or only sleeps, and does not wake; who gets up late for school is taken out by danger.py
        r"(?:pi l[ie]|pi rakhi|pi kar|pi ke|pike|pikar|piya|daru|sharab|nash[ae]|drink\w*|drunk|so rah\w*(?! hu)|jaga\w*) <far>(?:(?:uth|jag|hosh|hil) (?:hi |bhi |me |mein )*<no> (?:rah|rh|pa|a)\w*|<no> (?:uth|jag|hil) (?:rah|rh|pa)\w*|hosh <no>)",
    ),
    "hi": (
        rf"{_APNE} <far>(?:बेहोश|होश (?:में )?नहीं)|बेहोश (?:हो ग|पड|हैं|है)|(?:{_APNE} <far>|उनकी |उसकी )सांस <gap>(?:नहीं|रुक|बंद|अटक|फूल|उखड)",
        rf"{_APNE} <far>(?:सीने|छाती) में <gap>दर्द|(?:सीने|छाती) में <gap>(?:तेज|बहुत|भयानक|जोर|असहनीय) (?:का |से )?दर्द (?:हो|उठ) रह|(?:सीने|छाती) में <gap>दर्द <far>(?:पसीन|सांस|हाथ|चक्कर|उल्टी)|(?:दिल का दौरा|हार्ट अटैक|दौरा|मिर्गी) <gap>(?:पड|आ|हो) रह",
        "खून <gap>(?:नहीं रुक|रुक नहीं|बह रहा|निकल रहा)|खून की उल्टी|उल्टी में खून|(?:गर्भ\\S*|प्रेग\\S*|पेट से) <far>खून|(?:अभी|आज|सुबह|अचानक|रात) <far>लकवा (?:मार|पड|हो)|लकवा <far>(?:अभी|आज)|मुंह से झाग|मुंह टेढा हो",
        rf"गिर (?:ग\S*|पड\S*) <far>(?:(?:उठ|बोल|हिल) नहीं|नहीं (?:उठ|बोल|हिल)|बेहोश|खून)|{_APNE} <far>(?:बैटरी|सिक्का|तेजाब|फि?ना?[इय]ल|फिनायल|क्लीनर|हार्पिक|पेट्रोल|दवाई|गोली\S*|मिट्टी का तेल) (?:निगल|खा|पी) (?:ल|ग)",
        rf"{_BACCHE} <far>(?:बुखार <gap>(?:10[3-9]|१०[३-९])|(?:10[3-9]|१०[३-९])\S* <gap>बुखार)|बुखार <far>(?:गर्दन <gap>(?:अकड|जकड|कडी|कडक)|दौर[ाे]|झटक[ाे]|मिर्गी|ऐंठ|बेहोश)|(?:गर्दन <gap>(?:अकड|जकड|कडी)|दौर[ाे]|झटके) <far>बुखार"
        "|(?:पी ली|पी रखी|पीकर|पी कर|पीके|शराब|दारू|नशे|सो रह\\S*|जगा\\S*) <far>(?:(?:उठ|जाग|होश|हिल) (?:ही |भी |में )*नहीं (?:रह|पा|आ)|नहीं (?:उठ|जाग|हिल) रह)",
        "(?:होंठ|नाखून) (?:बिल्कुल |एकदम )?नील[ेा] (?:पड|हो)|(?:सांप|बिच्छू) ने <gap>(?:काट|डस)|बुखार <gap>(?:10[4-9]|१०[४-९])|(?:10[4-9]|१०[४-९]) <gap>बुखार|बिजली का (?:झटका|करंट) लग|प्रसव पीडा",
    ),
}
