"""How people say that they are hurt by somebody near them: the patterns of crisis.py for blows, touch, force and being kept.
As danger.py's are written.
"""

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
        r"(?:takes?|took|taking|uses?|used|came) (?:with )?(?:his |her |a |the )?<stick> (?:to|on|at) (?:me|us|my|him|her|the kids)|(?:his|her) hands? (?:around my (?:neck|throat)|on my throat)",
        r"(?:woke|wake|waking|came to) <far>(?:clothes|naked|undresed)|clothes (?:were |was )?(?:torn|off)|(?:never|didnt|did not) consent|i never said yes<end>|said no (?:but|and) <gap>(?:he|she|they) <gap>(?:didnt|did not|kept|wouldnt) <gap>(?:stop|going|listen|on)|(?:dont|doesnt|didnt|wont|wouldnt) stop (?:even )?(?:when|though|after|while) i <gap>(?:beg\w*|cr[yi]\w*|said no|say no)",
        r"(?:fly\w*|flew|tak\w*|send\w*) me <far>mar+y <far>(?:never met|dont know|stranger|old\w*|against|dont want|no say|(?:im|i am) (?:only |just )?1[0-7])|mar+y <gap>(?:man|boy|guy|stranger|cousin|uncle|him) <far>(?:im|i am) (?:only |just )?1[0-7]"
        r"|(?:im|i am|shes|she is) (?:only |just )?1[0-7] <far>(?:mar+ying (?:me|her) of|(?:get|geting) (?:me|her) mar+ied|my (?:wedding|nikah|engagement) (?:is|has|next)|(?:want|make|making|force|forcing) (?:me|her) (?:to )?mar+y)",
        r"(?:grab|grip|squez|clutch|twist)(?:s|e|ed|bed|bing|ing)? my (?:throat|neck|hair|breasts?)|(?:caretaker|nurse|maid|nany|ayah|warden|tutor|principal) <gap>(?:tie|lock|slap|hit|beat|pinch|starv|burn|kick)\w* (?:up )?(?:me|us|him|her|them|(?:my|the|our) (?:<man>|grand\w+|kids?|child\w*|baby|boys?|girls?))",
        r"(?:priest|pujari|guru|baba|swami|coach|tutor|sir|teacher|uncle|warden|imam|pastor) <far>(?:kis+(?:es|ed|ing)? (?:me|her|him)(?! (?:on the )?(?:forehead|cheek|god ?bye|head))|fondl\w*|undres\w*)|says (?:that )?(?:he|she|uncle|sir) (?:kis+es|touches|rubs) (?:her|him)|(?:sold|trap\w*|lock\w*|stuck|taken|forced|cal\w*|cry\w*|escap\w*) <gap>(?:from|in|into|to|out of) (?:a|the|this) brothel",
    ),
    "hinglish": (
        r"ba+l pakad\w*|(?:di|de+)wa+r (?:pe|par|se|me) <gap>(?:sa?ir|sar|mar\w*|patk\w*|phek\w*)",
        r"(?:mujhe|muje|mujhko|hame|hume|\w+ ko) <gap>(?:mart[aei]|p(?:i|e|ie)t+[aei]|pett\w*|pitt\w*)|mart[aei] (?:hain? |he |h )?(?:mujhe|muje)",
        r"mar ?p[ei]t\w*|mart[aei] p[ei]t\w*|mar (?:padt|khat)\w*|ha+th utha\w*|galat <gap>(?:chh?u\w*|touch|hath (?:lag|fer|pher|dal|rakh))\w*|(?:pair\w*|kamar|jangh\w*|pith|peeth|badan|sharir|chhati) (?:pe|par|me) <gap>hath (?:fer|pher|fir|sehla|lag)\w*|bad touch|chhed\w*",
        r"mere sa+th <gap>(?:rape|[zj]abardasti|galat|ganda|gandi|balatkar)|balatkar|rape (?:hua|kiya|kar)|dahej <far>(?:mar|pit|tang|jala)\w*",
        r"(?:boss|sir|uncle|chacha|mama|jija|devar|sasur|padosi|lad?k[eo]\w*|cabin|kamr[ea]|rat|bistar|akel[aei]|pati|bf) <far>[zj]a?bardasti (?:ki|kiya|kart[aei]|kari|kar)(?! shadi)|gand[iae] (?:harkat|video|photo|tarik)\w*",
        r"(?:malik|malkin|seth|thekedar|agent) <far>(?:jane <no>|<no> jane|pas?port (?:le|rakh|chh?[ie]+n|jama)\w*|band kar|mart[aei]|pit\w*)|bandhak|kothe (?:par|pe)|bech d(?:iy|ung|eng)\w* mujhe|mujhe <gap>bech d\w*|(?:kapd[eo]|shirt|frock|badan|chhati|jangh) <gap>(?:andar|pe|par|ko|me) <gap>(?:hath|chh?u|daba)\w*",
        r"(?:bet[aei]|bahu|bach+o|sas|pati) <far>khana <no> de\w*|(?:bet[aei]|bahu|sas|sasur\w*|pati|husband|papa|mumy|bf) <far>ghar se nikal (?:d|rah)\w*|gala (?:daba|ghot)\w*|(?:[6-9]|1[0-7]) (?:sal|sal ki|ki|ka) <far>(?:shadi|byah|nikah) <gap>kar(?:a|wa|va)? (?:d|rah)\w*|(?:shadi|byah|nikah) <gap>kar(?:a|wa|va)? (?:d|rah)\w* <far>(?:[6-9]|1[0-7]) (?:sal|ki|ka)",
        r"(?:thap?ad|chanta|lat|ghus[ae]) (?:mar|jad)\w*|mujhe <far>chh?u(?:t[aei]|a|ya)\b|chh?u(?:t[aei]|a|ya) <gap>mujhe <gap>galat|gharelu hinsa|(?:pati|papa|bap|sasur\w*|sas|chacha|mama|bf|jeth|nanad|mumy|mami|ma|sautel\w+ \w+|ghar ?wal\w+) <far>(?<!sharab )(?<!daru )(?<!chai )(?<!pani )(?<!dudh )(?<!bidi )(?:mart|p(?:i|e|ie)t+)[aei] (?:hai|hain|h|he|the|tha|thi|rah\w+)|(?:mumy|ma|papa|pati|sas\w*|bhai|bhabhi) <gap>(?:mujhe|muje|bahu ko|hame) <gap>jala (?:d|rah)\w*|kamre me(?:in)? band",
        r"(?:mujhe|muje|mujhko|hame|hume|(?:bach(?:ch)?[aeo]\w*|bhai|behe?n|mumy|ma|beti|bete) ko) <far><stick> se (?:roz |bahut |khub |itna |buri tarah |fir |phir )*(?:mar|p(?:i|e|ie)t)\w*|gand[aei] (?:tari\w* se |jagah )?(?:touch|tach|chh?u)\w*|(?:mere|mujhse|uske) <gap>kapd\w* <gap>(?:utarwa|utarne|utar (?:d|ke)|phad|khi?e?nch)\w*",
        # burnt, tied, shut in; hands where they may not be; a child promised
        r"(?:mujhe|muje|mujhko|(?:bahu|bach(?:ch)?[eo]\w*|bete|beti) ko|(?:mere|meri) \w+ (?:pe|par)) <gap>(?:cigar?et\w*|bidi|chimt\w*|istri|pres|mom ?bat+i|garam \w+|lighter) se <gap>(?:jala|dag)\w*|(?:mujhe|muje|(?:bach(?:ch)?[eo]\w*|bete|beti|bhai|behe?n|dad[aiu]|nan[aiu]|sas) ko) <gap>(?:(?:almari|bathrom|toilet|store ?rom|andhere|godam) (?:me|mein) <gap>band|(?:ras+i|[zj]anjir|palang|bed|kursi|chain) (?:se|par|pe) <gap>ba+ndh)\w*",
        r"(?:meri|mere|behe?n ki|beti ki) <gap>(?:chhati|chati|breasts?|boobs?|private|jangh\w*) <gap>(?:dab|chh?u(?!r)|pakad|sehla|masal|hath)\w*|<teen> (?:me |mein )?(?:hu|hun|hon) <far>(?:meri|mera) <gap><match> <gap>(?:kar|pak+|fix|tay)\w*|(?:meri|mera) <gap><match> <gap>(?:kar rah|kara|karwa|pak+|fix|tay)\w* <far><teen>|(?:bhat+[ae]|karkhan[ae]|kothi) <far>jane (?:bhi )?<no> (?:de|di)\w*|pension chh?[ie]+n\w*",
    ),
    "hi": (
        "(?:मुझे|मुझको|हमें|\\S को) <gap>(?:मारत|पीटत|मार रह|पीट रह)|मार ?-?पीट|हाथ उठा|बलात्कार|रेप (?:हु|कि)|साथ <gap>(?:जबरदस्ती|गलत|गंद[ीा])",
        "(?:बॉस|सर|अंकल|चाचा|मामा|जीजा|देवर|ससुर|पडोसी|पति|कमरे|रात) <far>जबरदस्ती (?:की|कर)|गंदी (?:हरकत|बात)|(?:कपडे|कपडों|बदन|छाती) <gap>(?:हाथ|छू)|(?:मालिक|सेठ|ठेकेदार|एजेंट) <far>(?:जाने नहीं|पासपोर्ट|मारत|पीटत|बंद)|बंधक|कमरे में बंद|(?:बेट[ाे]|बहू|ससुराल|पति) <far>(?:घर से निकाल|खाना नहीं दे)|मुझे <gap>बेच दिया",
        "(?:पति|ससुर\\S*|सास|जेठ|ननद|पापा|पिता\\S*|बाप|मम्मी|चाचा|मामा|भाई|बॉयफ्रेंड|घर ?वाले) <far>(?:मारत|पीटत|पीटा|थप्पड)|गलत <gap>छू|छेड|घरेलू हिंसा|यौन (?:शोषण|उत्पीडन|हिंसा)|दहेज <far>(?:मार|पीट|परेशान|तंग|जला|प्रताड)",
        "(?:मुझे|मुझको|हमें|(?:बच्च\\S*|मां|मम्मी|बहन|भाई|पत्नी|बीवी|बहू|बेट\\S*) को) <far>(?:बेल्ट|चप्पल|जूत\\S*|बेलन|डंड\\S*|लाठी|छडी|झाडू|तार|पाइप) से (?:रोज |बहुत |खूब |इतना |बुरी तरह |फिर )*(?:मार|पीट)|(?:पत्नी|बीवी|बहू|दादी|सौतेल\\S*) <far>(?:मुझे|मुझ पर) <far>(?:मारत|पीटत|थप्पड)",
        "गंद[ाेी] (?:तरीके से |जगह )?(?:टच|छू)|(?:मेरे|मुझसे|उसके) <gap>कपड\\S* <gap>(?:उतार(?:न|त| द)|उतरव|फाड|खींच)",
        "(?:बारह|तेरह|चौदह|पंद्रह|पन्द्रह|सोलह|सत्रह|1[0-7]|१[०-७]) (?:साल|बरस) (?:की|का) <far>(?:मेरी|मेरा|उसकी) <gap>(?:शादी|निकाह|ब्याह|गौना) <gap>(?:कर रह|करा|करव|कर द|तय|पक्की|होने वाल)|(?:मेरी|मेरा|उसकी) <gap>(?:शादी|निकाह|ब्याह) <gap>(?:कर रह|करा|करव|कर द|तय|पक्की)\\S* <far>(?:बारह|तेरह|चौदह|पंद्रह|पन्द्रह|सोलह|सत्रह|1[0-7]|१[०-७]) (?:साल|बरस) (?:की|का)",
        "(?:मुझे|मेरी \\S+|मेरे \\S+|(?:बहू|बच्च\\S*|बेट\\S*) को|पति ने|सास ने) <gap>(?:सिगरेट|बीडी|चिमट\\S*|इस्त्री|मोमबत्ती|गरम \\S+) से <far>(?:जला|दाग)|(?:मुझे|(?:बच्च\\S*|बेट\\S*|भाई|बहन|दादी|नानी|सास) को) <gap>(?:(?:अलमारी|बाथरूम|शौचालय|अंधेरे|गोदाम) में <gap>बंद|(?:रस्सी|जंजीर|पलंग|चारपाई|कुर्सी) से <gap>बांध)",
        "(?:मेरी|मेरे|बहन की|बेटी की) <gap>(?:छाती|स्तन|जांघ|कपडों में|गुप्तांग) <gap>(?:दबा|छू|पकड|सहला|मसल|हाथ)|(?:भट्ठे|भट्टे|कोठी|कारखाने) (?:पर|में) <far>जाने (?:भी )?नहीं दे|मालिक <far>जाने (?:भी )?नहीं दे|पेंशन छीन",
    ),
}
