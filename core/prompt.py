"""From a question to the tokens the model reads: persona, examples, history, wisdom, question, within a budget."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.engine import Tokenizer
from core.text import language, plainly_english, spoken

STOP = ("\n\n", "(The Gita says")  # what ends an answer, beside the model itself
TRIES = 2  # what a model says is thrown away once where it is no counsel; then the verse speaks for itself
FEW = 5  # words; a question of fewer is about what was said before
SOME = 14  # words; a question of fewer is, where it points there
TUNED = "krishna.json"  # in an adapter's folder: it was trained on these prompts, without the worked examples

PERSONA = """You speak in the manner of the Bhagavad Gita, as Krishna speaks to a friend. You are a companion in thought, \
not God, not a doctor, not a lawyer. You call the person Partha. You answer the question that was asked, in two to four \
sentences, poetic and direct, warm and plain. You speak of the person and never of yourself. You give the wisdom of the verse in your own words and never quote it. You \
never tell anyone to stay where they are harmed, to leave their medicine or to hurt a living being, and you never rank \
people by birth."""

# Worked examples for a model that was never tuned: question, the verse it rests on, the counsel.
EXAMPLES: tuple[tuple[str, str, str], ...] = (
    (
        "I studied for a year and failed the exam. Everyone else passed. What now?",
        "The work is yours to do, its fruit was never in your hands. Let no reward drive you, and do not hide in idleness.",
        "Partha, you gave a year of honest work, and no examiner can take that year out of you. The mark belonged to the "
        "examiner; the effort was yours, and it is still in your hands today. Rest one night, then open the book again, not "
        "to beat anyone, but because the work is worth doing.",
    ),
    (
        "My mother died in spring and I still set a cup of tea for her.",
        "The one who lives in the body was never born and does not die; when the body falls, that one is not struck down.",
        "Let the cup stand, Partha; love does not read the calendar. What you loved in her was never only the hands that held "
        "the cup, and that has not gone where death can reach. Weep when it comes, and when it passes, drink the tea and do "
        "one kind thing in her name.",
    ),
    (
        "kisi ne mujhe sabke saamne insult kiya, gussa nahi ja raha",
        "From anger comes confusion, from confusion a lost memory of what matters, and then good sense falls.",
        "Anger asks you to carry the man who insulted you all day on your own back, Partha. Put him down. Speak to him once, "
        "plainly, when your breath is slow again; until then do not let one bad minute choose your words for you.",
    ),
)


# Words that ask for more about what was said, and name nothing to look up.
_ON = re.compile(
    r"(?:(?:but|and|so|ok|okay|yes|yeah|no|hmm+|well|then|please|can you|could you|krishna|par|lekin|magar|aur|toh?|phir|haa?n|ac+h+a|bhai|yaar|"
    r"thoda|ji|पर|लेकिन|और|तो|फिर|हाँ|हां|जी|कृपया) )*"
    r"(?:how|how so|why|why not|when|what|what else|what now|now what|what then|then what|then|more|(?:tell me|say|explain) more|go on|continue"
    r"|explain(?: (?:it|this|that))?(?: to me)?|(?:what do you|what does (?:it|that|this)) mean|i (?:dont|do not|didnt) (?:understand|get it|know)"
    r"|(?:what|how) (?:should|do|can|must|will) i(?: do)?(?: (?:it|this|that))?(?: (?:now|then))?|meaning"
    r"|kaise|kaise karu\w*|ky?u+n?|kyon|kya|(?:ab |to )?(?:main? )?kya (?:karu\w*|karo+n|kare?)(?: (?:main?|ab))?|ab kya|aur|aur (?:batao|bataiye|bataye|bolo|kuch|sunao)|batao|bataiye"
    r"|aage(?: batao)?|phir(?: kya)?|samj?ha+o|samajh nah?in? aaya|matlab(?: kya)?|kab tak"
    r"|कैसे|कैसे कर\w*|क्यों|क्यूँ|क्या|(?:अब )?(?:मैं )?क्या करूँ|(?:अब )?(?:मैं )?क्या करूं|(?:अब )?क्या करें|अब क्या|और|और कुछ|और (?:बताओ|बताइए|बताइये|बताएँ|कहिए)|बताओ|बताइए|आगे|फिर|फिर क्या"
    r"|समझाइए|समझाओ|समझ नहीं आया|मतलब|कब तक)"
    r"(?: (?:please|pls|krishna|exactly|though|now|then|bro|bhai|yaar|ji|batao|na|जी|भी|बताओ|बताइए|कहिए))*"
)
# Words that point at somebody or something named before, where no "my" names it in the same breath.
_POINTS = re.compile(
    r"^(?:and|but|so|then|or|because|what (?:if|about)|aur|par|lekin|magar|toh?|phir|fir|और|पर|लेकिन|मगर|तो|फिर) "
    r"|\b(?:he|she|they|him|her|them|hes|shes|theyre|w?oh|vo|usne|use|us(?:ko|ka|ki|se)|unhone|un(?:ko|ka|ki|se))\b"
    r"| (?:so|that|this|it)$|\b(?:tried|did|done) (?:it|that|this)\b|\b(?:didnt|doesnt|wont) work|\bkar (?:ke|k) dekh|\bkar chuk|\btry (?:kar|kiya)"
    r"|(?<![\u0900-\u097f])(?:वह|वो|वे|उसने|उसे|उस(?:को|का|की|से)|उन्होंने|उन्हें|उन(?:को|का|की|से)|ऐसा)(?![\u0900-\u097f])"
)
_NAMES = re.compile(
    r"\b(?:my|mer[aei](?! (?:saa?th|paas|liye|ba+re|upar|saamne))|ap(?:na|ne|ni)|hamar[aei])\b"
    r"|मेर[ाेी](?! (?:साथ|पास|लिए|बारे|ऊपर|सामने))|अपन[ाेी]|हमार[ाेी]"
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One finished question and answer of a conversation."""

    question: str
    answer: str


