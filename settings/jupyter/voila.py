"""Voilà as `start.py dashboard` runs it: on this computer only, and without a request to any other."""

c = get_config()

c.Voila.ip = "127.0.0.1"
c.Voila.port_retries = 0  # start.py chose a free port and prints it: another one would be a wrong address
c.Voila.open_browser = False  # start.py opens the browser, once the server answers
c.Voila.auto_token = True  # takes the token from the environment; the default is no token at all

# A failing cell shows its message: the template puts it in words, without the traceback that is in the log.
c.VoilaConfiguration.show_tracebacks = True

c.VoilaConfiguration.template = "handvat"  # the stock template takes its icons from a public host

# A page that closes asks for its kernel to be stopped, without the cookie that Voilà expects with it: that
# would be refused, and the kernel would stay. The token guards this page, so the check can go.
c.Voila.tornado_settings = {"disable_check_xsrf": True}

# What still stays behind (a laptop that falls asleep, a browser that crashes) is stopped after ten
# minutes; a page that is open keeps its kernel.
c.MappingKernelManager.cull_interval = 60
c.MappingKernelManager.cull_idle_timeout = 600
c.MappingKernelManager.cull_connected = False
