"""Every fixed sentence the bot says outside of an answer, in each of its languages, so that its voice is one.

In Hindi and Hinglish the bot itself says "aap", as in crisis.py; only counsel, and what stands under it (care.py), says
"tum", as to Partha. The bot speaks of itself as "main ... hoon/karta"; nobody's own gender is supposed.
Who is told in which language: tongue.py.
"""

from __future__ import annotations

from core.text import Language

Said = dict[Language, str]


def fill(said: Said, /, **fields: object) -> Said:
    """A sentence with its {fields}; a field that is a sentence itself comes in the same language."""
    return {
        language: text.format(**{name: v[language] if isinstance(v, dict) else v for name, v in fields.items()})
        for language, text in said.items()
    }


def join(*said: Said) -> Said:
    """Sentences one after the other."""
    return {language: " ".join(one[language] for one in said) for language in said[0]}


THINKING = "…"

# -- courtesies ---------------------------------------------------------------------------------------------------

GREETING: Said = {
    "en": "Greetings, friend. I am listening: what weighs on you?",
    "hi": "नमस्ते, मित्र। कहिए, मन पर क्या भार है?",
    "hinglish": "Namaste, dost. Kahiye, mann par kya bojh hai?",
}
THANKS: Said = {
    "en": "Go gently, friend. You can write to me at any hour.",
    "hi": "शांति से जाइए, मित्र। जब मन हो, लिखिए।",
    "hinglish": "Shanti se jaiye, dost. Jab mann ho, likhiye.",
}
WHO: Said = {
    "en": "I am a computer program that answers in the manner of the Bhagavad Gita. I am not Krishna, not God and not a person. "
    "The verses and the stories are real; the words between are chosen or made by this program, and can be wrong. What is on your mind?",
    "hi": "मैं एक कंप्यूटर प्रोग्राम हूँ जो भगवद्गीता के ढंग से उत्तर देता है। न मैं कृष्ण हूँ, न ईश्वर, न कोई इंसान। श्लोक और कहानियाँ सच्ची हैं; "
    "बीच के शब्द यह प्रोग्राम चुनता या बनाता है, और वे ग़लत हो सकते हैं। कहिए, मन में क्या है?",
    "hinglish": "Main ek computer program hoon jo Bhagavad Gita ke andaaz mein jawab deta hai. Na main Krishna hoon, na Bhagwan, na "
    "koi insaan. Shlok aur kahaniyan sachchi hain; beech ke shabd yeh program chunta ya banata hai, aur woh galat ho sakte hain. Kahiye, mann mein kya hai?",
}
WHO_THAT: Said = {
    "en": "That was {person}; {where}, {when}. It happened, as far as I know. Where to look it up: {source}.",
    "hi": "यह {person} की बात है; {where}, {when}। जहाँ तक मुझे पता है, यह सच में हुआ था। जहाँ देख सकते हैं: {source}।",
    "hinglish": "Yeh {person} ki baat hai; {where}, {when}. Jahan tak mujhe pata hai, yeh sach mein hua tha. Jahan dekh sakte ho: {source}.",
}
RESTS: Said = {
    "en": "The counsel rests on Gita {ref}; /verse {ref} shows it.",
    "hi": "बात गीता {ref} पर टिकी है; /verse {ref} से वह श्लोक दिखेगा।",
    "hinglish": "Baat Gita {ref} par tiki hai; /verse {ref} se woh shlok dikhega.",
}
WHY: Said = {
    "en": "I told it for this: {shows}. I choose by likeness, and can miss. If it is not yours, leave it: say “another”, or tell me a little more.",
    "hi": "यह कहानी इसलिए चुनी: {shows}। मैं सवालों की समानता से चुनता हूँ, और चूक भी जाता हूँ। आपके काम की न हो, तो इसे छोड़ दीजिए: “एक और” कहिए, या थोड़ा और बताइए।",
    "hinglish": "Yeh kahani isliye chuni: {shows}. Main sawalon ki samaanta se chunta hoon, aur chook bhi jaata hoon. Aapke kaam ki na ho to chhod dijiye: “ek aur” kahiye, ya thoda aur bataiye.",
}
HERE: Said = {
    "en": "I am here. Say more whenever you wish; a line or two is enough.",
    "hi": "मैं यहीं हूँ। जब मन हो, और कहिए; एक-दो पंक्तियाँ काफ़ी हैं।",
    "hinglish": "Main yahin hoon. Jab mann ho, aur kahiye; ek-do line kaafi hai.",
}
HELP_ME: Said = {
    "en": "I am listening. Tell me in a line or two what it is. If you or somebody near you is in danger, do not wait for me: call your "
    "local emergency number; people who listen: findahelpline.com. (/help tells what I understand.)",
    "hi": "मैं सुन रहा हूँ। एक-दो पंक्तियों में कहिए, बात क्या है। आप या पास का कोई ख़तरे में है, तो मेरी राह मत देखिए: 112 पर फ़ोन कीजिए; "
    "सुनने वाले: Tele-MANAS 14416। (मैं क्या-क्या समझता हूँ, यह /help बताता है।)",
    "hinglish": "Main sun raha hoon. Ek-do line mein kahiye, baat kya hai. Aap ya paas ka koi khatre mein hai, to meri raah mat dekhiye: 112 par "
    "phone kijiye; sunne wale: Tele-MANAS 14416. (Main kya-kya samajhta hoon, yeh /help batata hai.)",
}
FAIR: Said = {
    "en": "Fair enough; nobody has to like this. If something real weighs on you, say it plainly, and I will try again.",
    "hi": "ठीक है; यह सबको पसंद आए, ज़रूरी नहीं। मन पर सच में कुछ भारी हो, तो सीधे कहिए, मैं फिर कोशिश करूँगा।",
    "hinglish": "Theek hai; yeh sabko pasand aaye, zaroori nahi. Mann par sach mein kuch bhaari ho, to seedhe kahiye, main phir koshish karunga.",
}
ELSEWHERE: Said = {
    "en": "That is not mine to know or to make: I only give counsel after the Gita, with a true story. If something weighs on you, or "
    "gladdens you, tell me in a line or two.",
    "hi": "यह मेरे बस का नहीं: मैं सिर्फ़ गीता के ढंग से सलाह देता हूँ, साथ में एक सच्ची कहानी। मन पर कुछ भारी हो, या कोई ख़ुशी हो, तो एक-दो पंक्तियों में कहिए।",
    "hinglish": "Yeh mere bas ka nahi: main sirf Gita ke andaaz mein salah deta hoon, saath mein ek sachchi kahani. Mann par kuch bhaari ho, ya koi "
    "khushi ho, to ek-do line mein kahiye.",
}
GLADLY: Said = {  # to a wish for a language or a short answer, before anything was asked
    "en": "Gladly. Write it together with your question, and I will keep to it: what is on your mind?",
    "hi": "ज़रूर। सवाल के साथ ही यह भी लिख दीजिए, मैं वैसे ही उत्तर दूँगा: कहिए, मन में क्या है?",
    "hinglish": "Zaroor. Sawaal ke saath hi yeh bhi likh dijiye, main waise hi jawab dunga: kahiye, mann mein kya hai?",
}

