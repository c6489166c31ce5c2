"""The one door out cannot be turned against the house (T-21, T-22, R-07).

The hosts are real servers, the TLS is real; the internet between them is ours, so that a test sees where each connection
went (tests/servers/calendar_host.py).
"""

import base64
import itertools
import os
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from schedules.calendars.addresses import read_address, read_url
from schedules.calendars.fetch_faults import FetchFault
from schedules.calendars.guarded_http import MAX_BYTES, Door, Guard
from tests.servers.calendar_host import (
    answer,
    bomb,
    dripping,
    halfway,
    head,
    known_by,
    packed,
    pouring,
    raw,
    redirect,
)

NOW = datetime(2027, 1, 4, 10, tzinfo=UTC)
ICS = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"
CLOUD = "https://cloud.example.org/ryhmat.ics"


def get(guard, name=CLOUD, *, seen=None, within=timedelta(seconds=10), **how):
    address = read_address(name, 2)
    with Door(guard, address, now=NOW, within=within) as door:
        return door.ask(address.url, seen=seen, **how)


def fault(guard, name=CLOUD, **how):
    with pytest.raises(FetchFault) as found:
        get(guard, name, **how)
    return found.value


def refused(guard, name=CLOUD, **how):
    return fault(guard, name, **how).problem.fault().what


def answers(**says):
    """Try each of these answers, under its name."""
    return pytest.mark.parametrize("says", list(says.values()), ids=list(says))


PLAIN_HTTP = "it is read over plain http, where others can change it"
PRIVATE = "its host lies inside a private network"
NOWHERE = "its host lies where no calendar can be"
ELSEWHERE = "it leads on to another address, and "


# ---- to whom it connects -------------------------------------------------------------------------------------


def test_a_public_host_is_reached_at_its_address_by_its_name(internet):
    cloud = internet.host("cloud.example.org")
    cloud.says("/ryhmat.ics", answer(ICS))

    got = get(internet.guard(), "webcal://cloud.example.org/ryhmat.ics?x=1")

    assert (got.status, got.body, got.measured) == (200, ICS.encode(), True)
    assert internet.connected == [("93.184.216.1", 443)]
    assert [(each.method, each.target) for each in cloud.heard] == [("GET", "/ryhmat.ics?x=1")]
    assert cloud.heard[0].headers == {
        "host": "cloud.example.org",
        "user-agent": "Vertti",
        "accept-encoding": "gzip",
    }


def test_the_next_address_is_tried_where_the_first_does_not_answer(internet):
    internet.host("cloud.example.org").says("/ryhmat.ics", answer(ICS))
    internet.names["cloud.example.org"] = [["2606:4700::1", "93.184.216.1"]]

    get(internet.guard())

    assert internet.connected == [("2606:4700::1", 443), ("93.184.216.1", 443)]


@pytest.mark.parametrize("at", [
    "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "::1", "fd00::1",
])  # fmt: skip
def test_a_name_that_leads_into_a_private_network_is_refused(internet, at):
    internet.host("cloud.example.org", at=at).says("/ryhmat.ics", answer(ICS))

    found = fault(internet.guard())

    assert found.problem.fault().what == PRIVATE
    assert found.problem.fault().mend == "Is it meant so? Add its host to VERTTI_CALENDAR_HOSTS."
    assert (found.retry, internet.connected) == (False, [])


@pytest.mark.parametrize("at", [
    "0.0.0.0", "0.1.2.3", "169.254.169.254", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::ffff:127.0.0.1",
    "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::", "2001::1", "fe80::1", "fe80::1%eth0", "ff02::1",
])  # fmt: skip
@pytest.mark.parametrize("allowed", [(), ("cloud.example.org",)])
def test_a_name_that_leads_nowhere_is_refused_whatever_an_operator_says(internet, at, allowed):
    internet.names["cloud.example.org"] = [[at]]

    assert refused(internet.guard(*allowed)) == NOWHERE
    assert internet.connected == []


