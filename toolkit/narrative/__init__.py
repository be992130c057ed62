"""Tables in words: sentences, summaries, the agenda."""
