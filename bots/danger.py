"""How people say that they are in danger: the patterns that crisis.py looks for.

They are written for text as `crisis.for_patterns` leaves it: lower case, no apostrophes, one space, every doubled Latin letter
single. They are regular expressions in which `<name>` stands for an entry of WORDS. When in doubt about the person they
fire, for help costs nothing; figures of speech are taken out of the text first.
"""

from __future__ import annotations

import re

WORDS = {
    "gap": r"(?:[^ .!?;]+ ){0,3}",  # up to three words of one sentence
    "far": r"(?:[^ .!?;]+ ){0,8}",
    "not": r"(?:dont|doesnt|do not|does not|didnt|not|never|no longer|wont)",
    "so": r"(?:(?:to|just|really|so|only|even|ever|literally|honestly|actually|kinda|badly|f\w*ing|all|always|be) ){0,3}",
    "self": r"(?:my|him|her|them|our) ?(?:self|selves|sef|slf)",
    "man": r"(?:husband|boyfriend|bf|step ?dad|step ?father|father|dad(?:dy)?|papa|uncle|brother|grandfather|son|cousin"
    r"|wife|girlfriend|gf|partner|ex|mother|mom|mum|mummy|aunt|sister|parents|in ?laws|fiance|family|spouse)s?",
    "he": r"(?:s?hes?|they|some ?one|some ?body|guy|men|man|woman|boys?|coach|teacher|boss|neighbou?r|roommate|stranger"
    r"|friend|pastor|priest|guru|<man>)",
    "will": r"(?:will|l|is|are|gonna|goin?g? to|wants? to|wanna|trying to|tried to|threat\w* to|might|about to|come to)",
    "i": r"(?:i|im|il|ive|id|ima|dont|gonna|tonight)",
    "past": r"(?:(?:died by|comit\w*) suicide|took (?:his|her|their) (?:own )?life|(?:kiled|hanged|shot|hung) (?:him|her|them)sel\w+)",
    "long": r"(?:years? |yrs? |decades? |long |ages )(?:ago|back|since)|last year|in (?:19|20)\d\d|when i was",
    "poison": r"(?:poison|pesticide|sulfas|celphos|[zj][ae]h[ae]r|k[ie]tn?a?shak|chuhe? ?mar\w*|phenyl|tezab|acid)",
    "hit": r"(?:hit|beat|slap|punch|kick|scratch|bit|burn|chok|strangl|thrash|smack|whip|abus|molest|grop|assault|rap|tortur)"
    r"(?:e|ed|es|s|ing|en|ting|ping|ped)?",
    "pills": r"(?:pil|tab|tablet|med|medicine|medication|capsule|paracetamol|panadol|tylenol|crocin|xanax|ibuprofen)s?",
    "drop": r"(?:bridge|ledge|railway|tracks?|rof|rooftop|building|train|metro|truck|car|bus|balcony|terrace|window|clif|ledge|floor)",
    "no": r"(?:nahi|nahin|nhi|nai|ni|nai|na)",
    "all": r"(?:sab|ghar ?wale|family|pariwar|bach+e|log|duniya|mum+y|ma)",
    "khudkushi": r"(?:kh?ud+h? ?k[uo](?:sh?|hs)[ie]\w*|khudka(?:sh?|hs)[ie]\w*|kh?ud+h?kh[uoa](?:sh?|hs)[ie]\w*|khud khush[ie]\w*(?! (?:se|hu[ia]|mil\w*|dh[ou]\w*|kho\w*|na|pa\w*)))",
    # what kills, chases or takes a life in figures of speech only; and what may stand between it and its verb
    "thing": r"(?<!at )(?<!from )(?<!to )(?<!after )(?:traffic|heat|sun|summer|winter|weather|humidity|monsoon|job|work\w*|office|commute|exam\w*|tests?|papers?|boards|deadlines?|project|thesis|assignment|home ?work|course|class"
    r"|semester|syllabus|sem|maths?|physics|chemistry|study\w*|studies|school|college|meetings?|shifts?|schedule|suspense|curiosity|boredom|diet|gym|workout|legs?|feet|shoes|heels|prices|inflation|rent|emis?|taxes"
    r"|smile|jokes?|cuteness|song|movie|ending|match|wifi|internet|code|bugs?|stairs|spice|pun|kaam|naukri|padhai|pariksha|garmi|sardi|thand|trafik|muskan|muskurahat|ada|nakhre|intezar|mehngai|mausam|ofis)",
    "light": r"(?:(?:(?:in|of|on) \w+|here|outside|today|these|this|days|one|day|someday|sure|is|are|was|will|l|s|just|really|literally|slowly|totally|actually|goin|going to|about to|gonna|can|could|would|might|may|almost"
    r"|mujhe|muje|meri|mera|hamari|hume|hame|to|toh|hi|sab|sabki|ek|din|kisi|ne|logo ko|ab|aj|yar|bhai|sach|kal|jaise|pakka|zarur|jarur) ){0,6}",
    "game": r"(?:ludo|chess|shatranj|carr?oms?|cards?|rummy|tash|uno|monopoly|scrabble|badminton|tennis|pong|tt|cricket|football|fifa|pubg|bgmi|fortnite|cod|mario|kart|games?|gaming|poker|rac(?:e|es|ing)|running|sprints?|swimming|wrestling"
    r"|quiz\w*|everything|sports?|basketball|volleyball|kabaddi|hockey|golf|pool|snooker|billiards|sudoku|wordle|antakshari|debates?|spelling|trivia|squash|bowling|darts|charades|tekken|it)",
    "want": r"(?:want|wants|wanted|wanting|wana|wnat|wnt|wanan|decided|plan\w*|hope|wish|beg\w*)",
}

