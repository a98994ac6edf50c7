# Every command of the project. Only python3 is needed to begin; what else a target needs it says.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
COMPOSE := lab/compose
PREPARED ?= :
BUILD ?=
export STRICT ?= 0
export FUZZ_SECONDS ?= 600
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX = $(CURDIR)/build/bytecode

.PHONY: help
help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  %-14s %s\n", $$1, $$2 }'

$(VENV)/.complete: requirements-dev.lock
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Processes of the sidecar write no bytecode and do not look below build/: without this each start compiles everything.
.PHONY: bytecode
bytecode: $(VENV)/.complete
	@env -u PYTHONPYCACHEPREFIX $(BIN)/python -m compileall -q sidecar

.PHONY: test
test: export FUZZ_SECONDS := 0
test: export REPEATS := $(CURDIR)/build/repeats
test: no-repeats check sim fuzz prepared parts e2e e2e-docker ## every check and test this machine can run; STRICT=1: a skip is a failure
	@$(BIN)/python -m tests.repeats $(REPEATS)

# tests/repeats.py counts the repeats of all stages in that file.
.PHONY: no-repeats
no-repeats:
	@rm -f $(REPEATS)

# What the stages from here on need beside python: CI fetches and builds it while the stages before them run.
.PHONY: prepared
prepared:
	@$(PREPARED)

.PHONY: check
check: ## lint, types, import rules and unit tests, side by side, within a minute
	$(MAKE) --no-print-directory --jobs 2 --output-sync=target lint unit

.PHONY: lint
lint: $(VENV)/.complete
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy sidecar tests bench lab release
	$(BIN)/lint-imports

.PHONY: unit
unit: $(VENV)/.complete bytecode
	$(BIN)/pytest --numprocesses 4 --dist worksteal -m "not parts" tests/unit tests/rfc tests/monitoring

# More workers than processors: these tests wait most of their time. Some have deadlines of 200 ms: not many more.
.PHONY: parts
parts: $(VENV)/.complete bytecode ## unit tests beside real programs, processes and timeouts: nginx, the command line, a browser
	$(BIN)/pytest --numprocesses 4 -m parts tests/unit tests/rfc tests/monitoring tests/browser

.PHONY: sim
sim: $(VENV)/.complete ## simulated hosts: seeds of every regime, monitors, planted bugs, a few mutants
	$(BIN)/pytest --numprocesses 4 --dist worksteal tests/sim tests/mutation

.PHONY: forecast
forecast: $(VENV)/.complete ## what a router says that it does next, in SEEDS=10000 simulated runs: it does that; half an hour
	SIM_SEEDS=$$(( $(or $(SEEDS),10000) / 4 )) $(BIN)/pytest --numprocesses 4 --timeout 0 tests/sim/test_forecast.py

.PHONY: mutants
mutants: $(VENV)/.complete ## NUMBER=400 mutants of the core, drawn with SEED=1: which does no test notice? An hour; goes on
	$(BIN)/python -m tests.mutation --number $(or $(NUMBER),400) --seed $(or $(SEED),1)

.PHONY: fuzz
fuzz: $(VENV)/.complete ## fuzz packets and configuration for FUZZ_SECONDS=600 each; findings stay in build/fuzz
	$(BIN)/pytest tests/fuzz

.PHONY: e2e
e2e: alone beside ## tests of the kernel edge, of two hosts in network namespaces and beside real peers (root)

.PHONY: alone
alone: $(VENV)/.complete bytecode
	$(BIN)/pytest -m "alone and not whole" tests/kernel tests/netns tests/interop

# More workers than processors, as with parts: a lab at rest costs a tenth of a processor.
.PHONY: beside
beside: $(VENV)/.complete bytecode
	$(BIN)/pytest --numprocesses 5 --dist worksteal -m "not alone and not whole" tests/kernel tests/netns tests/interop

.PHONY: whole
whole: $(VENV)/.complete bytecode ## the rows of long tables of which CI runs a sample; half an hour (root, a Docker engine)
	$(BIN)/pytest -m "alone and whole" tests/kernel tests/netns
	$(BIN)/pytest --numprocesses 5 --dist worksteal -m "not alone and whole" tests/kernel tests/netns tests/interop
	if docker info >/dev/null 2>&1; then $(BIN)/pytest --numprocesses 3 -m whole tests/e2e; fi

.PHONY: interop
interop: $(VENV)/.complete bytecode ## beside keepalived and FRR (.ci/peers): renew the table of docs/interop-proof.md (root)
	INTEROP_REPORT=docs/interop-proof.md $(BIN)/pytest tests/interop

.PHONY: situations
situations: $(VENV)/.complete bytecode ## what status says in every situation: renew the table of docs/situations.md (root)
	SITUATIONS_REPORT=docs/situations.md $(BIN)/pytest tests/netns/test_situations.py

.PHONY: e2e-docker
e2e-docker: $(VENV)/.complete ## tests of the image and the compose lab (root, a Docker engine)
	# No test has to wait for the images, which takes minutes where nothing of them is there yet.
	if docker info >/dev/null 2>&1; then docker compose build --quiet; fi
	$(BIN)/pytest --numprocesses 3 -m "not whole" tests/e2e

