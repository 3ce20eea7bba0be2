"""Every fixed sentence about commands: /start and /help, the menus of Telegram and Discord, and what each command says."""

from __future__ import annotations

from datetime import date
from typing import Literal

from bots import hours
from bots.words import Said, fill, join

Menu = dict[Literal["en", "hi"], str]  # a menu is shown in the language of somebody's app, and no app has Hinglish

WELCOME: Said = {
    "en": """Welcome, friend. Ask what weighs on you, as you would ask someone who has time. I answer in the manner of \
the Bhagavad Gita: a few sentences of counsel, then a true story of somebody who lived it.

I am software, not a person and not God, and no doctor or lawyer. Your words stay in this bot's own database; /forget \
erases them, /mydata shows them.

Write in English, Hindi or Hinglish. /help lists what I understand.""",
    "hi": """आपका स्वागत है, मित्र। मन पर जो बोझ हो, वह मुझसे कहिए, जैसे किसी ऐसे अपने से कहते हैं जिसके पास समय हो। मैं \
भगवद्गीता के ढंग से उत्तर देता हूँ: पहले सलाह के दो-चार वाक्य, फिर किसी ऐसे इंसान की सच्ची कहानी जिसने यह जिया है।

मैं एक सॉफ़्टवेयर हूँ; न इंसान, न ईश्वर, न डॉक्टर, न वकील। आपकी बातें इसी बॉट के अपने डेटाबेस में रहती हैं; /forget \
उन्हें मिटा देता है, /mydata उन्हें दिखाता है।

हिन्दी, अंग्रेज़ी या Hinglish में लिखिए। मैं क्या-क्या समझता हूँ, यह /help बताता है।""",
    "hinglish": """Aapka swagat hai, dost. Mann par jo bojh ho, woh mujhse kahiye, jaise kisi aise apne se kehte hain \
jiske paas samay ho. Main Bhagavad Gita ke andaaz mein jawab deta hoon: pehle salah ki do-chaar baatein, phir kisi aise \
insaan ki sachchi kahani jisne yeh jiya hai.

Main ek software hoon; na insaan, na Bhagwan, na doctor, na vakeel. Aapki baatein isi bot ke apne database mein rehti \
hain; /forget unhe mita deta hai, /mydata unhe dikhata hai.

Hinglish, Hindi ya English mein likhiye. Main kya-kya samajhta hoon, yeh /help batata hai.""",
}

HELP: Said = {
    "en": """Write your question in your own words. You can also use:
/new – begin afresh; I put what came before out of mind
/verse 2.47 – a verse, in Sanskrit and in plain words; /verse anger finds verses
/daily 7:30 Kolkata – a verse every day at your hour; /daily off ends it
/stop – end the answer I am giving
/mydata – everything kept about you, as a file
/forget – erase it for good
/optout – keep your words out of training (/optout off undoes it)

In a group, mention me or reply to me. Answers come from a small language model and can be wrong; verses and stories \
are real.""",
    "hi": """अपना सवाल अपने शब्दों में लिखिए। ये कमांड भी हैं:
/new – नई शुरुआत; पहले की बातें मैं पीछे छोड़ देता हूँ
/verse 2.47 – एक श्लोक, संस्कृत में और सरल अंग्रेज़ी में; /verse anger से श्लोक मिलते हैं
/daily 7:30 Kolkata – हर दिन आपके समय पर एक श्लोक; /daily off से बंद होता है
/stop – चल रहा उत्तर रोकिए
/mydata – आपके बारे में जो कुछ रखा है, एक फ़ाइल में
/forget – उसे हमेशा के लिए मिटाइए
/optout – अपने शब्द ट्रेनिंग से बाहर रखिए (/optout off से फिर शामिल)

ग्रुप में मुझे mention कीजिए या मेरे संदेश का जवाब दीजिए। उत्तर एक छोटे भाषा-मॉडल के हैं और ग़लत हो सकते हैं; श्लोक और \
कहानियाँ सच्ची हैं।""",
    "hinglish": """Apna sawaal apne shabdon mein likhiye. Yeh commands bhi hain:
/new – nayi shuruaat; pehle ki baatein main peeche chhod deta hoon
/verse 2.47 – ek shlok, Sanskrit mein aur saral English mein; /verse anger se shlok milte hain
/daily 7:30 Kolkata – har din aapke samay par ek shlok; /daily off se band hota hai
/stop – chal raha jawab rokiye
/mydata – aapke baare mein jo kuch rakha hai, ek file mein
/forget – use hamesha ke liye mitaiye
/optout – apne shabd training se bahar rakhiye (/optout off se phir shaamil)

Group mein mujhe mention kijiye ya mere message ka reply dijiye. Jawab ek chhote language model ke hain aur galat ho \
sakte hain; shlok aur kahaniyan sachchi hain.""",
}