@pytest.mark.parametrize("others", [*itertools.permutations(["93.184.216.1", "127.0.0.1", "2606:4700::1"])])
def test_a_name_that_leads_into_a_private_network_among_others_is_refused(internet, others):
    internet.host("cloud.example.org").says("/ryhmat.ics", answer(ICS))
    internet.names["cloud.example.org"] = [list(others)]

    assert refused(internet.guard()) == PRIVATE
    assert internet.connected == []


@pytest.mark.parametrize("allowed", [(), ("cloud.example.org",)])
@pytest.mark.parametrize("others", [["93.184.216.1", "0.0.0.0"], ["fe80::1", "93.184.216.1"]])
def test_a_name_that_leads_nowhere_among_others_is_refused(internet, others, allowed):
    internet.host("cloud.example.org").says("/ryhmat.ics", answer(ICS))
    internet.names["cloud.example.org"] = [others]

    assert refused(internet.guard(*allowed)) == NOWHERE
    assert internet.connected == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "192.168.0.1", "localhost", "kellari.localhost"])
def test_a_private_address_is_refused_however_it_is_written(internet, host):
    internet.names |= {"localhost": [["127.0.0.1", "::1"]], "kellari.localhost": [["127.0.0.1"]]}

    assert refused(internet.guard(), f"https://{host}/x") == PRIVATE
    assert internet.connected == []


def test_a_name_that_leads_elsewhere_the_second_time_gains_nothing(internet):
    """DNS rebinding: public when it is checked, loopback when it is connected to."""
    internet.host("evil.example.org").says("/x", answer(ICS))
    internet.host("127.0.0.1", at="127.0.0.1").says("/x", answer("secret"))
    internet.names["evil.example.org"] = [["93.184.216.1"], ["127.0.0.1"]]
    guard = internet.guard()

    got = get(guard, "https://evil.example.org/x")

    assert got.body == ICS.encode()
    assert internet.looked_up == ["evil.example.org"]
    assert internet.connected == [("93.184.216.1", 443)]
    assert refused(guard, "https://evil.example.org/x") == PRIVATE


def test_within_one_fetch_a_name_is_looked_up_once(internet):
    cloud = internet.host("cloud.example.org")
    cloud.says("/ryhmat.ics", redirect("/a"))
    cloud.says("/a", redirect("/b"))
    cloud.says("/b", answer(ICS))
    internet.names["cloud.example.org"] = [["93.184.216.1"], ["127.0.0.1"]]

    get(internet.guard())

    assert (internet.looked_up, internet.connected) == (["cloud.example.org"], [("93.184.216.1", 443)] * 3)


# ---- https and ports -----------------------------------------------------------------------------------------


def test_plain_http_is_refused_and_a_port_of_its_own_too(internet):
    internet.host("cloud.example.org", port=80, tls=False).says("/x", answer(ICS))
    guard = internet.guard()

    assert refused(guard, "http://cloud.example.org/x") == PLAIN_HTTP
    assert refused(guard, "https://cloud.example.org:8443/x") == "it has a port of its own"
    assert refused(guard, "https://cloud.example.org:80/x") == "it has a port of its own"
    assert (internet.looked_up, internet.connected) == ([], [])


def test_a_certificate_counts_only_for_the_name_that_was_asked_for(internet):
    internet.host("evil.example.org").says("/ryhmat.ics", answer(ICS))
    internet.names["cloud.example.org"] = [["93.184.216.1"]]

    found = fault(internet.guard())

    assert found.problem.fault().what == "the host's certificate has run out, or is for another name"
    assert internet.places["93.184.216.1", 443].heard == []


def test_a_certificate_that_has_run_out_or_that_nobody_trusts_is_refused(internet):
    internet.host("cloud.example.org", ended=True)
    internet.host("other.example.org")
    trusting_the_system = Guard(resolve=internet.resolve, network=internet)

    invalid = "the host's certificate has run out, or is for another name"
    assert refused(internet.guard()) == invalid
    assert refused(trusting_the_system, "https://other.example.org/x") == invalid


