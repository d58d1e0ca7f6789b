# The commands a contributor needs. `make` alone lists them.

PYTHON ?= python3
PORT ?= 8000
BIN := .venv/bin
TESTS ?= tests
ROUNDS ?= 30
STOPPED ?= 60

.PHONY: help setup lock check test test-long test-models flink test-flink test-airflow test-dbt superset test-superset test-deploy test-cluster cluster cluster-status audit demo bench docs screenshots site clean
.DEFAULT_GOAL := help

help: ## list the commands
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/' | expand -t 10

setup: .stamp-python .stamp-web ## install everything the project needs into .venv and node_modules

.stamp-python: requirements.lock pyproject.toml scripts/system.sh
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "coursepulse needs Python 3.11 or newer; set PYTHON=…")'
	-@bash scripts/system.sh openmp
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python $(BIN)/python requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable .
	touch $@

.stamp-web: package-lock.json scripts/vendor.py scripts/echarts.js scripts/world.js scripts/paper.js
	npm ci --silent --no-audit --no-fund --ignore-scripts
	$(PYTHON) scripts/vendor.py
	touch $@

lock: ## renew the lock files
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--no-emit-find-links --python-version 3.11 --all-extras --group dev pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--no-emit-find-links --python-version 3.11 --group docs --output-file requirements-docs.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--no-emit-find-links --python-version 3.11 --group models --output-file requirements-models.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--no-emit-find-links --python-version 3.11 --group flink --output-file requirements-flink.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--no-emit-find-links --python-version 3.11 --group cluster --output-file requirements-cluster.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--no-emit-find-links --python-version 3.11 --group deploy --output-file requirements-deploy.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--no-emit-find-links --python-version 3.11 --group airflow pyproject.toml --output-file requirements-airflow.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--no-emit-find-links --python-version 3.11 --group dbt pyproject.toml --output-file requirements-dbt.lock
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --no-annotate \
		--no-emit-find-links --python-version 3.11 --group superset --output-file requirements-superset.lock
	npm install --silent --package-lock-only --ignore-scripts

check: setup ## format, lint, types and room order
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Tests start hundreds of processes: each would compile the project's files if none may be kept compiled. A third of the
# time tests wait, so four at a time keep two cores busy.
test test-long: export PYTHONDONTWRITEBYTECODE =

test: check ## everything that CI runs
	bash scripts/system.sh openmp
	bash scripts/system.sh browser
	bash scripts/system.sh redis
	bash scripts/system.sh pooler
	-@bash scripts/kafka.sh
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not long and not models and not flink and not airflow and not dbt and not superset and not cluster and not deploy" $(TESTS)

