"""A verse as it is shown by itself, and the buttons to those beside it."""

from __future__ import annotations

from bots.surface import Button, Buttons
from core.wisdom.corpus import Corpus, Verse


def show(verse: Verse) -> str:
    """Sanskrit, transliteration, our paraphrase and who speaks."""
    return f"Gita {verse.ref}\n\n{verse.sanskrit}\n\n{verse.transliteration}\n\n{verse.speaker}: {verse.text}"


def beside(corpus: Corpus, verse: Verse) -> Buttons:
    before, after = corpus.beside(verse.ref)
    row = [Button(f"‹ {before}", f"page:{before}")] if before else []
    return [[*row, *([Button(f"{after} ›", f"page:{after}")] if after else [])]]
