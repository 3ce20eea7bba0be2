"""The simulation against what queueing theory knows, and its figures against the documents they are from.

`python -m tests.waits` holds it against the real engine.
"""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest

from bots.__main__ import main
from bots.simulate import Chat, apart, arrivals, serve
from bots.speeds import ENGINES, Speeds, capacity, read_bench
from tests.process import ROOT

TOKENS = 500  # of an answer, at one token in 2 ms: a second
EVENLY = {"peak": 1.0, "prompt": 1, "answer": TOKENS}


def servers(count):
    """An engine as the theory's servers: each answer goes as fast in any company, and a prompt costs nothing."""
    return Speeds(1e12, {n: n * TOKENS for n in range(1, count + 1)})


def questions(per_s, number, *, spread=1.0, seed=3):
    how = EVENLY | {"hours": number / per_s / 3600, "spread": spread}
    return list(arrivals(per_s * 86_400, random.Random(seed), **how))


def erlang_c(count, load):
    """The probability of a wait in M/M/c. load: of all servers together, in Erlang."""
    free = 1.0
    for n in range(1, count + 1):
        free = 1 + free * n / load
    blocked = 1 / free
    return blocked / (1 - load / count * (1 - blocked))


@pytest.mark.parametrize(("count", "used"), [(1, 0.5), (4, 0.7), (32, 0.85)])
def test_waits_are_those_of_theory(count, used):
    chats = questions(used * count, 40_000)
    found = serve(chats, servers(count), gpus=1, slots=count, queue=10**6, deadline_s=1e9)
    rate = len(chats) / chats[-1].at
    load = rate * sum(c.answer for c in chats) / len(chats) / TOKENS
    waits = [c.wait for c in found.chats]
    late = sum(wait > 0.002 for wait in waits) / len(waits)  # more than the rest of a step
    assert late == pytest.approx(erlang_c(count, load), rel=0.05)
    assert sum(waits) / len(waits) == pytest.approx(erlang_c(count, load) * load / rate / (count - load), rel=0.1)
    assert found.in_use == pytest.approx(load / count, rel=0.02)


def test_answers_of_one_length_wait_half_as_long():
    """M/D/1: Pollaczek and Khinchine."""
    chats = questions(0.7, 40_000, spread=0.0)
    waits = [c.wait for c in serve(chats, servers(1), gpus=1, slots=1, queue=10**6, deadline_s=1e9).chats]
    load = len(chats) / chats[-1].at
    assert sum(waits) / len(waits) == pytest.approx(load / (2 * (1 - load)), rel=0.05)


def test_an_engine_alone_takes_the_time_of_its_steps():
    speeds = Speeds(256, {1: 10.0, 2: 16.0})  # a piece in half a second, a step of one in 100 ms, of two in 125
    one = serve([Chat(0.0, 256, 11)], speeds, gpus=1, slots=2)
    assert one.chats[0].wait == 0 and one.chats[0].first == pytest.approx(1.0)
    two = serve([Chat(0.0, 128, 11), Chat(0.1, 128, 11), Chat(0.2, 128, 2)], speeds, gpus=1, slots=2).chats
    assert two[1].wait == pytest.approx(0.4)  # the step under way ends first
    assert two[1].first == pytest.approx(0.4 + 0.6)  # its piece and a token of the first
    # nine more tokens of the first beside the second; then the third is read while the second speaks its last one
    assert two[2].wait == pytest.approx(0.5 + 0.6 + 9 * 0.125 - 0.2)
    assert two[2].first - two[2].wait == pytest.approx(0.6)


def test_everybody_is_answered_or_turned_away_and_slots_are_not_exceeded():
    cpu = ENGINES["cpu"]
    most = capacity(cpu, 8, 210, 77)
    chats = list(
        arrivals(1.5 * most * 86_400, random.Random(5), peak=1.0, hours=1.0, prompt=210, answer=77, spread=0.2)
    )
    found = serve(chats, cpu, gpus=1, slots=8, queue=20, deadline_s=30.0)
    served = [c for c in chats if c.wait < math.inf]
    assert found.chats == chats and all(c.first > c.wait >= 0 for c in served)
    assert all(c.first == math.inf for c in chats if c.wait == math.inf)
    assert max(c.wait for c in served) <= 30.5 and found.refused == pytest.approx(1 - 1 / 1.5, abs=0.04)
    assert found.in_use == pytest.approx(1, abs=0.03)
    assert found.wait(0.5) > 15 and found.wait(0.99) == math.inf


