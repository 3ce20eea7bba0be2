"""From votes in a real store to an adapter that prefers what people preferred."""

import asyncio
import json
from dataclasses import asdict

import pytest
import torch

from core import answer
from core.resident.tokenizer import GemmaTokenizer
from core.wisdom.corpus import corpus
from storage import Store
from tests.storage.conftest import asked
from tests.training.conftest import few
from tests.training.test_train import recipe
from training import preferences
from training.__main__ import main
from training.base import open_base
from training.errors import DataError
from training.preferences import Pair, collect
from training.run import last_checkpoint
from training.train import train

ONE = "The river does not ask the stone to move, Partha. Put down the oar for one night and listen."
TWO = "A lamp lights the next step and no more, Partha. Take that step, and sleep without counting the rest."
BAD = "I am the river, Partha. Follow where it goes and ask no more."
VERSE = corpus().verse("2.47")
STORY = corpus().stories[0]


def whole(counsel: str) -> str:
    return answer.compose(counsel, STORY, [VERSE])


async def two(store, n, question="What is duty?", older=ONE, newer=TWO, votes=(), user="ann", parent=None):
    """An answer and another one, with votes (which of them, who, value)."""
    shared = {"user": user, "text": question, "parent": parent, "conversation": f"room {n}", "verses": ["2.47"]}
    first = await asked(store, f"{n}a", answer=whole(older), **shared)
    second = await asked(store, f"{n}b", answer=whole(newer), again=first.id, **shared)
    for which, who, value in votes:
        await store.vote((first, second)[which].id, who, value)
    return first, second


def pairs_of(tmp_path, work):
    async def run():
        store = await Store.open(tmp_path / "krishna.db")
        try:
            await work(store)
            return await collect(store)
        finally:
            await store.close()

    return asyncio.run(run())


def test_votes_and_another_answer_become_pairs(tmp_path):
    async def work(store):
        await two(store, 1, "Liked the first", votes=[(0, "ann", 1), (1, "bob", -1)])
        await two(store, 2, "Asked for another and left it")
        await two(store, 3, "Liked both", votes=[(0, "ann", 1), (1, "bob", 1)])
        await two(store, 4, "Disliked the first", votes=[(0, "ann", -1)])
        await asked(store, "5", text="One answer only", answer=whole(ONE), verses=["2.47"])

    found = {p.question: (p.chosen, p.rejected, p.verse) for p in pairs_of(tmp_path, work)}
    assert found == {
        "Liked the first": (ONE, TWO, "2.47"),
        "Asked for another and left it": (TWO, ONE, "2.47"),
        "Disliked the first": (TWO, ONE, "2.47"),
    }


def test_of_three_answers_the_last_is_preferred_and_the_history_comes_along(tmp_path):
    async def work(store):
        before = await asked(store, "0", text="Before", answer=whole(ONE), verses=["2.47"], conversation="room 1")
        _, second = await two(store, 1, "Three", parent=before.id)
        third = whole(
            "Sit under the tree until noon, Partha. What is yours to do will still be there, and so will you."
        )
        await asked(store, "c", text="Three", answer=third, again=second.id, parent=before.id, verses=["2.47"])

    (pair,) = pairs_of(tmp_path, work)
    assert pair.chosen.startswith("Sit under") and pair.rejected == TWO and pair.history == (("Before", ONE),)


def test_who_opted_out_is_in_no_pair_and_has_no_vote(tmp_path):
    async def work(store):
        await two(store, 1, "Asked by cleo", user="cleo")
        await two(store, 2, "Voted by cleo", votes=[(0, "cleo", 1), (1, "bob", 1)])
        theirs = await asked(store, "3", "cleo", "Cleo first", whole(ONE), verses=["2.47"], conversation="room 3")
        await two(store, 4, "After cleo", parent=theirs.id)
        await store.optout("telegram", "cleo")

    assert [p.question for p in pairs_of(tmp_path, work)] == ["Voted by cleo"]
    (pair,) = pairs_of(tmp_path, lambda store: asyncio.sleep(0))
    assert pair.chosen == ONE or pair.chosen == TWO  # bob's vote alone
    assert pair.chosen == TWO


def test_no_rule_is_broken_by_the_better_one_and_no_id_stays(tmp_path):
    async def work(store):
        await two(store, 1, "The better breaks a rule", newer=BAD)
        await two(store, 2, "The verse itself", newer=answer.verbatim(VERSE))
        await two(
            store, 3, "hey @krishna_bot <@123456> mail me at ann@example.org or +49 170 1234567, see https://x.org/a?b"
        )

    (pair,) = pairs_of(tmp_path, work)
    assert pair.question == "hey … … mail me at … or …, see …"
    file = tmp_path / "pairs.jsonl"
    assert main(["preferences", str(file), "--database", str(tmp_path / "krishna.db")]) == 0
    assert preferences.load(file) == [pair] and set(json.loads(file.read_text())) == {
        "question",
        "verse",
        "history",
        "chosen",
        "rejected",
    }
    assert main(["preferences", str(file), "--database", str(tmp_path / "absent.db")]) == 2
    with pytest.raises(DataError, match="preferences"):
        preferences.load(tmp_path / "absent")


def test_dpo_makes_the_adapter_prefer_what_people_preferred(gemma3_folder, tmp_path):
    tokenizer = GemmaTokenizer(gemma3_folder)
    train(few(2), recipe(gemma3_folder, max_steps=1), tmp_path / "before", say=print)
    made = [Pair(f"Question {i}?", "2.47", (), "Rest, Partha.", "Run, Partha.") for i in range(24)]
    file = tmp_path / "pairs.jsonl"
    file.write_text("".join(json.dumps(asdict(p)) + "\n" for p in made))
    words = ["train", str(tmp_path / "after"), "--preferences", str(file)]
    assert main(words) == 2, "without an adapter there is nothing to go on from"
    words += [
        "--adapter",
        str(tmp_path / "before"),
        "--max-steps",
        "6",
        "--eval-steps",
        "3",
        "--dpo-learning-rate",
        "0.01",
    ]
    assert main(words) == 0
    report = json.loads((tmp_path / "after" / "report.json").read_text())
    assert report["kind"] == "dpo" and report["start_loss"] == pytest.approx(0.693, abs=0.01)
    assert report["best_loss"] < 0.6 and last_checkpoint(tmp_path / "after" / "checkpoints") is not None

    def margin(adapter):
        base = open_base(recipe(gemma3_folder), "trl", print, adapter)
        row = preferences.rows(tokenizer, made, 512)["test"][0]
        found = []
        for name in ("chosen_ids", "rejected_ids"):
            ids = torch.tensor([row["prompt_ids"] + row[name]])
            with torch.no_grad():
                logits = torch.log_softmax(base.model(ids).logits[0, len(row["prompt_ids"]) - 1 : -1].float(), -1)
            found.append(logits.gather(1, torch.tensor(row[name])[:, None]).sum().item())
        return found[0] - found[1]

    assert margin(tmp_path / "after") > margin(tmp_path / "before") + 1
    with pytest.raises(DataError, match="split"):
        preferences.rows(tokenizer, made[:2], 512)
