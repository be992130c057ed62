"""Returned forms as people, programs and attackers make them, each with what must come of it.

Nothing here is stored: every file is made when it is tried, from the same form (`MIXED` answers, an action point in each
step), the same way each time. `python -m tests.corpus` tries all of them and prints the count.
"""