def test_a_seed_gives_the_same_figures_and_another_one_others():
    def run(seed, way=serve):
        dice = random.Random(seed)
        chats = arrivals(6e5, dice, peak=2.0, hours=0.2, prompt=210, answer=77, spread=0.2)
        return way(chats, ENGINES["h100"], gpus=2, slots=4, queue=256, deadline_s=180.0)

    assert run(1) == run(1) != run(2)
    assert run(1, apart).wait(0.99) >= run(1).wait(0.99)  # one queue before all never waits beside a free slot
    assert sorted(c.at for c in run(1, apart).chats) == [c.at for c in run(1).chats]


def test_most_people_come_in_the_evening():
    how = {"prompt": 1, "answer": 1, "spread": 0.0}
    day = [c.at for c in arrivals(100_000, random.Random(0), peak=1.8, hours=24.0, **how)]
    assert len(day) == pytest.approx(100_000, rel=0.02) and all(a < b for a, b in pairwise(day))
    hour = [at for at in day if abs(at - 43_200) < 1800]  # eight in the evening is in the middle
    assert len(hour) == pytest.approx(1.8 * 100_000 / 24, rel=0.05)
    busiest = list(arrivals(100_000, random.Random(0), peak=1.8, hours=1.0, **how))
    assert len(busiest) == pytest.approx(1.8 * 100_000 / 24, rel=0.05)


def test_between_measured_counts_a_steps_time_lies_between():
    speeds = ENGINES["cpu"]
    times = [speeds.decode_s(n) for n in range(9)]
    assert times[1] == pytest.approx(1 / 26.1) and times[8] == pytest.approx(8 / 79.2)
    assert times[3] == pytest.approx((times[2] + times[4]) / 2) and times == sorted(times)
    with pytest.raises(ValueError, match="--slots be 8"):
        serve([], speeds, gpus=1, slots=9)


@pytest.mark.parametrize(("engine", "document"), [("h100", "benchmarks-gpu.md"), ("cpu", "benchmarks.md")])
def test_the_speeds_are_those_of_the_documents(engine, document):
    text = (ROOT / "docs" / document).read_text()
    speeds = ENGINES[engine]
    read_ms = 512 / speeds.prefill * 1e3
    for figure in (*speeds.decode.values(), round(read_ms, 1)):
        assert f"{figure:,g}" in text, f"{figure} is not in {document}: were its figures measured anew?"


BENCH = """
| what | figure |
| --- | --- |
| first token of a 128-token prompt, engine idle | 332 ms |
| first token of a 512-token prompt, engine idle | 1412 ms |
| 1 chat at once | 26.1 tokens/s |
| 8 chats at once | 79.2 tokens/s |
"""


def test_a_table_of_the_bench_and_the_fewest_gpus(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.md").write_text(BENCH)
    assert read_bench(BENCH) == Speeds(512 / 1.412, {1: 26.1, 8: 79.2})
    assert main(["simulate", "--bench", "mine.md", "--people", "20000", "--within", "2"]) == 0
    said = capsys.readouterr().out
    rows = [line.split("|")[1:-1] for line in said.splitlines() if line.startswith("| ") and line[2].isdigit()]
    waits = [math.inf if "never" in row[2] else float(row[2].split()[0]) for row in rows]
    assert "1.39 a second at the busiest" in said and len(waits) > 1
    assert waits[-1] <= 2 < min(waits[:-1]) and said.endswith(f"within 2 s: {rows[-1][0].strip()}.\n")
    assert main(["simulate", "--bench", "mine.md", "--people", "20000", "--gpus", "1", "9"]) == 0
    assert [line[2] for line in capsys.readouterr().out.splitlines() if line.startswith("| ")][2:] == ["1", "9"]


def test_speeds_that_are_not_known_are_one_line(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.md").write_text("| a | b |")
    for wrong in (["--bench", "nothing.md"], ["--bench", "other.md"], ["--slots", "33"]):
        assert main(["simulate", *wrong]) == 2
        assert capsys.readouterr().err.startswith("krishna: ")
