"""JupyterHub for directors: each logs in, and gets one page of one school.

Put `load_subconfig("…/deploy/jupyterhub_config.py")` on the first line of a configuration of your own, and choose there
how people log in (docs/hosting.md). Until then nobody can: the authenticator below refuses everyone.
"""

import os
import sys
from pathlib import Path

from tornado.web import HTTPError

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from deploy.directors import names_in_hub, read_directors  # noqa: E402  # found once the project's folder is on the path

DIRECTORS = read_directors(Path(os.environ.get("HANDVAT_DIRECTORS", "/etc/handvat/directors.toml")))
OWN = {director.page: director for director in DIRECTORS}
STATE = Path(os.environ.get("STATE_DIRECTORY", "/var/lib/handvat"))

c = get_config()

# Only this computer: the web server in front has the certificate and the door to the network.
c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:8081"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:8001"
# The proxy by pip. It must not add `X-Forwarded-Proto: http` to what nginx says: cookies would then not be Secure. It
# stops a request after 20 seconds by itself, and the page that waits for a slow start would then wait for ever.
PROXY = Path(sys.executable).parent / "configurable-http-proxy"
c.ConfigurableHTTPProxy.command = [str(PROXY), "--no-x-forward", "--proxy-timeout=120000"]
c.ConfigurableHTTPProxy.pid_file = str(STATE / "proxy.pid")
c.JupyterHub.db_url = f"sqlite:///{STATE / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(STATE / "cookie_secret")

# Who: those in the file, today. A director who was taken out of it stays out, whatever the hub remembers.
c.JupyterHub.authenticator_class = "null"
c.Authenticator.allowed_users = {director.login for director in DIRECTORS}
c.Authenticator.username_map = names_in_hub(DIRECTORS)
c.Authenticator.allow_existing_users = False
c.Authenticator.admin_users = set()
c.JupyterHub.cookie_max_age_days = 1
c.JupyterHub.shutdown_on_logout = True
c.JupyterHub.load_roles = [  # the least that opening one's own page takes: no tokens to make, no other user to see
    {"name": "user", "scopes": ["read:users!user", "servers!user", "access:servers!user"]},
]

# What: one page. Its school comes from the file and from nowhere else.
c.JupyterHub.spawner_class = "simple"
# It starts in a folder that pages can't write, and -P keeps that folder off Python's path: a page that was taken over
# could otherwise leave a package `deploy` there, which would run at the next login before the page is shut in.
c.SimpleLocalProcessSpawner.home_dir_template = str(STATE / "start" / "{username}")
c.Spawner.cmd = [sys.executable, "-P", "-m", "deploy.school_page"]
c.Spawner.args = []
c.Spawner.ip = "127.0.0.1"
c.Spawner.http_timeout = c.Spawner.start_timeout = 60
c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL"]
c.Spawner.environment = {
    "PYTHONPATH": str(ROOT),
    "PYTHONSAFEPATH": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONUTF8": "1",
    "JUPYTER_PATH": str(ROOT / "toolkit" / "widgets"),  # where Voilà finds its template
    "JUPYTER_PREFER_ENV_PATH": "1",
}


def give_own_school(spawner):
    """Point the page at the director's own school, each time it starts."""
    director = OWN.get(spawner.user.name)
    if director is None:
        raise HTTPError(403, "Bij deze inlognaam hoort geen school. Vraag het de beheerder.")
    settings = {
        "HANDVAT_FOLDER": str(director.folder),
        "HANDVAT_SCHOOL": director.school,
        "HANDVAT_OWN": str(STATE / "pages" / director.page),  # the one folder the page can write
        "HANDVAT_SHOWN": str(STATE / "shown" / director.school),  # what was shown before; no page can read it
    }
    spawner.environment = {**spawner.environment, **settings}


c.Spawner.pre_spawn_hook = give_own_school

# A page that nobody looks at stops after an hour: one takes some 300 MB.
c.JupyterHub.load_roles += [
    {
        "name": "stops-idle-pages",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
c.JupyterHub.services = [
    {"name": "idle-culler", "command": [sys.executable, "-P", "-m", "jupyterhub_idle_culler", "--timeout=3600"]}
]
