"""The dashboards and other widgets for notebooks and Voilà."""
