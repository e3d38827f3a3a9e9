# One command a target. Every target first makes .venv, so that a fresh machine needs make and Python 3.11 or newer.
# The options of a tool live in the tool's own table (pyproject.toml, tox.ini) and are not restated here.
#
# To add a target: name it in .PHONY, let it depend on $(INSTALLED), end its line in "## " and a sentence for `make help`.

PYTHON ?= python3
JOBS ?= $(shell nproc 2>/dev/null || echo 2)

BIN := .venv/bin
INSTALLED := .venv/.installed
AXE ?= tests/pages/node_modules/axe-core/axe.min.js
SIZE := 1.4 GB
TORCH := $(shell grep '^torch==' constraints.txt)

# What the user gave, as options of pytest (conftest.py declares them); what is empty is not passed.
OPTIONS = $(if $(SUBJECT),--subject '$(SUBJECT)') $(if $(DEVICE),--device '$(DEVICE)') $(if $(MODULE),--module '$(MODULE)') \
          $(if $(PAGES),--pages '$(PAGES)') \
          $(if $(DTYPE),--dtype '$(DTYPE)') $(if $(SEED),--seed '$(SEED)') $(if $(RUNS),--runs '$(RUNS)') $(ARGS)

# The framework promises all three; of another library a convention that is its own fails no run, unless it is asked.
ASPECTS := numbers,behaviour,conventions
PROMISED := $(if $(filter-out framework framework_compiled tape tape_fused,$(SUBJECT)),,$(ASPECTS))
GATED = $(if $(or $(FAIL_ON),$(PROMISED)),--fail-on '$(or $(FAIL_ON),$(PROMISED))') $(if $(REQUIRE),--require '$(REQUIRE)') \
        $(if $(AT_LEAST),--at-least '$(AT_LEAST)')

GATES = $(if $(GATE),--gate '$(GATE)') $(if $(GROUP_GATE),--group-gate '$(GROUP_GATE)')

# Of a few modules a quick run is over before other processes are ready.
WORKERS = $(if $(and $(QUICK),$(MODULE)),0,$(JOBS))

# What each target does with the variables that the command line may give; any other word there is a mistake, and no run
# of everything. A make that another make calls has the words of that one.
OF_RUN := SUBJECT PAGES DEVICE MODULE DTYPE SEED RUNS REQUIRE AT_LEAST FAIL_ON ARGS
TAKES_parity := $(OF_RUN) QUICK
TAKES_test := $(OF_RUN)
TAKES_trust := FULL SEED
TAKES_sweep := CASES SUBJECT PAGES MODULE DEVICE SEED MINUTES RESUME SHARD SCHEDULER
TAKES_audit := SUBJECT PAGES
TAKES_bench := SUBJECT PAGES DEVICE MODULE ARGS GATE GROUP_GATE
TAKES_bench-quick := $(TAKES_bench)
TAKES_bench-compare := GATE BASE
TAKES_papers := QUICK DEVICE
TAKES_ci := BASE AXE $(OF_RUN)
TAKES_publish := NAME
TAKES_scoreboard := NAMES
TAKES_report := FORMAT
TAKES_pagetests := AXE
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command,$(firstword $(origin $(name)))),$(name)))
TAKEN := PYTHON JOBS SHELL $(foreach goal,$(MAKECMDGOALS),$(TAKES_$(goal)))
STRANGE := $(filter-out $(TAKEN),$(filter-out MAKE%,$(GIVEN)))
ifndef GRADPARITY_MAKE
  ifneq ($(STRANGE),)
    NEAREST := $(foreach name,$(STRANGE),$(shell '$(PYTHON)' -c 'import difflib, sys; \
        near = difflib.get_close_matches(sys.argv[1].upper(), sys.argv[2:], 1); \
        print("".join(f"$(name): did you mean {one}?" for one in near))' '$(name)' $(TAKEN) 2>/dev/null))
    $(error no variable of $(or $(MAKECMDGOALS),help) is named $(STRANGE)$(if $(strip $(NEAREST)),; $(strip $(NEAREST)),; \
        it takes $(TAKEN)))
  endif
endif

# A run starts many processes; where compiled modules may not be kept, each compiles the suite and its plugins anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help setup parity trust sweep audit bench bench-quick bench-selftest bench-compare scoreboard papers graphs three-way explained \
        test ci lint types contracts selftests benchtests pagetests report wheel publish clean

