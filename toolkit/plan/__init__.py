"""Actions of a team, and the file that holds them."""
