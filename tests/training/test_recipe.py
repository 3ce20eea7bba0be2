"""The recipe: the published one by default, every value settable by a flag or a file, wrong values said in a sentence."""

import argparse
import json

import pytest

from training.errors import RecipeError
from training.recipe import Recipe, add_flags, from_flags, read


def flags(*words):
    parser = argparse.ArgumentParser()
    add_flags(parser)
    return from_flags(parser.parse_args(list(words)))


def test_the_defaults_are_the_published_run():
    r = flags()
    assert r == Recipe()
    assert (r.base, r.load_in_4bit, r.max_seq_length) == ("unsloth/gemma-3n-E4B-it", True, 2048)
    assert (r.rank, r.alpha, r.dropout, r.rslora, r.seed) == (64, 64, 0, True, 73)
    assert r.targets == ("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj")
    assert r.gradient_checkpointing


@pytest.mark.parametrize("name", list(Recipe.model_fields))
def test_every_value_is_set_by_a_flag_and_by_a_file(name, tmp_path):
    changed = {str: "else", bool: False, int: 7, float: 0.25, tuple[str, ...]: ("q_proj", "v_proj")}
    kind = Recipe.model_fields[name].annotation
    value = {"schedule": "cosine", "optimizer": "adamw_torch", "max_seq_length": 700}.get(name, changed.get(kind))
    flag = f"--{name.replace('_', '-')}"
    given = (
        [flag.replace("--", "--no-")] if kind is bool else [flag, ",".join(value) if name == "targets" else str(value)]
    )
    assert getattr(flags(*given), name) == value != getattr(Recipe(), name)
    file = tmp_path / "r.toml"
    file.write_text(f"{name} = {json.dumps(value)}\nrank = 3\n" if name != "rank" else "rank = 7\n")
    assert getattr(read(file), name) == value
    assert getattr(flags("--recipe", str(file), *given), name) == value


def test_a_recipe_that_was_saved_is_read_again_and_flags_go_before_it(tmp_path):
    Recipe(rank=5, targets=("q_proj",)).write(tmp_path / "recipe.json")
    assert read(tmp_path / "recipe.json") == Recipe(rank=5, targets=("q_proj",))
    assert flags("--recipe", str(tmp_path / "recipe.json"), "--rank", "6").rank == 6


@pytest.mark.parametrize(
    ("text", "says"),
    [("rank = 0", "rank"), ("ranks = 4", "ranks"), ("rank = ", "cannot be read"), ("seed = 'x'", "seed")],
)
def test_a_wrong_recipe_is_one_sentence(tmp_path, text, says):
    (tmp_path / "r.toml").write_text(text)
    with pytest.raises(RecipeError, match=says) as error:
        read(tmp_path / "r.toml")
    assert "\n" not in str(error.value)
    with pytest.raises(RecipeError, match="cannot be read"):
        read(tmp_path / "absent.toml")