def test_a_host_that_speaks_no_https_is_said_to_speak_none(internet):
    internet.host("cloud.example.org", tls=False).says("/ryhmat.ics", answer(ICS))

    assert refused(internet.guard()) == "the host does not speak https"


def test_no_host_of_that_name_and_no_answer_are_told_apart_and_may_pass(internet):
    internet.names["cloud.example.org"] = [["93.184.216.9"]]
    gone = [fault(internet.guard(), name) for name in ("https://nobody.example.org/x", CLOUD)]

    assert [(each.problem.fault().what, each.retry) for each in gone] == [
        ("there is no host of that name, or nobody knows it", True),
        ("the host does not answer", True),
    ]


# ---- hosts that an operator has listed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "name"),
    [
        ("nas.example.org", "http://nas.example.org:5232/x"),
        ("NAS.example.org", "http://nas.example.org:5232/x"),
        ("nas.example.org:5232", "http://nas.example.org:5232/x"),
        ("192.168.1.5", "http://192.168.1.5:5232/x"),
        ("192.168.1.5:5232", "http://192.168.1.5:5232/x"),
    ],
)
def test_a_listed_host_may_lie_inside_speak_plainly_and_have_a_port_of_its_own(internet, listed, name):
    internet.host("nas.example.org", at="192.168.1.5", port=5232, tls=False).says("/x", answer(ICS))

    assert get(internet.guard(listed), name).body == ICS.encode()
    assert internet.connected == [("192.168.1.5", 5232)]


@pytest.mark.parametrize("host", ["::1", "[::1]", "[::1]:5232"])
def test_an_ipv6_host_is_listed_with_brackets_or_without(internet, host):
    internet.host("::1", at="::1", port=5232, tls=False).says("/x", answer(ICS))

    assert get(internet.guard(host), "http://[::1]:5232/x").body == ICS.encode()
    assert internet.places["::1", 5232].heard[0].headers["host"] == "[::1]:5232"


@pytest.mark.parametrize(
    "listed",
    ["example.org", "nas", "nas.example.org:80", "other.nas.example.org", "nas.example.org.evil.org"],
)
def test_only_that_host_is_listed_and_only_at_that_port(internet, listed):
    internet.host("nas.example.org", at="192.168.1.5", port=443).says("/x", answer(ICS))

    assert refused(internet.guard(listed), "https://nas.example.org/x") == PRIVATE


def test_a_real_server_on_this_machine_is_reached_when_it_is_listed(internet):
    nas = internet.host("nas.example.org", at="192.168.1.5", tls=False)
    nas.says("/x", answer(ICS))

    assert get(Guard({"127.0.0.1"}), f"http://127.0.0.1:{nas.port}/x").body == ICS.encode()
    assert refused(Guard(), f"https://127.0.0.1:{nas.port}/x") == "it has a port of its own"
    assert refused(Guard(), "https://localhost/x") == PRIVATE


# ---- where it is led -----------------------------------------------------------------------------------------


def test_three_redirects_are_followed_and_no_fourth(internet):
    cloud = internet.host("cloud.example.org")
    for number, status in enumerate((301, 302, 303, 307, 308)):
        cloud.says(f"/{number}", redirect(f"/{number + 1}", status=status))
    cloud.says("/5", answer(ICS))
    guard = internet.guard()

    assert get(guard, "https://cloud.example.org/2").body == ICS.encode()
    assert (
        refused(guard, "https://cloud.example.org/1")
        == "the host leads from one address to the next without an end"
    )


def test_another_public_host_may_be_led_to(internet):
    internet.host("cloud.example.org").says("/ryhmat.ics", redirect("https://www.example.org/r.ics"))
    internet.host("www.example.org").says("/r.ics", answer(ICS))

    got = get(internet.guard())

    assert (got.body, got.url) == (ICS.encode(), read_url("https://www.example.org/r.ics"))