# -- what cannot be answered --------------------------------------------------------------------------------------

EMPTY: Said = {
    "en": "I could read no words there. Write me a few; in a group, together with my name.",
    "hi": "मुझे इसमें कोई शब्द नहीं मिला। दो-चार शब्द लिखिए; ग्रुप में हों, तो मेरे नाम के साथ।",
    "hinglish": "Mujhe ismein koi shabd nahi mila. Do-chaar shabd likhiye; group mein hon, to mere naam ke saath.",
}
UNREAD: Said = {
    "en": "I can read English, Hindi and Hindi in Latin letters, and no other language yet. If you can, say it to me in one of "
    "these. If you or somebody else is in danger, call your local emergency number now; for somebody to talk to: findahelpline.com.",
    "hi": "मैं हिन्दी, अंग्रेज़ी और अंग्रेज़ी अक्षरों में लिखी हिन्दी पढ़ सकता हूँ; और कोई भाषा अभी नहीं। हो सके तो इनमें से किसी में कहिए। "
    "अगर आप या कोई और ख़तरे में है, तो अभी अपने यहाँ के आपातकालीन नंबर पर फ़ोन कीजिए; किसी से बात करने के लिए: findahelpline.com",
    "hinglish": "Main English, Hindi aur Hinglish padh sakta hoon; aur koi bhasha abhi nahi. Ho sake to inmein se kisi mein kahiye. "
    "Agar aap ya koi aur khatre mein hai, to abhi apne yahan ke emergency number par phone kijiye; kisi se baat karne ke liye: findahelpline.com",
}
ONLY_THESE: Said = {
    "en": "(I have words in English and Hindi alone, and in Hindi in Latin letters.)",
    "hi": "(मेरे पास शब्द सिर्फ़ हिन्दी और अंग्रेज़ी में हैं।)",
    "hinglish": "(Mere paas shabd sirf Hindi, Hinglish aur English mein hain.)",
}
MEDIA: Said = {
    "en": "I read words for now; pictures, voices and stickers are closed to me. Tell me in a sentence or two.",
    "hi": "अभी मैं सिर्फ़ लिखे हुए शब्द समझता हूँ; तस्वीर, आवाज़ और स्टिकर नहीं। एक-दो वाक्य में लिखकर बताइए।",
    "hinglish": "Abhi main sirf likhe hue shabd samajhta hoon; photo, awaaz aur sticker nahi. Ek-do line mein likhkar bataiye.",
}
UNKNOWN_COMMAND: Said = {
    "en": "I do not know that command. /help lists what I understand; or simply ask your question.",
    "hi": "यह कमांड मैं नहीं जानता। मैं क्या-क्या समझता हूँ, यह /help बताता है; या बस अपना सवाल लिखिए।",
    "hinglish": "Yeh command main nahi jaanta. Main kya-kya samajhta hoon, yeh /help batata hai; ya bas apna sawaal likhiye.",
}
BLOCKED: Said = {
    "en": "This bot is kept for other people; its operator can let you in.",
    "hi": "यह बॉट कुछ चुने हुए लोगों के लिए है; इसे जो चलाते हैं, वे आपको जोड़ सकते हैं।",
    "hinglish": "Yeh bot kuch chune hue logon ke liye hai; ise jo chalate hain, woh aapko jod sakte hain.",
}
ADMINS_ONLY: Said = {
    "en": "Only this bot's operators can use that.",
    "hi": "यह सिर्फ़ इस बॉट को चलाने वालों के लिए है।",
    "hinglish": "Yeh sirf is bot ko chalane walon ke liye hai.",
}
TROUBLE: Said = {
    "en": "Something went wrong on my side, and your question is safe. Press the button to try again.",
    "hi": "मेरी तरफ़ से कुछ गड़बड़ हो गई; आपका सवाल सुरक्षित है। फिर से कोशिश करने के लिए बटन दबाइए।",
    "hinglish": "Meri taraf se kuch gadbad ho gayi; aapka sawaal safe hai. Phir se koshish karne ke liye button dabaiye.",
}
MISHAP: Said = {  # to a command or a press: nothing was asked; and where there is no button
    "en": "Something went wrong on my side. Please try again.",
    "hi": "मेरी तरफ़ से कुछ गड़बड़ हो गई। कृपया फिर से कोशिश कीजिए।",
    "hinglish": "Meri taraf se kuch gadbad ho gayi. Please phir se koshish kijiye.",
}
BROKEN: Said = {
    "en": "My model has stopped working, and my operator has been told. Your question is kept; try again later.",
    "hi": "मेरे मॉडल ने काम करना बंद कर दिया है, और मुझे चलाने वालों को ख़बर मिल गई है। आपका सवाल रखा हुआ है; थोड़ी देर बाद फिर कोशिश कीजिए।",
    "hinglish": "Mere model ne kaam karna band kar diya hai, aur mujhe chalane walon ko khabar mil gayi hai. Aapka sawaal rakha hua hai; thodi der baad phir koshish kijiye.",
}
UNSURE: Said = {
    "en": "I was interrupted just as I was sending my answer. If it is not above, press the button and I will show it.",
    "hi": "उत्तर भेजते-भेजते मैं बीच में रुक गया। अगर वह ऊपर न दिखे, तो बटन दबाइए, मैं दिखा दूँगा।",
    "hinglish": "Jawab bhejte-bhejte main beech mein ruk gaya. Agar woh upar na dikhe, to button dabaiye, main dikha doonga.",
}

