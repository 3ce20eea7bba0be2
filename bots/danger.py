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
    "past": r"(?:(?:died by|dead by|comit\w*) suicide|(?:took|ended) (?:his|her|their) (?:own )?life|(?:kiled|hanged|shot|hung) (?:him|her|them)sel\w+)",
    "long": r"(?:years? |yrs? |decades? |long |ages )(?:ago|back|since)|last (?:year|winter|summer|spring|autumn|fall|month)|months ago|in (?:19|20)\d\d|when i was",
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
    # a game named before who wins it, and the words between that do not turn it into a hand
    "play": r"(?:ludo|chess|shatranj|carr?oms?|cards?|rummy|tash|uno|scrabble|badminton|table tennis|tennis|tt|cricket|football|fifa|pubg|bgmi|poker|kabaddi|quiz\w*|video games?|games?|match|antakshari|sudoku)",
    "over": r"(?:(?!practice|coach|sir|teacher|camp|acad|when|because|and|after|if|drunk|daru|sharab|phir|belt|danda)[^ .!?;]+ ){0,5}",
    "end": r"(?=[ .!?\u0964]*$)",
    "famous": r"(?:camus|sisyphus|durkheim|plath|hemingway|woolf|van gogh|kurt cobain|robin wiliams|cleopatra|hitler|judas|socrates|seneca|sushant|guru dutt|padmavati?|rani padmini|devdas)",
    "stick": r"(?:belt|cane|stick|rod|slippers?|chap+al\w*|jut[eo]|jo+t[eo]|belan|dand[aei]|lathi|jhadu|wire|hanger|chhadi|hunter|pipe)",
    "gaze": r"(?:nudes?|naked|pics?|photos?|pictures?|videos?|clips?|screen ?shots?|chats?|tasve+r\w*|foto\w*)",
    # what wounds, where, and what it does when somebody means it
    "sharp": r"(?:blade|compass|pra?kar|cutter|chaku|chhuri|ka+nch|sui|safety ?pin|razor|kainchi|nakhun)",
    "limb": r"(?:hath|haath|kalai|arms?|jangh\w*|ba+nh?|thighs?|pair|skin|chamdi|wrists?|legs?)",
    "scar": r"(?:kat(?:ti|ta|na| l\w+| rah\w+)|khod\w*|kured\w*|chir\w*|noch\w*|khar(?:o|on)ch\w*|(?:nishan|ghav|cuts?) (?:bana|mar|kar)\w*)",
    "teen": r"(?:(?:class |kaksha )(?:[5-9]|1[0-2])|(?:[5-9]|1[0-2]) ?(?:th|vi|ve|vin)(?: class)?|(?:[89]|1[0-7]) sal k[ia])",
    "cloth": r"(?:dupat+a|sare+|sari|scarf|rope|belt|bedshe+t|chun+i|ras+i|gamcha)",
    "match": r"(?:sagai|shadi|nikah|byah|rishta|roka|gauna)",
    "share": r"(?:send|post|leak|share|show|upload|spread|put)(?:s|ing|ed)?",
    "going": r"(?:tomor+ow|tmr+w?|tom|any ?more|much longer|for long)(?:<end>|(?= (?:and|what|i|im|ive|his|her|should|how|please|pls|help) ))",
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
    # who is left behind by one who did it is answered, with those who listen under it (care.AFTER)
    r"(?<!if )<he> (?:has |had |who |is now |is )?<past>(?! (?:just|right) now)(?! today)(?! <far>(?:i|ill|im) (?:(?:also|just|al|want|wana|wil|going|should|ned|cant|to) )*(?:folow|join|go on|die|end|do (?:the same|it)|be with|live))",
    r"(?:bhai|behe?n|didi|dost|yar|papa|pita|ma|mumy|bete?i?|pati|patni|biwi|chacha|mama|usne|un\w+) (?:ne )?(?:\w+ ){0,2}(?:(?:<khudkushi>|suicide|atma? ?hatya) (?:kar )?(?:l[iy]a?(?: th?[ai])?|ki thi|kiy?a(?: tha)?)|jan d[ei] di(?: thi)?)(?! <far>(?:mujhe|mai|main) bhi)",
    "(?:भाई|बहन|दीदी|दोस्त|पापा|पिता|मां|बेटे|बेटी|पति|पत्नी|उस|उन्हों)\\S* ?(?:ने )?(?:\\S+ ){0,2}(?:(?:आत्म ?हत्या|खुदकुशी) (?:कर ली(?: थी)?|की थी)|जान (?:दे दी|ले ली)(?: थी)?)(?! <far>(?:मैं भी|मुझे भी))",
    r"(?:sal|mahin\w+|bars\w*) p[ae]h?l[ei] <far>(?:<khudkushi>|suicide|atma? ?hatya) (?:kar )?(?:k?iy?a|ki|li) ?(?:th?[ai]|h?ai)?",
    r"suicidal (?:patients?|clients?|calers?|inmates?)|(?:patients?|clients?|calers?|inmates?) (?:who|with|that) <far>(?:suicid\w*|self harm\w*|want to die|dying)",
    r"(?:romeo|juliet|anna karenina|hamlet|devdas) (?:kil|poison|drown|stab)\w* <self>|(?:suicide|self harm|rape|domestic violence) (?:in|as in) (?:\w+ )?(?:novels?|literature|films?|movies?|boks?|cinema|mahabharat\w*|ramayan\w*|history)",
    r"(?:in|of|from) (?:(?:the|a|this|that|my) )?(?:novel|film|movie|bok|story|play|series|epic|mahabharat\w*|anna karenina|romeo|hamlet|devdas) <far>"
    r"(?:(?:throw|kil|hang|drown|poison|stab|shot|shoot)\w* <self>(?: (?:under|of|from|in|with) (?:the |a )?\w+)?|<past>|suicid\w*)",
    r"(?:dream\w*|sapn[ae]|khwab) <far>(?:snake|sanp) <far>(?:bit\w*|kat\w*|das\w*)|(?:snake|sanp) <gap>(?:bit\w*|kat\w*|das\w*) <far>(?:dream|sapn[ae])",
    r"(?:[zj]indagi|life|gadi|business|kam|naukri) <gap>patri (?:par|pe|se)|beat <self> up|burn\w* <self> out",
    r"rather die than|(?:hurt|cut|burnt?|burned) myself <gap>(?:shaving|cooking|playing|accident\w*|running|kitchen|gym)",
    r"be here any ?more <far>(?:job|office|company|city|town|party|school|college)",
    # blows of a childhood that is over, and those of an illness
    r"(?:he|she|<man>) (?:used to |would |always )?(?:beat|hit|slap\w*|thrash\w*|whip\w*) (?:me|us|my \w+)(?: and (?:me|us|my \w+))? (?!.*\bstil\b)<far>(?:when (?:i|we) (?:was|were) (?:a |stil )?(?:kids?|child\w*|smal|litle|young\w*)|(?:as|since) (?:a )?(?:kids?|child\w*)|in (?:my|our) childhod|growing up)",
    r"(?:dementia|alzheimers?|delirium) <far>(?:hits?|bit|bites?|slap\w*|scratch\w*|punch\w*|kick\w*) (?:me|us)\b",
    r"sold (?:me|us) (?:a|an|the|some|his|her|their)\b|chhat ke neeche <far>(?:rah|reh)(?:te|ti|ta|na)\b|na jeene ki khabar na marne ki",
    # what is told of others, in the news and in books; not "reading Camus makes me think of it"
    r"(?:farmers?|students?|aspirants?|celebrity|celebrities|soldiers?) suicides?|suicides? (?:of|by|among|in) (?:farmers?|students?|aspirants?|soldiers?|celebrities|<famous>)|kisan\w* k[iey] (?:suicides?|atma? ?hatya\w*)",
    r"<famous> (?:(?!me |i |im |my |mujhe |main |mai )[^ .!?;]+ ){0,12}(?:suicid\w*|kil\w* <self>|atma? ?hatya)",
    "नदी में <gap>कूद\\S* (?:कर )?(?:नहा|तैर|मज)",
    "(?:किसान|छात्र)\\S* (?:की|के) (?:आत्म ?हत्या|खुदकुशी)",
    # what is won, and what hits without a hand
    r"beat (?:me|him|her|us|my <man>) (?:at (?!home|night|work|school|his|her|least|mid|\d)|in (?!front|public|anger|rage|drunk|my |his |her |our |the (?:kitchen|bath|bed|room|night|street|car|house|stomach|face|head|back|hall|yard|dark))"
    r"|by (?:just |only |about )?(?:\d+|a|one|two|three|four|five|ten|half|points?|marks|runs|votes|goals|sec\w*|miles)\b)|hit me (?:up|with (?!his|a|the))",
    r"(?:match|game|finals?|tournament|series|league|team) <far>(?:they|it|team|who) beat us",
    r"beat(?:s|ing|en)? (?:me|him|her|us|my <man>) (?:(?:always|often|easily|daily|hands down|badly|every (?:single )?(?:time|day)|all the time|again|regularly) )*(?:(?:at|in) (?:(?:a|an|the|every|our|all|my|this|that|online|mobile|video|board|table|arm|card|of|single) )*<game>"
    r"|to (?:it|the (?:punch|window|last|first|seat|bathroom|remote|finish|front|tv)))\b|hits? me with (?:a |the |her |his )*(?:facts?|truths?|logic|questions?|reality|jokes?|smiles?|wisdom|adv\w+|excuses?|news|bills?|love|hugs?|kindness)\b",
    r"<thing> <light>(?:(?<!to )(?:kill|murder|chas)(?:s|es|ing|ed|e)? (?:me|us)|(?:going|about) to kill (?:me|us)|jaa?n (?:hi )?(?:le|nikal|kha)(?! lu)\w*(?: (?:le|li|d|rah|rh|ja|ga)\w*)*|mar (?:dal|de|du)\w*)",
    r"(?<!losing )(?<!lose )(?<!lost )(?<!during )(?:at|in|on) (?:our |a |the |online )?<play> <over>(?:beat|thrash|kil|destroy|murder)(?:s|en|ing|ed)? (?:me|him|her|us)|<play> (?:me|mein|mai) (?:to |bhi )?<over>(?:mart|pi?e?t+|mar de|hara)[aei]\w*",
    "(?:शतरंज|चेस|लूडो|कैरम|ताश|क्रिकेट|बैडमिंटन|टेनिस|फुटबॉल|कबड्डी|गेम|खेल) में (?:(?!कोच|सर|टीचर|बेल्ट|डंड|शराब|जब|हार|तो)[^ .!?;।]+ ){0,5}(?:पीट|मार|हरा)",
    "(?:गप्प\\S*|डींग\\S*|झाडू|आंख|सीटी|चक्कर|लाइन|डायलॉग|छक्क\\S*|चौक्क\\S*|पोज|फूंक|ठहाक\\S*|मक्खी|मच्छर\\S*|तीर) मार",
    # who is tired and wants a holiday; who asks whether to slap a child, which care.py answers
    r"(?:life|[zj]indagi) se (?:bahut |ekdam |puri tarah )?(?:thak|ub|bor|tang a) (?:ga\w+|gy\w+|chuk\w+) (?:hu[on]?|hai|h)? ?(?:yar |bas |ab |ek |do |kuch |din |ki |lambi |mujhe )*(?:chh?ut+i|break|holiday|vacation|leave|trip|ghum\w*|pahad\w*|goa)",
    "(?:जिंदगी|जीवन|लाइफ) से (?:बहुत )?(?:थक|ऊब|बोर हो) (?:गय?[ाी]|चुक[ाी]) (?:हूं|है)? ?(?:यार |बस |अब |मुझे |कुछ |दिन |की )*(?:छुट्टी|ब्रेक|घूम|पहाड)",
    r"(?:bach(?:ch)?[aeo]\w*|bet[aei]|students?) <far>(?:thap?ad|chanta) mar(?:na|u|un|ne)? (?:kya )?(?:sahi|galat|thik|chahiye|jayaz|pap)",
    r"(?:never|did not|didnt) (?:even )?(?:<hit>|touch\w*)|used to (?:beat|hit|slap)",
    r"(?:beat|hit|slap\w*) me <gap>when i was (?:smal|little|young|a |\d)|left (?:my|an|that) abusive \w+|(?:team|india|we|side) <gap>beaten",
    r"following me (?:on|back|in everything)|(?:past|bos|debts?|memories|thoughts|guilt|dreams?|problems|bank|recruiters?|hr|sales\w*|clients?|dogs?|cows?|monkeys?) (?:is|are|keeps?) (?:always |stil |realy )?chasing me|kill (?:him|her|them) (?:at|in) (?:chess|cards|tennis|cricket|the game)|kill the (?:person|man|woman) i (?:was|am|used)|overdose (?:of|on) (?:sugar|coffee|caf\w+|news)",
    r"kill (?:me|him|her|us) (?:if|when|for) <far>(?:marks|late|grades?|forget|forgot|broke|roti|diner|homework|report card|results?|hair ?cut|tattoo|shopping)",
    r"(?:draupadi|sita|arjuna?|krishna|bhima?|karna|duryodhana?|ravana?|bhi?shma|drona|pandu|madri|socrates|judas|hitler) <gap>(?:<hit>|kil\w*|(?:comit\w* )?suicid\w*)",
    r"(?:bhu?o?kh?|garmi|thand|hasi|hansi|sharam|pya?r|pya?s|haste|hanste|bore) <gap>mar\w*",
    r"<no> marna(?! hi (?:thik|sahi|behtar|acha))|j[ei]na <no> chahiye|(?:tan[ea]|mesage|msg|line|call|gap+\w*|dole|dialog\w*|chakar|pose|siti|ankh|jhadu|ding\w*|chh?alang|phunk|chhak\w*|chauk\w*|sixer) mart?\w*|mart[aei] (?:hai |hain |h )?(?:mujhe |muje |hame )?(?:tan[ea]|line|gap+\w*)|dan?t mart[aei]|suicide <no> kar(?:un|rah)\w*",
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
        # stalking and blackmail
        r"(?:ex|he|guy|man|boy|stranger|some ?one|colleague|classmate|driver|customer) <gap>(?:wait|stand|show|turn|sit|hang)(?:s|ing|ed)? (?:up |around )?(?:for me )?(?:outside|near|in front of|opposite|at) my (?:house|home|ofice|hostel|colege|school|work\w*|flat|gate|building|dor|window|gym|street|class\w*) <far>(?:every|daily|again|night|scared|afraid|says?|threat\w*|blocked|wont|refuses)",
        r"if (?:he|i|she) cant have (?:me|her|you|him)|no ?(?:body|one) (?:else )?(?:can|will|gets to) have me|(?:he|she|they|ex|found|some ?one|husband|bf) <gap>(?:airtag|tracker|gps|spy ?cam\w*|hidden camera|spyware) <gap>(?:in|on|under) my (?:car|bag|bike|scoter|phone|rom|bath\w*|bedrom)",
        r"<share> (?:out )?(?:my|our|her|me) (?:\w+ )?(?:nudes?|naked|private (?:pic|photo|picture|video|clip|chat)\w*|intimate)",
        r"(?:says?|said|threat\w*|going to|gona|he l|hel|shel|theyl|wil) (?:(?:he|she|they|to|that|wil|would|is|are|going|l|d) )*<share> (?:my|our|these|those|the|al my) (?:\w+ )?<gaze> (?:to|with|on|in) (?:every\w*|my|the (?:whole|entire|internet|net|web)|al|his friends|her friends|a porn|porn\w*|school|colege)",
        r"(?:unless|if) i (?:dont|do not|wont|refuse|stop|break|block|leave) <far>(?:he|she|they|hel|theyl|shel)(?: wil| would|l)? (?:(?:leak|post|upload|spread)(?:s|ing|ed)? <gap>|<share> (?:my|the|those|these|our) <gap>)<gaze>",
        r"(?:friend|bestie|bro|brother|sister|son|daughter|cousin|classmate|rom ?mate|bf|gf|ex|he|she|husband|wife|boyfriend|girlfriend) (?:just |has |keeps )*(?:say\w*|said|text\w*|wrote|posted|told me|mesag\w*) <far>(?:wont|will not|not going to|not gona) be (?:here|around|alive) <going>",
        r"(?:gulp|swalow|chug|down)(?:ed|ing) (?:down )?(?:al|the whole|a botle|a strip|a handful|the entire) (?:of )?<gap><pills>|(?:drank|drunk|ate|swalow\w*|drink\w*) <gap>(?:roach|rat|ant|bed ?bug|termite|mosquito|weed) (?:poison|kiler|spray|liquid)",
        r"recorded (?:me|us|our) <far>(?:undres\w*|naked|nude|bath\w*|clothes|intimate) <far>(?:asking|wants?|demand\w*|pay|money)|(?:wants?|demand\w*|asking) (?:for )?<gap>(?:money|\d+ ?(?:k|lakh|thousand|rupes)) <far>or (?:he|she|they|hel|shel|theyl) <far>(?:post|leak|send|share|upload|mail)",
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
        r"(?:goli\w*|dawai\w*|tablets?|<pills>) (?:bhi )?kha (?:l\w+|chuk\w+|dal\w+) (?:hai |hain |h )*(?:dher|bahut|bohot|sari|puri|pure|\d\d+|bis|tis|pachas)|(?:[zj][ae]h[ae]r|phenyl|phinail|finail|acid|tezab|harpic|ke+tna?shak|mit+i ka tel|kerosene) (?:bhi )?(?:pe|pi) (?:l|ga|gy|chuk)\w*",
        # who may do something to a child, or to themselves
        r"(?:khud ko|apne ap ko|apne ko) (?:kahi )?kuch (?:na |galat |ho )*kar (?:na )?(?:du|l[ue]|liy|be?i?th|bai?th|dal)\w*|(?:bach(?:ch)?e ko|baby ko|us[ek]o?|isko|ise|unko) (?:aur khud ko )?(?:kahi )?kuch (?:na |galat |ho )*kar (?:na )?(?:du|bai?th|beth|dal)\w*",
        r"(?:(?:mujh|us|khud|apne|biwi|bahu|beti|ladki) ?(?:pe|par)|(?:mere|apne|uske) upar) <gap>(?:petrol|kerosene|mit+i ka tel|tezab|acid)|(?:tezab|acid) (?:dal|phe+k|fe+k)\w*",
        r"(?:ladk[ae]|banda|admi|ex|koi) <far>(?:mere|meri|hamare) <gap>ke (?:bahar|samne) <gap>(?:khad|intezar)\w* (?:kar )?(?:reh|rah|rh)\w*",
        r"(?:meri|mere|teri|tere|tumhari|hamari|uski) <gap><gaze> <far>(?:viral|leak|bhej d|post|upload|sabko|dal d|dikha d)\w*(?: <far>(?:dhamk|nahi to|nhi to|varna|warna|paise (?:de|do|mang)))? <far>(?:dhamk|kar dung|de?ga|dega|kehta|bolta|bol rah|keh rah)\w*|(?:nahi to|nhi to|varna|warna|dhamk\w*) <far>(?:meri|mere|teri|tere|tumhari|hamari|uski) <gap><gaze>",
        r"(?:<pills>|goli\w*|dawai\w*) ek sa+th <gap>(?:kha|nigal|gatak|pi) (?:l|ga|gy|dal)\w*|(?:sari|puri|\d\d+|bis|tis|pachas) <gap>(?:<pills>|goli\w*|dawai\w*) (?:nigal|gatak) (?:l|ga|gy)\w*|(?:khatmal|kid[eo]|chuh[eo]|machh?ar|ghas|tilchat+\w*|cockroach) (?:\w+ ){0,3}(?:dawa\w*|spray|goli\w*|liquid|hit) (?:kha|pi|pe|nigal) (?:l|ga|gy)\w*",
        r"(?:ladk[ae]|banda|bande|admi|ex|ajnabi|koi) <far>(?:(?:mere|meri|hamare) <gap>tak (?:a|pahu?nch) (?:ga|gy|ja|rah)\w*|p[ei]+ch+h?e p[ei]+ch+h?e (?:a|chal)\w*)",
    ),
    "hi": (
        "जिंदा नहीं (?:छोड|रहने)|टुकडे (?:टुकडे )?कर द|(?:घर|दुकान|उसे|उसको|उनको) <gap>आग लगा द|गला (?:दबा|घोंट)",
        "जान से मार|(?<!खुद को )(?<!आप को )मार (?:डाल[ूेो]|दूंग|देंग|देग)|धमकी (?:दी|दे|मिल)|पीछा कर|खून कर|(?:घर|कमरे|फ्लैट|दुकान) में <gap>घुस (?:ग|आ|रह)|(?:घर|रसोई|किचन|दुकान|कपडों|गाडी|सिलेंडर|बिल्डिंग|कमरे) (?:में|को|पर) <gap>आग लग (?:ग|चुक)|गैस (?:लीक|रिस)|(?:नदी|तालाब|पानी|नहर|कुएं) में <gap>डूब रह",
        "(?:जहर|फिनाइल|तेजाब|एसिड|सल्फास|हार्पिक|कीटनाशक) (?:खा|पी) लि|(?:बहुत|सारी|पूरी|नींद) <gap>(?:गोली|गोलिय\\S*|दवाई\\S*) <gap>खा|(?:चाकू|बंदूक|पिस्तौल) (?:ले|है|दिखा|निकाल|उठा)",
        "चूहे ?(?:मारने (?:की|वाली) |मार )?(?:दवा|दवाई|गोली)\\S* <gap>(?:खा|पी|निगल) (?:ल|ग|चुक)|(?:गोलियां|दवाइयां) (?:खा|निगल) (?:ल[ीि]|चुक)\\S* <gap>(?:ढेर|बहुत|सारी|पूरी|बीस|तीस)|मिट्टी का तेल पी",
        # who may do something to a child, or to themselves
        "(?:खुद को|अपने आप को|अपने को|बच्च\\S* को|उसे|उसको|इसे|इसको) (?:और खुद को )?(?:कहीं )?कुछ (?:न |ना |गलत |हो )*कर (?:न )?(?:दूं|लूं|लिय|ले(?: |ग|ं|$)|बैठ|डाल)",
        "(?:(?:मुझ|उस|खुद|बहू|पत्नी|बेटी|लडकी) ?(?:पर|पे)|(?:मेरे|अपने|उसके) ऊपर) <gap>(?:पेट्रोल|केरोसिन|मिट्टी का तेल|तेजाब|एसिड)|(?:तेजाब|एसिड) (?:डाल|फेंक)",
        "(?:लडक[ाे]|आदमी|एक्स|कोई) <far>(?:मेरे|मेरी|हमारे) <gap>के (?:बाहर|सामने) <gap>(?:खड|इंतजार)\\S* (?:कर )?रह",
        "(?:मेरी|मेरे|तेरी|तुम्हारी|हमारी|उसकी) <gap>(?:तस्वीर|फोटो|वीडियो|चैट)\\S* <far>(?:वायरल|लीक|भेज|डाल|दिखा|सबको|पोस्ट) <far>(?:धमक|दूंग|देग|कहत|बोलत)|(?:धमक\\S*|नहीं तो|वरना) <far>(?:मेरी|मेरे|तेरी|तुम्हारी|हमारी|उसकी) <gap>(?:तस्वीर|फोटो|वीडियो|चैट)",
        "(?:खटमल|कीड\\S*|मच्छर\\S*|घास|तिलचट्ट\\S*) <gap>(?:दवा|दवाई|स्प्रे|गोली)\\S* (?:खा|पी|निगल) (?:ल|ग)|(?:गोली|गोलियां|दवाइयां)\\S* एक साथ <gap>(?:खा|निगल|गटक) (?:ल|ग)|(?:सारी|पूरी|बीस|तीस|पचास|[1-9]\\d|[१-९][०-९]) <gap>(?:गोली|गोलियां|दवाइयां) (?:निगल|गटक) (?:ल|ग)",
        "आवाज\\S* <far>(?:कहत|बोलत)\\S* <far>(?:डुबो|कूद|जला दे|काट दे|फेंक दे|मार दे|मार डाल|मर जा|गला)|(?:आदमी|लडक[ाे]|कोई|अजनबी) <far>(?:मेरे <gap>तक (?:आ|पहुंच) (?:ग|जा)|पीछे पीछे (?:आ|चल))|(?:आदमी|लडक[ाे]) <far>सटकर <far>पीछे",
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
        r"(?:easier|easy|lighter|breathe|freer|relief|peace\w*) <far>(?:without me|if i (?:was|were|wasnt|werent))|(?:happier|better|relieved|fine) <far>(?:without me|im gone|i am gone|im dead|i die|i died|i (?:was|were) (?:gone|dead|not here|never)|i (?:wasnt|werent) (?:here|around|born|alive|there)|i disapear\w*)|wont be (?:alive|around)(?! (?:next|for|on|until|til|at|in|today|this))",
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
        # veiled: all is settled, nothing is ahead, one step is left
        r"(?<!when )(?<!once )(?<!until )(?<!after )(?:im|i am|ima|just|so) <so>done with (?:everything|every ?one|al of (?:it|this)|it al)(?:<end>|(?= and every| (?:and )?i (?:dont|cant|want|just|ned)| no ))|had enough of (?:this |my )?(?:life|living|existing|being (?:here|alive))(?! (?:in|at|with|near|on))",
        r"(?:i have|ive|ive got|i got|i made|i finally have) (?:a|my|the) plan (?:for )?(?:tonight|tonite|2night|2nite)(?:<end>|(?= and (?:no ?body|no one|i (?:wont|dont|am not)|im not)))|i (?:wont|will not) be here <going>",
        r"(?:wrote|written|writing|finished|sealed) (?:al |out )?(?:the|my|their|al) (?:leters|god ?byes?) <far>(?:<drop>|pil\w*|rope|tonight|peace\w*|calm|ready|drawer|find|over)|edge <far>(?:think|wonder)\w* <gap>(?:one|a) (?:more )?step|(?:just|only) one (?:more )?step (?:and|then) <gap>(?:over|gone|done|fre|peace|end)",
        r"by the time <far>(?:il|i wil|i) be dead|(?:it|everything|al) (?:wil|il|l)? ?(?:al )?be over for me|(?:paid|cleared|settled|gave|given|wrote|sorted|canceled)[^?!]{4,80}(?:strangely|oddly|weirdly) (?:calm|peaceful|at peace|light)",
        r"(?:gave|given|giving) (?:away )?(?:my|our) (?:cat|dog|pets?|parrot|fish) (?:away|to)[^?!]{0,80}(?:calm|peaceful|ready|wont ned|be over|light)|(?:cant|cannot|dont|do not) (?:se|imagine|picture) <gap>(?:version|future|tomorow|next year) <gap>(?:with me in it|where im|where i am|me in it|that has me)",
        r"no ?(?:body|one) (?:would|will|wil|d|l)? ?<so>(?:mis|notice|care) (?:me )?if i (?:was|were|just|wasnt|werent|vanish\w*|disap\w*|never)(?! (?:late|absent|on leave))|se (?:yo)?u (?:al |every\w+ )?(?:on the other side|in (?:the |my |a |our )?(?:next|another) (?:life|world))|(?:tie|tying|tied|made|making) (?:a|the) nose|nose <gap>(?:ready|neck|tied)",
        r"(?:i|im|ive|i am|i have) (?:ben |just |secretly |started )*(?:hoard|stock|sav|colect|stash)(?:e|ed|ing)? (?:up |pil\w* )?(?:my |her |his |the |al |enough |sleping |mums |moms |ben )*(?:pils|sleping tablets)",
        # food as a weapon against oneself
        r"(?:havent|have not|hasnt|not) eaten (?:anything |properly |a bite |food |real |solid )*(?:in|for|since) <gap>(?:days|wek\w*)[^?!]{1,60}(?:faint\w*|fat|thin|thiner|colaps\w*|blacked|skin+y|lose (?:more )?weight)|mak(?:e|es|ing) my ?self (?:throw up|vomit|puke|purge|sick(?! (?:with|of|by|thinking|wor+y\w*)))|(?:throw|threw|thrown|throwing) up (?:after every|everything i eat|every ?time i eat|on purpose|to (?:los|stay|get|be))"
        r"|purg(?:e|ing) (?:after|every|again|my)|laxatives? <far>(?:los\w* weight|thin|fat|skin+y|every)|(?:living|surviving|live|survive) on (?:only |just |nothing but )*(?:water|cof+ee?|diet coke|gum|ice) <far>(?:thin|skin+y|fat|lose|faint\w*)",
        # a noose of what is at hand, a date, the money that will be paid
        r"(?:tied|tying|tie|hung|hang|put) <gap><cloth> <gap>(?:fan|hok|beam|ceiling|gril)|(?:say\w*|threat\w*) (?:that )?(?:(?:he|she|they|i)(?: wil| would|l|s going to)?|hel|shel|theyl|il) jump(?! (?:with|for joy|rope|in))|(?:don?t|do not|no ?one|nobody) (?:try to |should |bother to )?(?:lok|search|come loking) for me(?:<end>|(?= any ?more| im | if i | i am))",
        r"lok like (?:an )?accident <far>(?:insurance|they get|family|money|policy)|(?:insurance|lic|policy) <far>(?:if|when|after) (?:i|some ?one) (?:die|dies|kil|kils|am gone)|(?:birthday|diwali|day|night) wil be my last(?! (?:at|in|with|as|here))(?! day (?:at|in|with|as|here|of))|my last (?:day|night) (?:alive|on earth)",
        r"(?:pray|beg|wish|wait)\w* <far>(?:death|yama) (?:to |would |wil )*(?:takes?|comes?) (?:for )?me|(?:pray|beg)\w* <far>god (?:to |would |wil )*takes? me(?:<end>|(?= away| soon| now))|(?:want|wana) to (?:just )?not (?:be|exist)<end>|(?:want|wana) to just not (?:be|exist)",
        r"(?:i weigh|down to) (?:only |just |barely )?(?:2\d|3\d) ?(?:kilos?|kgs?)|blade (?:behind|in|inside|under) my <far>(?:use|cut|again|twice)|(?:carv|etch)(?:e|ed|ing)? <gap>(?:into|in|on) my (?:own )?(?:arm|thigh|wrist|leg|hand)s?",
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
        r"(?:khat\w*m|mar|nuksan) (?:kar )?(?:d|l)\w+ (?:khud|apne ap) ko|marna hi (?:thik|sahi|acha)|marne k[aei] <gap>tari[kq]\w*|dard rahit|bina dard (?:ke |wal\w+ )?(?:tari|maut|mar)\w*|maut (?:mang(?:t|u|ne|i|raha|rahi)|ki (?:dua|bhik))\w*|<no> (?:rehna|rahna) (?:mujhe |muje |ab )*(?:is )?duniya|(?:is )?duniya me(?:in)? <no> reh",
        r"(?:kal|parso) (?:subah |sham |tak |se |wo |woh |vo |main |mai |me |shayad )*<no> (?:rahung|rahu|raheg|rahe|rahoge|hung)\w*(?:<end>|(?= (?:kya|aur|sab|mere|meri|ma+f|pas+word|please|plz|dar) ?))|(?:ab|kal se|phir|fir) <gap>meri (?:fik[ae]?r|chinta|tension|parwah) <no> kar\w*|(?:life|[zj]indagi|duniya) se (?:hi )?(?:chh?ut+i|chh?utkara) (?:chahiye|de|mil)\w*",
        r"(?:sari|sab|pura|apna sab) (?:\w+ ){0,4}ba+nt d\w+ <far>(?:tension|fik[ae]r|chinta|dar|zarur?at|jarur?at) <no>|(?:dhyan|khayal|khyal) rakh\w* <far>(?:(?:<no>|kabhi na) <gap>(?:laut|milung|aung)\w*|laut ?kar <no>|wapas <no>|alvida)",
        r"ma+f kar(?:na| d\w+)? (?:sab\w*|mujhe|yar|dost\w*) <far>(?:phone|mobile) <gap>(?:band|of|switch)|alvida (?:duniya|hamesha|[zj]indagi)|status <far>alvida|alvida sab\w* <far>(?:phone|ma+f)|(?:ye|yeh) (?:mera |meri )?akhri (?:mes+age|msg|chit+hi|khat)|(?:ye|yeh) meri akhri rat",
        r"(?:subah|rat ko so|so ja|sou|soun|son) (?:\w+ ){0,4}(?:uth|jag)(?:u|un|unga|ungi)? (?:hi )?na<end>|(?:khud ko|apne ap ko|apne hath|hath) (?:pe |par )?<gap>(?:cigar?et\w*|lighter|mom ?bat+i|machis|chimte?) se <gap>(?:jala|dag)\w*|khud ko <gap>(?:jala|noch|pit|thap+ad)\w*",
        r"(?:din|haft\w*) se <far>(?:<no> kha|khana <no>|pani (?:pe|par|pi)|bhukh[aei])\w* <far>(?:patl[aei]|mot[aei]|(?:vajan|wajan|weight) <gap>(?:ghata|kam kar))|ulti kar\w* <far>(?:mot[aei]|patl[aei]|weight|vajan|wajan)|(?:mot[aei]|patl[aei]|weight|vajan|wajan) <far>ulti kar",
        r"<sharp> (?:ki nok )?se <gap><limb> (?:pe |par |ko )?<scar>|<limb> (?:pe|par|ko) <sharp> se <gap><scar>|<limb> (?:pe|par) <gap>(?:khod|kured)\w*|khu?o?n dekh\w* <gap>(?:shanti|sukun|halka|chain)|(?:pe|par) chadh (?:ga|gy)\w* <far>(?:ka+mp|kap|kud|jump)\w*|kitn[eio] (?:meter|manzil|flor|feet) se gir\w*",
        r"<cloth> (?:ka |se )?(?:fanda|phanda) (?:bana (?:l|di)|banaya|dal|laga|taiyar)\w*|<cloth> (?:ko )?(?:pankh\w*|fan) (?:se|pe|par|me) (?:ba+ndh|latka|tang|dal)\w*|(?:pankh\w*|fan) (?:se|pe|par|me) <cloth> (?:ba+ndh|latka|tang|dal)\w*|(?:mujhe|muje) (?:ab )?mat dh[uo]+n?dh?na",
        r"meri <gap>(?:lic|insurance|bima|policy) <gap>(?:unke|unko|ghar|sabke|family|bach\w*|biwi) <gap>(?:ka+m|mil)\w*|(?:wish|yad|intezar|cal|phone) mat karna <far>(?:zarur?at|jarur?at) <no>|(?:2\d|3\d) ?(?:kg|kilo) (?:ki |ka )?(?:hu|hun|hon|reh ga\w+|bach\w*)|(?:mot[aei]|patl[aei]|period) <far>(?:roti|khan[ae]) (?:se |dekh\w* )<gap>(?:nafrat|ghin)",
    ),
    "hi": (
        "आत्म ?हत्या|खुद ?कु[शस][ीि]|खुदखु[शस][ीि]|खुद खुशी(?! (?:से|हु|मिल|ढूं|खोज))|स[ुू][इई]?सा[इई]ड|(?<!नहीं )मरना (?:है|चाह|ही)|मर (?:ही )?जा[ऊउन]|मरने (?:का|की|के) (?:मन|सोच|ख्याल|विचार|बात|इच्छा|तरीक)",
        "जीना नहीं|नहीं जीना|जीने (?:का|की|के) <gap>(?:नहीं|न |खत्म)|जान (?:दे द|देना|देने|ले ल)|जि[ंन]्?दा (?:नहीं रह|रहने (?:का|की|के) <gap>(?:नहीं|न ))|(?:जिंदगी|जिन्दगी|जीवन|जीने) से <gap>(?:थक|हार|ऊब|तंग आ) (?:ग|चुक)|मुझे (?:अब |बस |भी |अपने पास )*उठा (?:लो|ले|लीजिए)|मौत (?:चाहिए|आ जा|दे|ही <gap>(?:रास्ता|उपाय|चारा|इलाज|सहारा))",
        "(?:जिंदगी|जिन्दगी|जीवन|लाइफ|सब कुछ|खुद|अपने आप) (?:को )?(?:बहुत |बार ?-?बार |फिर )*(?:खत्म|समाप्त|मार|काट|चोट|नुकसान|हर्ट)|(?:हाथ|नस|कलाई) काट|फांसी (?:लगा|ले|लू|खा|(?:पर|पे) (?:लटक|झूल|चढ (?:जा|रह)))|(?:फंदा|फंदे) <gap>(?:तैयार|बांध|बना|लटक|गले|झूल)|रस्सी <gap>(?:तैयार|लटक)|(?:अपने|मेरे|उसने|मैंने) गले में (?:फंदा|रस्सी)|जहर (?:खा|पी)",
        "पैदा (?:ही )?(?:न|ना|नहीं) (?:हो|हु)|(?:छत|पुल|ट्रेन|नदी) (?:से|के|में) <gap>(?:कूद|आगे|नीचे)|दुनिया (?:छोड(?! (?:ग|दी|चुक|(?:कर |के )?(?:चल[ाेी] )?ग)|(?:कर|के) (?:चल[ाेी] )?ग)|से (?:जा|चल[ाेी] जा))",
        "हमेशा के लिए (?:सो(?! (?:ग|चुक))|चल[ाेी] जा|चुप हो (?:जा|ना))|(?:पुल|छत के किनारे|पटरी|रेलिंग) (?:पर|पे) (?:मैं |ही |आज )*(?:खड|बैठ)|कल से <gap>नहीं रह|समाधि (?:ले लूं|लूंगा|लूंगी|लेना चाह)|(?:पंखे|रस्सी) से (?:लटक|झूल)|पटरी (?:पर|पे) <gap>(?:लेट|जा)|ब्लेड (?:से|चला|मार)|(?:कुएं|नहर|तालाब) में <gap>कूद",
        "मेरे बिना <gap>(?:घर ?वाले|परिवार|सब|सभी|बच्चे|लोग|दुनिया|मां|मम्मी)|(?:घर ?वाले|परिवार|सब|बच्चे) मेरे बिना",
        "मरने (?:का|की|के) <gap>तरीक|दर्द रहित|बिना दर्द (?:के |वाल\\S )?(?:तरीक|मौत|मर)|आसान मौत|मौत (?:मांग(?:त|ूं| रह|ने)|की (?:दुआ|भीख))|मेरे (?:न|ना|नहीं) (?:होने|रहने) (?:से|पर) (?:किसी|सब|घर|दुनिया|कोई|क्या|उन|परिवार|बच्च)",
        "(?:कभी|सुबह) (?:भी |ही |मेरी )*(?:न|ना) (?:उठ|जाग)(?!\\S* तो)(?! पा)|(?:आंख|आंखें) (?:ही )?(?:न|ना) खुल|अफसोस <gap>(?:फिर |क्यों )*(?:जाग|उठ) ग|(?:जिंदगी|दुनिया) से (?:ही )?(?:छुट्टी|छुटकारा) (?:चाहिए|दे|मिल)",
        "छत पर <gap>खड[ाीे] <far>(?:छलांग|कूद|खत्म|अलविदा|आखिरी)|छलांग <far>(?:खत्म|तकलीफ|मौत|छुट)|एक बार में सब (?:कुछ )?खत्म|आज (?:रात|ही) सब (?:कुछ )?खत्म (?:हो जाए\\S*|कर दूंग\\S*)<end>|कल (?:सुबह |तक |से |वो |वह |मैं |शायद )*नहीं (?:रहूंग|रहेग|रहेंग|होऊंग)\\S*(?:<end>|(?= (?:क्या|और|सब|मेर|माफ|पासवर्ड)))",
        "अलविदा (?:दुनिया|हमेशा|जिंदगी)|(?:यह|ये) (?:मेर[ाी] )?आखिरी (?:संदेश|मैसेज|चिट्ठी|खत)|(?:यह|ये) मेरी आखिरी रात|(?:कल से|अब|फिर) <gap>मेरी (?:फिक्र|चिंता|टेंशन|परवाह) नहीं कर|(?:ध्यान|ख्याल) रख\\S* <far>(?:(?:नहीं|कभी) <gap>(?:लौट|आऊं|मिल)|लौटकर नहीं|वापस नहीं|अलविदा)",
        "(?:सिर|सर|हाथ|मुक्का) <gap>(?:दीवार|जमीन|फर्श) (?:पर|पे|से|में) <gap>(?:मार|पटक|फोड)|(?:दीवार|फर्श) (?:पर|पे|से|में) <gap>(?:सिर|सर) <gap>(?:मार|पटक|फोड)|खुद को (?:जला|दाग|नोच|पीट|थप्पड|खरोंच)|(?:हाथ|कलाई|बाजू|बांह|जांघ) (?:पर|पे) <gap>(?:निशान|घाव|चीर|सिगरेट|ब्लेड)\\S* <gap>(?:बना|मार|जला|दाग)",
        "(?:दिन|हफ्त\\S*) से <far>(?:नहीं खा|पानी (?:पर|पी)|भूख[ाीे])\\S* <far>(?:पतल|मोट|वजन <gap>(?:घटा(?:न|ऊं)|कम कर))|उल्टी कर\\S* <far>(?:मोट[ाीे]|पतल[ाीे]|वजन)|(?:मोट[ाीे]|पतल[ाीे]|वजन) <far>उल्टी कर",
        "(?:ब्लेड|परकार|कंपास|चाकू|कांच|सुई|सेफ्टी ?पिन|कैंची|नाखून)\\S* (?:की नोक )?से <gap>(?:हाथ|कलाई|बांह|बाजू|जांघ|चमडी|पैर) (?:को |पर )?(?:कुरेद|खोद|चीर|नोच|काट (?:ल|रह)|काटत|निशान बना)|(?:कलाई|बांह|बाजू|जांघ|चमडी) (?:को |पर )?(?:कुरेद|खोद|चीर|नोच)|खून देख\\S* <gap>(?:चैन|शांति|सुकून|हल्का)",
        "(?:साडी|दुपट्ट\\S*|चुन्नी|चादर|गमछ\\S*|रस्सी) (?:का |से )?फंदा (?:बना (?:ल|द)|बनाया|डाल|तैयार)|(?:साडी|दुपट्ट\\S*|चुन्नी|चादर|रस्सी) (?:को )?पंखे (?:से|पर|में) (?:बांध|लटका|डाल)|पंखे (?:से|पर|में) <gap>(?:दुपट्टा|चुन्नी|रस्सी) (?:बांध|लटका|डाल)|मुझे (?:अब )?मत ढूंढना",
    ),
}