help: ## Show the targets and the variables
	@echo "Usage: make TARGET [VARIABLE=value ...]"
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-15s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo "Variables of parity and test:"
	@echo "  SUBJECT    the library under test: a known name or a Python file; or several, e.g. SUBJECT=\"a.py b.py\""
	@echo "  PAGES      a file of pages for modules that the catalogue lacks, or several, e.g. PAGES=mylib_pages.py"
	@echo "  DEVICE     where the tensors lie, e.g. DEVICE=cpu"
	@echo "  MODULE     the modules to compare, or to time, e.g. MODULE=\"Conv2d Linear\" (default: all)"
	@echo "  DTYPE      the one dtype to run in, e.g. DTYPE=float32"
	@echo "  SEED       the seed of every draw, e.g. SEED=7"
	@echo "  RUNS       how many runs the tables of paper 004 average over, e.g. RUNS=100"
	@echo "  REQUIRE    modules of which numbers must be compared, or the run fails; all: what the adapter names"
	@echo "  AT_LEAST   how many quantities must be compared, or the run fails, e.g. AT_LEAST=1000"
	@echo "  FAIL_ON    what fails the run, of numbers, behaviour and conventions (default: the first two; all of framework)"
	@echo "  QUICK      QUICK=1: of parity what notices most faults in a quarter of a minute; no whole run"
	@echo "  ARGS       anything else for pytest, e.g. ARGS=\"-k Conv2d -x\""
	@echo "Variables of every target:"
	@echo "  PYTHON     the Python that makes .venv (default: python3)"
	@echo "  JOBS       how many processes pytest starts (default: one a core, here $(JOBS))"

setup: $(INSTALLED) ## Make .venv and install the exact versions of constraints.txt

parity: $(INSTALLED) ## Compare every module of the subject with torch.nn and write the report
	@echo "The report of a whole run will be in reports/out/index.html, that of a part in a folder of its own below."
	$(BIN)/python -m parity parity -n $(WORKERS) $(if $(QUICK),--quick) $(GATED) $(OPTIONS)

trust: $(INSTALLED) ## Test the suite itself: planted faults, null subjects, correct alternatives (FULL=1: all of them)
	$(BIN)/python -m parity trust --jobs $(JOBS) $(if $(FULL),--full) $(if $(SEED),--seed '$(SEED)')

sweep: $(INSTALLED) ## Ask the subject in CASES configurations that nobody chose (RESUME=1 goes on)
	$(BIN)/python -m parity sweep --jobs $(JOBS) $(if $(CASES),--cases '$(CASES)') $(if $(SUBJECT),--subject '$(SUBJECT)') \
	  $(if $(PAGES),--pages '$(PAGES)') $(if $(MODULE),--module '$(MODULE)') $(if $(SEED),--seed '$(SEED)') \
	  $(if $(DEVICE),--device '$(DEVICE)') $(if $(MINUTES),--minutes '$(MINUTES)') $(if $(RESUME),--resume) $(if $(SHARD),--shard '$(SHARD)') \
	  $(if $(SCHEDULER),--scheduler '$(SCHEDULER)')

audit: $(INSTALLED) ## Show what the subject computes with, module by module
	$(BIN)/python -m parity audit $(if $(SUBJECT),--subject '$(SUBJECT)') $(if $(PAGES),--pages '$(PAGES)')

bench: $(INSTALLED) ## Time every module beside torch.nn and write the report (GATE=1.5, GROUP_GATE=papers=0.9: fail above)
	$(BIN)/python -m parity bench $(GATES) $(OPTIONS)

bench-quick: $(INSTALLED) ## Time a row a module, in a minute and a half
	$(BIN)/python -m parity bench --quick $(GATES) $(OPTIONS)

bench-selftest: $(INSTALLED) ## Time torch beside itself: how far timings on this machine may be trusted
	$(BIN)/python -m parity bench-selftest --load

bench-compare: $(INSTALLED) ## Time this checkout beside another commit's in one run: BASE=main
	$(BIN)/python -m parity bench-compare $(if $(GATE),--gate '$(GATE)') $(BASE)

scoreboard: $(INSTALLED) ## Run the adapters whose libraries are installed, against what is recorded (NAMES=... some)
	$(BIN)/python -m parity findings $(NAMES)

papers: $(INSTALLED) ## Run the experiments of the five papers on both sides (QUICK=1: a small version)
	$(BIN)/python -m parity papers-time $(if $(QUICK),--quick)
	$(BIN)/python -m parity papers --workers $(JOBS) $(if $(QUICK),--quick) $(if $(DEVICE),--device '$(DEVICE)')

