"""Who is counted, how, and what they are told."""

import pytest

from services.api.addresses import counted_for
from services.api.counting import Counted, LocalCounts
from services.api.principals import ANYBODY, Principal, Role
from services.api.v1.limits import Policy, policy_for, standing

PEER = "192.0.2.1"


@pytest.mark.parametrize(
    ("peer", "forwarded", "trusted", "counted"),
    [
        (PEER, [], 0, PEER),
        (PEER, ["198.51.100.7"], 0, PEER),
        (PEER, ["198.51.100.7"], 1, "198.51.100.7"),
        (PEER, ["203.0.113.9, 198.51.100.7"], 1, "198.51.100.7"),
        (PEER, ["203.0.113.9", "198.51.100.7"], 2, "203.0.113.9"),
        (PEER, ["made up, 203.0.113.9, 198.51.100.7"], 2, "203.0.113.9"),
        (PEER, ["198.51.100.7"], 2, PEER),
        (PEER, [], 1, PEER),
        (PEER, ["<script>"], 1, PEER),
        (PEER, [""], 1, PEER),
        ("2001:db8:1:2:3:4:5:6", [], 0, "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", [], 0, "2001:db8:1:2::/64"),
        ("fe80::1%eth0", [], 0, "fe80::/64"),
        ("::ffff:192.0.2.1", [], 0, PEER),
        ("testclient", [], 0, "unknown"),
    ],
)
def test_a_request_counts_for_the_address_that_nobody_can_make_up(
    peer: str, forwarded: list[str], trusted: int, counted: str
) -> None:
    assert counted_for(peer, forwarded, trusted) == counted


@pytest.mark.parametrize(
    ("principal", "name", "counted_as", "quota"),
    [
        (ANYBODY, "address", "address:192.0.2.1", 60),
        (Principal("acc_a", Role.READ_ONLY, "free", key_id="key_1"), "account", "account:acc_a", 120),
        (Principal("acc_a", Role.OWNER, "watcher", member_id="mem_1"), "account", "account:acc_a", 600),
        (Principal("acc_b", Role.OWNER, "compliance"), "account", "account:acc_b", 6_000),
        (Principal("acc_b", Role.OWNER, "unheard of"), "account", "account:acc_b", 120),
    ],
)
def test_accounts_go_by_their_plans(principal: Principal, name: str, counted_as: str, quota: int) -> None:
    assert policy_for(principal, PEER, 60) == Policy(name, counted_as, quota)


@pytest.mark.parametrize(
    ("counted", "remaining", "reset_s", "is_over"),
    [
        (Counted(1, 60), 2, 60, False),
        (Counted(3, 11.2), 0, 12, False),
        (Counted(4, 11.2), 0, 12, True),
        (Counted(99, 0.0), 0, 1, True),
    ],
)
def test_standing(counted: Counted, remaining: int, reset_s: int, is_over: bool) -> None:
    now = standing(Policy("address", "address:1", 3), counted)
    assert (now.remaining, now.reset_s, now.is_over) == (remaining, reset_s, is_over)
    assert now.headers["RateLimit-Policy"] == '"address";q=3;w=60'
    assert now.headers["RateLimit"] == f'"address";r={remaining};t={reset_s}'
    assert now.headers.get("Retry-After") == (str(reset_s) if is_over else None)


def test_a_window_begins_with_its_first_request_and_ends() -> None:
    now = [100.0]
    counts = LocalCounts(lambda: now[0])
    assert counts.take("a", 60) == Counted(1, 60)
    now[0] = 159.0
    assert (counts.take("a", 60), counts.take("b", 60)) == (Counted(2, 1), Counted(1, 60))
    now[0] = 160.0
    assert (counts.take("a", 60), counts.take("b", 60)) == (Counted(1, 60), Counted(2, 59))


def test_windows_of_a_flood_of_addresses_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.api.counting._MOST_KEPT", 100)
    now = [0.0]
    counts = LocalCounts(lambda: now[0])
    counts.take("early", 10)
    now[0] = 11.0
    for number in range(99):
        counts.take(f"address {number}", 60)
    assert counts.take("address 0", 60).count == 2, "only what had ended made room"
    for number in range(1_000):
        counts.take(f"flood {number}", 60)
    assert len(counts._windows) <= 100
