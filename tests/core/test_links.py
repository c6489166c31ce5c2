import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.links import foreign_hosts, hosts_in

OURS = ("example.fi", "www.jyvaskyla.fi")

words = st.lists(
    st.sampled_from(["Hei", "kahvia", "klo 13.15", "ti 24.11.", "ja", "–", "(", ")", ".", "\n"])
).map(" ".join)


@pytest.mark.parametrize(
    "text",
    [
        "Tervetuloa ryhmään ti 24.11. klo 13.15–15!",
        "https://example.fi/ohjelma?viikko=48",
        "Katso example.fi.",
        "(https://www.example.fi)",
        "https://kirjasto.example.fi:8443/",
        "Lisää: www.jyvaskyla.fi, jyvaskyla.fi",
        "info@example.fi",
        "Terveisin @anna",  # too short for an account
        "Kohta 1.2.3.4.5, klo 13.00.",
        "1.2.2027–3.2.2027, puh. 014 000 0000",
        "Nähdään.Terveisin Anna",  # no space after the full stop is no link
    ],
)
def test_words_and_agreed_pages_may_be_sent(text):
    assert foreign_hosts(text, allowed=OURS) == ()


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://paha.example/", "paha.example"),
        ("HTTPS://PAHA.COM/x", "paha.com"),
        ("katso bit.ly/abc", "bit.ly"),
        ("t.me/joku", "t.me"),
        ("https://example.fi.paha.com", "example.fi.paha.com"),
        ("https://notexample.fi", "notexample.fi"),
        ("https://example.fi@paha.com/", "paha.com"),
        ("https://paha.com\\@example.fi", "paha.com"),
        ("http://192.0.2.7/x", "192.0.2.7"),
        ("ｐａｈａ．ｃｏｍ", "paha.com"),
        ("paha。com", "paha.com"),
        ("ехample.fi", "ехample.fi"),  # the first letters are Cyrillic
        ("xn--pple-43d.com", "xn--pple-43d.com"),
        ("minä@paha.com", "paha.com"),
        ("tg://resolve?domain=joku", "tg://resolve"),
        ("javascript://example.fi", "javascript://example.fi"),
        ("https://", "https://"),
        ("kysy @paha_botti", "@paha_botti"),
        ("(@Pahabotti)", "@pahabotti"),
        ("osoitteessa 192.0.2.7", "192.0.2.7"),
        ("192.0.2.7:8080/x", "192.0.2.7"),
        ("..paha.com", "paha.com"),
        ("-paha.com", "paha.com"),
        ("katso...paha.com", "paha.com"),
        ("paha\u2024com", "paha.com"),  # a dot leader
        ("paha\uff61com", "paha.com"),  # a Japanese full stop
        ("pa\u00adha.c\u200bom", "paha.com"),  # a soft hyphen, a space of no width
    ],
)
def test_other_pages_are_named(text, host):
    assert foreign_hosts(text, allowed=OURS) == (host,)


def test_each_foreign_page_is_named_once_in_the_order_of_the_text():
    text = "https://yksi.com ja https://kaksi.com ja https://yksi.com/uudelleen"

    assert foreign_hosts(text, allowed=OURS) == ("yksi.com", "kaksi.com")


def test_an_account_that_the_organization_itself_names_may_be_named():
    ours = hosts_in("Kanavamme: @talon_kanava")

    assert foreign_hosts("@Talon_kanava, @toinen_kanava", allowed=ours) == ("@toinen_kanava",)


def test_nothing_is_allowed_where_no_page_is_agreed():
    assert foreign_hosts("example.fi", allowed=()) == ("example.fi",)


@given(words, words, st.sampled_from(["http://{}", "https://{}/polku", "{}", "www.{}", "https://x@{}"]))
def test_a_foreign_page_is_found_among_any_words(before, after, form):
    text = f"{before} {form.format('paha.com')} {after}"

    assert [host.removeprefix("www.") for host in foreign_hosts(text, allowed=OURS)] == ["paha.com"]


@given(words)
def test_words_alone_never_lead_anywhere(text):
    assert foreign_hosts(text, allowed=()) == ()


def test_the_hosts_of_the_organizations_own_texts_are_found():
    text = "Sivumme: https://www.example.fi/ryhmat tai example.org. Ei: https://a@b.fi, tg://x"

    assert hosts_in(text) == {"www.example.fi", "example.org"}