.PHONY: booted
booted: $(VENV)/.complete ## docs/hosts.md typed into two hosts with systemd: the unit, its sandbox, restarts (root, a Docker engine)
	$(BIN)/pytest tests/e2e/test_booted.py

.PHONY: ansible
ansible: $(VENV)/.complete ## examples/ansible run against two such hosts, and run again (root, a Docker engine, ansible-core)
	$(BIN)/pytest tests/e2e/test_ansible_run.py

.PHONY: thaw
thaw: $(VENV)/.complete ## pause and thaw the compose lab THAWS=20 times: nobody may take that for a failure
	THAWS=$(or $(THAWS),20) $(BIN)/pytest tests/e2e/test_thaw.py

.PHONY: isolation
isolation: $(VENV)/.complete bytecode ## 1,000 adverts beside an observer that is killed, stopped, floods, talks nonsense (root)
	ADVERTS=1000 $(BIN)/pytest -s tests/netns/test_processes.py -m alone

.PHONY: readers
readers: $(VENV)/.complete bytecode ## 1,000 adverts beside 50 slow readers of the page and 200 who want a stream (root)
	ADVERTS=1000 $(BIN)/pytest -s tests/netns/test_page.py -m alone

.PHONY: reloads
reloads: $(VENV)/.complete bytecode ## reload a real pair RELOADS=1000 times, valid and not, at random phases (root)
	RELOADS=$(or $(RELOADS),1000) $(BIN)/pytest -s tests/netns/test_reloads.py

.PHONY: unnoticed
unnoticed: $(VENV)/.complete bytecode ## kill the serving sidecar and start it again RESTARTS=50 times: nobody may notice (root)
	RESTARTS=$(or $(RESTARTS),50) $(BIN)/pytest -s tests/netns/test_unnoticed.py

.PHONY: unnoticed-docker
unnoticed-docker: $(VENV)/.complete ## the same in the compose lab, whose engine starts it again (root, a Docker engine)
	RESTARTS=$(or $(RESTARTS),50) $(BIN)/pytest -s tests/e2e/test_unnoticed.py

.PHONY: hour
hour: $(VENV)/.complete ## an hour of 33 faults and 22 harmless events before Prometheus and Alertmanager, in five minutes
	HOUR=1 $(BIN)/pytest -s tests/monitoring/test_hour.py

.PHONY: fleet
fleet: $(VENV)/.complete bytecode ## fleet over PAIRS=40 real pairs: a failover is shown within 3 s beside ten hosts that hang (root)
	PAIRS=$(or $(PAIRS),40) $(BIN)/pytest -s tests/netns/test_fleet.py

.PHONY: bench
bench: $(VENV)/.complete bytecode ## beside keepalived, 90 minutes; goes on where it was; ROWS="stop-* start" RUNS=3 for a part (root)
	.ci/peers
	$(BIN)/python -m bench.contest $(if $(RUNS),--runs $(RUNS)) --rows "$(ROWS)" --minutes $(or $(MINUTES),90)

.PHONY: bench-docker
bench-docker: $(VENV)/.complete bytecode ## failover in the compose lab, RUNS=20 times per event, and pools (root, a Docker engine)
	$(BIN)/python -m bench.compose --runs $(or $(RUNS),20)
	$(BIN)/python -m bench.pools
	$(BIN)/python -m bench.pools_lab

.PHONY: lab
lab: ## the two-host lab in the foreground; then make break-nginx in another terminal
	$(COMPOSE) up --build

.PHONY: break-nginx
break-nginx: ## lab: kill nginx on host a
	docker kill nginx-a

.PHONY: break-app
break-app: ## lab: kill one of the two application servers
	docker kill app-1

.PHONY: break-sidecar
break-sidecar: ## lab: kill the sidecar on host a, without a chance to say goodbye
	docker kill sidecar-a

.PHONY: break-host
break-host: ## lab: power off host a
	docker kill sidecar-a nginx-a host-a

.PHONY: heal
heal: ## lab: start whatever was broken
	$(COMPOSE) up --detach --no-recreate

.PHONY: lab-down
lab-down: ## remove the lab
	$(COMPOSE) --profile monitoring --profile proxy down --volumes --remove-orphans

.PHONY: image
image: $(VENV)/.complete ## dist: the image for each architecture that can be built here, with its bill of materials (a Docker engine)
	$(BIN)/python -m release image --build "$(BUILD)"

.PHONY: release
release: $(VENV)/.complete ## dist: wheel, images built twice, sums, signed if KEY=file.pem; nothing is uploaded (a Docker engine)
	$(BIN)/python -m release all --twice --build "$(BUILD)" $(if $(KEY),--key "$(KEY)")

LOCK := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url

.PHONY: lock
lock: ## renew the locks from pyproject.toml (needs uv); hashes are those of every platform
	$(LOCK) --upgrade pyproject.toml -o requirements.lock
	$(LOCK) --upgrade pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	sed -n 's/^requires = \["\(.*\)"\]/\1/p' pyproject.toml | $(LOCK) --upgrade - -o requirements-build.lock
	! grep -nE '://|@ |^-' requirements*.lock

.PHONY: clean
clean: ## remove what make made here
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage build dist
