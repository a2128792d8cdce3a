"""The reference implementations: how they are run (`harness.py`), and the cases, family by family."""