# -- how much, how long -------------------------------------------------------------------------------------------

_NEXT: Said = {"en": "You are next.", "hi": "अगली बारी आपकी है।", "hinglish": "Agli baari aapki hai."}
_BEFORE: Said = {
    "en": "{others} before you.",
    "hi": "आपसे पहले {others} की बारी है।",
    "hinglish": "Aapse pehle {others} ki baari hai.",
}
_SECONDS: Said = {"en": "About {n} s.", "hi": "लगभग {n} सेकंड।", "hinglish": "Lagbhag {n} second."}
_MINUTES: Said = {"en": "About {n} min.", "hi": "लगभग {n} मिनट।", "hinglish": "Lagbhag {n} minute."}
_FULL: Said = {
    "en": "Many are asking just now. Give me {time}, and ask again.",
    "hi": "अभी बहुत लोग पूछ रहे हैं। मुझे {time} दीजिए, फिर पूछिए।",
    "hinglish": "Abhi bahut log poochh rahe hain. Mujhe {time} dijiye, phir poochhiye.",
}
_A_MINUTE: Said = {"en": "a minute", "hi": "एक मिनट", "hinglish": "ek minute"}
_SOME_MINUTES: Said = {"en": "{n} minutes", "hi": "{n} मिनट", "hinglish": "{n} minute"}
_TOO_LONG: Said = {
    "en": "That is more than I can hold at once. Tell me its heart in fewer than {limit} characters.",
    "hi": "इतना सब मैं एक साथ नहीं समझ पाता। इसकी असली बात {limit} से कम अक्षरों में कहिए।",
    "hinglish": "Itna sab main ek saath nahi samajh paata. Iski asli baat {limit} se kam characters mein kahiye.",
}
_TOO_FAST: Said = {
    "en": "Slowly, friend. Sit with what was said; in {n} s I am here again.",
    "hi": "ज़रा धीरे, मित्र। जो कहा गया, उस पर थोड़ा सोचिए; {n} सेकंड में मैं फिर यहीं हूँ।",
    "hinglish": "Zara dheere, dost. Jo kaha gaya, us par thoda sochiye; {n} second mein main phir yahin hoon.",
}
_QUOTA: Said = {
    "en": "You have asked {per_day} questions within a day and a night, which is as many as I may answer. Rest with what "
    "was said; at this hour tomorrow I am here again.",
    "hi": "चौबीस घंटे में आपके {per_day} सवाल हो गए, मैं इतने ही उत्तर दे सकता हूँ। जो कहा गया, उस पर सोचिए; कल इसी समय मैं फिर यहीं हूँ।",
    "hinglish": "Chaubees ghante mein aapke {per_day} sawaal ho gaye, main itne hi jawab de sakta hoon. Jo kaha gaya, us par sochiye; kal isi samay main phir yahin hoon.",
}


