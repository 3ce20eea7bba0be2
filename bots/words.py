"""Every fixed sentence the bot says outside of an answer, in one place, so that its voice is one."""

from __future__ import annotations

from datetime import date

from bots import hours

WELCOME = """Welcome, friend. Ask what weighs on you, as you would ask someone who has time. I answer in the manner of \
the Bhagavad Gita: a few sentences of counsel, then a true story of somebody who lived it.

I am software, not a person and not God, and no doctor or lawyer. Your words stay in this bot's own database; /forget \
erases them, /mydata shows them.

/help lists what I understand."""

HELP = """Write your question in your own words. You can also use:
/new – begin afresh; I put what came before out of mind
/verse 2.47 – a verse, in Sanskrit and in plain words; /verse anger finds verses
/daily 7:30 Kolkata – a verse every day at your hour; /daily off ends it
/stop – end the answer I am giving
/mydata – everything kept about you, as a file
/forget – erase it for good
/optout – keep your words out of training (/optout off undoes it)

In a group, mention me or reply to me. Answers come from a small language model and can be wrong; verses and stories \
are real."""

COMMANDS: dict[str, str] = {
    "start": "What this is",
    "help": "What I understand",
    "new": "Begin a new conversation",
    "verse": "A verse by number (2.47) or by words",
    "daily": "A verse every day at your hour (7:30 Kolkata)",
    "stop": "End the answer I am giving",
    "mydata": "Everything kept about you",
    "forget": "Erase everything kept about you",
    "optout": "Keep your words out of training",
}
KNOWN = (*COMMANDS, "ask", "stats")  # these two are in no menu: for groups, for operators

ASK = "Ask what weighs on you"
STATS = "Figures for this bot's operators"
THINKING = "…"
EMPTY = "I could read no words there. Write me a few; in a group, together with my name."
GREETING = "Greetings, friend. I am listening: what weighs on you?"
GREETING_HI = "नमस्ते, मित्र। कहिए, मन पर क्या भार है?"
THANKS = "Go gently, friend. You can write to me at any hour."
THANKS_HI = "शांति से जाइए, मित्र। जब मन हो, लिखिए।"
WHO = {
    "en": "I am a computer program that answers in the manner of the Bhagavad Gita. I am not Krishna, not God and not a person. "
    "The verses and the stories are real; the words between come from a language model and can be wrong. What is on your mind?",
    "hi": "मैं एक कंप्यूटर प्रोग्राम हूँ जो भगवद्गीता के ढंग से उत्तर देता है। न मैं कृष्ण हूँ, न ईश्वर, न कोई इंसान। श्लोक और कहानियाँ सच्ची हैं; "
    "बीच के शब्द एक भाषा-मॉडल के हैं और ग़लत हो सकते हैं। कहिए, मन में क्या है?",
    "hinglish": "Main ek computer program hoon jo Bhagavad Gita ke andaaz mein jawab deta hai. Na main Krishna hoon, na Bhagwan, na "
    "koi insaan. Shlok aur kahaniyan sachchi hain; beech ke shabd ek language model ke hain aur galat ho sakte hain. Kahiye, mann mein kya hai?",
}
WHO_THAT = {
    "en": "That was {person}; {where}, {when}. It happened, as far as I know. Where to look it up: {source}.",
    "hi": "यह {person} की बात है; {where}, {when}। जहाँ तक मुझे पता है, यह सच में हुआ था। जहाँ देख सकते हैं: {source}।",
    "hinglish": "Yeh {person} ki baat hai; {where}, {when}. Jahan tak mujhe pata hai, yeh sach mein hua tha. Jahan dekh sakte ho: {source}.",
}
RESTS = {
    "en": "The counsel rests on Gita {ref}; /verse {ref} shows it.",
    "hi": "बात गीता {ref} पर टिकी है; /verse {ref} से वह श्लोक दिखेगा।",
    "hinglish": "Baat Gita {ref} par tiki hai; /verse {ref} se woh shlok dikhega.",
}
WHY = {
    "en": "I told it for this: {shows}. I choose by likeness, and can miss. If it is not yours, leave it: say “another”, or tell me a little more.",
    "hi": "कहानियाँ मैं सवालों की समानता से चुनता हूँ, और चूक भी जाता हूँ। यह आपके काम की न हो, तो इसे छोड़ दीजिए: “एक और” कहिए, या थोड़ा और बताइए।",
    "hinglish": "Yeh kahani isliye chuni: {shows}. Main sawalon ki samaanta se chunta hoon, aur chook bhi jaata hoon. Aapke kaam ki na ho to chhod dijiye: “ek aur” kahiye, ya thoda aur bataiye.",
}
HERE = {
    "en": "I am here. Say more whenever you wish; a line or two is enough.",
    "hi": "मैं यहीं हूँ। जब मन हो, और कहिए; एक-दो पंक्तियाँ काफ़ी हैं।",
    "hinglish": "Main yahin hoon. Jab mann ho, aur kahiye; ek-do line kaafi hai.",
}
HELP_ME = {
    "en": "I am listening. Tell me in a line or two what it is. If you or somebody near you is in danger, do not wait for me: call your "
    "local emergency number; people who listen: findahelpline.com. (/help tells what I understand.)",
    "hi": "मैं सुन रहा हूँ। एक-दो पंक्तियों में कहिए, बात क्या है। आप या पास का कोई ख़तरे में है, तो मेरी राह मत देखिए: 112 पर फ़ोन कीजिए; "
    "सुनने वाले: Tele-MANAS 14416।",
    "hinglish": "Main sun raha hoon. Ek-do line mein kahiye, baat kya hai. Aap ya paas ka koi khatre mein hai, to meri raah mat dekhiye: 112 par "
    "phone kijiye; sunne wale: Tele-MANAS 14416.",
}
FAIR = {
    "en": "Fair enough; nobody has to like this. If something real weighs on you, say it plainly, and I will try again.",
    "hi": "ठीक है; यह सबको पसंद आए, ज़रूरी नहीं। मन पर सच में कुछ भारी हो, तो सीधे कहिए, मैं फिर कोशिश करूँगा।",
    "hinglish": "Theek hai; yeh sabko pasand aaye, zaroori nahi. Mann par sach mein kuch bhaari ho, to seedhe kahiye, main phir koshish karunga.",
}
UNREAD = (
    "I can read English, Hindi (हिन्दी) and Hindi in Latin letters, and no other language yet. If you can, say it to me in one of "
    "these. If you or somebody else is in danger, call your local emergency number now; for somebody to talk to: findahelpline.com."
)
MEDIA = "I read words for now; pictures, voices and stickers are closed to me. Tell me in a sentence or two."
UNKNOWN_COMMAND = "I do not know that command. /help lists what I understand; or simply ask your question."
NEW = "A fresh page. What is on your mind?"
NOTHING_TO_STOP = "I am not saying anything just now."
STOPPED = "(stopped)"
STOPPED_EARLY = "I have stopped. Ask again whenever you wish."
BLOCKED = "This bot is kept for other people; its operator can let you in."
OPTED_OUT = "Your words will not be used to train this bot. /optout off undoes it."
OPTED_IN = "Your words may help to train this bot again. /optout undoes it."
MYDATA = "Everything that is kept about you."
MYDATA_PRIVATE = "That is between us two: ask me in a private chat."
ADMINS_ONLY = "Only this bot's operators can use that."
VOTE = {1: "Thank you. I am glad it helped.", -1: "Thank you for telling me. I will try to do better."}
NOT_YOURS = "Only the person who asked can do that."
EXPIRED = "That answer is no longer kept. Ask me afresh."
VERSE_USAGE = "Give me a verse such as /verse 2.47, or words such as /verse anger."
NO_VERSE = "The Gita as I know it has no verse {ref}. It has 18 chapters; try /verse 2.47, or /verse with a word."
NO_VERSES_FOUND = "No verse has those words. Try others, or a number such as 2.47."
DAILY_HOUR = "“{said}” is no hour that I know; write it as in /daily 7:30, /daily 9 pm Berlin or /daily 21:00 UTC+5:30."
DAILY_ZONE = (
    "I know no place or time zone “{said}”; write it as in /daily 7:30 Kolkata, /daily 7 America/New_York or "
    "/daily 7 UTC+5:30."
)
DAILY_OFF = "No more daily verses. /daily brings them back."
DAILY_NONE = "You have no daily verse; /daily 7:30 Kolkata begins one."
DAILY_PRIVATE = "A daily verse is between us two: write /daily to me in a private chat."
DAILY_ELSEWHERE = "Here I can only answer; /daily works on Telegram and Discord."
DAILY_REFUSED = (
    "I may not write to you unasked, so a daily verse would not reach you; allow direct messages (in the privacy "
    "settings of a server that we share), then send /daily again."
)
TROUBLE = "Something went wrong on my side, and your question is safe. Press the button to try again."
BROKEN = "My model has stopped working, and my operator has been told. Your question is kept; try again later."
UNSURE = "I was interrupted just as I was sending my answer. If it is not above, press the button and I will show it."


