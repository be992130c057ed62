"""Many files become one table of responses, and every file is accounted for."""
