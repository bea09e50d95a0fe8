# Every target is a line or two that names the real tool.
# `make lab` and `make test` do all their own set-up.
PYTHON ?= python3
BIN := .venv/bin
LESSONS := $(wildcard lessons/[0-9]*.py)

# GNU make hands these to every command below.
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: help lab test test-full test-backends notebooks site bench lint clean \
    frameworks test-frameworks

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 17

lab: .venv/attendee  ## open the workshop in JupyterLab
	$(BIN)/jupyter lab $(AS_ROOT) notebooks

test: .venv/maintainer  ## run all tests on a small part of the data
	@! command -v npm >/dev/null || $(MAKE) --no-print-directory .venv/web \
	    || echo "The tests of slides and website are left out."
	WORKSHOP_FAST=1 $(BIN)/pytest -n 2 --dist loadscope
	WORKSHOP_DATA=digits $(BIN)/pytest -n 2 --dist loadscope notebooks/*.ipynb

test-full: .venv/maintainer  ## run all tests, train on all of MNIST
	WORKSHOP_FAST=0 $(BIN)/pytest

test-backends: .venv/backends  ## run the exercises' tests on Keras's other backends
	for backend in tensorflow jax torch; do KERAS_BACKEND=$$backend \
	    $(BIN)/pytest tests/test_exercises.py tests/test_cnn.py || exit 1; done

notebooks: .venv/maintainer  ## build notebooks/ and the README's table
	$(BIN)/python lessons/build.py $(LESSONS)

site: .venv/web  ## build the website: build/site/index.html
	$(BIN)/python lessons/pages.py build/pages
	$(BIN)/sphinx-build -q -n -W -c lessons/web -d build/doctrees build/pages build/site

bench: .venv/attendee  ## measure the figures that the lessons quote
	$(BIN)/python lessons/bench.py

frameworks: .venv/attendee  ## install lesson 2's frameworks, 3 GB; NAME=theano: one
	$(BIN)/python -m utils.frameworks.install $(NAME)

test-frameworks: .venv/maintainer frameworks  ## run the same CNN in all of them
	WORKSHOP_FRAMEWORKS=all $(BIN)/pytest tests/test_frameworks.py

lint: .venv/maintainer  ## check style and spelling
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/codespell

clean:  ## delete the environment and all that was generated beside it
	rm -rf .venv .venv-frameworks build lessons/web/node_modules *.egg-info \
	    .pytest_cache .ruff_cache .hypothesis

# JupyterLab refuses to run as root (in a container, say) unless it is told to.
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] && echo --allow-root)

# JupyterLab's question whether it may fetch news: not in the middle of a workshop.
NEWS := @jupyterlab/apputils-extension:announcements

CHECK_VERSION := import sys; found = sys.version_info[:2]; \
    (3, 11) <= found <= (3, 13) or sys.exit("Python 3.11 to 3.13 is needed, this \
is %d.%d. Name another one: make PYTHON=python3.12 lab" % found)

# uv installs several times faster than pip; where it cannot, pip does the same.
.venv/attendee: requirements.txt pyproject.toml
.venv/maintainer: requirements-dev.txt requirements.txt pyproject.toml
.venv/attendee .venv/maintainer:
	@$(PYTHON) -c '$(CHECK_VERSION)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing $< (about 2.5 GB on disk; a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv \
	    && $(BIN)/uv pip install --quiet --python $(BIN)/python -r $< \
	    || $(BIN)/python -m pip install --disable-pip-version-check -r $<
	-@$(BIN)/jupyter labextension disable $(NEWS) 2>/dev/null
	@touch $@

.venv/backends: tests/requirements-backends.txt .venv/maintainer
	@$(BIN)/python -m pip install --disable-pip-version-check -r $<
	@touch $@

# What slides and website show in a browser (reveal.js, MathJax), from npm.
.venv/web: lessons/web/package-lock.json .venv/maintainer
	npm ci --prefix lessons/web
	@touch $@
