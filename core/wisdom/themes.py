"""The fixed list of themes, and which of them a question speaks of."""

from __future__ import annotations

import re

# theme: words (stems, with | between) that people in trouble use for it, English and Hinglish
WORDS: dict[str, str] = {
    "duty": r"duty|duties|should i|responsib|obligation|dharma|farz|zimmedari",
    "work": r"work|job|career|boss|office|business|naukri|kaam|profession|colleague",
    "results": r"result|outcome|reward|success|marks|grade|rank|promotion|fruit|achiev|phal",
    "grief": r"grief|griev|mourn|lost my|passed away|miss (him|her|them)|died|dukh|bereave|funeral|heartbr\w*|break ?up|broke up",
    "death": r"death|dying|die[sd]?\b|dead|mortal|maut|mrityu|terminal|passed away",
    "self": r"who am i|my ?self|identity|soul|atma|self[- ](worth|esteem|respect|doubt)|worthless",
    "anger": r"anger|angry|rage|furious|temper|gussa|hate|resent|revenge|betray|yell|shout",
    "desire": r"desire|crav|lust|want more|greed|tempt|addict|porn|drink|alcohol|smok|gambl|shopping",
    "fear": r"fear|afraid|scare|terrif|panic|dar lag|darr?\b|phobia",
    "failure": r"fail|flunk|reject|lost my job|fired|laid off|bankrupt|mistake|not good enough|mess(ed)? up|gave up",
    "doubt": r"doubt|unsure|confus|don'?t know (what|how|if)|uncertain|decid|decision|choose|choice|dilemma",
    "letting-go": r"let(ting)? go|accept|move on|cannot change|can'?t change|control|attach|cling|past|regret|surrender",
    "equanimity": r"calm|balance|peace|equan|steady|up and down|mood|overwhelm|stable|shanti",
    "friendship": r"friend|dost|buddy|companion",
    "family": r"famil|mother|father|mom|dad|parent|brother|sister|son\b|daughter|wife|husband|in-?laws|marriage|divorce|child|kids|maa\b|papa",
    "love": r"love|heart|relationship|girlfriend|boyfriend|partner|crush|pyaar|romance",
    "devotion": r"devot|bhakti|worship|god\b|krishna|bhagwan|puja",
    "faith": r"faith|believ|trust|hope in|religio|atheis|sceptic|skeptic",
    "prayer": r"pray|mantra|chant|temple|mandir",
    "silence": r"silen|quiet|nois|solitude|peace and quiet",
    "meditation": r"meditat|mindful|dhyan|yoga\b|breath",
    "mind": r"mind|thought|overthink|focus|concentrat|distract|restless|attention",
    "discipline": r"disciplin|lazy|laziness|procrastinat|consisten|routine|willpower|motivat|wake up",
    "habit": r"habit|addict|relapse|quit|scroll|phone|screen",
    "food": r"food|eat|diet|hungry|fast(ing)?\b|weight|vegetarian",
    "envy": r"env(y|ious)|jealous|compar|better than me|ahead of me|everyone else|jalan",
    "pride": r"pride|proud|ego|arrogan|humiliat|insult|ghamand",
    "humility": r"humb|modest|apolog|admit",
    "compassion": r"compassion|kind|empath|help (others|someone|people)|caring|care for|suffering of",
    "nonviolence": r"violen|hurt (some|him|her|them)|fight|harm|war\b|revenge|ahimsa",
    "truth": r"truth|lie\b|lied|lying|honest|cheat|deceiv|secret|integrity|sach\b",
    "courage": r"courag|brave|stand up|speak up|bully|bulli|confront|himmat",
    "anxiety": r"anxi|worr|stress|tension|nervous|overthink|what if|exam|interview|chinta|sleep",
    "loneliness": r"lonel|alone|no one|nobody|isolat|akela|left out|abandon",
    "purpose": r"purpose|meaning|point of|why am i|calling|direction|lost in life|empty|passion",
    "knowledge": r"know|learn|study|studies|school|college|teacher|wisdom|padhai|understand",
    "action": r"act\b|action|start|begin|stuck|do something|procrastinat|effort",
    "renunciation": r"renounc|give up everything|leave everything|retire|sannyas|quit my job|monk",
    "generosity": r"generos|generous|giv(e|ing)|charit|donat|money|poor|share",
    "forgiveness": r"forgiv|guilt|sorry|ashamed|shame|sin\b|wronged|betray|grudge|maaf",
    "nature": r"nature|temperament|gun[a]?s?\b|personality|the way i am|habitual",
    "time": r"time|old\b|age\b|ageing|aging|late\b|years|future|young|retire|change",
    "equality": r"equal|caste|race|gender|discriminat|colou?r|jaati|unfair|injustice|class\b",
    "leadership": r"lead|manag|team|example|boss|captain|responsible for",
    "hope": r"hope|despair|give up|giving up|dark|tired of|exhaust|illness|sick|disease|cancer|depress|sad\b|udaas|recover",
    "speech": r"speak|speech|words|gossip|rude|talk|argue|argument|said something",
}

THEMES: tuple[str, ...] = tuple(WORDS)

_PATTERNS = {theme: re.compile(rf"\b(?:{words})", re.IGNORECASE) for theme, words in WORDS.items()}


def themes_of(question: str) -> dict[str, float]:
    """The themes that a question speaks of, each with a weight that falls with how common the theme is here."""
    found = {theme: len(set(m.group(0).lower() for m in p.finditer(question))) for theme, p in _PATTERNS.items()}
    return {theme: min(count, 3) ** 0.5 for theme, count in found.items() if count}