COMMANDS: dict[str, Menu] = {
    "start": {"en": "What this is", "hi": "यह क्या है"},
    "help": {"en": "What I understand", "hi": "मैं क्या-क्या समझता हूँ"},
    "new": {"en": "Begin a new conversation", "hi": "नई बातचीत शुरू कीजिए"},
    "verse": {"en": "A verse by number (2.47) or by words", "hi": "एक श्लोक, अंक (2.47) या शब्दों से"},
    "daily": {
        "en": "A verse every day at your hour (7:30 Kolkata)",
        "hi": "हर दिन आपके समय पर एक श्लोक (7:30 Kolkata)",
    },
    "stop": {"en": "End the answer I am giving", "hi": "चल रहा उत्तर रोकिए"},
    "mydata": {"en": "Everything kept about you", "hi": "आपके बारे में जो कुछ रखा है"},
    "forget": {"en": "Erase everything kept about you", "hi": "आपके बारे में जो कुछ रखा है, सब मिटाइए"},
    "optout": {"en": "Keep your words out of training", "hi": "अपने शब्द ट्रेनिंग से बाहर रखिए"},
}
KNOWN = (*COMMANDS, "ask", "stats")  # these two are in no menu of Telegram's: for groups, for operators

# Discord's own: /ask, and what its form says of each field.
ASK: Menu = {"en": "Ask what weighs on you", "hi": "मन पर जो बोझ है, कहिए"}
STATS: Menu = {"en": "Figures for this bot's operators", "hi": "इस बॉट को चलाने वालों के लिए आँकड़े"}
QUESTION: Menu = {"en": "What weighs on you, in your own words", "hi": "मन पर जो बोझ है, अपने शब्दों में"}
VERSE: Menu = {
    "en": "A number such as 2.47, or words such as anger",
    "hi": "2.47 जैसा अंक, या क्रोध जैसा कोई शब्द",
}
WHEN: Menu = {
    "en": "An hour and a place such as 7:30 Kolkata; off ends it; nothing shows what is set",
    "hi": "समय और जगह, जैसे 7:30 Kolkata; off से बंद; कुछ न लिखें, तो जो तय है वह दिखेगा",
}
UNDO: Menu = {"en": "Let your words help training again", "hi": "अपने शब्द ट्रेनिंग में फिर शामिल कीजिए"}

# -- what they say ------------------------------------------------------------------------------------------------