@pytest.mark.parametrize(
    ("to", "what"),
    [
        ("https://127.0.0.1/", f"{ELSEWHERE}{PRIVATE}"),
        ("https://[::1]/", f"{ELSEWHERE}{PRIVATE}"),
        ("https://inside.example.org/", f"{ELSEWHERE}{PRIVATE}"),
        ("https://169.254.169.254/latest/meta-data/", f"{ELSEWHERE}{NOWHERE}"),
        ("https://[::ffff:127.0.0.1]/", f"{ELSEWHERE}{NOWHERE}"),
        ("http://cloud.example.org/ryhmat.ics", f"{ELSEWHERE}{PLAIN_HTTP}"),
        ("https://cloud.example.org:22/", f"{ELSEWHERE}it has a port of its own"),
        ("//127.0.0.1/", f"{ELSEWHERE}{PRIVATE}"),
        ("https://2130706433/", "the host leads on to what is no address"),
        ("https://0x7f.1/", "the host leads on to what is no address"),
        ("https://localhost./", "the host leads on to what is no address"),
        ("file:///etc/passwd", "the host leads on to what is no address"),
        ("gopher://127.0.0.1:6379/_x", "the host leads on to what is no address"),
        ("https://[", "the host leads on to what is no address"),
    ],
)  # fmt: skip
def test_wherever_it_is_led_the_same_is_asked_for(internet, to, what):
    internet.host("cloud.example.org").says("/ryhmat.ics", redirect(to))
    internet.host("inside.example.org", at="10.0.0.5").says("/", answer("secret"))
    internet.host("127.0.0.1", at="127.0.0.1").says("/", answer("secret"))

    assert refused(internet.guard()) == what
    assert internet.connected == [("93.184.216.1", 443)]


def test_a_public_host_cannot_lead_to_a_listed_one(internet):
    internet.host("cloud.example.org").says("/ryhmat.ics", redirect("https://nas.example.org/shutdown?now=1"))
    nas = internet.host("nas.example.org", at="192.168.1.5")

    assert refused(internet.guard("nas.example.org")) == f"{ELSEWHERE}{PRIVATE}"
    assert nas.heard == []


def test_a_listed_host_may_lead_to_another_place_of_its_own(internet):
    nas = internet.host("nas.example.org", at="192.168.1.5", port=80, tls=False)
    nas.says("/x", redirect("/y"))
    nas.says("/y", answer(ICS))

    assert get(internet.guard("nas.example.org"), "http://nas.example.org/x").body == ICS.encode()


@pytest.mark.parametrize("to", ["https://www.example.org/", "https://cloud.example.org:443/x"])
def test_what_is_no_get_is_led_on_by_its_own_host_only(internet, to):
    cloud = internet.host("cloud.example.org")
    cloud.says("/ryhmat.ics", redirect(to, status=301))
    cloud.says("/x", answer("<x/>", status=207))
    internet.host("www.example.org")

    how = {"method": "REPORT", "body": b"<ask/>"}
    if "www" in to:
        assert refused(internet.guard(), **how) == "the host leads on to another address"
    else:
        assert get(internet.guard(), **how).body == b"<x/>"
        assert [(each.method, each.body) for each in cloud.heard] == [("REPORT", b"<ask/>")] * 2


# ---- the user and the password -------------------------------------------------------------------------------

WITH_PASSWORD = "https://anna:sala%2Fsana@cloud.example.org/ryhmat.ics"
KEY = f"Basic {base64.b64encode(b'anna:sala/sana').decode()}"


