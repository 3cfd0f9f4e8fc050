# make run    the Allier example, from the mailbox to the synthesis
# make test   the tests
# make check  style, types, imports, SQL, drift: what CI checks
.DEFAULT_GOAL := run
.PHONY: run test check deep environment dictionary requirements picture benchmark

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,$(if $(shell $(name) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo yes),$(name))))
EXAMPLE := examples/allier-2020/consultation.toml
LATEST := var/published/latest
READY := $(VENV)/.ready

environment: $(READY)

$(READY): requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Il faut Python 3.11, 3.12 ou 3.13 : sudo apt install python3 python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Il manque le module venv de Python : sudo apt install python3-venv" >&2; exit 1; }
	@echo "Installation dans $(VENV) (quelques minutes, une seule fois)…"
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

run: $(READY)
	@$(BIN)/assises run --consultation $(EXAMPLE) --as-of 2020-01-19 > /dev/null
	@echo
	@echo "La page    : $(LATEST)/synthese.html"
	@echo "La base    : $(LATEST)/assises.duckdb"
	@echo
	@echo "Trois questions à lui poser :"
	@echo "  $(BIN)/duckdb -readonly $(LATEST)/assises.duckdb \"from marts.synthesis_by_theme\""
	@echo "  $(BIN)/duckdb -readonly $(LATEST)/assises.duckdb \"select label, contributor_count, quote from marts.propositions order by contributor_count desc limit 10\""
	@echo "  $(BIN)/duckdb -readonly $(LATEST)/assises.duckdb \"select reason_label, submission_count from marts.ledger_by_reason\""

# What a run writes is synced to disk, in tests too: in memory, where there is room, that is quick.
QUICK := $(shell [ "$$(df --output=avail --block-size=1G /dev/shm 2>/dev/null | tail -1)" -ge 6 ] 2>/dev/null && echo TMPDIR=/dev/shm)

test: $(READY)
	@$(QUICK) $(BIN)/pytest -q --numprocesses=3 --dist=loadfile --no-loadscope-reorder --durations=15

check: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/sqlfluff lint --disable-progress-bar warehouse/sql
	@$(BIN)/pytest -q tests/contracts

# What is longer than a push should wait for, some hours of two cores: the matrix' full sizes, the
# real corpora of ../shared where they are (what each test said and took is in var/deep.xml), then
# FUZZ_SECONDS of atheris where it installs.
FUZZ_SECONDS ?= 3600
deep: $(READY)
	@mkdir -p var
	@$(QUICK) $(BIN)/pytest -q --deep -m deep --numprocesses=2 --dist=loadfile --no-loadscope-reorder \
		--durations=25 --junitxml=var/deep.xml
	@if $(BIN)/pip install --quiet --disable-pip-version-check atheris; then \
		mkdir -p var/fuzz && cp examples/allier-2020/mailbox/*.eml var/fuzz && \
		$(BIN)/python tests/faults/fuzz_reading.py var/fuzz $(wildcard ../shared/data/mail/parsers/*/) \
			-max_total_time=$(FUZZ_SECONDS); \
	else echo "atheris ne s'installe pas ici : le fuzzing est omis."; fi

dictionary: $(READY)
	@$(BIN)/python -c "from warehouse.contracts import dictionary_markdown as d; print(d(), end='')" > docs/dictionary.md

requirements: $(READY)
	@$(BIN)/pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev --extra dask --extra s3 --upgrade \
		--no-annotate --no-header --no-emit-index-url pyproject.toml --output-file requirements.txt

# The picture of the README, taken from the published example (needs Debian's chromium).
picture: run
	@sh docs/take-picture.sh $(LATEST)/synthese.html docs/synthese.png