graphs: $(INSTALLED) ## Draw paper 002's graphs on the tape
	$(BIN)/python -m parity graphs

three-way: $(INSTALLED) ## Compare layers, tape and torch.nn with the truth, quantity by quantity
	$(BIN)/python -m parity parity -n $(JOBS) -k test_parity.py --subject "framework tape" --fail-on $(ASPECTS) \
	    --out reports/out/three-way
	$(BIN)/python -m parity three-way reports/out/three-way/parity.jsonl

explained: $(INSTALLED) ## Judge the diagnosis: planted faults whose cause is known, and what it says of them
	$(BIN)/python -m parity explained

test: lint types contracts selftests parity ## Run every check, parity last; stop at the first that fails

ci: export GRADPARITY_MAKE := 1  # what it calls has its words
ci: ## What a change must pass: the checks, the quick papers and timings, the pages, and no row slower than at BASE (HEAD~1)
	$(MAKE) papers QUICK=1
	$(MAKE) bench-quick
	$(MAKE) bench-compare BASE=$(or $(BASE),HEAD~1)
	$(MAKE) pagetests
	$(MAKE) test

lint: $(INSTALLED) ## Check the style and the formatting of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(INSTALLED) ## Check the types
	$(BIN)/mypy

contracts: $(INSTALLED) ## Check which package imports which
	$(BIN)/lint-imports

selftests: $(INSTALLED) ## Run the suite's own tests
	$(BIN)/pytest tests -n $(JOBS) --dist worksteal --ignore=tests/perf/test_commands.py --ignore=tests/pages

benchtests: $(INSTALLED) ## Run the tests that time rows: they want a quiet machine, and so stand outside `make test`
	$(BIN)/pytest tests/perf/test_commands.py

pagetests: $(INSTALLED) $(AXE) ## Run the tests that open pages in a browser: they want Chromium, and so stand outside `make test`
	AXE='$(AXE)' $(BIN)/pytest tests/pages

report: $(INSTALLED) ## Render the report again from the records of the last run (FORMAT=latex or csv: tables for a paper too)
	$(BIN)/python -m parity report $(if $(FORMAT),--format '$(FORMAT)')

wheel: $(INSTALLED) ## Build the wheel that other repositories install, into dist/
	rm -rf build
	$(BIN)/pip wheel --disable-pip-version-check --quiet --no-deps --no-build-isolation --wheel-dir dist .

publish: $(INSTALLED) ## Keep the records and pages of the finished runs in reports/published: NAME=my-machine
	$(BIN)/python -m parity publish '$(NAME)'

clean: ## Remove what the checks and the runs wrote, all of them; .venv stays
	rm -rf reports/out .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .benchmarks .tox build dist

# What holds pages to the rules of accessibility; its version stands in tests/pages/package.json.
tests/pages/node_modules/axe-core/axe.min.js: tests/pages/package.json
	@command -v npm >/dev/null || \
	    { echo "make: npm was not found, by which the tests of pages get axe-core; install it, or name the script: make pagetests AXE=/path/to/axe.min.js" >&2; exit 1; }
	npm install --prefix tests/pages --ignore-scripts --no-audit --no-fund --no-package-lock --silent
	@touch $@

# The stamp is written last, so that an interrupted installation is taken up again by the next call.
$(INSTALLED): pyproject.toml constraints.txt
	@command -v '$(PYTHON)' >/dev/null || \
	    { echo "make: $(PYTHON) was not found; install Python 3.11 or newer, or name one: make PYTHON=/path/to/python3" >&2; exit 1; }
	@'$(PYTHON)' -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "make: Python must be 3.11 or newer, $(PYTHON) is $$('$(PYTHON)' -c 'import platform; print(platform.python_version())'); name another: make PYTHON=/path/to/python3" >&2; exit 1; }
	@'$(PYTHON)' -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "make: $(PYTHON) lacks venv or ensurepip; install them (on Debian and Ubuntu the package python3-venv)" >&2; exit 1; }
	@echo "Making .venv and installing into it, $(SIZE); this takes a few minutes."
	'$(PYTHON)' -m venv .venv
	@$(BIN)/pip install --disable-pip-version-check --quiet -c constraints.txt '$(TORCH)' -e '.[dev]' 2>.venv/pip.log || \
	    { echo "make: pip could not install the packages of constraints.txt, which come from a network or an index (PIP_INDEX_URL); .venv/pip.log has all that it said: $$(grep '^ERROR' .venv/pip.log | head -n 1)" >&2; exit 1; }
	@touch $@
