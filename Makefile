# Short names for start.py, which does the work (on Windows: py start.py lab).
PYTHON ?= python3

.PHONY: lab dashboard test templates notebooks screenshots docs bench soak lock clean

lab dashboard test templates notebooks screenshots docs bench soak lock:
	@$(PYTHON) start.py $@ $(ARGS)

# Everything that was made, the whole of data/example included.
clean:
	rm -rf .venv .jupyter data/example data/.example*
	rm -rf site .pytest_cache .mypy_cache .ruff_cache .hypothesis dist build
	find . \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +
