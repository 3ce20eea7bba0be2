# make run | test | lint | bench. Everything lives in .venv; nothing else on the machine is touched.
PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := run

# PyTorch first, by its exact version, so that nothing else decides which build comes.
$(BIN)/python:
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet torch==2.13.0

.venv/.installed: pyproject.toml | $(BIN)/python
	@echo "installing (a few minutes the first time)"
	$(BIN)/python -m pip install --quiet -e .
	@touch $@

.venv/.installed-test: pyproject.toml .venv/.installed
	$(BIN)/python -m pip install --quiet -e ".[test]"
	@touch $@

.PHONY: run test test-gpu lint bench
run: .venv/.installed
	@$(BIN)/python -m bots

test: .venv/.installed-test
	$(BIN)/python -m pytest -m "not gpu"

test-gpu: .venv/.installed-test
	$(BIN)/python -m pytest -m gpu

lint: .venv/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.installed
	$(BIN)/python -m bots bench
