#!/usr/bin/env bash
# Training's speed and memory on a CUDA device, with a full-size Gemma 3n E4B of random weights, for docs/benchmarks.md.
# Usage: tests/training/measure_gpu.sh [PYTHON]. Needs 40 GB of disk in $WHERE and the extras train and cuda; Unsloth if
# it is to be measured. Each line of the result is one run: trainer, batch, tokens/s, peak GiB, first and last loss.
set -euo pipefail
PYTHON=${1:-python}
WHERE=${WHERE:-/tmp/krishna-measure}
BASE=$WHERE/e4b
mkdir -p "$WHERE"
export HF_HUB_OFFLINE=1 PYTHONPATH=${PYTHONPATH:-.}
[ -f "$BASE/tokenizer.json" ] || "$PYTHON" -m training.synthetic "$BASE"

run() { # name, flags
  local name=$1
  shift
  rm -rf "${WHERE:?}/$name"
  if "$PYTHON" -m training train "$WHERE/$name" --base "$BASE" --max-steps 24 --eval-steps 24 --patience 0 "$@" \
    >"$WHERE/$name.log" 2>&1; then
    "$PYTHON" - "$name" "$WHERE/$name/report.json" <<'PY'
import json, sys
r = json.load(open(sys.argv[2]))
print(f"| {sys.argv[1]} | {r['device']} | {r['tokens_per_s']} tokens/s | {r['peak_memory_gib']} GiB | {r['train_loss'][0][1]:.3f} -> {r['train_loss'][-1][1]:.3f} |", flush=True)
PY
  else
    echo "| $name | failed: $(tail -1 "$WHERE/$name.log") |"
  fi
}

run trl-nf4 --trainer trl
run trl-nf4-keeping-activations --trainer trl --no-gradient-checkpointing
run trl-nf4-batch-8 --trainer trl --batch 8 --accumulate 1
run trl-bf16 --trainer trl --no-load-in-4bit
if "$PYTHON" -c "import importlib.util as u, sys; sys.exit(u.find_spec('unsloth') is None)"; then
  run unsloth-nf4 --trainer unsloth
  run unsloth-nf4-batch-8 --trainer unsloth --batch 8 --accumulate 1
  run unsloth-bf16 --trainer unsloth --no-load-in-4bit
fi
