"""JupyterLab as `start.py lab` runs it: on this computer only, and without a request to any other."""

import os

c = get_config()

c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port_retries = 0  # start.py chose a free port and prints it: another one would be a wrong address
c.ServerApp.open_browser = False  # start.py opens the browser, once the server answers

# Its preview inside JupyterLab would show the stock template, which takes its icons from a public host.
c.ServerApp.jpserver_extensions = {"voila.server_extension": False}
c.LanguageServerManager.autodetect = False  # looking for language servers starts npm, where there is one

# That nobody is asked about news is settled in labconfig/; this closes the server's side of it.
c.LabApp.news_url = None
c.LabApp.extension_manager = "readonly"  # the other one lists a public registry

# The documentation, for the Help menu (labconfig/): toolkit/widgets/site.py makes its pages there.
c.ServerApp.extra_static_paths = [os.path.join(os.environ["JUPYTER_DATA_DIR"], "voila/templates/handvat/static")]