test-long: check ## the same with five times the examples, twice the crashes, and what takes longest
	bash scripts/system.sh openmp
	bash scripts/system.sh browser
	bash scripts/system.sh redis
	bash scripts/system.sh pooler
	-@bash scripts/kafka.sh
	TEST_LONG=1 $(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder -m "not models and not flink and not airflow and not dbt and not superset and not cluster and not deploy" $(TESTS)

test-models: setup .stamp-models ## the registry of models against a real MLflow server, in an environment of its own
	$(BIN)/pytest -m models tests/insight

test-airflow: setup .stamp-airflow ## the DAGs in a real Airflow, in an environment of its own
	$(BIN)/pytest -m airflow tests/wiring

.stamp-airflow: .stamp-python requirements-airflow.lock
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-airflow
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python .venv-airflow/bin/python requirements-airflow.lock
	touch $@

test-dbt: setup .stamp-dbt ## the dbt package over a real export, in an environment of its own
	$(BIN)/pytest -m dbt tests/warehouse

.stamp-dbt: .stamp-python requirements-dbt.lock
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-dbt
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python .venv-dbt/bin/python requirements-dbt.lock
	touch $@

superset: .stamp-superset ## Apache Superset, into an environment of its own

test-superset: setup .stamp-superset ## the dashboards in a real Superset, in an environment of its own
	$(BIN)/pytest -m superset tests/superset

.stamp-superset: .stamp-python requirements-superset.lock
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-superset
	$(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes --python .venv-superset/bin/python requirements-superset.lock
	touch $@

.stamp-models: .stamp-python requirements-models.lock
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-models
	$(BIN)/uv pip sync --quiet --require-hashes --python .venv-models/bin/python requirements-models.lock
	touch $@

cluster: setup .stamp-cluster ## a whole cluster on this machine, until Ctrl-C; some parts: make cluster WITH="kafka redis"; every part: WITH=all
	bash scripts/cluster.sh "$(WITH)"
	@exec $(BIN)/python -m deploy.cluster up --port $(PORT) --with "$(WITH)"

cluster-status: ## who of the cluster is up
	@$(BIN)/python -m deploy.cluster status

test-cluster: setup .stamp-cluster ## that cluster with Flink: started, damaged, stopped and started again; fewer kills: make test-cluster ROUNDS=10
	bash scripts/cluster.sh "kafka redis proxy flink"
	CLUSTER_ROUNDS=$(ROUNDS) CLUSTER_STOPPED=$(STOPPED) $(BIN)/pytest -m cluster tests/deploy

.stamp-cluster: .stamp-python requirements-cluster.lock
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-cluster
	$(BIN)/uv pip sync --quiet --require-hashes --python .venv-cluster/bin/python requirements-cluster.lock
	touch $@

test-deploy: setup .stamp-deploy ## the files of deploy/, read as a container engine and Kubernetes would
	$(BIN)/pytest -m deploy tests/deploy

.stamp-deploy: .stamp-python requirements-deploy.lock
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-deploy
	$(BIN)/uv pip sync --quiet --require-hashes --python .venv-deploy/bin/python requirements-deploy.lock
	touch $@

flink: .stamp-flink ## Apache Flink and its Kafka connector, into an environment of its own

test-flink: setup .stamp-flink ## the stream processors in a real Apache Flink, in an environment of its own
	$(BIN)/pytest -m flink tests/flink

.stamp-flink: .stamp-python requirements-flink.lock scripts/flink.sh
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-flink
	$(BIN)/uv pip sync --quiet --require-hashes --python .venv-flink/bin/python requirements-flink.lock
	$(BIN)/uv pip install --quiet --no-deps --python .venv-flink/bin/python --editable .
	bash scripts/flink.sh install
	touch $@

screenshots: setup ## take the pictures of docs/screenshots anew, on a demo
	bash scripts/system.sh browser
	$(BIN)/python scripts/screenshots.py

audit: setup ## known vulnerabilities of what is locked, as far as the registries answer
	$(BIN)/python scripts/audit.py

demo: setup ## a simulated campus on http://127.0.0.1:8000 (another port: make demo PORT=8080)
	$(BIN)/coursepulse demo --port $(PORT)

bench: setup ## every benchmark, each beside a limit measured in the same run
	$(BIN)/coursepulse bench all

docs: setup ## regenerate the reference tables inside docs/
	$(BIN)/python scripts/reference.py
	$(BIN)/python scripts/helm_values.py

site: .stamp-docs ## build the documentation into build/site
	NO_MKDOCS_2_WARNING=1 .venv-docs/bin/mkdocs build --strict

.stamp-docs: .stamp-python requirements-docs.lock
	$(BIN)/uv venv --quiet --allow-existing --python $(BIN)/python .venv-docs
	$(BIN)/uv pip sync --quiet --require-hashes --python .venv-docs/bin/python requirements-docs.lock
	touch $@

clean: ## remove what setup and demo made
	rm -rf .venv .venv-docs .venv-models .venv-flink .venv-airflow .venv-dbt .venv-superset .venv-cluster .venv-deploy .kafka build node_modules .data .data-cluster .stamp-* src/coursepulse/web/static/vendor src/coursepulse/reports/vendor
