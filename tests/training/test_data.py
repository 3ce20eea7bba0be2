"""The data that is shipped is sound, and the check finds what is not."""

import json
from dataclasses import replace

import pytest

from core.wisdom.corpus import corpus
from training import check_data
from training.dialogues import examples, load


def test_the_data_has_no_fault():
    problems, figures = check_data.check()
    assert problems == []
    assert dict(figures)["dialogues, turns"].startswith("740")


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


def test_a_tiny_model_learns_and_its_adapter_is_loaded_by_the_host(gemma3_folder, tokenizer, tmp_path):
    import torch

    from core.prompt import TUNED
    from core.resident.loader import load as load_model
    from core.resident.loader import load_weights
    from core.settings import EngineSettings
    from training.train import Recipe, sets_of, train

    torch.set_num_threads(2)
    sets = sets_of(tokenizer, load()[:8])
    sets["train"] = sets["train"][:6]
    sets["validation"] = sets["train"][:2]  # of so few, the split may have none
    report = train(load_weights(gemma3_folder, "cpu"), sets, tmp_path, Recipe(rank=4, alpha=4, epochs=2, batch=2))
    assert report["epochs"][-1]["train"] < report["start"]["train"]
    assert json.loads((tmp_path / "report.json").read_text())["recipe"]["rank"] == 4
    model, _ = load_model(EngineSettings(model=str(gemma3_folder), slots=2, context=256), lambda _: None)
    model.load_adapter("mine", tmp_path)
    model.begin(1, "", "mine")
    prompt = sets["train"][0][0][:100]
    assert (tmp_path / TUNED).is_file()
    assert not torch.equal(model.prefill(0, 0, prompt, last=True), model.prefill(1, 0, prompt, last=True))
