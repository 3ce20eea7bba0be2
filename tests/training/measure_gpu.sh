#!/usr/bin/env bash
# Training's speed and memory on a CUDA device, with a full-size Gemma 3n E4B of random weights, for docs/benchmarks-gpu.md.
# Usage: tests/training/measure_gpu.sh [PYTHON] [RUN...]; without names, every run. Needs 20 GB of disk in $WHERE and the
# extras train and cuda; Unsloth for its own runs. Each line of the result is one run: tokens/s, peak memory, and the loss
# of the first and the last step.
set -uo pipefail
PYTHON=${1:-python}
shift || true
WHERE=${WHERE:-/tmp/krishna-measure}
STEPS=${STEPS:-14}
BASE=$WHERE/e4b
mkdir -p "$WHERE"
export HF_HUB_OFFLINE=1 PYTHONPATH=${PYTHONPATH:-.}
[ -f "$BASE/tokenizer.json" ] || "$PYTHON" -m training.synthetic "$BASE" || exit 1
# Looks at the held-out loss are not what is measured: three dialogues of each split are looked at.
"$PYTHON" - "$WHERE/dialogues.jsonl" <<'PY'
import sys
from training.dialogues import DATA, load
lines = (DATA / "dialogues.jsonl").read_text("utf-8").splitlines()
kept, seen = [], {"validation": 0, "test": 0}
for dialogue, line in zip(load(), lines, strict=True):
    if dialogue.split in seen:
        seen[dialogue.split] += 1
    if seen.get(dialogue.split, 0) <= 3:
        kept.append(line)
open(sys.argv[1], "w", encoding="utf-8").write("\n".join(kept))
PY

run() { # name, flags
  local name=$1 start=$SECONDS
  shift
  [ ${#WANTED[@]} = 0 ] || [[ " ${WANTED[*]} " = *" $name "* ]] || return 0
  rm -rf "${WHERE:?}/$name"
  if timeout "${LIMIT:-240}" "$PYTHON" -m training train "$WHERE/$name" --base "$BASE" --dialogues "$WHERE/dialogues.jsonl" \
    --max-steps "$STEPS" --eval-steps "$STEPS" --patience 0 "$@" >"$WHERE/$name.log" 2>&1; then
    "$PYTHON" - "$name" "$WHERE/$name/report.json" $((SECONDS - start)) <<'PY'
import json, sys
r = json.load(open(sys.argv[2]))
loss = r["train_loss"]
print(f"| {sys.argv[1]} | {r['tokens_per_s']} | {r['peak_memory_gib']} GiB | {loss[0][1]:.3f} -> {loss[-1][1]:.3f} | {sys.argv[3]} s in all |", flush=True)
PY
  else
    echo "| $name | failed: $(grep -v '^[[:space:]]*$' "$WHERE/$name.log" | tail -1) |"
  fi
}

WANTED=("$@")
echo "| run | tokens/s | peak | loss | |"
run trl-nf4 --trainer trl
run trl-nf4-batch-8 --trainer trl --batch 8 --accumulate 1
run trl-nf4-shared --trainer trl --batch 8 --accumulate 1 --no-gradient-checkpointing
run trl-bf16-batch-8 --trainer trl --batch 8 --accumulate 1 --no-load-in-4bit
run trl-bf16-shared --trainer trl --batch 8 --accumulate 1 --no-load-in-4bit --no-gradient-checkpointing
if "$PYTHON" -c "import importlib.util as u, sys; sys.exit(u.find_spec('unsloth') is None)"; then
  run unsloth-nf4 --trainer unsloth
  run unsloth-nf4-batch-8 --trainer unsloth --batch 8 --accumulate 1
  UNSLOTH_COMPILE_DISABLE=0 TORCHDYNAMO_DISABLE=0 run unsloth-nf4-compiled --trainer unsloth
  run unsloth-bf16-batch-8 --trainer unsloth --batch 8 --accumulate 1 --no-load-in-4bit
fi