def in_full(question: str, history: Sequence[Exchange]) -> str:
    """What to look up for a question: one that carries on what was said ("and what if she leaves?") with what it carries
    on. "But how?" has nothing of its own to look up, in whatever language, and is left out. What is plainly English goes on
    about nothing that was said in another language."""
    said: list[str] = []
    for text in (question, *(before.question for before in reversed(history))):
        if said and plainly_english(said[0]) and language(text) != "en":
            break
        words = spoken(text)
        if words and not _ON.fullmatch(words):
            said.insert(0, text)
            if not _carries_on(words):
                break
    return " ".join(said) or question


def _carries_on(words: str) -> bool:
    n = words.count(" ") + 1
    return n < FEW or (n < SOME and bool(_POINTS.search(words)) and not _NAMES.search(words))


@lru_cache(maxsize=32)
def fixed(tokenizer: Tokenizer, text: str) -> tuple[int, ...]:
    """The tokens of what stands in every prompt."""
    return tuple(tokenizer.encode(text))


def turn(tokenizer: Tokenizer, role: str, text: str) -> list[int]:
    """One turn of Gemma's chat template. The text cannot end the turn: its own markers are plain text."""
    start, end = tokenizer.special("<start_of_turn>"), tokenizer.special("<end_of_turn>")
    return [start, *fixed(tokenizer, f"{role}\n"), *tokenizer.encode(text), end, *fixed(tokenizer, "\n")]


def exchange(tokenizer: Tokenizer, said: str, answer: str) -> list[int]:
    return turn(tokenizer, "user", said) + turn(tokenizer, "model", answer)


def led(tokenizer: Tokenizer, turns: Sequence[int]) -> tuple[int, ...]:
    """Turns, of which the first is the person's, with the persona before the first words."""
    begin = 1 + len(fixed(tokenizer, "user\n"))
    return (*turns[:begin], *fixed(tokenizer, f"{PERSONA}\n\n"), *turns[begin:])


@lru_cache(maxsize=4)
def worked(tokenizer: Tokenizer, examples: tuple[tuple[str, str, str], ...]) -> tuple[int, ...]:
    """The persona and the worked examples; nothing where there are none."""
    tokens = [i for said, verse, answer in examples for i in exchange(tokenizer, ask(said, verse), answer)]
    return led(tokenizer, tokens) if examples else ()


def ask(question: str, wisdom: str) -> str:
    """A question and the verse its answer rests on, as the model is shown them (and trained on them)."""
    return f"{question}\n\n(The Gita says: {wisdom})" if wisdom else question


def build(
    tokenizer: Tokenizer,
    question: str,
    wisdom: str,
    history: Sequence[Exchange],
    *,
    context: int,
    reply_tokens: int,
    examples: Sequence[tuple[str, str, str]] = EXAMPLES,
) -> tuple[int, ...] | None:
    """The prompt, at most context - reply_tokens tokens; None when the question alone does not fit.

    The persona leads the first turn, always; worked examples follow it (none for a model trained to speak so), then
    as much history as fits: newest first, whole exchanges only.
    """
    head = worked(tokenizer, tuple(examples))
    persona = () if examples else fixed(tokenizer, f"{PERSONA}\n\n")
    talk = turn(tokenizer, "user", ask(question, wisdom))
    begin = (tokenizer.special("<start_of_turn>"), *fixed(tokenizer, "model\n"))
    room = context - reply_tokens - 1 - len(head) - len(persona) - len(talk) - len(begin)
    if room < 0:
        return None
    for past in reversed(history):
        before = exchange(tokenizer, past.question, past.answer)
        room -= len(before)
        if room < 0:
            break
        talk = before + talk
    return (tokenizer.bos, *head, *(talk if examples else led(tokenizer, talk)), *begin)