def test_the_password_goes_to_its_own_host(internet):
    cloud = internet.host("cloud.example.org")
    cloud.says("/ryhmat.ics", redirect("/toinen.ics"))
    cloud.says("/toinen.ics", answer(ICS))

    get(internet.guard(), WITH_PASSWORD)

    assert [each.headers["authorization"] for each in cloud.heard] == [KEY, KEY]
    assert all("sana" not in each.target + each.headers["host"] for each in cloud.heard)


@pytest.mark.parametrize(
    "to", ["https://other.example.org/x", "https://anna:sala%2Fsana@other.example.org/x", "https://cloud.example.org:8443/x",
           "http://cloud.example.org/x"]
)  # fmt: skip
def test_and_to_no_other_host_port_or_way(internet, to):
    everywhere = internet.guard("cloud.example.org", "other.example.org")
    internet.host("cloud.example.org").says("/ryhmat.ics", redirect(to))
    others = [
        internet.host("other.example.org"),
        internet.host("cloud.example.org", port=8443, at="93.184.216.1"),
        internet.host("cloud.example.org", port=80, tls=False, at="93.184.216.1"),
    ]
    for each in others:
        each.says("/x", answer(ICS))

    get(everywhere, WITH_PASSWORD)

    asked = [each for host in others for each in host.heard]
    assert len(asked) == 1
    assert "authorization" not in asked[0].headers


def test_nothing_of_this_machine_is_sent_along_or_asked(internet, tmp_path, monkeypatch):
    """No proxy, no .netrc, no cookie, no certificate of the environment."""
    trap = internet.host("trap.example.org", tls=False)
    cloud = internet.host("cloud.example.org")
    cloud.says("/ryhmat.ics", redirect("/x"), answer(ICS))
    cloud.says("/x", answer(status=302, Location="/ryhmat.ics", Set_Cookie="a=b"))
    (tmp_path / ".netrc").write_text("default login netrc password netrc\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")

    get(internet.guard())

    assert trap.heard == []
    assert [sorted(each.headers) for each in cloud.heard] == [["accept-encoding", "host", "user-agent"]] * 3


# ---- how much and how long -----------------------------------------------------------------------------------


@answers(plain=answer(bytes(MAX_BYTES)), packed=packed(bytes(MAX_BYTES)), poured=pouring([bytes(MAX_BYTES)]))
def test_ten_mebibytes_may_come(internet, says):
    internet.host("cloud.example.org").says("/ryhmat.ics", says)

    assert len(get(internet.guard()).body) == MAX_BYTES


@answers(
    plain=answer(bytes(MAX_BYTES + 1)),
    packed=packed(bytes(MAX_BYTES + 1)),
    endless=pouring(itertools.repeat(bytes(2**20))),
)
def test_and_not_a_byte_more(internet, says):
    internet.host("cloud.example.org").says("/ryhmat.ics", says)

    assert refused(internet.guard()) == "the calendar is larger than 10 MiB"


