"""The data that is shipped is sound, and the check finds what is not."""

from dataclasses import replace

import pytest

from core.wisdom.corpus import corpus
from training import check_data
from training.dialogues import examples, load


def test_the_data_has_no_fault():
    problems, figures = check_data.check()
    assert problems == []
    assert dict(figures)["dialogues, turns"].startswith("2469")


def test_a_family_is_in_one_split_and_every_split_has_some():
    splits = {}
    for dialogue in load():
        assert splits.setdefault(dialogue.family, dialogue.split) == dialogue.split
    assert {"train", "validation", "test"} == set(splits.values())


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"counsel": "Too short, Partha."}, "length"),
        (
            {"counsel": "Partha, I made the stars for you to see. Look up at them tonight and be still."},
            "spoiled",
        ),
        ({"counsel": "Look up at the stars tonight and be still. Nothing else is asked of you here."}, "partha"),
        ({"counsel": "Rise, Arjuna, and fight, Partha. The day is long and the bow is in your hand now."}, "arjuna"),
        ({"verses": ("2.99",)}, "does not exist"),
        ({"story": "nobody"}, "does not exist"),
        (
            {"counsel": "Partha, stoop not to unmanliness o son of kunti it does not befit you. Stand where you are."},
            "copied",
        ),
    ],
)
def test_a_fault_is_found(change, says):
    dialogues = load()[:40]
    first = dialogues[0]
    dialogues[0] = replace(first, turns=(replace(first.turns[0], **change), *first.turns[1:]))
    problems = [*check_data._dialogues(dialogues), *check_data._copies(dialogues)]
    assert any(says in problem for problem in problems), problems


def test_an_example_is_the_prompt_of_the_host_and_the_counsel(tokenizer):
    dialogue = next(d for d in load() if len(d.turns) > 1)
    found = list(examples(dialogue, corpus(), tokenizer))
    assert len(found) == len(dialogue.turns)
    prompt, answer = (tokenizer._tokenizer.decode(ids, skip_special_tokens=False) for ids in found[1])
    assert dialogue.turns[0].counsel in prompt and dialogue.turns[1].question in prompt
    assert prompt.endswith("<start_of_turn>model\n")
    assert answer == dialogue.turns[1].counsel + "<end_of_turn>"
