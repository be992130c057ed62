"""The commands of `handvat`: one file each, with its arguments and what it does."""
