"""The hub as deploy/ has it, on ports of the test's own, with a password per director: what an administrator adds."""

import json
import os
import secrets
from pathlib import Path

from jupyterhub.auth import Authenticator

c = get_config()
load_subconfig(str(Path(__file__).parents[2] / "deploy" / "jupyterhub_config.py"))

PASSWORDS = json.loads(os.environ["HANDVAT_TEST_PASSWORDS"])
PROXY, HUB, PROXY_API = json.loads(os.environ["HANDVAT_TEST_PORTS"])


class Passwords(Authenticator):
    """One password for each name."""

    async def authenticate(self, handler, data):
        password = PASSWORDS.get(data["username"].lower(), "")
        right = secrets.compare_digest(password.encode(), data["password"].encode())
        return data["username"] if password and right else None


c.JupyterHub.authenticator_class = Passwords
c.JupyterHub.bind_url = f"http://127.0.0.1:{PROXY}"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{HUB}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PROXY_API}"
