"""`account`: what the plan allows and what is used; another plan, and what it pauses."""

from tests.factories.commands import Commands

HOOKS = [f"https://acme.example/{number}" for number in range(3)]


def test_a_smaller_plan_says_what_it_pauses_and_a_larger_one_what_is_back(commands: Commands) -> None:
    for hook in HOOKS:
        commands("endpoints", "add", "webhook", hook)
    commands("subscribe", "--to", HOOKS[0])
    told = commands.json("account", "plan", "watcher")
    assert sorted(told["paused"].values()) == ["plan-endpoints", "plan-platforms"]
    subscription, endpoint = sorted(told["paused"], reverse=True)
    assert "covers 25 platforms" in commands.refusal("subscriptions", "resume", subscription)
    assert "no room" in commands.refusal("endpoints", "enable", endpoint)
    shown = commands.json("account", "show")
    assert (shown["plan"], shown["used"]["push_endpoints"], shown["limits"]["push_endpoints"]) == ("watcher", 3, 2)
    words = commands("account", "plan", "compliance")
    assert f"{subscription} is active again" in words
    assert f"{endpoint} is active again" in words


def test_an_unknown_plan_is_refused_with_the_names_there_are(commands: Commands) -> None:
    assert "free, watcher, compliance" in commands.refusal("account", "plan", "gold")


def test_at_the_limit_the_command_line_says_so(commands: Commands) -> None:
    commands("account", "plan", "watcher")
    commands("endpoints", "add", "webhook", HOOKS[0])
    added = commands.run("endpoints", "add", "webhook", HOOKS[1])
    assert (added.exit_code, "note: 2 of 2 webhook and Slack endpoints" in added.stderr) == (0, True)
    assert "includes 2 webhook and Slack endpoints" in commands.refusal("endpoints", "add", "webhook", HOOKS[2])
