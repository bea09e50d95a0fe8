"""The workshop on The Littlest JupyterHub: what `tljh-config` cannot set.

Goes to /opt/tljh/config/jupyterhub_config.d/workshop.py; README.md here has the
commands.
"""

c = get_config()  # noqa: F821  JupyterHub defines it

c.Spawner.cmd = ["/opt/tljh/user/bin/python", "/srv/workshop/hub/seat.py"]
c.Spawner.environment = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "WORKSHOP_DATA": "/srv/data/datasets/mnist.npz",
}
c.Spawner.start_timeout = c.Spawner.http_timeout = 180