# Said lightly, denied, long past, or out of a book: taken out before anything is looked for.
FIGURATIVE = (
    r"suicide (?:squad|bomb\w*|mission|doors?|vest)|(?:career|social|political|financial|professional|electoral) suicide",
    r"(?:essay|paper|thesis|report|article|statistics|research|presentation) (?:on|about) <gap>"
    r"(?:suicide|self harm|domestic violence)|(?:suicide|self harm|domestic violence) (?:statistics|essay|rates?)",
    r"(?:not|never|no longer|isnt|arent|wasnt) <gap>suicidal|used to <gap>(?:suicid\w+|self harm\w*|cut myself|die)(?! <far>(?:back|again))",
    r"(?:not|never|wont|wouldnt) (?:going to |gonna |planning to |planning on |thinking of |thinking about )?"
    r"(?:kill|killing|hurt|hurting|harm|harming) <self>|(?:dont|do not|didnt|not) <so>want to (?:die|kill)",
    # grief of long ago, people at their work, and people in books and epics
    r"<past> <far>(?:<long>)|(?:<long>) <far><past>|lost <far>to suicide <far>(?:<long>)",
    r"(?:sal|mahin\w+|bars\w*) p[ae]h?l[ei] <far>(?:<khudkushi>|suicide|atma? ?hatya) (?:kar )?(?:k?iy?a|ki|li) ?(?:th?[ai]|h?ai)?",
    r"suicidal (?:patients?|clients?|calers?|inmates?)|(?:patients?|clients?|calers?|inmates?) (?:who|with|that) <far>(?:suicid\w*|self harm\w*|want to die|dying)",
    r"(?:romeo|juliet|anna karenina|hamlet|devdas) (?:kil|poison|drown|stab)\w* <self>|(?:suicide|self harm|rape|domestic violence) (?:in|as in) (?:\w+ )?(?:novels?|literature|films?|movies?|boks?|cinema|mahabharat\w*|ramayan\w*|history)",
    r"(?:in|of|from) (?:(?:the|a|this|that|my) )?(?:novel|film|movie|bok|story|play|series|epic|mahabharat\w*|anna karenina|romeo|hamlet|devdas) <far>"
    r"(?:(?:throw|kil|hang|drown|poison|stab|shot|shoot)\w* <self>(?: (?:under|of|from|in|with) (?:the |a )?\w+)?|<past>|suicid\w*)",
    r"(?:dream\w*|sapn[ae]|khwab) <far>(?:snake|sanp) <far>(?:bit\w*|kat\w*|das\w*)|(?:snake|sanp) <gap>(?:bit\w*|kat\w*|das\w*) <far>(?:dream|sapn[ae])",
    r"(?:[zj]indagi|life|gadi|business|kam|naukri) <gap>patri (?:par|pe|se)|beat <self> up|burn\w* <self> out",
    r"rather die than|(?:hurt|cut|burnt?|burned) myself <gap>(?:shaving|cooking|playing|accident\w*|running|kitchen|gym)",
    r"be here any ?more <far>(?:job|office|company|city|town|party|school|college)",
    # what is won, and what hits without a hand
    r"beat (?:me|him|her|us|my <man>) (?:at (?!home|night|work|school|his|her|least|mid|\d)|in (?!front|public|anger|rage|drunk|my |his |her |our |the (?:kitchen|bath|bed|room|night|street|car|house|stomach|face|head|back|hall|yard|dark))"
    r"|by (?:just |only |about )?(?:\d+|a|one|two|three|four|five|ten|half|points?|marks|runs|votes|goals|sec\w*|miles)\b)|hit me (?:up|with (?!his|a|the))",
    r"(?:match|game|finals?|tournament|series|league|team) <far>(?:they|it|team|who) beat us",
    r"beat(?:s|ing|en)? (?:me|him|her|us|my <man>) (?:(?:always|often|easily|daily|hands down|badly|every (?:single )?(?:time|day)|all the time|again|regularly) )*(?:(?:at|in) (?:(?:a|an|the|every|our|all|my|this|that|online|mobile|video|board|table|arm|card|of|single) )*<game>"
    r"|to (?:it|the (?:punch|window|last|first|seat|bathroom|remote|finish|front|tv)))\b|hits? me with (?:a |the |her |his )*(?:facts?|truths?|logic|questions?|reality|jokes?|smiles?|wisdom|adv\w+|excuses?|news|bills?|love|hugs?|kindness)\b",
    r"<thing> <light>(?:(?<!to )(?:kill|murder|chas)(?:s|es|ing|ed|e)? (?:me|us)|(?:going|about) to kill (?:me|us)|jaa?n (?:hi )?(?:le|nikal|kha)(?! lu)\w*(?: (?:le|li|d|rah|rh|ja|ga)\w*)*|mar (?:dal|de|du)\w*)",
    r"(?:never|did not|didnt) (?:even )?(?:<hit>|touch\w*)|used to (?:beat|hit|slap)",
    r"(?:beat|hit|slap\w*) me <gap>when i was (?:smal|little|young|a |\d)|left (?:my|an|that) abusive \w+|(?:team|india|we|side) <gap>beaten",
    r"following me (?:on|back|in everything)|(?:past|bos|debts?|memories|thoughts|guilt|dreams?|problems|bank|recruiters?|hr|sales\w*|clients?|dogs?|cows?|monkeys?) (?:is|are|keeps?) (?:always |stil |realy )?chasing me|kill (?:him|her|them) (?:at|in) (?:chess|cards|tennis|cricket|the game)|kill the (?:person|man|woman) i (?:was|am|used)|overdose (?:of|on) (?:sugar|coffee|caf\w+|news)",
    r"kill (?:me|him|her|us) (?:if|when|for) <far>(?:marks|late|grades?|forget|forgot|broke|roti|diner|homework|report card|results?|hair ?cut|tattoo|shopping)",
    r"(?:draupadi|sita|arjuna?|krishna|bhima?|karna|duryodhana?|ravana?|bhi?shma|drona|pandu|madri|socrates|judas|hitler) <gap>(?:<hit>|kil\w*|(?:comit\w* )?suicid\w*)",
    r"(?:bhu?o?kh?|garmi|thand|hasi|hansi|sharam|pya?r|pya?s|haste|hanste|bore) <gap>mar\w*",
    r"<no> marna|j[ei]na <no> chahiye|(?:tan[ea]|mesage|msg|line|call|gap+\w*|dole|dialog\w*|chakar|pose|siti|ankh|jhadu|ding\w*|chh?alang|phunk) mart?\w*|mart[aei] (?:hai |hain |h )?(?:mujhe |muje |hame )?(?:tan[ea]|line|gap+\w*)|dan?t mart[aei]|suicide <no> kar(?:un|rah)\w*",
    r"(?:subah(?! se)|school|colege|alarm|jaldi|ofice|\d+ baje) (?:tak |ke |liye |me |mein |ko |jaldi |time |par |pe )*(?:uth|jag) (?:hi |bhi )?<no>|(?:so rah\w*|jaga\w*) <gap>(?:school|colege|ofice|subah|alarm)",
    r"(?:liye|khatir) (?:to |toh )?(?:apni )?ja+n|(?:exam|kam|job|trafic|garmi|padhai|nend) (?:to |toh |mujhe )?mar \w+",
    r"(?:sheher|shahar|city|ghar|gaon|hostel) me(?:in)? (?:ab )?<no> j[ei]na",
    "(?:भूख|प्यास|गर्मी|ठंड|हंसी|हंसते|शर्म|प्यार) <gap>मर|नहीं मरना|मारत[ाेी] (?:है )?ताने|ताने मार|फांसी की सजा",
    "(?:परीक्षा|पढाई|काम|ऑफिस|दफ्तर|गर्मी|सर्दी|ठंड|धूप|मौसम|ट्रैफिक|ट्रैफ़िक|जाम|एग्जाम|पेपर|होमवर्क|नौकरी|महंगाई|मुस्कान|मुस्कुराहट|अदा|इंतजार|सिलेबस|डेडलाइन|मीटिंग|बॉस ने)\\S* (?:(?:ने|तो|मुझे|मेरी|हमारी|हमें|सबकी|लोगों|को|ही|एक|किसी|दिन|अब|आज|से|की|चिंता|में) ){0,4}(?:जान (?:ही )?(?:ले|निकाल|खा)|मार (?:ही )?(?:डाल|दे|रह))|मारे डाल|"
    "साल पहले <far>(?:आत्म ?हत्या|खुदकुशी) (?:कर )?(?:ली|की)",
    "(?:शहर|घर|गांव|नौकरी) में (?:अब )?नहीं जीना|(?:लिए|खातिर) (?:अपनी )?जान|अर्जुन <far>(?:मार|मर)",
)
LAUGH = re.compile(r"\b(?:lo+l|lmao|rofl|(?:ha){2,}h?|(?:he){2,}|jk)\b|[😂🤣😅😆😹]")
JOKES = (r"kil (?:me|him|her|them|us)", r"murder (?:me|him|her)", r"mar (?:dal|de|du)\w*")  # only beside a laugh