def by_button(said: Said, there: bool) -> Said:
    """Words that speak of a button; others where none is there."""
    return said if there else MISHAP


def waiting(place: int, seconds: float | None) -> Said:
    """A word to somebody who is queued."""
    line = _NEXT if place == 1 else fill(_BEFORE, others=place - 1)
    if seconds is None:
        return line
    soon = seconds < 90
    return join(line, fill(_SECONDS, n=max(1, round(seconds))) if soon else fill(_MINUTES, n=round(seconds / 60)))


def full(seconds: float) -> Said:
    return fill(_FULL, time=_A_MINUTE if seconds < 90 else fill(_SOME_MINUTES, n=round(seconds / 60)))


def too_long(limit: int) -> Said:
    return fill(_TOO_LONG, limit=limit)


def too_fast(seconds: float) -> Said:
    return fill(_TOO_FAST, n=max(1, round(seconds)))


def quota(per_day: int) -> Said:
    return fill(_QUOTA, per_day=per_day)


# -- buttons, and what they come to -------------------------------------------------------------------------------

STOP: Said = {"en": "Stop", "hi": "रोकिए", "hinglish": "Rokiye"}
AGAIN: Said = {"en": "Another answer", "hi": "दूसरा उत्तर", "hinglish": "Doosra jawab"}
DEEPER: Said = {"en": "Deeper", "hi": "और गहराई से", "hinglish": "Aur gehrai se"}
RETRY: Said = {"en": "Try again", "hi": "फिर से कोशिश", "hinglish": "Phir se koshish"}
SHOW: Said = {"en": "Show the answer", "hi": "उत्तर दिखाइए", "hinglish": "Jawab dikhaiye"}
GITA: Said = {"en": "Gita {ref}", "hi": "गीता {ref}", "hinglish": "Gita {ref}"}
VOTE: dict[int, Said] = {
    1: {
        "en": "Thank you. I am glad it helped.",
        "hi": "धन्यवाद। अच्छा लगा कि यह आपके काम आया।",
        "hinglish": "Shukriya. Achha laga ki yeh aapke kaam aaya.",
    },
    -1: {
        "en": "Thank you for telling me. I will try to do better.",
        "hi": "बताने के लिए धन्यवाद। मैं बेहतर करने की कोशिश करूँगा।",
        "hinglish": "Batane ke liye shukriya. Main behtar karne ki koshish karunga.",
    },
}
NOT_YOURS: Said = {
    "en": "Only the person who asked can do that.",
    "hi": "यह वही कर सकते हैं, जिन्होंने सवाल पूछा था।",
    "hinglish": "Yeh wahi kar sakte hain, jinhone sawaal poochha tha.",
}
EXPIRED: Said = {
    "en": "That answer is no longer kept. Ask me afresh.",
    "hi": "वह उत्तर अब मेरे पास नहीं है। नए सिरे से पूछिए।",
    "hinglish": "Woh jawab ab mere paas nahi hai. Naye sire se poochhiye.",
}
CUT: Said = {  # where a platform takes only so many messages
    "en": "(There is no room here for the rest. Ask me in a private chat, and it comes whole.)",
    "hi": "(बाक़ी के लिए यहाँ जगह नहीं है। मुझसे प्राइवेट चैट में पूछिए, वहाँ पूरा उत्तर आएगा।)",
    "hinglish": "(Baaki ke liye yahan jagah nahi hai. Mujhse private chat mein poochhiye, wahan poora jawab aayega.)",
}
STOPPED: Said = {"en": "(stopped)", "hi": "(रोक दिया गया)", "hinglish": "(rok diya gaya)"}
STOPPED_EARLY: Said = {
    "en": "I have stopped. Ask again whenever you wish.",
    "hi": "मैं रुक गया। जब मन हो, फिर पूछिए।",
    "hinglish": "Main ruk gaya. Jab mann ho, phir poochhiye.",
}
NOTHING_TO_STOP: Said = {
    "en": "I am not saying anything just now.",
    "hi": "अभी तो मैं कुछ कह नहीं रहा हूँ।",
    "hinglish": "Abhi to main kuch keh nahi raha hoon.",
}
