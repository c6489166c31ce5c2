"""Who is at the other end, and whether it is a page of ours that asks."""

import base64

import pytest
from starlette.requests import Request
from starlette.responses import Response

from bot.web.visitors import Cookies, Visitor, new_visitor

TOKEN = "t" * 43


def request(scheme: str = "http", **headers: str) -> Request:
    raw = [(name.replace("_", "-").lower().encode(), value.encode()) for name, value in headers.items()]
    return Request({
        "type": "http", "method": "POST", "scheme": scheme, "path": "/", "query_string": b"",
        "server": ("vertti.example", 443), "headers": raw,
    })  # fmt: skip


def set_cookie(cookies: Cookies, asked: Request) -> str:
    response = Response()
    cookies.remember(asked, response, Visitor(TOKEN))
    return response.headers["set-cookie"]


def test_a_visitor_is_a_token_of_256_random_bits():
    one, other = new_visitor(), new_visitor()

    assert one != other
    assert len(one.token) == 43
    assert one.token not in repr(one)


def test_the_address_tells_people_apart_and_leads_back_to_no_token():
    one, other = Visitor(TOKEN).place, Visitor("u" * 43).place

    assert one == Visitor(TOKEN).place
    assert one != other
    assert (one.platform, one.kind) == ("web", "private")
    assert TOKEN.encode() not in one.address.encode() + base64.urlsafe_b64decode(one.address + "==")


@pytest.mark.parametrize(
    ("public_url", "scheme", "expected"),
    [
        ("", "http", f"vertti={TOKEN}; HttpOnly; Max-Age=31536000; Path=/; SameSite=strict"),
        ("", "https", f"__Host-vertti={TOKEN}; HttpOnly; Max-Age=31536000; Path=/; SameSite=strict; Secure"),
        (
            "https://vertti.example",
            "http",
            f"__Host-vertti={TOKEN}; HttpOnly; Max-Age=31536000; Path=/; SameSite=strict; Secure",
        ),
    ],
)
def test_the_cookie_is_for_this_site_and_no_script(public_url: str, scheme: str, expected: str):
    assert set_cookie(Cookies(public_url), request(scheme)) == expected


@pytest.mark.parametrize(
    ("cookie", "visitor"),
    [
        (f"vertti={TOKEN}", Visitor(TOKEN)),
        (f"other=1; vertti={TOKEN}", Visitor(TOKEN)),
        ("vertti=short", None),
        (f"vertti={TOKEN}x", None),
        (f"vertti={'ä' * 20}", None),
        ("", None),
    ],
)
def test_a_cookie_that_is_none_of_ours_is_nobodys(cookie: str, visitor: Visitor | None):
    assert Cookies("").visitor(request(cookie=cookie)) == visitor


def test_over_https_the_cookie_of_a_neighbour_counts_for_nothing():
    assert Cookies("https://vertti.example").visitor(request(cookie=f"vertti={TOKEN}")) is None


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"sec_fetch_site": "same-origin"}, True),
        ({"sec_fetch_site": "same-site"}, False),
        (
            {"sec_fetch_site": "cross-site", "origin": "https://vertti.example", "host": "vertti.example"},
            False,
        ),
        ({"sec_fetch_site": "none"}, False),
        ({"origin": "http://127.0.0.1:8080", "host": "127.0.0.1:8080"}, True),
        ({"origin": "https://vertti.example", "host": "127.0.0.1:8080"}, True),
        ({"origin": "https://evil.example", "host": "vertti.example"}, False),
        ({"origin": "null", "host": "vertti.example"}, False),
        ({"host": "vertti.example"}, False),
        ({}, False),
    ],
)
def test_only_a_page_of_ours_may_speak_for_its_visitor(headers: dict[str, str], *, own: bool):
    assert Cookies("https://vertti.example").from_own_page(request(**headers)) is own


def test_without_a_public_address_no_origin_is_no_page():
    assert not Cookies("").from_own_page(request(host="vertti.example"))
    assert not Cookies("").from_own_page(request(origin=""))
