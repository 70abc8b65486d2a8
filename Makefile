# `make help` lists what there is. Everything is installed into .venv, nothing anywhere else.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
export VENV PYTHON
.DEFAULT_GOAL := help
.PHONY: help book serve pdf test lint run ruler seeds timings bench exercises sync address gradescope colab newest links clean venv-book venv-all

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

book: venv-book ## build the site into _build/html
	@$(BIN)/python tools/build.py

serve: book ## build the site, serve it on this machine, print the address
	@$(BIN)/python tools/serve.py

pdf: venv-all ## print the whole book into _build/unrolled.pdf
	@$(BIN)/python tools/pdf.py

test: venv-all ## install everything, build the site, run all tests
	@$(BIN)/python tools/build.py
	@$(BIN)/python -m pytest $(ARGS)

lint: venv-all ## check the Python style
	@$(BIN)/ruff check .

run: venv-all ## execute the notebooks in place: make run, or make run ARGS=01
	@$(BIN)/python tools/run_notebooks.py $(ARGS)

ruler: venv-all ## measure the chapters' models again and write the memory ruler's table
	@UNROLLED_WRITE_RULER=1 $(BIN)/python tools/run_notebooks.py --no-store notebooks/

seeds: venv-all ## train what the chapters read and write that table: make seeds, or make seeds ARGS=06b
	@UNROLLED_WRITE_SEEDS=1 $(BIN)/python tools/run_notebooks.py --no-store $(or $(ARGS),notebooks/)

timings: venv-all ## measure on this machine what the chapters compare by the clock, and write that table
	@UNROLLED_MEASURE=1 OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python tools/run_notebooks.py --no-store notebooks/

bench: venv-all ## measure on this machine what the book costs, and compare with the last measurement
	@OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 MKL_NUM_THREADS=1 $(BIN)/python tools/bench.py $(ARGS)

exercises: venv-all ## generate exercises/ from solutions/
	@$(BIN)/python -m course_utils.grading release

sync: venv-all ## write setup cells, reference lists and the address where they belong
	@$(BIN)/python tools/sync.py
	@$(BIN)/python -m course_utils.grading release

address: venv-all ## change the repository's address everywhere: make address REPO=https://github.com/you/yours
	@$(BIN)/python tools/sync.py --address "$(REPO)"
	@$(BIN)/python -m course_utils.grading release

gradescope: venv-all ## write the autograder bundle for Gradescope: _build/gradescope.zip
	@$(BIN)/python tools/gradescope.py

colab: venv-all ## run every notebook with Colab's packages, from its single file: make colab, or make colab ARGS=01
	@$(BIN)/python tools/colab.py $(ARGS)

newest: ## run all tests with the newest packages, in a folder of their own: _build/newest
	@tools/newest.sh

links: venv-book ## ask every address in the book's pages whether it still answers
	@$(BIN)/jupyter-book build . --builder linkcheck --path-output _build/links

clean: ## remove the built site and .venv
	rm -rf _build $(VENV)

venv-book:
	@tools/environment.sh requirements-book.txt

venv-all:
	@tools/environment.sh requirements.txt
