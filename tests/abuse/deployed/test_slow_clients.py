"""Connections on which a request never becomes complete: nginx counts none of them, the packet filter each."""

import subprocess

import pytest

from tests.abuse.deployed.network import MAIN_OF_DEBIAN, documented, network
from tests.support.live_site import REPOSITORY

MANY = 1_600  # connections; Debian's nginx has 768 for each core
A_CLIENT = 500  # deploy/nftables.conf
ATTACKER, READER = "10.77.0.2", "10.77.0.3"
SAME_64, OTHER_64 = ["fd77:0:0:1::2", "fd77:0:0:1::3"], "fd77:0:0:2::2"


@pytest.fixture(scope="module")
def hosts_(stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("network")
    with network(stack, folder) as made:
        yield made


@pytest.fixture
def guarded(hosts_):
    hosts_.load_rules()
    yield hosts_
    hosts_.run("nft", "flush", "ruleset")


def test_half_sent_headers_of_one_client_lock_no_other_out_even_of_nginx_as_debian_sets_it_up(guarded):
    with guarded.nginx(as_documented=False), guarded.half_sent_headers(MANY, ATTACKER) as taken:
        assert taken == A_CLIENT
        assert guarded.statuses(READER) == [200] * 10
        assert guarded.statuses(ATTACKER, pages=1) == [0]


def test_an_ipv6_client_is_its_whole_64(guarded):
    with guarded.nginx(), guarded.half_sent_headers(A_CLIENT + 100, *SAME_64) as taken:
        assert taken == A_CLIENT
        assert guarded.statuses(OTHER_64) == [200] * 10


def test_as_documented_nginx_has_room_for_several_such_clients(hosts_):
    """Omit the packet filter: four clients below its limit would have the same effect."""
    with hosts_.nginx(), hosts_.half_sent_headers(MANY, *(f"10.77.0.{number}" for number in range(4, 8))) as taken:
        assert taken == MANY
        assert hosts_.statuses(READER) == [200] * 10


def test_sixty_readers_behind_one_address_are_no_attack(guarded):
    with guarded.nginx(), guarded.half_sent_headers(60 * 6, ATTACKER) as taken:
        assert taken == 360
        assert guarded.statuses(ATTACKER) == [200] * 10


def test_closed_connections_are_not_counted(guarded):
    with guarded.nginx():
        for _time in range(2):
            with guarded.half_sent_headers(A_CLIENT, ATTACKER) as taken:
                assert taken == A_CLIENT


def test_forms_of_an_ipv6_client_are_counted_by_its_64(hosts_):
    with hosts_.nginx():
        assert hosts_.forms(60, *SAME_64).count(429) > 20
        assert 429 not in hosts_.forms(10, OTHER_64)


def test_the_rules_replace_themselves_and_nothing_else(guarded):
    guarded.run("nft", "add table inet another")
    guarded.load_rules()
    tables = guarded.run("nft", "list", "tables").splitlines()
    assert sorted(tables) == ["table inet another", "table inet newsite"]
    assert guarded.run("nft", "list", "ruleset").count("ct count over 500") == 2


def test_the_commands_of_the_manual_load_the_rules_at_every_start():
    manual = (REPOSITORY / "docs/deploy.md").read_text()
    assert "cp deploy/nftables.conf /etc/nftables.conf && systemctl enable --now nftables" in manual
    assert " nftables " in manual.partition("# 1.")[2].partition("# 2.")[0]


def test_the_command_of_the_manual_changes_what_debian_has(tmp_path):
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(MAIN_OF_DEBIAN.read_text())
    subprocess.run(["sed", "-i", documented("sed -i"), configuration], check=True)
    lines = {line.strip() for line in configuration.read_text().splitlines()}
    assert {"worker_connections 8192;", "worker_rlimit_nofile 20000;", "server_tokens off;"} <= lines
    in_containers = (REPOSITORY / "deploy/nginx-main.conf").read_text()
    assert all(line in in_containers for line in ("worker_connections 8192;", "worker_rlimit_nofile 20000;"))
