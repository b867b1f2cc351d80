# recevable: every task of the project.  `make` alone lists them.
# `make demo` and `make test` are enough on a fresh clone: each makes the environment it needs, once.

# Set on the command line only, never taken from the environment: this folder is emptied, if it was made here.
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The dossier that `make demo` checks, and the day on which it is decided.
DEMO := fixtures/af-ope-mss/solde-cinq-defauts.json
DEMO_DATE := 2023-09-04
DEMO_ARGS := --demande solde
# What is installed, to the digest; empty, pip chooses:  make test LOCK=
LOCK := requirements/dev.lock
# How many tests run side by side: one for each core.
WORKERS := auto
# More arguments for pytest:  make test ARGS='-k delai -x'
ARGS :=

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test packs serve e2e bench bench-batch bench-web feries demonstration generate lint format ci lock clean FORCE

help: ## affiche cette liste
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# The stamp is written last and lives inside the environment, which an installation empties first: an interrupted
# installation leaves none.  It holds the path of the checkout, because an environment does not survive a move; one
# whose interpreter was removed by a system upgrade is made again too.
ifneq ($(shell test -x $(BIN)/python && cat $(STAMP) 2>/dev/null),$(CURDIR))
$(STAMP): FORCE
endif
$(STAMP): pyproject.toml $(LOCK)
	@echo "Installation dans $(VENV) (une seule fois, environ une minute)…" >&2
	@.ci/environnement '$(VENV)' '$(LOCK)' --editable '.[dev]'
	@printf '%s\n' '$(CURDIR)' > $@

# 1 means « not accepted »: an answer, not a failure.
demo: $(STAMP) ## vérifie un dossier d'exemple et montre le verdict
	@echo "$$ recevable check --au $(DEMO_DATE) $(DEMO_ARGS) $(DEMO)"
	@code=0; $(BIN)/recevable check --au $(DEMO_DATE) $(DEMO_ARGS) $(DEMO) || code=$$?; [ $$code -le 1 ] || exit $$code

test: $(STAMP) ## joue tous les tests, sur tous les cœurs
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

packs: $(STAMP) ## contrôle les paquets de règles, joue leurs essais et mesure ce qu'ils montrent
	@$(BIN)/recevable lint rules
	@$(BIN)/recevable test --fail-level avertissement rules
	@$(BIN)/recevable coverage --seuil 97 rules

serve: $(STAMP) ## ouvre la démonstration du guichet d'instruction, sur cette machine
	@$(BIN)/recevable serve $(ARGS)

e2e: $(STAMP) ## joue le guichet dans un navigateur (Chromium)
	@$(BIN)/python -m pytest -p no:xdist tests/e2e $(ARGS)

bench: $(STAMP) ## mesure le débit, la latence et la mémoire
	@$(BIN)/python bench/run.py $(ARGS)
	@$(BIN)/python bench/bench_paquets.py
	@$(BIN)/python bench/bench_annuaire.py

bench-batch: $(STAMP) ## mesure de très nombreux dossiers, et les autres moteurs sur quarante règles neutres
	@$(BIN)/python bench/bench_batch.py $(ARGS)

bench-web: $(STAMP) ## mesure les pages du guichet, sur mille et un million de dossiers
	@$(BIN)/python bench/bench_guichet.py $(ARGS)

feries: $(STAMP) ## écrit un paramètre de jours fériés : DEPARTEMENT=67 DE=2024 A=2026
	@$(BIN)/python .ci/feries.py $(DEPARTEMENT) $(DE) $(A)

demonstration: $(STAMP) ## rejoue la vie que montre la démonstration, et l'archive
	@$(BIN)/python -m tests.web.demonstration $(ARGS)

generate: $(STAMP) ## régénère la documentation et les schémas dérivés du code
	@$(BIN)/python docs/generate.py

lint: $(STAMP) ## style, types et couches
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --no-logo

format: $(STAMP) ## met le code en forme
	@$(BIN)/ruff check --fix --exit-zero --quiet
	@$(BIN)/ruff format

ci: ## tout ce que vérifie l'intégration continue
	@.ci/run

lock: ## refait les verrous, qui nomment tout ce qui s'installe
	@.ci/verrou

clean: ## efface l'environnement et tout ce qui se reconstruit
	@if [ -e '$(VENV)/.recevable' ] || [ -e '$(STAMP)' ]; then rm -rf '$(VENV)'; \
	elif [ -e '$(VENV)' ]; then echo '$(VENV) n'"'"'a pas été fait par make : rien n'"'"'y est effacé.' >&2; fi
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
