"""JupyterHub as Debian packages it, whose servers are the service that Slipway starts."""
import os

from jupyterhub.spawner import SimpleLocalProcessSpawner

folder = os.environ["BENCH_FOLDER"]


class ServiceSpawner(SimpleLocalProcessSpawner):
    home_dir_template = folder + "/homes/{username}"

    def get_env(self):
        return {
            "PATH": os.environ["PATH"],
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "WORKSPACE": self.home_dir,
            "HOME": self.home_dir,
        }


c = get_config()  # noqa: F821
c.JupyterHub.spawner_class = ServiceSpawner
c.JupyterHub.authenticator_class = "dummy"
c.JupyterHub.db_url = f"sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = folder + "/cookie_secret"
c.JupyterHub.bind_url = "http://127.0.0.1:" + os.environ["BENCH_PROXY_PORT"]
c.JupyterHub.hub_port = int(os.environ["BENCH_HUB_PORT"])
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:" + os.environ["BENCH_API_PORT"]
c.ConfigurableHTTPProxy.pid_file = folder + "/proxy.pid"
c.JupyterHub.log_level = "ERROR"
c.JupyterHub.services = [{"name": "bench", "api_token": os.environ["BENCH_TOKEN"]}]
c.JupyterHub.load_roles = [
    {"name": "bench", "services": ["bench"], "scopes": ["admin:users", "admin:servers"]}
]
c.Spawner.cmd = [os.environ["BENCH_NODE"], os.environ["BENCH_SERVICE"]]
c.Spawner.poll_interval = 0
# So that the answer comes once the server is ready.
c.JupyterHub.tornado_settings = {"slow_spawn_timeout": 60}
