# Short names for start.py, which does the work (on Windows: py start.py lab).
PYTHON ?= python3

.PHONY: lab dashboard test templates notebooks bench lock clean

lab dashboard test templates notebooks bench lock:
	@$(PYTHON) start.py $@ $(ARGS)

# Everything that was made, nothing that someone filled in.
clean:
	rm -rf .venv .jupyter data/.example* .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build
	rm -rf data/example
	find toolkit tests benchmarks notebooks -name __pycache__ -o -name .ipynb_checkpoints | xargs rm -rf
