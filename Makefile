# Every target is a line or two that names the real tool.
# `make lab` and `make test` do all their own set-up.
PYTHON ?= python3
BIN := .venv/bin
LESSONS := $(wildcard lessons/[0-9]*.py)

# GNU make hands these to every command below.
export PYTHONDONTWRITEBYTECODE ?= 1

.PHONY: help lab test test-full notebooks bench lint clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

lab: .venv/attendee  ## open the workshop in JupyterLab
	$(BIN)/jupyter lab $(AS_ROOT) notebooks

test: .venv/maintainer  ## run all tests on a small part of the data
	WORKSHOP_FAST=1 $(BIN)/pytest -n 2 --dist loadscope

test-full: .venv/maintainer  ## run all tests, train on all of MNIST
	WORKSHOP_FAST=0 $(BIN)/pytest

notebooks: .venv/maintainer  ## build notebooks/ and the README's table
	$(BIN)/python lessons/build.py $(LESSONS)

bench: .venv/attendee  ## measure the figures that the lessons quote
	$(BIN)/python lessons/bench.py

lint: .venv/maintainer  ## check style and spelling
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/codespell

clean:  ## delete the environment and all that was generated beside it
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache .hypothesis

# JupyterLab refuses to run as root (in a container, say) unless it is told to.
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] && echo --allow-root)

# JupyterLab's question whether it may fetch news: not in the middle of a workshop.
NEWS := @jupyterlab/apputils-extension:announcements

# uv installs several times faster than pip; where it cannot, pip does the same.
.venv/attendee: requirements.txt pyproject.toml
.venv/maintainer: requirements-dev.txt requirements.txt pyproject.toml
.venv/attendee .venv/maintainer:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; \
	    sys.exit(0 if (3, 11) <= v <= (3, 13) else "Python 3.11, 3.12 or 3.13 \
	    is needed, this is %d.%d: make PYTHON=python3.12 ..." % v)'
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing $< (about 2.5 GB on disk; a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv \
	    && $(BIN)/uv pip install --quiet --python $(BIN)/python -r $< \
	    || $(BIN)/python -m pip install --disable-pip-version-check -r $<
	@$(BIN)/jupyter labextension disable $(NEWS) 2>/dev/null
	@touch $@
