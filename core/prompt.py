"""From a question to the tokens the model reads: persona, examples, history, wisdom, question, within a budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from core.engine import Tokenizer

STOP = ("\n\n", "(The Gita says")  # what ends an answer, beside the model itself
TRIES = 2  # what a model says is thrown away once where it is no counsel; then the verse speaks for itself
FEW = 5  # words; a shorter question is about what was said before
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


@dataclass(frozen=True, slots=True)
class Exchange:
    """One finished question and answer of a conversation."""

    question: str
    answer: str


def in_full(question: str, history: Sequence[Exchange]) -> str:
    """What to look up for a question: a few words that carry on ("but how?") with the question that they carry on."""
    said = [question]
    for before in reversed(history):
        if len(said[0].split()) >= FEW:
            break
        said.insert(0, before.question)
    return " ".join(said)


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
