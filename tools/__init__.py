"""Commands for developers: run the notebooks, make the pictures of the guide."""
