"""Which of the nested models answers: the small one what is simple, the large one what is deep.

A question is deep at two points:

| points | for |
| --- | --- |
| 2 | 26 words or more: somebody tells much |
| 1 | 14 words or more |
| 2 | it speaks of death or of grief |
| 1 | it asks why or what for, or weighs one way against another |
| 1 | the verse found for it is about one of DEEP_THEMES |
| 1 | two exchanges or more came before it |

Who asks for a deeper answer gets the large model, whatever the load: it is one person's wish, and the queue still has
its bound. Everything else goes to the small one while many wait (`crowded`), long before anybody is turned away.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from core.engine import EngineStats

DEEP = 2  # points
MANY_WORDS, SOME_WORDS = 26, 14
DEEP_THEMES = frozenset({"grief", "death", "forgiveness", "loneliness", "purpose", "doubt", "faith"})
PATIENCE_S = 10.0  # of expected wait, past which a sooner answer is the better one

_WORD = re.compile(r"[\w\u0900-\u0963\u0966-\u097f']+")  # \w alone cuts Devanagari at every vowel sign
_WEIGHS = re.compile(
    r"\b(?:why|what for|the point|meaning|whether|torn|either|should i|or (?:not|should|do|am|is|stay|leave|go)"
    r"|ky?u+n|kyon|matlab|ya phir|ya nahi+n?)\b"
    r"|(?<![\u0900-\u097f])(?:क्यों|क्यूँ|मतलब|या फिर|या नहीं)(?![\u0900-\u097f])",
    re.IGNORECASE,
)
_LOSS = re.compile(
    r"\b(?:d(?:ie[ds]?|ying|ead|eath)|funeral|buried|ashes|cremat\w+|grie(?:f|v\w+)|miscarr\w+|stillborn|widow\w*"
    r"|passed away|maut|mar ga\w+|guzar ga\w+|chal bas\w+|deha+nt|swarg[vw]as|nahi+n? rah[aei]n?"
    r"|lost (?:my|our|her|his|their) (?:(?:only|little|elder|younger|best|unborn|baby|dear|first) )*(?:son|daughter|child|bab(?:y|ies)|mother|father|mom|mum|dad|wife|husband|sister|brother|friend|grand\w+|twins?|parents?))\b"
    r"|मौत|मृत्यु|मर गय|मर गई|गुज़र ग|गुजर ग|चल बस|देहांत|देहान्त|स्वर्गवास|निधन|नहीं रह[ाेी](?![\u0900-\u097f])",
    re.IGNORECASE,
)
_DEEPER = (
    r"(?:(?:go|look|think|dig|answer|speak|explain|say it)(?: \w+){0,2} (?:deeper|more deeply|in (?:more |greater )?depth)"
    r"|(?:a |something )?deeper(?: answer)?(?: please)?"
    r"|(?:aur |thoda )?ge?he?ra(?:i|yi)?(?: se| me(?:in)?)?(?: (?:batao|bataiye|jao|samjhao))?"
    r"|(?:और |थोड़ा )?(?:गहराई|विस्तार) (?:से|में)(?: (?:बताओ|बताइए|जाओ|समझाओ))?)"
)
_ONLY_DEEPER = re.compile(rf"(?:please |can you |could you )?{_DEEPER}(?: please| krishna)?", re.IGNORECASE)
_ASKS_DEEPER = re.compile(
    r"\b(?:go|look|think|dig|answer|explain)(?: \w+){0,2} (?:deeper|more deeply|in (?:more |greater )?depth)\b"
    r"|\ba deeper answer\b|\bge?he?ra(?:i|yi) (?:se|me(?:in)?)\b|(?:गहराई|विस्तार) (?:से|में)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Choice:
    """tier: for Request.tier. why: in words, for the log."""

    tier: str
    why: str


def choose(
    tiers: Sequence[str],
    question: str,
    *,
    exchanges: int = 0,
    themes: Collection[str] = (),
    deeper: bool = False,
    stats: EngineStats | None = None,
    always: str = "auto",
) -> Choice:
    """The tier for a question. Deterministic.

    tiers: as Engine.tiers has them. exchanges: finished ones before it. themes: of its verse. deeper: the person
    asked for it. stats: the engine's, for the load. always: "small" or "large" leaves only `deeper` a say.
    """
    if not tiers:
        return Choice("", "there is one model")
    small, large = tiers[0], tiers[-1]
    if deeper or asks_deeper(question):
        return Choice(large, "asked for")
    if always != "auto":
        return Choice(small if always == "small" else large, "by the settings")
    if stats is not None and crowded(stats):
        return Choice(small, f"{stats.queued} wait")
    points, why = depth(question, exchanges, themes)
    return Choice(large if points >= DEEP else small, why)


def depth(question: str, exchanges: int = 0, themes: Collection[str] = ()) -> tuple[int, str]:
    """(points, what they are for): the table above."""
    words = len(_WORD.findall(question))
    found = [
        (2 if words >= MANY_WORDS else 1 if words >= SOME_WORDS else 0, f"{words} words"),
        (2 * of_loss(question), "death or grief"),
        (int(bool(_WEIGHS.search(question))), "asks why or weighs"),
        (int(not DEEP_THEMES.isdisjoint(themes)), "a deep theme"),
        (int(exchanges >= 2), "a longer talk"),
    ]
    return sum(n for n, _ in found), ", ".join(why for n, why in found if n) or "short and plain"


def of_loss(question: str) -> bool:
    """Whether somebody speaks of death or of grief."""
    return bool(_LOSS.search(question))


def crowded(stats: EngineStats) -> bool:
    """Whether many wait: as many as there are slots, or half of those who may, or for longer than PATIENCE_S."""
    bound = max(1, min(stats.slots, stats.queue // 2))
    return stats.queued >= bound or stats.wait_s > PATIENCE_S


def asks_deeper(text: str) -> bool:
    """Whether somebody asks for a deeper answer, be it beside other words."""
    return only_deeper(text) or bool(_ASKS_DEEPER.search(text))


def only_deeper(text: str) -> bool:
    """Whether the words ask for a deeper answer and nothing else: then they are about the answer before them."""
    return bool(_ONLY_DEEPER.fullmatch(" ".join(_WORD.findall(text))))
