"""deploy/compose.yaml, as far as it can be read without a container engine."""

import re

import pytest
import yaml

from tests.support.template_databases import REPOSITORY

COMPOSE = yaml.safe_load((REPOSITORY / "deploy/compose.yaml").read_text())
SERVICES = COMPOSE["services"]
UNITS = {"m": 1, "g": 1024}


def test_every_setting_of_the_manual_reaches_the_containers():
    manual = (REPOSITORY / "docs/settings.md").read_text()
    rows = re.findall(r"^\| (`.*?) \|", manual, re.MULTILINE)
    names = {name for row in rows for name in re.findall(r"`([A-Z_]+)`", row)}
    assert len(names) > 30
    given = set(re.findall(r"^    ([A-Z_]+):", (REPOSITORY / "deploy/compose.yaml").read_text(), re.MULTILINE))
    assert names - given - {name.removesuffix("_FILE") for name in given} == set()


def megabytes(size):
    return int(size[:-1]) * UNITS[size[-1]]


@pytest.mark.parametrize("name", SERVICES)
def test_no_container_takes_the_memory_or_the_processes_of_the_host(name):
    """Limit tmpfs sizes: the default is half of the host's memory."""
    service = SERVICES[name]
    sizes = [re.fullmatch(r"/[a-z/]+:size=([0-9]+[mg])", each)[1] for each in service.get("tmpfs", [])]
    kept = [*sizes, *([service["shm_size"]] if "shm_size" in service else [])]
    assert sum(map(megabytes, kept)) <= megabytes(service["mem_limit"]) / 2
    assert 0 < service["pids_limit"] <= 256


def test_what_nginx_stores_is_on_disk_and_no_memory():
    folders = re.findall(r"_temp_path (\S+);", (REPOSITORY / "deploy/nginx-main.conf").read_text())
    folders += re.findall(r"proxy_cache_path (\S+)", (REPOSITORY / "deploy/nginx.conf").read_text())
    volumes = [each.split(":")[1] for each in SERVICES["web"]["volumes"]]
    assert len(folders) == 7
    assert all(any(folder.startswith(f"{volume}/") for volume in volumes) for folder in folders)
    assert {each.partition(":")[0] for each in SERVICES["web"]["volumes"]} <= COMPOSE["volumes"].keys()
    assert "-o 10001 -g 10001 /var/cache/nginx" in (REPOSITORY / "deploy/Dockerfile").read_text()


def test_redis_fits_into_its_container():
    command = SERVICES["cache"]["command"]
    assert 2 * megabytes(command[command.index("--maxmemory") + 1].removesuffix("b")) <= megabytes(
        SERVICES["cache"]["mem_limit"]
    )
