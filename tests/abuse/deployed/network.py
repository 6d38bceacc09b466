"""The web server in a network namespace of its own, and clients in another: several addresses, and a packet filter."""

from __future__ import annotations

from collections.abc import Iterator
import contextlib
from dataclasses import dataclass
import os
from pathlib import Path
import re
import subprocess
import sys

from tests.support.full_stack import NGINX_SITE, Service, Stack, end_with_parent, replace_all, wait_until
from tests.support.live_site import REPOSITORY

MAIN_OF_DEBIAN = Path("/etc/nginx/nginx.conf")
SERVER = ["10.77.0.1/24", "fd77::1/32"]
CLIENTS = ["10.77.0.2/24", *(f"10.77.0.{number}/24" for number in range(3, 9)), "fd77:0:0:1::2/32", "fd77:0:0:1::3/32"]
CLIENTS += ["fd77:0:0:2::2/32"]
_AS_ROOT = os.geteuid() == 0


def documented(program: str) -> str:
    """Return the arguments of this program in the commands of docs/deploy.md."""
    commands = (REPOSITORY / "docs/deploy.md").read_text().partition("```sh")[2].partition("```")[0]
    found = re.search(rf"{program} '([^']+)'", commands)
    assert found, f"docs/deploy.md does not say {program}"
    return found[1]


@dataclass(frozen=True)
class Network:
    stack: Stack
    folder: Path
    server: int  # the processes that keep the namespaces
    clients: int

    def run(self, *command: str, where: int = 0) -> str:
        """Run a command beside the web server, or in another namespace."""
        done = subprocess.run([*_inside(where or self.server), *command], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def load_rules(self) -> None:
        self.run("nft", "-f", str(REPOSITORY / "deploy/nftables.conf"))

    @contextlib.contextmanager
    def nginx(self, *, as_documented: bool = True) -> Iterator[Service]:
        """Debian's nginx.conf as docs/deploy.md changes it, or as it comes, with deploy/nginx.conf on port 80."""
        configuration = self.folder / "main.conf"
        site = {
            "server_name news.example.org;": "server_name 127.0.0.1;",
            "/run/newsite/": f"{self.stack.folder}/",
            "/var/cache/nginx/newsite": f"{self.folder}/cache",
            "/var/lib/newsite/static/": f"{self.stack.environment['STATIC_ROOT']}/",
            "/var/lib/newsite/media/": f"{self.stack.folder}/media/",
        }
        (self.folder / "site.conf").write_text(replace_all(NGINX_SITE.read_text(), site))
        configuration.write_text(MAIN_OF_DEBIAN.read_text())
        if as_documented:
            subprocess.run(["sed", "-i", documented("sed -i"), str(configuration)], check=True)
        paths = {
            "user www-data;": "user root;\ndaemon off;" if _AS_ROOT else "daemon off;",
            "/run/nginx.pid": f"{self.folder}/nginx.pid",
            "/var/log/nginx/error.log": "stderr",
            "access_log /var/log/nginx/access.log;": "access_log off;\n" + self._temporary(),
            "/etc/nginx/conf.d/*.conf": f"{self.folder}/site.conf",
            "include /etc/nginx/sites-enabled/*;": "",
        }
        configuration.write_text(replace_all(configuration.read_text(), paths))
        command = [*_inside(self.server), "nginx", "-e", "stderr", "-c", str(configuration)]
        part = Service("nginx-of-the-network", command, self.folder, dict(os.environ))
        part.start()
        try:
            wait_until(lambda: self.statuses(CLIENTS[-4].partition("/")[0], pages=1) == [200])
            yield part
        finally:
            part.stop()

    def _temporary(self) -> str:
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        return "\n".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in kinds)

    @contextlib.contextmanager
    def half_sent_headers(self, number: int, *senders: str) -> Iterator[int]:
        """Open so many from these addresses in turn. The value is how many were taken."""
        with self._client("hold", str(number), *senders) as client:
            assert client.stdin
            assert client.stdout
            yield int(client.stdout.readline())
            client.stdin.close()

    def statuses(self, sender: str, *, pages: int = 10) -> list[int]:
        """Ask for the front page so often, each on a new connection; 0 where nothing was answered."""
        with self._client("read", str(pages), sender) as client:
            said, _error = client.communicate()
        return [int(status) for status in said.split()]

    def forms(self, number: int, *senders: str) -> list[int]:
        """Send so many forms from these addresses in turn."""
        with self._client("send", str(number), *senders) as client:
            said, _error = client.communicate()
        return [int(status) for status in said.split()]

    def _client(self, *arguments: str) -> subprocess.Popen[str]:
        command = [*_inside(self.clients), sys.executable, str(Path(__file__).with_name("clients.py")), *arguments]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY)


def _inside(pid: int) -> list[str]:
    user = [] if _AS_ROOT else ["--user", "--preserve-credentials"]
    return ["nsenter", f"--target={pid}", "--net", *user]


@contextlib.contextmanager
def _namespace(*before: str) -> Iterator[int]:
    """Keep a network namespace; without root, in a user namespace of its own."""
    user = [] if _AS_ROOT or before else ["--map-root-user"]
    command = [*before, "unshare", "--net", *user, "sh", "-c", "echo ready; exec sleep infinity"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=end_with_parent) as keeper:  # noqa: PLW1509 (no threads)
        try:
            assert keeper.stdout
            assert keeper.stdout.readline() == "ready\n"
            yield keeper.pid
        finally:
            keeper.kill()


@contextlib.contextmanager
def network(stack: Stack, folder: Path) -> Iterator[Network]:
    with _namespace() as server, _namespace(*([] if _AS_ROOT else _inside(server))) as clients:
        made = Network(stack, folder, server, clients)
        made.run("ip", "link", "add", "lan", "type", "veth", "peer", "name", "wan", "netns", str(clients))
        for address in SERVER:
            made.run("ip", "address", "add", address, "dev", "lan", *_ready(address))
        for address in CLIENTS:
            made.run("ip", "address", "add", address, "dev", "wan", *_ready(address), where=clients)
        for link, where in (("lo", server), ("lan", server), ("lo", clients), ("wan", clients)):
            made.run("ip", "link", "set", link, "up", where=where)
        yield made


def _ready(address: str) -> list[str]:
    """Spare an IPv6 address the seconds in which Linux asks whether another host has it."""
    return ["nodad"] if ":" in address else []
