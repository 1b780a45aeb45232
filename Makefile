.DEFAULT_GOAL := help
PYTHON := .venv/bin/python

help: ## What there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.venv/.requirements-dev.lock.sha256: requirements.lock requirements-dev.lock
	./casemate test --setup-only

setup: .venv/.requirements-dev.lock.sha256

lint: setup ## Formatting, lint laws, types, import contracts
	.venv/bin/ruff format --check src tests scripts casemate
	.venv/bin/ruff check src tests scripts
	.venv/bin/mypy
	.venv/bin/lint-imports
	$(PYTHON) scripts/laws.py

test: ## Every test
	./casemate test

bench: setup ## Ratios measured in one run
	$(PYTHON) scripts/bench.py
	$(PYTHON) scripts/bench.py --asymmetric
	$(PYTHON) scripts/bench/sensitive.py
	$(PYTHON) scripts/bench/edge.py

evaluate: setup ## Engines scored on data sets
	$(PYTHON) scripts/evaluate_web.py
	$(PYTHON) scripts/evaluate_web.py --requests tests/data/web/browser/requests.jsonl.gz tests/data/web/second/*.jsonl.gz
	$(PYTHON) scripts/evaluate_sensitive.py
	$(PYTHON) scripts/evaluate_sensitive_blind.py
	$(PYTHON) scripts/evaluate_sensitive_contexts.py

prove: setup ## What is too long for CI; writes docs/evidence/
	$(PYTHON) scripts/prove.py

docs: setup ## Generated documentation
	$(PYTHON) scripts/build_docs.py

lock: ## Lock the requirements again
	uv pip compile --universal --python-version 3.11 --all-extras --generate-hashes -q pyproject.toml -o requirements.lock
	uv pip compile --universal --python-version 3.11 --all-extras --group dev --generate-hashes -q pyproject.toml -o requirements-dev.lock

.PHONY: help setup lint test bench evaluate prove docs lock
