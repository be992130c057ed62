"""What schools, survey tools and other programs really send: rebuilt by script, and real files from a folder."""
