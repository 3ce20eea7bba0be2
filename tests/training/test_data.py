"""The data that is shipped is sound, and the check finds what is not."""

from dataclasses import replace

import pytest

from core.wisdom.corpus import corpus
from training import check_data
from training.dialogues import Turn, examples, load

REST = "Rest now and be quiet for one hour, Partha. The light of the morning will find your hands ready for the work."


def test_the_data_has_no_fault():
    problems, figures = check_data.check()
    assert problems == []
    assert dict(figures)["dialogues, turns"].startswith("2509")
    assert dict(figures)["labelled long messages"] == "44"


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
        ({"counsel": f"Gandhi walked to the sea. {REST}"}, "person"),
        ({"counsel": f"Stay with him and bear it, for this is your dharma. {REST}"}, "harm"),
        ({"counsel": "पार्थ, आज की रात सो जाओ और कुछ मत सोचो। सुबह तुम्हारा काम तुम्हारे हाथ में होगा।"}, "language is en"),
    ],
)
def test_a_fault_is_found(change, says):
    dialogues = load()[:40]
    first = dialogues[0]
    dialogues[0] = replace(first, turns=(replace(first.turns[0], **change), *first.turns[1:]))
    problems = [*check_data._dialogues(dialogues), *check_data._copies(dialogues)]
    assert any(says in problem for problem in problems), problems


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"language": "klingon"}, "its language is klingon"),
        ({"language": "hi"}, "its language is hi"),
        ({"tags": ("zzz",)}, "nobody knows the tag zzz"),
        ({"turns": (Turn("And now, with all this?", ("2.47",), "julia-child-failed-exam", REST),) * 2}, "told twice"),
    ],
)
def test_a_fault_of_a_whole_dialogue_is_found(change, says):
    first = next(d for d in load() if d.language == "en")
    assert any(says in problem for problem in check_data._dialogues([replace(first, **change)]))


def test_a_fault_of_a_long_message_is_found():
    dialogues, row = load(), check_data._lines("long.jsonl")[0]
    assert [*check_data._labels([row], dialogues), *check_data._lengths([row])] == []
    asked = max((t.question for d in dialogues for t in d.turns), key=len)
    for change, says in (
        ({"question": f"{asked} Please."}, "also in the dialogues"),
        ({"verses": ["2.99"]}, "not exist"),
    ):
        assert any(says in problem for problem in check_data._labels([row | change], dialogues))
    for change, says in (({"question": "Why?"}, "4 characters"), ({"stories": row["stories"][:2]}, "three to eight")):
        assert any(says in problem for problem in check_data._lengths([row | change]))


def test_what_stands_nearly_twice_is_found():
    dialogues = load()
    first = next(d for d in dialogues if d.split == "train" and len(d.turns[0].question.split()) > 9)
    turn = first.turns[0]
    answered = replace(
        turn, question="Other words stand here", counsel=turn.counsel.replace("Partha", "Partha, friend")
    )
    again = replace(first, id="z1", turns=(answered,))
    assert any(f"{first.id} and z1: counsel" in problem for problem in check_data._copies([*dialogues, again]))
    asked = replace(first, id="z2", turns=(replace(turn, question=f"{turn.question} please", counsel=REST),))
    assert f"{first.id} and z2" in check_data._twice([*dialogues, asked])
    elsewhere = replace(asked, family=next(d.family for d in dialogues if d.split == "test"))
    assert any("z2 (test) ask the same" in problem for problem in check_data._copies([*dialogues, elsewhere]))


def test_an_example_is_the_prompt_of_the_host_and_the_counsel(tokenizer):
    dialogue = next(d for d in load() if len(d.turns) > 1)
    found = list(examples(dialogue, corpus(), tokenizer))
    assert len(found) == len(dialogue.turns)
    prompt, answer = (tokenizer._tokenizer.decode(ids, skip_special_tokens=False) for ids in found[1])
    assert dialogue.turns[0].counsel in prompt and dialogue.turns[1].question in prompt
    assert prompt.endswith("<start_of_turn>model\n")
    assert answer == dialogue.turns[1].counsel + "<end_of_turn>"
