"""The page of one director, as the hub starts it: one notebook through Voilà, nothing else, all of it behind the login.

Voilà's own server and not a Jupyter server with Voilà in it: that one also has files, terminals and kernels that run
whatever a browser sends. This one shows one notebook, and takes from a browser only what a control on it was set to.

And it has nothing else to show: it is given the protected tables of one school, and shut out of every other file.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import jupyterhub
from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.services.kernels.kernelmanager import MappingKernelManager
from jupyter_server.utils import url_path_join
from jupyterhub.singleuser.extension import (
    JupyterHubAuthorizer,
    JupyterHubIdentityProvider,
    JupyterHubOAuthCallbackHandler,
)
from tornado.web import HTTPError, RequestHandler
from traitlets.config import Config
from voila.app import Voila
from voila.shutdown_kernel_handler import VoilaShutdownKernelHandler
from voila.tornado.handler import TornadoVoilaHandler

from deploy.landlock import confine

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "notebooks" / "dashboard_school.ipynb"
MAX_KERNELS = 3
"""Pages that one director may have open at the same time: each takes some 230 MB."""

OF_THE_SYSTEM = (
    "/usr", "/lib", "/lib64", "/bin", "/proc", "/sys/devices/system/cpu", "/sys/fs/cgroup", "/dev/urandom",
    "/etc/ld.so.cache", "/etc/localtime", "/etc/hosts", "/etc/host.conf", "/etc/resolv.conf", "/etc/nsswitch.conf",
    "/etc/passwd", "/etc/group", "/etc/mime.types", "/etc/ssl",
)  # fmt: skip
"""What Python and its packages read of the system; of /etc not all, because the hub's own settings are there too."""


def main() -> None:
    """Serve the page until the hub stops it."""
    folder = Path(os.environ.pop("HANDVAT_OWN"))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    take_own_tables(os.environ, folder)
    os.environ["HOME"] = str(folder)
    os.chdir(NOTEBOOK.parent)  # a folder that the page can read and not write
    if not shut_in(folder):
        logging.getLogger(__name__).warning(
            "Dit systeem kent geen Landlock (Linux 5.13 of nieuwer): de pagina is niet afgesloten van andere bestanden."
        )
    page = SchoolPage(config=settings(os.environ))
    page.initialize([str(NOTEBOOK)])
    page.start()


def take_own_tables(environment: MutableMapping[str, str], folder: Path) -> None:
    """Let another process make the tables, so that this one never holds a form, and remove where the forms are."""
    target = folder / "tables.pickle"
    arguments = [environment.pop(name) for name in ("HANDVAT_FOLDER", "HANDVAT_SCHOOL", "HANDVAT_SHOWN")]
    subprocess.run([sys.executable, "-P", "-m", "deploy.prepare_tables", *arguments, str(target)], check=True)
    environment["HANDVAT_TABLES"] = str(target)


def shut_in(folder: Path) -> bool:
    """Leave this page, and the kernels it starts, the project, Python and a folder of its own."""
    temporary = folder / "tmp"
    temporary.mkdir(exist_ok=True)
    os.environ["TMPDIR"] = str(temporary)
    project = [ROOT / name for name in ("deploy", "notebooks", "toolkit")]
    python = [Path(sys.prefix), Path(sys.base_prefix)]
    return confine([*map(Path, OF_THE_SYSTEM), *project, *python], [folder, Path("/dev/null")], names=[ROOT])


def settings(environment: Mapping[str, str]) -> Config:
    """Return what Voilà needs to know, out of what the hub says in the environment."""
    address = urlparse(environment["JUPYTERHUB_SERVICE_URL"])
    config = Config()
    config.Voila.ip = address.hostname
    config.Voila.port = address.port
    config.Voila.port_retries = 0  # the hub looks for it here and nowhere else
    config.Voila.base_url = environment["JUPYTERHUB_SERVICE_PREFIX"]
    config.Voila.open_browser = False
    config.Voila.tornado_settings = {"headers": {"X-JupyterHub-Version": jupyterhub.__version__}}  # the hub compares
    config.Voila.config_file_paths = []  # no file of the user changes these settings
    config.Voila.identity_provider_class = HubLogin
    config.Voila.authorizer_class = JupyterHubAuthorizer
    config.Voila.auto_token = True  # else Voilà says that no login is needed
    config.VoilaConfiguration.template = "handvat"
    config.VoilaConfiguration.allow_template_override = "NO"  # an address chooses no template,
    config.VoilaConfiguration.allow_theme_override = "NO"  # no theme,
    config.VoilaConfiguration.file_allowlist = []  # and no other file of the notebook's folder
    config.VoilaConfiguration.http_header_envs = []
    config.VoilaConfiguration.show_tracebacks = True  # the template shows the message of it, and no more
    config.MappingKernelManager.cull_interval = 60
    config.MappingKernelManager.cull_idle_timeout = 600
    config.MappingKernelManager.cull_connected = False
    return config


class HubLogin(JupyterHubIdentityProvider):
    """The hub says who this is; only the director whose page it is comes in."""

    def get_handlers(self) -> list[Any]:
        """Return the way back from the hub's login; Voilà doesn't put the page's own address before it."""
        return [(url_path_join(self.parent.base_url, path), *options) for path, *options in super().get_handlers()]


class SchoolPage(Voila):
    """Voilà of which every address asks for the login, those of scripts and styles as well."""

    def init_handlers(self) -> list[Any]:
        """Return what answers at which address."""
        return [(path, behind_login(handler), *options) for path, handler, *options in super().init_handlers()]


def behind_login(handler: type[RequestHandler]) -> type[RequestHandler]:
    """Return the same handler for logged-in users; others get the login page, and no other address."""
    if issubclass(handler, JupyterHubOAuthCallbackHandler):
        return handler  # the login itself ends here, and it holds nothing
    is_page = issubclass(handler, TornadoVoilaHandler) and issubclass(handler, JupyterHandler)

    class BehindLogin(handler):  # type: ignore[misc, valid-type]  # a class that is only known when this runs
        async def prepare(self) -> None:
            user = await self.settings["identity_provider"].get_user(self)
            if user is None and not is_page:
                raise HTTPError(403)
            if user is not None and is_page:
                await stop_oldest(self.settings["kernel_manager"], MAX_KERNELS - 1)
            ready = super().prepare()
            if ready is not None:
                await ready

        def check_xsrf_cookie(self) -> None:
            # A page that closes asks to stop its kernel, and can't send this cookie along. Its origin is checked.
            if not issubclass(handler, VoilaShutdownKernelHandler):
                super().check_xsrf_cookie()

    return BehindLogin


async def stop_oldest(kernels: MappingKernelManager, max_kernels: int) -> None:
    """Stop the kernels that were used longest ago, until at most so many are left."""
    by_use = sorted(kernels.list_kernels(), key=lambda kernel: kernel["last_activity"], reverse=True)
    for kernel in by_use[max_kernels:]:
        await ensure_async(kernels.shutdown_kernel(kernel["id"]))


if __name__ == "__main__":
    main()
