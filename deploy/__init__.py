"""The dashboard on a server: JupyterHub for the login, one Voilà page per director (see docs/hosting.md)."""