def test_what_several_requests_bring_counts_together(internet):
    internet.host("cloud.example.org").says("/ryhmat.ics", answer(bytes(MAX_BYTES // 2)))
    address = read_address(CLOUD, 1)

    with Door(internet.guard(), address, now=NOW) as door:
        door.ask(address.url)
        door.ask(address.url)
        with pytest.raises(FetchFault) as found:
            door.ask(address.url)

    assert found.value.problem.fault().what == "the calendar is larger than 10 MiB"


def test_packed_in_any_way_that_was_asked_for_it_comes_out(internet):
    internet.host("cloud.example.org").says("/ryhmat.ics", packed(ICS), packed(ICS, by="deflate"))
    guard = internet.guard()

    assert [get(guard).body for _ in range(2)] == [ICS.encode()] * 2


@answers(
    otherwise=answer(ICS, Content_Encoding="br"),
    not_at_all=answer(ICS, Content_Encoding="gzip"),
    twice=answer(ICS, Content_Encoding="gzip, gzip"),
)
def test_packed_in_another_way_it_is_refused(internet, says):
    internet.host("cloud.example.org").says("/ryhmat.ics", says)

    assert refused(internet.guard()) == "it is packed in a way that cannot be read"


SOON = timedelta(seconds=0.4)


@answers(
    silent=dripping([b""], every=30),
    first_line=dripping(itertools.repeat(b"H"), every=0.05),
    headers=dripping([b"HTTP/1.1 200 OK\r\n", *[b"X-%d: x\r\n" % n for n in range(1000)]], every=0.05),
    not_yet=dripping([b"HTTP/1.1 100 Go on\r\n\r\n"] * 1000, every=0.05),
    body=dripping([head(200, {"Content-Length": "1000"}), *[b"B"] * 1000], every=0.05),
    chunks=dripping([head(200, {"Transfer-Encoding": "chunked"}), *[b"1\r\nB\r\n"] * 1000], every=0.05),
)
def test_drop_by_drop_is_no_way_around_the_time(internet, says):
    internet.host("cloud.example.org").says("/ryhmat.ics", says)
    began = time.monotonic()

    found = fault(internet.guard(), within=SOON)

    assert (found.problem.fault().what, found.retry) == ("the host takes too long", True)
    assert time.monotonic() - began < 1.5


def test_a_host_that_accepts_and_then_says_nothing_costs_no_more(internet):
    internet.names["cloud.example.org"] = [["93.184.216.1"]]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        silent = SimpleNamespace(port=listener.getsockname()[1], close=listener.close)
        internet.places["93.184.216.1", 443] = silent
        began = time.monotonic()

        what = refused(internet.guard(), within=SOON)

        assert what == "the host takes too long"
        assert time.monotonic() - began < 1.5


def test_nobody_who_looks_names_up_costs_no_more(internet):
    asked = threading.Event()
    guard = Guard(resolve=lambda *_: [] if asked.wait(30) else ["93.184.216.1"], network=internet)
    began = time.monotonic()

    found = fault(guard, within=SOON)
    waited = time.monotonic() - began
    asked.set()

    assert (found.problem.fault().what, found.retry) == (
        "there is no host of that name, or nobody knows it",
        True,
    )
    assert waited < 1.5


def test_a_request_has_ten_seconds_whatever_the_fetch_has(internet):
    """The clock here runs a hundred times as fast."""
    internet.host("cloud.example.org").says("/ryhmat.ics", dripping(itertools.repeat(b"H"), every=0.01))
    began = time.monotonic()

    guard = internet.guard(monotonic=lambda: time.monotonic() * 100)
    what = refused(guard, within=timedelta(hours=1))

    assert what == "the host takes too long"
    assert time.monotonic() - began < 2


@answers(
    half_a_body=halfway(ICS, promised=1000),
    half_a_chunk=raw(head(200, {"Transfer-Encoding": "chunked"}) + b"1000\r\nBEGIN"),
    nothing=raw(b""),
    half_a_line=raw(b"HTTP/1.1 200"),
    another_protocol=raw(b"HTTP/1.1 101 Switching\r\n\r\n"),
    no_http=raw(b"\x16\x03\x01 nonsense\r\n\r\n"),
    too_long_a_header=raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"),
    negative=raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
    two_lengths=raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
)
def test_half_an_answer_and_nonsense_are_none(internet, says):
    internet.host("cloud.example.org").says("/ryhmat.ics", says)

    found = fault(internet.guard())

    assert (found.problem.fault().what, found.retry) == ("the answer broke off, or is none", True)


BOMB = """
import resource, sys
from datetime import UTC, datetime
sys.path.insert(0, ".")
from schedules.calendars.fetching import FetchFault, fetch
from schedules.calendars.guarded_http import Guard

now = datetime(2027, 1, 4, tzinfo=UTC)
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
def ask(path):
    try:
        fetch(f"http://127.0.0.1:{sys.argv[1]}/{path}", number=1, seen=None, now=now, window=(now, now), guard=Guard({"127.0.0.1"}))
    except FetchFault as fault:
        return fault.problem.fault().what
before = ask("empty") and peak()
print(ask("bomb"), ask("endless"), peak() - before, sep="\\n")
"""


def test_a_bomb_costs_less_than_50_mebibytes(internet):
    host = internet.host("cloud.example.org", tls=False)
    host.says("/empty", answer())
    host.says("/bomb", pouring(bomb(1000), Content_Encoding="gzip"))
    host.says("/endless", pouring(itertools.repeat(bytes(2**20))))

    done = subprocess.run(
        [sys.executable, "-c", BOMB, str(host.port)],
        cwd=Path(__file__).parents[3],
        env=os.environ,
        capture_output=True,
        text=True,
        check=True,
    )

    one, other, grown = done.stdout.splitlines()
    assert (one, other) == ("the calendar is larger than 10 MiB",) * 2
    assert float(grown) < 50


# ---- what was seen before ------------------------------------------------------------------------------------


@pytest.mark.parametrize("marks", [
    {"ETag": '"a"'}, {"ETag": 'W/"a"'}, {"Last_Modified": "Mon, 04 Jan 2027 08:00:00 GMT"},
    {"ETag": '"a"', "Last_Modified": "Mon, 04 Jan 2027 08:00:00 GMT"},
])  # fmt: skip
def test_what_is_as_it_was_is_not_sent_again(internet, marks):
    internet.host("cloud.example.org").says("/ryhmat.ics", known_by(ICS, **marks))
    guard = internet.guard()

    first = get(guard)
    again = get(guard, seen=first.seen)

    assert (first.status, again.status, again.body) == (200, 304, b"")


def test_what_it_is_known_by_is_plain_and_names_no_address(internet):
    internet.host("cloud.example.org").says("/ryhmat.ics", answer(ICS, ETag='"a"', Last_Modified="x"))

    seen = get(internet.guard()).seen

    assert seen.keys() == {"etag", "modified", "of"}
    assert (seen["etag"], seen["modified"]) == ('"a"', "x")
    assert "cloud" not in seen["of"]


@pytest.mark.parametrize("marks", [{}, {"ETag": ""}, {"ETag": '"' + "x" * 2000 + '"'}, {"ETag": '"ä"'}])
def test_what_cannot_be_known_again_is_known_by_nothing(internet, marks):
    internet.host("cloud.example.org").says("/ryhmat.ics", raw(head(200, marks) + ICS.encode()))

    assert get(internet.guard()).seen == {}


def test_a_mark_goes_back_only_to_where_it_came_from(internet):
    cloud, other = internet.host("cloud.example.org"), internet.host("other.example.org")
    cloud.says("/ryhmat.ics", redirect("https://other.example.org/x"))
    other.says("/x", known_by(ICS, ETag='"1"'))
    other.says("/y", known_by(ICS, ETag='"1"'))
    guard = internet.guard()
    seen = get(guard).seen

    again = get(guard, seen=seen)
    cloud.says("/ryhmat.ics", redirect("https://other.example.org/y"))
    moved = get(guard, seen=seen)

    assert (again.status, moved.status) == (304, 200)
    assert all("if-none-match" not in each.headers for each in cloud.heard)


def test_a_304_that_nobody_asked_for_is_no_answer(internet):
    internet.host("cloud.example.org").says("/ryhmat.ics", answer(status=304))

    assert refused(internet.guard()) == "the host answers in an unexpected way (304)"


@pytest.mark.parametrize("seen", [{"of": "x"}, {"etag": '"1"'}, {"etag": '"1"', "of": ""}, {"nonsense": "1"}])
def test_marks_of_elsewhere_are_not_sent(internet, seen):
    cloud = internet.host("cloud.example.org")
    cloud.says("/ryhmat.ics", answer(ICS))

    get(internet.guard(), seen=seen)

    assert "if-none-match" not in cloud.heard[0].headers
