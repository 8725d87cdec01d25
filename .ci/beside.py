"""What running a command beside a server, or by somebody else's tools, takes; the scripts in this folder do."""

import json
import socket
import subprocess
import sys
import time
import venv

START_SECONDS = 60


def python_with(requirements, folder):
    """A Python of its own with exactly these, made once for each text of the requirements."""
    installed = folder / "installed"
    if installed.exists() and installed.read_bytes() == requirements.read_bytes():
        return
    venv.create(folder, with_pip=True, clear=True)
    pip = [folder / "bin" / "pip", "--disable-pip-version-check", "install", "--quiet", "--requirement", requirements]
    subprocess.run(pip, check=True)
    installed.write_bytes(requirements.read_bytes())


def node_with(package, folder):
    """This version of a package from npm, in node_modules of this folder."""
    name, version = package.rsplit("@", 1)
    manifest = folder / "node_modules" / name / "package.json"
    if manifest.exists() and json.loads(manifest.read_text())["version"] == version:
        return
    folder.mkdir(parents=True, exist_ok=True)
    npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", "--prefix", folder, package]
    subprocess.run(npm, check=True)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def start(command, log):
    """A session of its own: Ctrl-C is for the command, which may still need the server."""
    with open(log, "wb") as output:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )


def wait_for(port, server, log):
    """A short poll with an end, and an early one when the server has died."""
    end = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if server.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"{server.args[0].name} does not listen:\n{log.read_text(errors='replace')[-4000:]}")
        time.sleep(0.1)


def run(command):
    try:
        code = subprocess.run(command).returncode
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    return code if code >= 0 else 128 - code  # ended by a signal: as a shell says it


def stop(server):
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
