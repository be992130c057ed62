"""The ways in: one file per kind of form that comes back."""
