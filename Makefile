# make demo: the demo web, crawled and queried.   make test: the suite.   make check: every linter.
.DEFAULT_GOAL := help
.PHONY: help demo demo-serve test test-slow check format bench quality nights bad-answers chaos clean
PYTHON ?= python3
BIN := .venv/bin

help:
	@echo "make demo    crawl a bundled demo web and show who links to its coffee roaster"
	@echo "make demo-serve  open the demo's index in a browser"
	@echo "make test    run the test suite"
	@echo "make test-slow  run the tests that need a browser, kills or minutes"
	@echo "make check   run every linter"
	@echo "make format  format the code"
	@echo "make bench   measure what the performance claims rest on"
	@echo "make quality  print how good the scores are"
	@echo "make nights  crawl changing sites for seven nights: nothing lost by mistake, nothing missed"
	@echo "make chaos   kill workers and the database, then compare the index with an undisturbed one"

.venv/pyvenv.cfg:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed; name one: make PYTHON=python3.12 …"; exit 2; }
	@$(PYTHON) -m venv .venv || { echo "python3 -m venv failed; on Debian: apt install python3-venv"; rm -rf .venv; exit 2; }

.venv/installed: .venv/pyvenv.cfg pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable .
	@touch $@

.venv/installed-dev: .venv/installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,rank,export]'
	@touch $@

demo: .venv/installed
	@$(BIN)/backlinks demo

demo-serve: .venv/installed
	@test -d "$${BACKLINKS_HOME:-$$($(BIN)/python -c 'from backlink_crawler.config import default_home; print(default_home())')}/demo/postgres" || $(BIN)/backlinks demo
	@$(BIN)/backlinks demo serve --open

test: .venv/installed-dev
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder -m 'not slow' $(ARGS)

test-slow: .venv/installed-dev
	$(BIN)/pytest -n auto --dist loadfile --no-loadscope-reorder -m slow $(ARGS)

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/sqlfluff lint backlink_crawler/store/sql

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: .venv/installed-dev
	$(BIN)/python -m benchmarks $(ARGS)

quality: .venv/installed-dev
	$(BIN)/python -m benchmarks.quality $(ARGS)

nights: .venv/installed-dev
	$(BIN)/python -m benchmarks.nights

bad-answers: .venv/installed-dev
	$(BIN)/python -m benchmarks.bad_answers

chaos: .venv/installed-dev
	$(BIN)/python -m benchmarks.chaos $(ARGS)

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