DANGER = {
    "en": (
        r"overdos\w+|oded|oding|(?:took|swallowed|ate|popped) (?:so |very )?many <gap><pills>(?! (?:but|for|over|every|daily|stil|til))|(?:took|taken|take|swalow\w*|popped|ate|had) <gap>(?:whole|entire|al|bunch|botle|handful"
        r"|to many|lots?|so many|strip|\d\d+|twenty|thirty|fifty) <far><pills>",
        r"(?:drank|drunk|swallowed|drinking|took) <gap>(?:bleach|poison|acid|pesticide|phenyl|harpic|insecticide)",
        r"(?:<he>|people|car) (?:is |are |s |has ben |keps? )?following me|being (?:folowed|chased)|stalking me|be+n stalked|(?:walking|runing|coming) (?:behind|after) me|chasing me",
        r"<he> (?:"  # one group, so that who it is is looked for once
        r"<gap>(?:has|have|got|with|holding|puled|puling|waving|swinging|brandishing|pointing) (?:a |the |out a )?(?:knife|gun|machete|weapon|pistol)"
        r"|<far><will> <gap>(?:kil|murder|shoot|stab|behead|burn) (?:me|us|my|her|him|them|every))",
        r"(?:knife|gun|pistol|blade) (?:is )?(?:in my hand|pointed|to my (?:head|throat)|at me)",
        r"(?:threat|thret)\w* <gap>(?:kil|murder|shoot|stab|burn|acid|with a|my life)|death threats?|<will> kil me|(?:came|coming|come|waiting|here|hired|paid|outside) <gap>to kill (?:me|us)|(?:gun|knife) ?point|throw acid",
        r"<i> <far>(?:kil|murder|shoot|stab|strangle?)(?:ing)? <so>(?:him|her|them|some ?one|some ?body|every ?one|people"
        r"|(?:my|his|her) (?:<man>|boss|baby|kids?|child\w*|room ?mate|neighbou?r)|(?:the|this|that) (?:man|guy|woman|person|one))",
        r"(?:might|want to|gonna|going to|will|afraid|scared|urge to|thoughts of) <gap>"
        r"(?:hurt|harm|shake|drown|smother)(?:ing)? (?:my|the) (?:baby|child|son|daughter|kids?|newborn)",
        r"blood everywhere|so much blood|bleeding out",
        r"(?:wont|cant) stop (?:the )?bleeding|(?:trying to|is|are) break(?:ing)? in(?:to)? <gap>(?:house|home|room|flat|door)",
        r"pil+ow (?:over|on|against) (?:her|him|his|it|the|my) ?(?:face|baby|child|son|daughter|head|for)",
        r"voices? <gap>(?:tel|say|order|comand|ask|want)\w* <gap>(?:stab|kil|hurt|harm|jump|cut|burn|choke|die|atack)",
        r"(?:thoughts?|images?|urges?) (?:of|about|to) <gap>(?:drop|throw|drown|smother|shak|sufocat|stab|strangl|hurt|harm)\w* (?:him|her|it|them|(?:my|the) <gap>(?:baby|child|son|daughter|kids?|newborn))",
        r"(?:cut|chop|hack)\w* (?:me|us|him|her|both|them) <gap>(?:to|into|in) pieces|(?:bury|burn|hang) (?:me|us|her|him|them) alive|honou?r kiling",
        r"<i> <far>(?:break (?:his|her|their) (?:legs?|bones?|hands?|arms?|neck|face|jaw|teth|head|skul)|burn (?:down )?(?:his|her|their) (?:house|home|shop|car)|set <gap>on fire"
        r"|poison (?:him|her|them|(?:my|his) <man>)|(?:finish|end) (?:of )?(?:him|her|them|my <man>)(?=$| (?:of|for|over|tonight|now|once|and|so)\b))|(?:duty|right) to (?:end|kil|finish|beat|burn) (?:him|her|them|my)",
        r"(?:shoot|blow) up (?:the|my|a) \w+|kidnaped (?:me|my)|be+n kidnaped|held hostage|(?:dor|gate|house|home|window|rom|stairs|ofice|outside) with (?:a |an |the )?(?:knife|knives|gun|axe|rod|sword|machete|weapon|pistol|hamer|stick|stone|lathi)s?"
        r"|smoke (?:is |keeps )?(?:coming|filing|pouring) (?:from|in|out of|under) <gap>(?:dor|down ?stairs|up ?stairs|house|rom|kitchen|building|flat|corridor|walls?|switch|socket)|brakes? (?:fail(?:ing)?|(?:not|arent|isnt) working)",
        # fire, flood, gas, a driver who does not stop
        r"(?<! is a )(?<!like a )(?:house|home|flat|building|apartment|kitchen|rom|hostel|shop|curtains?|cylinder|car|bus|train|hut) (?:is |are |has |just |have )*(?:on fire|caught fire|catching fire|burning down|filling with (?:smoke|gas|water)|flooding(?! my)|collapsed)"
        r"|(?:trap|stuck|lock)\w* (?:in|inside|under) (?:a |the |this |his |my )?(?:fire|flod|smoke|burning|rubble|debris|lift|elevator|car|truck|trunk|boot|basement|cellar|well)|(?:drowning|swept away) in (?:the |a )?(?:river|pol|lake|sea|pond|canal|well|flod|water)",
        r"(?:flod\w*|water) (?:is |has |keeps |water )*(?:enter\w*|rising|coming (?:in|into)|filing) <far>(?:house|home|rof|up ?stairs|trap\w*|stuck|cant)|gas (?:is |cylinder |keeps |has ben )*leak(?:ing|ed)|leaking gas|(?:smel|smels|smeling) (?:of )?(?:gas|lpg) (?:in|from|every|al)"
        r"|(?:driver|cab|taxi|uber|auto) <gap>(?:isnt|wont|not|refus\w*) (?:to )?(?:stop\w*|let\w* me (?:out|of))|driver <gap>(?:taking|tok) me <gap>(?:wrong|different|unknown|other|some ?where|dark|jungle)",
    ),
    "hinglish": (
        r"(?<!khud ko )(?<!ap ko )mar (?:dal[eou]\w*|d[eu]g[aei]|d[eu]ng[aei]|dun\w*|deng[ei])|ja+n se mar\w*",
        r"dhamk[iy]\w* <gap>(?:di|de|det\w+|mil\w*)|(?:bahut|bohot|bahot|sari|puri|dher|nend|nind|\d\d+) <gap>"
        r"(?:goli\w*|tablets?|dawai\w*|<pills>) <gap>kha|(?:[zj][ae]h[ae]r|phenyl|phinail|finail|acid|tezab|sulfas|harpic) (?:kha|pi) l(?:i|iya|ia|iye)\b|chuh[ae] <gap>(?:dawa\w*|goli\w*) <gap>(?:kha|pi|nigal) (?:l|ga|gy)\w*",
        r"[zj]inda <no> (?:ch+h?o[rd]|rahne d|bach)\w*|tukd[eo] (?:tukd[eo] )?kar d\w*|(?:mujhe|ham\w+|hum\w+|dono ko|us[ek]o?|unko) <gap>kat (?:d[eu]ng\w*|dal\w*)",
        r"(?:ghar|dukan|us[ek]o?|un[ks]?[eo]|khud ko) <gap>ag laga (?:d|l)\w*|ag laga (?:d[eu]ng\w*|du) <gap>(?:ghar|dukan|sab)|(?:us[ek]o?|unko|sabko|<man> ko) khat\w*m kar d\w*",
        r"p[ei]+ch+h?a kar|(?:khu?o?n|murder|katl|qatl|qatal) kar d\w+|(?:chaku|chako|banduk|bandok|pistol|talwar|kulhadi|tamancha|hathiyar|lathi) (?:le|hai|dikha|nikal|utha)\w*",
        r"(?:ghar|flat|rom|kamr[ea]|makan|dukan|hostel) (?:me|mein|ke andar) <gap>ghus (?:ga|gy|gi|a[ay]|rah|rh)\w*|(?:ghar|rasoi|kitchen|building|dukan|bistar|kapd\w*|gadi|cylinder|flat|hostel|kamr\w*|pardo?\w*) (?:me|mein|ko|pe|par)? ?<gap>ag lag (?:ga|gy|gi|chuk)\w*|gas (?:leak|lik) (?:ho|kar)\w*",
        r"(?:pani|badh|bad) <gap>(?:ghar|kamr\w*) (?:me|mein) <gap>(?:ghus|bhar|a)(?: (?:ga|gy|rah|rh)\w*|\w*) <far>(?:fas|phas|nikal)\w*|(?:nadi|talab|pani|nahar|ganga|samundar) (?:me|mein) <gap>(?:dub|dob) (?:rah|rh)\w*",
    ),
    "hi": (
        "जिंदा नहीं (?:छोड|रहने)|टुकडे (?:टुकडे )?कर द|(?:घर|दुकान|उसे|उसको|उनको) <gap>आग लगा द|गला (?:दबा|घोंट)",
        "जान से मार|(?<!खुद को )(?<!आप को )मार (?:डाल[ूेो]|दूंग|देंग|देग)|धमकी (?:दी|दे|मिल)|पीछा कर|खून कर|(?:घर|कमरे|फ्लैट|दुकान) में <gap>घुस (?:ग|आ|रह)|(?:घर|रसोई|किचन|दुकान|कपडों|गाडी|सिलेंडर|बिल्डिंग|कमरे) (?:में|को|पर) <gap>आग लग (?:ग|चुक)|गैस (?:लीक|रिस)|(?:नदी|तालाब|पानी|नहर|कुएं) में <gap>डूब रह",
        "(?:जहर|फिनाइल|तेजाब|एसिड|सल्फास|हार्पिक|कीटनाशक) (?:खा|पी) लि|(?:बहुत|सारी|पूरी|नींद) <gap>(?:गोली|गोलिय\\S*|दवाई\\S*) <gap>खा|(?:चाकू|बंदूक|पिस्तौल) (?:ले|है|दिखा|निकाल|उठा)",
    ),
}
SUICIDE = {
    "en": (
        r"su[ei]?[cs](?:i|y|ai|ia)d\w*|su[ei] ?[cs]id\w*|suic\w+|sewer ?slid\w*|kms|kys|unaliv\w*|self (?:harm|injur)\w*|sui (?:thoughts?|ideation|atempt\w*)|feling sui"
        # "off myself" loses an f before it comes here
        r"|(?:to|gona|wana|wil|il|ima|should|might) (?:just |realy )?of <self>|of(?:ing|ed) <self>|(?:yet|fling|chuck|hurl|tos|pitch|launch|lob)(?:ing|ed)? <self> (?:of|from|out|under|in front|infront|into the)",
        r"(?:i|ive|im|i have|i am|i just|keep|kept|started|back to) (?:cut|cuting) (?:again|every (?:night|day|time)|deper|last night|at night|when(?:ever)? (?:i|im|it)|to (?:fel|cope|punish))|i (?:just )?(?:keep|kept|cant stop) cuting(?= (?:and|but|so|because|again|every|at|it|help|pls|please)|[ .!?]*$)"
        r"|relaps\w* (?:on|with|into|in|and) <gap>(?:sh|self harm|cut\w*)|clean (?:from|of) (?:sh|self harm|cuting|blades?)|sh (?:urges?|relapse\w*|scars?|again)|(?:urge|urges|ned|want) to (?:sh|self harm)",
        r"(?:im|i am) (?:just |now |stil |already )?(?:stand|sit)\w* (?:on|at|near|over) <gap>(?:bridge|ledge|railings?|parapet|(?:train|railway|metro|rail) tracks?|tracks|edge of (?:the|my|a) <drop>)(?! <far>(?:watch\w*|enjoy\w*|loking at the (?:sun|view|river)|rishikesh|selfie|photo\w*))",
        r"(?:kil|end|hang|shoot|poison|drown|harm|hurt|cut|starve|murder)(?:ing|ting|ed|s)? <self>|kill (?:this|my) body|kill (?:your|ur) ?self",
        r"(?:end|ends|ended|ending|take|takes|taken|taking|took) (?:my|his|her|their|your|this|ones) (?:own )?(?:life|lives)(?! (?:in a|to|back|seriously|insurance|for granted))|end(?:ing)? (?:it|things|everything)"
        r" (?:all|tonight|tonite|2night|2nite|today|now|soon|for good|once)|(?:<want>|going|goin|gona|il|wil|might) <so>end (?:everything|it al)(?! (?:betwen|with))|(?:want|wish) my life to (?:end|stop|be over)|want it (?:all )?to be over",
        r"(?:<want>|i should|i must|i ned|i have|i deserve|i wil|i?l|gona|let me|fel like) <so>(?:die+|dying|dead)(?! (?:one|some|eventual|of|for))|(?:im |i am |^)ready to die",
        r"wish <gap>(?:was|were|am|be) <so>(?:dead|gone)|wish <gap>never (?:be+n |was )?born|beter (?:of )?dead",
        r"(?:wish|hope|want|pray)\w* <far>(?:never|not|dont|wont|didnt|wouldnt|woudnt|couldnt) (?:to )?w[ao]ke up(?! (?:early|late|at|before|for|so))|(?:keeps?|be+n|hes|shes|stop|started) talking about (?:dying|wanting to die|not being here|ending (?:it|things|his|her))",
        r"<not> <so>(?:want|wana|wish|deserve|desire) <so>(?:exist|wake up(?! (?:early|at|before|late|so))|be alive|alive|here any ?more"
        r"|live(?! (?:any ?more )?(?:at|near|together|alone|here|in (?!this (?:world|body|pain))|with (?!this))))",
        r"cant (?:go on|keep living|continue) (?:any ?more|like this|living)|(?:tired|sick|done|fed up) (?:of|with) "
        r"(?:living|life|being alive|existing)(?! (?:in|at|with))|hate being alive|given? up on (?:life|living)",
        r"no (?:reason|will|desire|wish) (?:left )?to (?:live|go on|exist|stay alive|keep (?:going|living))|(?:not|isnt) worth living",
        r"no (?:point|use|sense) (?:in|of|to) <so>(?:living|live|alive|existing|being)|better off (?:without me|if i)",
        r"(?:no ?body|no ?one) (?:would|will|wil|d|l)? ?<so>(?:mis|notice|care) <far>(?:gone|die|died|dead)",
        r"disappear forever|(?:cant (?:do|take) (?:this|it)|(?:done|tired) (?:with|of) (?:everything|al of it|living|life)|forgive me) <gap>(?:god ?bye|bye) (?:everyone|everybody|al|world)|(?:want|wana) <so>disappear(?! (?:for|to|somewhere|on a|in(?:to)? (?:the |a |some |my )?(?:mountain|hil|himalay|nature|forest|jungle|wod|bok|crowd|work|vilage)\w*|from (?:social|insta\w*|facebook|whats\w*|work|ofice)))|(?:wrote|written|writing|finished) <gap>leters? <far>(?:be over|god ?bye|be gone|when im gone|sory)|goodbye (?:letter|note|forever|world)|my last (?:message|words)",
        r"(?:how|ways?) to die|(?:reasons?|nothing) (?:left )?(?:to|for) <so>(?:make it|wake up|get up|live for|stay alive)"
        r"|(?:<pills>|blade|razor|rope|poison) <gap>(?:next to me|in my hand|beside me|infront of me|in front of me|ready)",
        r"(?:blade|razor) (?:again|on|to|across)|(?:started|stop|urge to|want to) cut(?:ting)?(?: again| deeper)|(?:sleep|(?:be|im|i am|get|il be) gone) forever"
        r"|(?:dr[io]v\w*|crash\w*) (?:my|the) (?:car|bike|truck) (?:of|off|into)|(?:leav\w+|quit\w*) this (?:world|life)",
        r"(?:death|dying|being dead) (?:sounds|seems|feels|would be|is) <so>(?:like )?(?:a )?(?:relief|peaceful|easier|better|nice|beautiful|my only)|crav\w* (?:for )?death"
        r"|join (?:him|her|them|my \w+) <gap>(?:heaven|other side|up there|in death)|put an end to (?:my|this) life"
        r"|my own (?:death|hands?)|plan\w* my (?:own )?funeral|(?:should|will|ill|just|me to|can|better) go (?:and )?die|(?:where|in which) (?:im|i am) (?:still )?alive|sleep <gap>(?:not|never) (?:wake|waking) up(?! (?:early|late|at|before|for))|cuts (?:all )?(?:over|on|along) (?:my|her|his) <gap>(?:forearm|arm|wrist|thigh)s?|cut (?:so (?:that )?i (?:dont|can) feel|to feel (?:some|any|less|better))|walk\w* in ?to (?:the )?(?:sea|ocean|river|lake|water|traffic)|skip this life|bye forever",
        r"end my (?:suffering|pain|misery|existence)|(?:the|this|my) pain to (?:stop|end)|tel my <man> i love"
        r"|why (?:im|am i|i am) (?:stil|even) (?:alive|here|living)|want out (?:permanently|for good|of (?:this )?life)",
        r"(?:easier|easy|lighter|breathe|freer|relief|peace\w*) <far>(?:without me|if i (?:was|were|wasnt|werent))|(?:happier|better|relieved|fine) <far>(?:without me|im gone|i am gone|im dead|i die|i died|i (?:was|were) (?:gone|dead|not here|never)|i (?:wasnt|werent) (?:here|around|born|alive|there)|i disapear\w*)|wont be (?:alive|around)",
        r"painless(?:ly)? (?:way|method|death|die)|(?:easy|easiest|best|quick\w*|painful|painless|peaceful|gentl\w+) ways? to (?:die|go(?! (?:to|from|about|ahead|for|in|back|by|on|there|with))|end it)|lethal dose"
        r"|how many <gap><pills> <far>(?:die|kil|dead|lethal)|im not (?:afraid|scared) (?:to die|of dying)",
        r"(?:jump|jumping|step|throw\w* <self>) (?:off|from|in ?front of|under|in front) <gap><drop>|<drop> <far>jump|loking at <gap><drop> and thinking",
        r"(?:burn|burned|burnt) my (?:own )?(?:arm|skin|thigh|wrist|hand|leg)s? (?:again|on purpose|to fel|because|every|with (?:a |the |my )?(?:cig\w*|lighter|match\w*|candle|blade))|(?:burn|scratch|bit|punch|whip|flog|slap|hit)(?:e|s|ing|ting|ping|ged|ging)? (?:my ?self(?! (?:through|into|out))|my (?:own )?(?:arm|skin|thigh|wrist|head|body)s?)|(?:blade|razor|knife|lighter) (?:on|to|against) my"
        r"|(?:star|lok)\w* (?:at|up at) (?:the|my) (?:ceiling )?(?:fan|rope|noose|pils) (?:and|again|al|every)|(?:bridge|ledge|rof\w*|terrace|tracks?|clif|balcony) <far>(?:(?:one|my|a) (?:last|final)|god ?bye|forgive me)",
        r"(?:given?|gave|giving) away <far>(?:sory|god ?bye|peaceful|calm|wont ned|no longer ned)|(?:letters?|notes?) (?:to|for) <far>(?:they|he|she)(?:l| wil| can)? find|god ?bye <far>take care of"
        r"|fast(?:ing)? (?:un)?to death|(?:<want>|should i|can i|let me|permission to) <so>(?:leave|shed|give up|discard) (?:my|this) body|(?:want|take|taking|enter) <gap>jal samadhi|<poison> <far>(?:only|last|one) (?:way|option|answer|road)",
        r"(?:slit|cut|slash)\w* (?:my|her|his|their) (?:own )?(?:wrist|arm|thigh|throat|vein|leg)s?"
        r"|(?:bought|have|got|tied) (?:a|the) rope",
        r"by the time (?:yo)?u (?:read|se|hear|find) (?:this|these|it)|(?:point|use|sense) (?:in |of )?(?:carrying|going) on(?! (?:with|about) (?:this|the|a|my))"
        r"|(?:dont|cant|cannot|do not) se (?:my ?self|me) (?:here|alive|around|living) <gap>(?:next|anymore|any more|after|by)|(?:every\w+|al of (?:yo)?u|you al) (?:wil |would |d )?be fine (?:without|once|when) (?:me|im|i am)",
    ),
    "hinglish": (
        r"<khudkushi>|a?atm?a? ?hath?ya|marna (?:hai|h|he|hi|chah\w+|pasand|behtar)|mar (?:hi )?ja(?:un?|na|ne|on|o)\w*",
        r"marne k[aei] (?:man|soch|khaya?l|khya?l|dil|plan|tarika|bat|icha)\w*|marne ja rah\w+|ma+ut (?:hi )?(?:chahiye|a jaye|de do|mil|(?:ab |bas |mera |meri |ek |akhri )*(?:ra+sta|ilaj|upay|chara|sahara))",
        r"j[ei]na <no>(?: |$)|<no> j[ei]na|j[ei]ne k[aei] <gap>(?:<no>|khatam)|<no> j(?:i|e|iya) (?:sakt|pa|ja)\w*|[zj][ie]nda (?:<no> reh\w*|r[ea]hn[ea] k[iae] <gap><no>)|(?:[zj]indagi|life|j[ei]ne) se <gap>(?:thak|tang|har|ub|ob) (?:hi )?(?:ga|gy|chuk|a ga|a gy)\w*",
        r"ja+n (?:de d\w+|dena|dene|deni|le l\w+)|(?:zindagi|jindagi|life|sab|kuch) (?:ko )?(?:khatam|khatm|khtm|end) kar\w*",
        r"(?:khud|apne ap|apne|apni ap) ko <so>(?:khatam|khatm|mar|nuksan|chot|kat|hurt|harm|kil|cut)\w*",
        r"(?:hath|nas|kalai) kat (?:l|dal|rah)\w+|(?:z|j)[ae]h[ae]r kha|(?:f|ph)a?n[sc]i (?:lag|le|pe|par)\w*|latak ja\w*",
        r"(?:chh?at\w*|building|bridge|pul|train|nadi|balcony) (?:se|ke|me|mein) <gap>(?:k[uo]d|jump|samne|n[ei]che|age)\w*|(?:pul|bridge|patri|railing|(?:railway |train )?track|chh?at ke kin\w+) (?:pe|par|ke upar) (?:main |mai |hi |aj )*(?:(?:khad|baith)\w* (?:h[uo]n?|hai|reh\w*|rah\w*)|baithn[ae])",
        r"(?:hath|kalai|bah|jangh|pair|par) (?:pe|par|me) <gap>(?:cut|blade|chaku) <gap>(?:lag|mar|chala|kar)\w*|blade (?:se|mar|chala)\w*|hamesha ke (?:liye|lie) (?:so(?! (?:ga|gy|gi|chuk))|chal[aei] ja|chup ho)\w*|so ja\w* hamesha",
        r"(?:kal|subah) (?:main |mai |me )?<no> (?:uth[uo]|jag[uo])\w*|(?:kal se|ab se|duniya me(?:in)?|zinda|tumhare (?:sath|b[ie]+ch)) <gap><no> rah(?:u|o|eg|ug|nge)\w*|patri (?:(?:hi|to|par|pe) )?(?:pas|nazdik|samne|let|ja)\w*",
        r"<poison> <far>(?:rasta|chara|sahara|upay)|samadhi (?:l[eu]ng[ai]|le (?:lu|leta|leti)|lena (?:chah\w*|hai)|lene ja)|(?:pran|deh|sharir) (?:tyag|cho?h?o?d) (?:du|dun|dena|dunga|na chah)\w*",
        r"(?:kue|kuwe|kuen|kuan|nahar|talab|samundar|khidki|pahad|patri) (?:se|ke|me|mein|par|pe) <gap>(?:k[uo]d|jump|let)\w*|(?:fan|pankh[ae]) se (?:lat|jhul)\w*",
        r"paida (?:hi )?(?:na|<no>) h\w+|kash <gap>mar ja\w*|kabhi (?:bhi )?(?:<no> uth(?:u|un|ung\w*|na|ne)|na uthe)|a+nkh (?:hi )?<no> khule?|duniya (?:se ja|chh?o[dr])\w*(?! (?:ga|gy|gi|di|chuk|(?:ke |kar )?chal[aei]? (?:ga|gy|gi)))|(?:bhagwan|prabhu|krishna?|kanha|ishwar|god|ram|alah|upar ?wal\w*) <gap>(?:mujhe|muje|mujhko) <gap>utha l(?:o|e|ij\w+)|(?:mujhe|muje|mujhko) (?:ab |bas |bhi |jaldi |apne pas )*utha l(?:o|e|ij\w+)|mere bina <gap><all>",
        r"mer[ei] (?:na|<no>) (?:hone|rehne|rahne) (?:se|par|pe)|kitn[iey] <gap>(?:<pills>|goli\w*|dawai\w*|dava\w*) <far>(?:mar\w*|khat\w*m|insan|ja+n)",
    ),
    "hi": (
        "आत्म ?हत्या|खुद ?कु[शस][ीि]|खुदखु[शस][ीि]|खुद खुशी(?! (?:से|हु|मिल|ढूं|खोज))|स[ुू][इई]?सा[इई]ड|(?<!नहीं )मरना (?:है|चाह|ही)|मर (?:ही )?जा[ऊउन]|मरने (?:का|की|के) (?:मन|सोच|ख्याल|विचार|बात|इच्छा|तरीक)",
        "जीना नहीं|नहीं जीना|जीने (?:का|की|के) <gap>(?:नहीं|न |खत्म)|जान (?:दे द|देना|देने|ले ल)|जि[ंन]्?दा (?:नहीं रह|रहने (?:का|की|के) <gap>(?:नहीं|न ))|(?:जिंदगी|जिन्दगी|जीवन|जीने) से <gap>(?:थक|हार|ऊब|तंग आ) (?:ग|चुक)|मुझे (?:अब |बस |भी |अपने पास )*उठा (?:लो|ले|लीजिए)|मौत (?:चाहिए|आ जा|दे|ही <gap>(?:रास्ता|उपाय|चारा|इलाज|सहारा))",
        "(?:जिंदगी|जिन्दगी|जीवन|लाइफ|सब कुछ|खुद|अपने आप) (?:को )?(?:बहुत |बार ?-?बार |फिर )*(?:खत्म|समाप्त|मार|काट|चोट|नुकसान|हर्ट)|(?:हाथ|नस|कलाई) काट|फांसी|जहर (?:खा|पी)",
        "पैदा (?:ही )?(?:न|ना|नहीं) हो|(?:छत|पुल|ट्रेन|नदी) (?:से|के|में) <gap>(?:कूद|आगे|नीचे)|दुनिया (?:छोड(?! (?:ग|दी|चुक|(?:कर |के )?(?:चल[ाेी] )?ग)|(?:कर|के) (?:चल[ाेी] )?ग)|से (?:जा|चल[ाेी] जा))",
        "हमेशा के लिए (?:सो(?! (?:ग|चुक))|चल[ाेी] जा|चुप हो (?:जा|ना))|(?:पुल|छत के किनारे|पटरी|रेलिंग) (?:पर|पे) (?:मैं |ही |आज )*(?:खड|बैठ)|कल से <gap>नहीं रह|समाधि (?:ले लूं|लूंगा|लूंगी|लेना चाह)|(?:पंखे|रस्सी) से (?:लटक|झूल)|पटरी (?:पर|पे) <gap>(?:लेट|जा)|ब्लेड (?:से|चला|मार)|(?:कुएं|नहर|तालाब) में <gap>कूद",
        "मेरे बिना <gap>(?:घर ?वाले|परिवार|सब|सभी|बच्चे|लोग|दुनिया|मां|मम्मी)|(?:घर ?वाले|परिवार|सब|बच्चे) मेरे बिना",
    ),
}
ABUSE = {
    "en": (
        r"<he> (?:"
        r"<gap>(?:<hit>(?: (?:and|or|n) \w+)? (?:me(?! out)|us|(?:my|his|her|their|the|our) <gap>(?:<man>|kids?|child\w*|daughter|baby)|her|him)"
        r"|(?:push|shov)e?(?:s|ed)? me(?! (?:to|for|into|beyond|towards|hard|so|a lot|in)))"
        r"|<far>(?:(?:touches|touching|to touch) me|(?:came|comes|coming|snea?ks?|enters?|gets?) (?:to|into|in|inside) my (?:bed|rom) <far>(?:night|aslep|sleping|dark|alone|on duty|(?:is|isnt|not|nobody) <gap>(?:home|away|there)))"
        r"|(?:is|gets|was|s) <so>violent)",
        r"touched me <gap>(?:inap\w+|private|down there|sexual\w*|wrong\w*|night)",
        r"hurts? me (?:physical\w*|badly|every|again|at night)|(?:was|ben|gets?|got|being|were|is|geting) <so>(?:gang ?)?(?:raped|molested"
        r"|groped|abused|beaten (?:up|by (?!others)|every|with|at home)|sexual\w* \w+ed)|raped? me|molest\w* (?:me|my)|sexual\w* (?:assault|abus|harass)\w* (?:me|my)",
        r"(?:forc\w*|mak\w+|made|pressur\w*) (?:me|her|him) <gap>(?:sex|sexual|sexually|naked|nudes|undress|strip|sleep with|(?:take of|remove) (?:my|her|his|al|our) (?:clothes|shirt|top|pants?|dres|kurt\w*))",
        r"abusive (?:relationship|mariage|home|house\w*|<man>)|domestic (?:violence|abuse)",
        r"lock(?:s|ed) (?:me|us) (?:in|up|inside)|(?:scared|afraid|terified|frightened) (?:of my <man>(?! \w+ing)|to go home)",
        r"(?:push|shov)\w* (?:me|her|him) (?:down|of|off|against)|thr(?:ow|ew)\w* <gap>at (?:me|my|her)|(?:pul|grab|drag)\w* (?:me by|"
        r"my (?:hair|neck|throat)|her by)|bruise[sd]? <gap>(?:again|all|on|from)|forc\w* himself on|(?:bad|dirty|weird|nasty) things (?:to|with) m[ey]",
        r"(?:blackmail|leak)\w* <far>(?:nudes|photos?|pics?|pictures?|videos?)|private parts?|(?:came|comes|climb\w*|gets?) (?:to|into|in) my (?:bed|rom) <gap>night|spits? (?:on|at) me|gets physical",
        r"lock(?:s|ed) (?:me|her|him|us) out <gap>(?:hous|home|stair|flat|night|cold|rain|rom)\w*|(?:kep|keps|tok|takes|taken|hold|holds|hid|hides) my "
        r"(?:phone |papers |money )?<gap>pas?port(?! (?:photo|size))|(?:meals?|fod) <gap>only if i",
        r"(?:wont|doesnt|dont|does not|do not|never|not) (?:let|lets|alow|alows|alowed|alowing) (?:me|her|us)? ?(?:to )?(?:leave|step out of|go out of) (?:the |this |my )?(?:house|flat|home|room|factory|compound|building)|(?:dont|doesnt|wont) let (?:me|us|her) out(?! (?:with|late|at|to))",
        r"(?:son|daughter|children|<man>) <far>(?:kep|tak|snatch)\w* my pension|(?:he|she|who|and|also|often) (?:hits|beats|slaps|kicks|thrashes) (?:her|him|them)(?! (?:at|in) )|(?:tied|ties|chain\w*|locks?|locked) (?!(?:my|him|her|them|our) ?sel)(?:me |her |him |up )?<gap>(?:to|in) (?:the |a |her |his |my )?(?:bed|chair|pole|rom|bathrom)",
        r"forc\w* (?:me|himself|herself|her) (?:<gap>(?:at night|every night|in bed|physical\w*)|when i)|(?:his|her|their|a) hands? (?:in|inside|up|down|under|into|on) my (?:shirt|skirt|top|pants?|dres|kurt\w*|cloth\w*|frock|salwar|thighs?|breasts?|chest|bod\w*|legs?|waist)",
        r"(?:send|bring|sent|brought)s? (?:men|customers?|clients?) (?:to|in|into) m[ey]|be(?:ing|en) trafick\w*|sold me(?! out)|(?:forc|push)\w* <gap>(?:prostitution|sex work)|(?:shows?|showed|makes?|made) me (?:watch )?<gap>(?:porn\w*|dirty|nudes?|naked)|(?:asks?|asked|wants?) (?:me )?<gap>(?:nudes|naked|take of my)",
        r"(?:doing|does|did|do) (?:some ?thing|things?) (?:bad|wrong|dirty) (?:to|with) <gap>(?:girl|boy|child|kid|daughter|son|baby|sister|niece)|bruises? <far>(?:scared|afraid|terified|frightened)",
        r"(?:geting|get|mary\w*|forc\w*) me <gap>(?:mar[iy]\w*|of|mariage|wedding) <far>(?:i am|im|only) (?:only |just )?(?:[6-9]|1[0-7])\b|(?:i am|im) (?:only |just )?(?:[6-9]|1[0-7])\b <far>(?:geting|get|mary\w*|forc\w*) me",
        r"thr[eo]ws? (?:plates?|bot+les?|dishes|chairs?|utensils|knives|vessels|stuf) at (?:me|us|her|mom|mum|my|the kids)",
        r"wont let me leave the house|(?:torture|haras|beat|burn)\w* <far>dowry|gave me (?:a black eye|bruises)|throws things at me|(?:thr[eo]ws?|pour\w*|flung) <gap>(?:hot|boiling|scalding|acid) <gap>(?:on|at|over) (?:me|her|him|us|my)|touch\w* my (?:waist|breast|chest|thigh|private|bum)\w*",
    ),
    "hinglish": (
        r"ba+l pakad\w*|(?:di|de+)wa+r (?:pe|par|se|me) <gap>(?:sa?ir|sar|mar\w*|patk\w*|phek\w*)",
        r"(?:mujhe|muje|mujhko|hame|hume|\w+ ko) <gap>(?:mart[aei]|pi?e?t+[aei]|pett\w*|pitt\w*)|mart[aei] (?:hain? |he |h )?(?:mujhe|muje)",
        r"mar ?p[ei]t\w*|mart[aei] p[ei]t\w*|mar (?:padt|khat)\w*|ha+th utha\w*|galat <gap>(?:chh?u\w*|touch|hath (?:lag|fer|pher|dal|rakh))\w*|(?:pair\w*|kamar|jangh\w*|pith|peeth|badan|sharir|chhati) (?:pe|par|me) <gap>hath (?:fer|pher|fir|sehla|lag)\w*|bad touch|chhed\w*",
        r"mere sa+th <gap>(?:rape|[zj]abardasti|galat|ganda|gandi|balatkar)|balatkar|rape (?:hua|kiya|kar)|dahej <far>(?:mar|pit|tang|jala)\w*",
        r"(?:boss|sir|uncle|chacha|mama|jija|devar|sasur|padosi|lad?k[eo]\w*|cabin|kamr[ea]|rat|bistar|akel[aei]|pati|bf) <far>[zj]a?bardasti (?:ki|kiya|kart[aei]|kari|kar)(?! shadi)|gand[iae] (?:harkat|video|photo|tarik)\w*",
        r"(?:malik|malkin|seth|thekedar|agent) <far>(?:jane <no>|<no> jane|pas?port (?:le|rakh|chh?[ie]+n|jama)\w*|band kar|mart[aei]|pit\w*)|bandhak|kothe (?:par|pe)|bech d(?:iy|ung|eng)\w* mujhe|mujhe <gap>bech d\w*|(?:kapd[eo]|shirt|frock|badan|chhati|jangh) <gap>(?:andar|pe|par|ko|me) <gap>(?:hath|chh?u|daba)\w*",
        r"(?:bet[aei]|bahu|bach+o|sas|pati) <far>khana <no> de\w*|(?:bet[aei]|bahu|sas|sasur\w*|pati|husband|papa|mumy|bf) <far>ghar se nikal (?:d|rah)\w*|gala (?:daba|ghot)\w*|(?:[6-9]|1[0-7]) (?:sal|sal ki|ki|ka) <far>(?:shadi|byah|nikah) <gap>kar(?:a|wa|va)? (?:d|rah)\w*|(?:shadi|byah|nikah) <gap>kar(?:a|wa|va)? (?:d|rah)\w* <far>(?:[6-9]|1[0-7]) (?:sal|ki|ka)",
        r"(?:thap?ad|chanta|lat|ghus[ae]) (?:mar|jad)\w*|mujhe <far>chh?u(?:t[aei]|a|ya)\b|chh?u(?:t[aei]|a|ya) <gap>mujhe <gap>galat|gharelu hinsa|(?:pati|papa|bap|sasur\w*|sas|chacha|mama|bf|jeth|nanad|mumy|mami|ma|sautel\w+ \w+|ghar ?wal\w+) <far>(?<!sharab )(?<!daru )(?<!chai )(?<!pani )(?<!dudh )(?<!bidi )(?:mart|pi?e?t+)[aei] (?:hai|hain|h|he|the|tha|thi|rah\w+)|(?:mumy|ma|papa|pati|sas\w*|bhai|bhabhi) <gap>(?:mujhe|muje|bahu ko|hame) <gap>jala (?:d|rah)\w*|kamre me(?:in)? band",
    ),
    "hi": (
        "(?:मुझे|मुझको|हमें|\\S को) <gap>(?:मारत|पीटत|मार रह|पीट रह)|मार ?-?पीट|हाथ उठा|बलात्कार|रेप (?:हु|कि)|साथ <gap>(?:जबरदस्ती|गलत|गंद[ीा])",
        "(?:बॉस|सर|अंकल|चाचा|मामा|जीजा|देवर|ससुर|पडोसी|पति|कमरे|रात) <far>जबरदस्ती (?:की|कर)|गंदी (?:हरकत|बात)|(?:कपडे|कपडों|बदन|छाती) <gap>(?:हाथ|छू)|(?:मालिक|सेठ|ठेकेदार|एजेंट) <far>(?:जाने नहीं|पासपोर्ट|मारत|पीटत|बंद)|बंधक|कमरे में बंद|(?:बेट[ाे]|बहू|ससुराल|पति) <far>(?:घर से निकाल|खाना नहीं दे)|मुझे <gap>बेच दिया",
        "(?:पति|ससुर\\S*|सास|जेठ|ननद|पापा|पिता\\S*|बाप|मम्मी|चाचा|मामा|भाई|बॉयफ्रेंड|घर ?वाले) <far>(?:मारत|पीटत|पीटा|थप्पड)|गलत <gap>छू|छेड|घरेलू हिंसा|यौन (?:शोषण|उत्पीडन|हिंसा)|दहेज <far>(?:मार|पीट|परेशान|तंग|जला|प्रताड)",
    ),
}