def waiting(place: int, seconds: float | None) -> str:
    """A word to somebody who is queued."""
    line = "You are next." if place == 1 else f"{place - 1} before you."
    if seconds is None:
        return line
    return f"{line} About {max(1, round(seconds))} s." if seconds < 90 else f"{line} About {round(seconds / 60)} min."


def full(seconds: float) -> str:
    return f"Many are asking just now. Give me {'a minute' if seconds < 90 else f'{round(seconds / 60)} minutes'}, and ask again."


def too_long(limit: int) -> str:
    return f"That is more than I can hold at once. Tell me its heart in fewer than {limit} characters."


def too_fast(seconds: float) -> str:
    return f"Slowly, friend. Sit with what was said; in {max(1, round(seconds))} s I am here again."


def quota(per_day: int) -> str:
    return (
        f"You have asked {per_day} questions within a day and a night, which is as many as I may answer. Rest with what "
        "was said; at this hour tomorrow I am here again."
    )


def daily(minute: int, zone: str, now: float, due_at: float) -> str:
    """What is set, when the next verse comes, and how to change that. now, due_at: unix seconds."""
    days = hours.day_of(due_at, zone) - hours.day_of(now, zone)
    first = {0: "today", 1: "tomorrow"}.get(days) or f"on {date.fromordinal(hours.day_of(due_at, zone)):%A}"
    return (
        f"A verse comes to you here every day at {hours.clock(minute)}, time of {zone}, where it is "
        f"{hours.clock_in(now, zone)} now; the next one {first}. Another hour or place: /daily 21:00 London. "
        "To end it: /daily off."
    )


def daily_guess(minute: int, *, guessed: bool) -> str:
    """Whence the time zone that nobody named."""
    why = "I took the time zone from your app's language" if guessed else "I do not know your time zone and took UTC"
    return f"{why}; if that is not yours, tell me your city: /daily {hours.clock(minute)} Kolkata."


def forgotten(rows: int, optout: bool = False) -> str:
    """optout: it was set, and is erased with the rest."""
    if not rows:
        return "Nothing was kept about you."
    again = " Your /optout is erased with it; if you write on, send it again." if optout else ""
    return f"It is erased: {rows} {'entry' if rows == 1 else 'entries'}, for good.{again}"
