# What a person types. Every target works from a clean clone; tools that are missing are built into target/tools.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CARGO  ?= cargo
PYTHON ?= python3
NPM    ?= npm
TOOLS := $(CURDIR)/target/tools
export PATH := $(TOOLS)/bin:$(PATH)

CARGO_DENY := 0.20.2
MDBOOK     := 0.5.4
CARGO_FUZZ := 0.13.2

# Seconds per fuzz target.
FUZZ_SECONDS ?= 600
# Where cases with known answers stand, if they are there.
QUALITY_DATA ?= ../shared/data

.PHONY: help demo test test-rust test-python test-node lint guard guard-update bench bench-peers bench-compare bench-csv bench-bindings quality fuzz docs generate

help: ## List the targets
	@grep -E '^[a-z-]+:.*## ' Makefile | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

demo: ## Reconcile a bank's CSV export with a ledger in Parquet, in demo/
	$(CARGO) run --release --quiet -p recon378-cli -- demo demo

test: test-rust test-python test-node ## Run every test and every example of the documentation, in every language

test-rust: ## The tests of the Rust crates
	$(CARGO) test --workspace

test-python: ## Build the Python package into an environment of its own, and test it there
	$(PYTHON) -m venv bindings/python/.venv
	bindings/python/.venv/bin/pip install --quiet --disable-pip-version-check -r bindings/python/requirements-test.txt
	cd bindings/python && source .venv/bin/activate && maturin develop --quiet && pytest

test-node: ## Build the Node package, and test it
	cd bindings/node && RECON378_PROFILE=dev $(NPM) ci --no-audit --no-fund && $(NPM) test

lint: $(TOOLS)/bin/cargo-deny ## Check format, lints, docs, licences, dependency directions, derived files
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	$(CARGO) clippy -p recon378 --no-default-features -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps
	$(CARGO) deny check licenses bans sources
	$(CARGO) run --quiet -p recon378-xtask -- check

guard: ## Count instructions on the per-record paths (valgrind); more than 5 % above benches/guard.toml fails
	$(CARGO) run --quiet --profile guard -p recon378-guard -- check

guard-update: ## Write the counts of this tree into benches/guard.toml
	$(CARGO) run --quiet --profile guard -p recon378-guard -- update

bench: ## Measure the stages and whole runs
	$(CARGO) bench -p recon378-benches

bench-peers: ## The same work in DuckDB and Polars, equal answers checked first, ratios printed
	$(CARGO) build --release -p recon378-benches --bin peers
	python3 -m venv benches/.venv
	benches/.venv/bin/pip install --quiet -r benches/peers/requirements.txt
	benches/.venv/bin/python benches/peers/run.py --peers target/release/peers

# datacompy wants an older Polars than the one that is compared by hand.
bench-compare: ## Two versions of a table in DuckDB, Polars and datacompy, equal answers checked first, ratios printed
	$(CARGO) build --release -p recon378-benches --bin compare
	python3 -m venv benches/.venv
	benches/.venv/bin/pip install --quiet -r benches/peers/requirements.txt
	python3 -m venv benches/.venv-datacompy
	benches/.venv-datacompy/bin/pip install --quiet -r benches/peers/requirements-datacompy.txt
	benches/.venv/bin/python benches/peers/compare.py --ours target/release/compare --datacompy-python benches/.venv-datacompy/bin/python

bench-csv: ## One CSV file as text in DuckDB, Polars and pyarrow, equal answers checked first, ratios printed
	$(CARGO) build --release -p recon378-benches --bin csv
	python3 -m venv benches/.venv
	benches/.venv/bin/pip install --quiet -r benches/peers/requirements.txt
	benches/.venv/bin/python benches/peers/text.py --ours target/release/csv

bench-bindings: ## The same work from Rust, Python and Node, equal answers checked first, ratios printed
	$(CARGO) build --release -p recon378-benches --bin peers --bin door
	cd bindings/node && $(NPM) ci --no-audit --no-fund
	$(PYTHON) -m venv benches/.venv-bindings
	benches/.venv-bindings/bin/pip install --quiet pyarrow==26.0.1 ./bindings/python
	benches/.venv-bindings/bin/python benches/bindings/run.py --bin target/release --python benches/.venv-bindings/bin/python --node node

quality: ## Precision, recall and F1 on cases with known answers, into docs/quality.md
	$(CARGO) run --release -p recon378-testkit --bin quality -- $(QUALITY_DATA)

fuzz: $(TOOLS)/bin/cargo-fuzz ## Fuzz every door with the address sanitizer, FUZZ_SECONDS each (nightly)
	cd fuzz && for target in $$($(CARGO) +nightly fuzz list); do \
	  mkdir -p "corpus/$$target"; \
	  $(CARGO) +nightly fuzz run --sanitizer address "$$target" "corpus/$$target" $$(ls -d "seeds/$$target" 2>/dev/null) \
	    -- -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=4096; \
	done

docs: $(TOOLS)/bin/mdbook ## Build the book into docs/book and the API documentation into target/doc
	mdbook build docs
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps

generate: ## Write the files that are derived from the code
	$(CARGO) run --quiet -p recon378-xtask -- generate

# A debug build of a tool is quicker to make than it is slow to run.
$(TOOLS)/bin/cargo-deny:
	$(CARGO) install --locked --debug cargo-deny@$(CARGO_DENY) --root $(TOOLS) --target-dir $(TOOLS)/build

$(TOOLS)/bin/cargo-fuzz:
	$(CARGO) install --locked --debug cargo-fuzz@$(CARGO_FUZZ) --root $(TOOLS) --target-dir $(TOOLS)/build

$(TOOLS)/bin/mdbook:
	$(CARGO) install --locked --debug mdbook@$(MDBOOK) --root $(TOOLS) --target-dir $(TOOLS)/build
