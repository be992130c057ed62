"""The commands of `handvat`: one file each, with its arguments and its action."""
