"""What an address in VERTTI_CALENDARS leads to, and how little of it is ever shown (T-20, T-21)."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.calendars.addresses import (
    Address,
    UnreadableAddressError,
    Url,
    host_of,
    is_address,
    label,
    read_address,
    read_url,
    store_key,
)
from schedules.calendars.fetch_faults import FetchFault

SECRETS = ("kanarialintu", "salasana", "avain-47114711")


def fault(name):
    with pytest.raises(FetchFault) as found:
        read_address(name, 3)
    return found.value


# ---- what it leads to ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "url"),
    [
        ("https://cloud.example.org/x?export", "feed", Url("https", "cloud.example.org", 443, "/x?export")),
        ("HTTPS://Cloud.Example.ORG/X", "feed", Url("https", "cloud.example.org", 443, "/X")),
        ("webcal://cloud.example.org/x", "feed", Url("https", "cloud.example.org", 443, "/x")),
        ("webcals://cloud.example.org", "feed", Url("https", "cloud.example.org", 443, "/")),
        ("http://nas.example.org/x", "feed", Url("http", "nas.example.org", 80, "/x")),
        ("https://nas:8443/x", "feed", Url("https", "nas", 8443, "/x")),
        ("caldav://c.example/dav/", "caldav", Url("https", "c.example", 443, "/dav/")),
        ("caldavs://c.example/dav/", "caldav", Url("https", "c.example", 443, "/dav/")),
        ("caldav+https://c.example/dav/", "caldav", Url("https", "c.example", 443, "/dav/")),
        ("caldav+http://c.example:5232/", "caldav", Url("http", "c.example", 5232, "/")),
        ("https://api.example/v1/event/?text=a,b", "linked_events", Url("https", "api.example", 443, "/v1/event/?text=a,b")),
        ("https://api.example/le/v1/event", "linked_events", Url("https", "api.example", 443, "/le/v1/event")),
        ("https://api.example/v1/event/helsinki:1/", "feed", Url("https", "api.example", 443, "/v1/event/helsinki:1/")),
        ("caldavs://c.example/v1/event/", "caldav", Url("https", "c.example", 443, "/v1/event/")),
        ("https://192.168.1.5/x", "feed", Url("https", "192.168.1.5", 443, "/x")),
        ("https://[2001:DB8::0:1]:444/x", "feed", Url("https", "2001:db8::1", 444, "/x")),
    ],
)  # fmt: skip
def test_the_beginning_and_the_path_say_what_is_kept_there(name, kind, url):
    assert read_address(name, 3) == Address(label(name, 3), kind, url)


def test_letters_that_no_request_may_hold_are_quoted_and_what_is_quoted_stays():
    url = read_url("https://kökar.example/päivät/%C3%A4?x=å&y=%26#kohta")

    assert url == Url("https", "xn--kkar-5qa.example", 443, "/p%C3%A4iv%C3%A4t/%C3%A4?x=%C3%A5&y=%26")
    assert str(url) == "https://xn--kkar-5qa.example/p%C3%A4iv%C3%A4t/%C3%A4?x=%C3%A5&y=%26"


def test_a_user_and_a_password_are_unquoted_and_stand_beside_the_address():
    address = read_address("caldavs://anna%40example.org:sala%2Fsana@cloud.example.org/dav/", 1)

    assert (address.user, address.password) == ("anna@example.org", "sala/sana")
    assert str(address.url) == "https://cloud.example.org/dav/"


@pytest.mark.parametrize(("name", "authority"), [
    ("https://a.example/", "a.example"), ("https://a.example:443/", "a.example"), ("http://a.example:80/", "a.example"),
    ("https://a.example:80/", "a.example:80"), ("https://[fd00::1]/", "[fd00::1]"), ("https://[fd00::1]:8443/", "[fd00::1]:8443"),
])  # fmt: skip
def test_a_host_is_named_as_requests_name_it(name, authority):
    assert read_url(name).authority == authority


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("ftp://a.example/x", "it does not begin with https://, webcal:// or caldavs://"),
        ("file:///etc/passwd", "it does not begin with https://, webcal:// or caldavs://"),
        ("gopher://a.example/", "it does not begin with https://, webcal:// or caldavs://"),
        ("https://a.example/my calendar", "it holds a space, or another sign that no address has"),
        ("https://a.example\\@evil.example/", "it holds a space, or another sign that no address has"),
        ("https://a.example/\r\nHost: evil", "it holds a space, or another sign that no address has"),
        ("https://a.example/\x00", "it holds a space, or another sign that no address has"),
        ("https:///x", "its host is no name that a host can have"),
        ("https://a..example/", "its host is no name that a host can have"),
        ("https://a%2eexample/", "its host is no name that a host can have"),
        ("https://" + "a" * 64 + ".example/", "its host is no name that a host can have"),
        ("https://" + "a." * 130 + "example/", "its host is no name that a host can have"),
        ("https://a.example:x/", "after its host stands what is no port"),
        ("https://a.example:70000/", "after its host stands what is no port"),
        ("https://anna:sala/sana@a.example/", "after its host stands what is no port"),
        ("https://anna:[x@a.example/", "it is no address"),
        ("https://[1::2::3]/", "it is no address"),
        ("https://[fe80::1%25eth0]/", "its host is no IPv6 address"),
    ],
)  # fmt: skip
def test_what_is_no_address_is_said_to_be_none(name, what):
    found = fault(name)

    assert (found.problem.fault().what, found.retry) == (what, False)
    assert found.problem.source.startswith("address 3")
    with pytest.raises(UnreadableAddressError):
        read_url(name)


@pytest.mark.parametrize(
    "host",
    ["2130706433", "0x7f000001", "0x7f.1", "0x7f.0.0.1", "0177.0.0.1", "127.1", "127.0.1", "0", "010.0.0.1",
     "127.0.0.0x1", "256.256.256.256", "1.2.3.4.5", "4294967297"],
)  # fmt: skip
def test_a_host_that_is_a_number_in_an_odd_spelling_is_refused(host):
    found = fault(f"https://{host}/x")

    assert found.problem.fault().what == "its host is a number, spelt to hide where it leads"


@pytest.mark.parametrize("host", ["１２７.0.0.1", "127。0。0。1", "①②⑦.0.0.1"])
def test_letters_that_are_other_spellings_of_figures_are_read_before_a_host_is_looked_at(host):
    assert read_url(f"https://{host}/").host == "127.0.0.1"


@pytest.mark.parametrize("host", ["localhost.", "cloud.example.org.", "127.0.0.1."])
def test_a_host_with_a_dot_at_its_end_is_refused(host):
    found = fault(f"https://{host}/x")

    assert (found.problem.fault().what, found.problem.fault().mend) == (
        "its host ends in a dot",
        "Leave the dot out.",
    )


@given(st.text(alphabet=st.sampled_from(string.printable + "åä。１\u202e\ufeff"), max_size=60))
def test_whatever_follows_the_beginning_is_an_address_or_a_fault(rest):
    for begin in ("https://", "https://h.example/", "caldav+http://u:p@"):
        name = begin + rest
        try:
            url = read_address(name, 1).url
        except FetchFault:
            continue

        assert (url.host + url.target).isascii()
        assert not set(url.host + url.target) & set(" \t\r\n\x0b\x0c")
        assert read_url(str(url)) == url


# ---- what is shown of it -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "address"), [
    ("schedule.yaml", False), ("ryhmat.ics", False), ("https://a.example/", True), ("webcal://a.example/", True),
    ("ftp://a.example/", True), ("C:/kalenterit/x.ics", False),
])  # fmt: skip
def test_an_address_is_told_from_a_file(name, address):
    assert is_address(name) is address


def test_a_file_is_called_by_its_name_and_an_address_by_its_number_and_host():
    assert label("ryhmat.ics", 1) == "ryhmat.ics"
    assert label("webcal://cloud.example.org/salaisuus", 2) == "address 2 (cloud.example.org)"
    assert label("https://[::1]/salaisuus", 2) == "address 2 (::1)"
    assert label("ftp://cloud.example.org/salaisuus", 2) == "address 2"


@pytest.mark.parametrize(
    "name",
    ["https://anna:sala@sana.fi/x@cloud.example.org/", "https://anna:sala@sana/x@cloud.example.org/", "https://anna:12/sana@cloud.example.org/",
     "https://anna:sala/sana@cloud.example.org/", "caldavs://anna:sala?sana@cloud.example.org/",
     "caldavs://anna:sala#sana@cloud.example.org/", "https://anna@sana/x@cloud.example.org/"],
)  # fmt: skip
def test_of_a_password_that_was_not_quoted_no_part_is_taken_for_the_host(name):
    assert host_of(name) == ""
    assert label(name, 2) == "address 2"
    assert store_key(name).startswith("#")


def test_a_path_may_hold_an_at_sign():
    assert host_of("https://cloud.example.org/calendars/anna@example.org/") == "cloud.example.org"


def test_whatever_is_kept_or_shown_of_an_address_holds_none_of_its_secrets():
    name = f"caldavs://{SECRETS[0]}:{SECRETS[1]}@cloud.example.org/dav/{SECRETS[2]}/?token={SECRETS[2]}"
    address = read_address(name, 2)
    broken = [
        fault(each)
        for each in (name.replace("org/", "org:x/"), name.replace("/dav", " "), name.replace("cald", "ftp"))
    ]

    shown = f"{address!r} {address} {address.url!r} {label(name, 2)} {host_of(name)} {store_key(name)} {[*map(repr, broken)]}"
    shown += " ".join(f"{each} {each.problem}" for each in broken)
    assert [secret for secret in SECRETS if secret in shown] == []


def test_in_the_store_an_address_stays_the_same_when_its_password_changes_and_when_it_is_spelt_otherwise():
    old = store_key("caldavs://anna:vanha@cloud.example.org/dav/")

    assert old == store_key("caldav+https://anna:uusi@Cloud.Example.org:443/dav/")
    assert old.startswith("cloud.example.org#")


def test_in_the_store_two_addresses_are_two():
    names = [
        "https://cloud.example.org/a",
        "https://cloud.example.org/b",
        "https://cloud.example.org/a?x",
        "https://cloud.example.org:444/a",
        "http://cloud.example.org/a",
        "caldavs://cloud.example.org/a",
        "caldavs://anna@cloud.example.org/a",
        "caldavs://berit@cloud.example.org/a",
        "ftp://cloud.example.org/a",
        "ftp://cloud.example.org/b",
        "a.ics",
    ]

    assert len({*map(store_key, names)}) == len(names)


@given(st.text(max_size=40))
def test_a_name_can_always_be_shown_and_kept(rest):
    for name in (rest, f"https://{rest}", f"caldavs://{rest}"):
        assert isinstance(label(name, 1) + store_key(name) + host_of(name), str)
