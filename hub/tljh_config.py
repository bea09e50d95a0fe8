"""The workshop on The Littlest JupyterHub: what `tljh-config` cannot set.

Goes to /opt/tljh/config/jupyterhub_config.d/workshop.py; README.md here has the
commands.
"""

c = get_config()  # noqa: F821  JupyterHub defines it

c.Spawner.cmd = ["/opt/tljh/user/bin/python", "/srv/workshop/hub/seat.py"]
kinds = "OMP_NUM", "OPENBLAS_NUM", "TF_NUM_INTRAOP", "TF_NUM_INTEROP"
c.Spawner.environment = {f"{kind}_THREADS": "1" for kind in kinds}
c.Spawner.environment["WORKSHOP_DATA"] = "/srv/data/datasets/mnist.npz"
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