NEW: Said = {
    "en": "A fresh page. What is on your mind?",
    "hi": "चलिए, नए सिरे से बात करते हैं। कहिए, मन में क्या है?",
    "hinglish": "Chaliye, naye sire se baat karte hain. Kahiye, mann mein kya hai?",
}
OPTED_OUT: Said = {
    "en": "Your words will not be used to train this bot. /optout off undoes it.",
    "hi": "आपके शब्द इस बॉट की ट्रेनिंग में नहीं लिए जाएँगे। इसे पलटने के लिए /optout off लिखिए।",
    "hinglish": "Aapke shabd is bot ki training mein nahi liye jayenge. Ise palatne ke liye /optout off likhiye.",
}
OPTED_IN: Said = {
    "en": "Your words may help to train this bot again. /optout undoes it.",
    "hi": "अब आपके शब्द इस बॉट की ट्रेनिंग में फिर काम आ सकते हैं। इसे पलटने के लिए /optout लिखिए।",
    "hinglish": "Ab aapke shabd is bot ki training mein phir kaam aa sakte hain. Ise palatne ke liye /optout likhiye.",
}
MYDATA: Said = {
    "en": "Everything that is kept about you.",
    "hi": "आपके बारे में जो कुछ रखा है, सब इसमें है।",
    "hinglish": "Aapke baare mein jo kuch rakha hai, sab ismein hai.",
}
MYDATA_PRIVATE: Said = {
    "en": "That is between us two: ask me in a private chat.",
    "hi": "यह हम दोनों के बीच की बात है: मुझसे प्राइवेट चैट में पूछिए।",
    "hinglish": "Yeh hum dono ke beech ki baat hai: mujhse private chat mein poochhiye.",
}
_NOTHING: Said = {
    "en": "Nothing was kept about you.",
    "hi": "आपके बारे में कुछ भी रखा हुआ नहीं था।",
    "hinglish": "Aapke baare mein kuch bhi rakha hua nahi tha.",
}
_ERASED_ONE: Said = {
    "en": "It is erased: 1 entry, for good.",
    "hi": "मिटा दिया, हमेशा के लिए: 1 एंट्री।",
    "hinglish": "Mita diya, hamesha ke liye: 1 entry.",
}
_ERASED: Said = {
    "en": "It is erased: {rows} entries, for good.",
    "hi": "सब मिटा दिया, हमेशा के लिए: {rows} एंट्री।",
    "hinglish": "Sab mita diya, hamesha ke liye: {rows} entries.",
}
_OPTOUT_TOO: Said = {
    "en": "Your /optout is erased with it; if you write on, send it again.",
    "hi": "आपका /optout भी इसके साथ मिट गया; आगे लिखें, तो उसे फिर भेजिए।",
    "hinglish": "Aapka /optout bhi iske saath mit gaya; aage likhein, to use phir bhejiye.",
}
VERSE_USAGE: Said = {
    "en": "Give me a verse such as /verse 2.47, or words such as /verse anger.",
    "hi": "श्लोक का अंक, जैसे /verse 2.47, या कोई शब्द, जैसे /verse क्रोध, लिखकर भेजिए।",
    "hinglish": "Shlok ka number, jaise /verse 2.47, ya koi shabd, jaise /verse gussa, likhkar bhejiye.",
}
NO_VERSE: Said = {
    "en": "The Gita as I know it has no verse {ref}. It has 18 chapters; try /verse 2.47, or /verse with a word.",
    "hi": "जो गीता मैं जानता हूँ, उसमें श्लोक {ref} नहीं है। उसमें 18 अध्याय हैं; /verse 2.47 लिखकर देखिए, या /verse के साथ कोई शब्द।",
    "hinglish": "Jo Gita main jaanta hoon, usmein shlok {ref} nahi hai. Usmein 18 adhyay hain; /verse 2.47 likhkar dekhiye, ya /verse ke saath koi shabd.",
}
NO_VERSES_FOUND: Said = {
    "en": "No verse has those words. Try others, or a number such as 2.47.",
    "hi": "इन शब्दों का कोई श्लोक नहीं मिला। दूसरे शब्द लिखकर देखिए, या 2.47 जैसा अंक।",
    "hinglish": "In shabdon ka koi shlok nahi mila. Doosre shabd likhkar dekhiye, ya 2.47 jaisa number.",
}
DAILY_HOUR: Said = {
    "en": "“{said}” is no hour that I know; write it as in /daily 7:30, /daily 9 pm Berlin or /daily 21:00 UTC+5:30.",
    "hi": "“{said}” कौन-सा समय है, मैं नहीं समझ पाया; /daily 7:30, /daily 9 pm Delhi या /daily 21:00 UTC+5:30 जैसा लिखिए।",
    "hinglish": "“{said}” kaun sa samay hai, main nahi samajh paaya; /daily 7:30, /daily 9 pm Delhi ya /daily 21:00 UTC+5:30 jaisa likhiye.",
}
DAILY_ZONE: Said = {
    "en": "I know no place or time zone “{said}”; write it as in /daily 7:30 Kolkata, /daily 7 America/New_York or "
    "/daily 7 UTC+5:30.",
    "hi": "“{said}” नाम की कोई जगह या टाइम ज़ोन मैं नहीं जानता; /daily 7:30 Kolkata, /daily 7 America/New_York या "
    "/daily 7 UTC+5:30 जैसा लिखिए।",
    "hinglish": "“{said}” naam ki koi jagah ya time zone main nahi jaanta; /daily 7:30 Kolkata, /daily 7 "
    "America/New_York ya /daily 7 UTC+5:30 jaisa likhiye.",
}
DAILY_OFF: Said = {
    "en": "No more daily verses. /daily brings them back.",
    "hi": "अब रोज़ का श्लोक नहीं आएगा। /daily लिखने से फिर आने लगेगा।",
    "hinglish": "Ab roz ka shlok nahi aayega. /daily likhne se phir aane lagega.",
}
DAILY_NONE: Said = {
    "en": "You have no daily verse; /daily 7:30 Kolkata begins one.",
    "hi": "आपका रोज़ का श्लोक चालू नहीं है; /daily 7:30 Kolkata लिखने से शुरू होगा।",
    "hinglish": "Aapka roz ka shlok chalu nahi hai; /daily 7:30 Kolkata likhne se shuru hoga.",
}
DAILY_PRIVATE: Said = {
    "en": "A daily verse is between us two: write /daily to me in a private chat.",
    "hi": "रोज़ का श्लोक हम दोनों के बीच की बात है: मुझे प्राइवेट चैट में /daily लिखिए।",
    "hinglish": "Roz ka shlok hum dono ke beech ki baat hai: mujhe private chat mein /daily likhiye.",
}
DAILY_ELSEWHERE: Said = {
    "en": "Here I can only answer; /daily works on Telegram and Discord.",
    "hi": "यहाँ मैं सिर्फ़ उत्तर दे सकता हूँ; /daily Telegram और Discord पर चलता है।",
    "hinglish": "Yahan main sirf jawab de sakta hoon; /daily Telegram aur Discord par chalta hai.",
}
DAILY_REFUSED: Said = {
    "en": "I may not write to you unasked, so a daily verse would not reach you; allow direct messages (in the privacy "
    "settings of a server that we share), then send /daily again.",
    "hi": "मुझे आपको अपनी ओर से लिखने की अनुमति नहीं है, इसलिए रोज़ का श्लोक आप तक नहीं पहुँचेगा; जिस सर्वर में हम दोनों हैं, उसकी प्राइवेसी "
    "सेटिंग में direct messages चालू कीजिए, फिर /daily दोबारा भेजिए।",
    "hinglish": "Mujhe aapko apni taraf se likhne ki permission nahi hai, isliye roz ka shlok aap tak nahi pahunchega; jis server mein "
    "hum dono hain, uski privacy settings mein direct messages on kijiye, phir /daily dobara bhejiye.",
}
_DAILY: Said = {
    "en": "A verse comes to you here every day at {hour}, time of {zone}, where it is {now} now; the next one {first}. "
    "Another hour or place: /daily 21:00 London. To end it: /daily off.",
    "hi": "हर दिन {hour} बजे यहाँ आपके पास एक श्लोक आएगा; समय {zone} का है, जहाँ अभी {now} बजे हैं; अगला श्लोक {first}। "
    "समय या जगह बदलने के लिए /daily 21:00 London जैसा लिखिए, बंद करने के लिए /daily off।",
    "hinglish": "Har din {hour} baje yahan aapke paas ek shlok aayega; samay {zone} ka hai, jahan abhi {now} baje hain; agla shlok "
    "{first}. Samay ya jagah badalne ke liye /daily 21:00 London jaisa likhiye, band karne ke liye /daily off.",
}
_TODAY: Said = {"en": "today", "hi": "आज", "hinglish": "aaj"}
_TOMORROW: Said = {"en": "tomorrow", "hi": "कल", "hinglish": "kal"}
_ON: Said = {"en": "on {day}", "hi": "{day} को", "hinglish": "{day} ko"}
_ENGLISH_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HINDI_DAYS = ("सोमवार", "मंगलवार", "बुधवार", "गुरुवार", "शुक्रवार", "शनिवार", "रविवार")
_GUESSED: Said = {
    "en": "I took the time zone from your app's language; if that is not yours, tell me your city: /daily {hour} Kolkata.",
    "hi": "टाइम ज़ोन मैंने आपके ऐप की भाषा देखकर मान लिया है; अगर वह आपका नहीं है, तो अपने शहर के साथ लिखिए, जैसे /daily {hour} Kolkata।",
    "hinglish": "Time zone maine aapke app ki bhasha dekhkar maan liya hai; agar woh aapka nahi hai, to apne shehar ke saath likhiye, jaise /daily {hour} Kolkata.",
}
_NOT_KNOWN: Said = {
    "en": "I do not know your time zone and took UTC; if that is not yours, tell me your city: /daily {hour} Kolkata.",
    "hi": "आपका टाइम ज़ोन मुझे नहीं पता, इसलिए UTC रखा है; अगर वह आपका नहीं है, तो अपने शहर के साथ लिखिए, जैसे /daily {hour} Kolkata।",
    "hinglish": "Aapka time zone mujhe nahi pata, isliye UTC rakha hai; agar woh aapka nahi hai, to apne shehar ke saath likhiye, jaise /daily {hour} Kolkata.",
}


def daily(minute: int, zone: str, now: float, due_at: float) -> Said:
    """What is set, when the next verse comes, and how to change that. now, due_at: unix seconds."""
    due = hours.day_of(due_at, zone)
    day = date.fromordinal(due).weekday()
    named: Said = {"en": _ENGLISH_DAYS[day], "hi": _HINDI_DAYS[day], "hinglish": _ENGLISH_DAYS[day]}
    first = {0: _TODAY, 1: _TOMORROW}.get(due - hours.day_of(now, zone)) or fill(_ON, day=named)
    return fill(_DAILY, hour=hours.clock(minute), zone=zone, now=hours.clock_in(now, zone), first=first)


def daily_guess(minute: int, *, guessed: bool) -> Said:
    """Whence the time zone that nobody named."""
    return fill(_GUESSED if guessed else _NOT_KNOWN, hour=hours.clock(minute))


def forgotten(rows: int, optout: bool = False) -> Said:
    """optout: it was set, and is erased with the rest."""
    if not rows:
        return _NOTHING
    erased = _ERASED_ONE if rows == 1 else fill(_ERASED, rows=rows)
    return join(erased, _OPTOUT_TOO) if optout else erased
