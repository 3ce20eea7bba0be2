"""The persona computed once a batch: the same loss and gradients as whole rows."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from training import base, shared
from training.examples import IGNORED, collate
from training.recipe import Recipe


@pytest.mark.parametrize(
    ("begin", "parts"),
    [(begin, ((5, 7), (12, 3), (1, 9))) for begin in (0, 1, 9, 40)] + [(9, ((5, 7),)), (9, ((0, 4), (0, 6)))],
)
def test_loss_and_gradients_are_those_of_whole_rows(tiny_folder, begin, parts):
    """Gemma 3n's later layers read the keys of earlier ones, its logits are capped, and 40 is past its window."""
    opened = base.open_base(Recipe(base=str(tiny_folder), rank=4, alpha=4, gradient_checkpointing=False), "trl", print)
    model = opened.model.train()
    torch.manual_seed(0)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.1)
    same, rows = torch.randint(10, 200, (begin,)).tolist(), []
    for prompt, answer in parts:
        ids = torch.randint(10, 200, (prompt + answer,)).tolist()
        rows.append({"input_ids": same + ids, "labels": [IGNORED] * (begin + prompt) + ids[prompt:]})
    batch = collate(rows)

    def gradients(loss):
        model.zero_grad()
        loss.backward()
        return {name: weight.grad for name, weight in model.named_parameters() if weight.grad is not None}

    logits = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], use_cache=False).logits
    wanted = cross_entropy(logits[:, :-1].flatten(0, 1), batch["labels"][:, 1:].flatten(), reduction="sum")
    theirs = gradients(wanted)
    found, counted = shared.loss(model, batch)
    ours = gradients(found)
    assert counted == sum(answer for _, answer in parts)
    torch.testing.assert_close(found, wanted, atol=1e-3, rtol=1e-5)
    assert ours.keys() == theirs.keys() and any(g.abs().max() > 1e-3 for g in ours.values())
    for name in ours:
        torch.testing.assert_close(ours[name], theirs[name], atol=2e-4, rtol=1e-3)
