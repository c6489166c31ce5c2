import re
from datetime import UTC, datetime, timedelta

import pytest

from bot.posters.drawing import DrawingError, draw
from tests.posters.paper import headings

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)


@pytest.fixture
def template(tmp_path):
    """Make a template out of a few lines."""

    def write(body, *, fonts='font: "DejaVu Sans"'):
        path = tmp_path / "one.typ"
        head = '#let given = json(bytes(sys.inputs.given))\n#set document(title: "Yksi")\n'
        path.write_text(f'{head}#set text({fonts}, lang: "fi", fallback: false)\n{body}\n', encoding="utf-8")
        return path

    return write


def test_the_same_words_at_the_same_instant_give_the_same_bytes(template):
    path = template("= #given.title")
    drawn = [draw(path, {"title": "Kahvit"}, at=at) for at in (NOW, NOW, NOW + timedelta(days=1))]

    assert drawn[0] == drawn[1]
    assert drawn[0] != drawn[2]


@pytest.mark.parametrize("form", ["png", "svg"])
def test_a_picture_is_drawn_of_each_page(template, form):
    pages = draw(template("Yksi #pagebreak() Kaksi"), {}, at=NOW, form=form)
    beginnings = {"png": b"\x89PNG", "svg": b"<svg"}

    assert [page[:4] for page in pages] == [beginnings[form]] * 2


HOSTILE = [
    '#import "x"',
    "$ x $ * _ ` ~ @all",
    "\\ \\u{41} \\#",
    "<b>lihava</b> &amp; </svg>",
    '#read("/etc/passwd")',
    "= Otsikko",
    "// huomautus /* toinen",
    '"; #panic() //',
    "{{puhelin}} {x} %s",
]


@pytest.mark.parametrize("words", HOSTILE)
def test_words_that_look_like_code_stand_as_they_are(template, words):
    (pdf,) = draw(template("= #given.title"), {"title": words}, at=NOW)

    assert headings(pdf) == [words]


@pytest.mark.parametrize("outside", ["../secret.txt", "/../secret.txt", "{outside}"])
def test_a_template_reads_nothing_but_its_own_folder(tmp_path, template, outside):
    secret = tmp_path / "secret.txt"
    secret.write_text("salaisuus")
    folder = tmp_path / "templates"
    folder.mkdir()
    path = template(f'= #read("{outside.format(outside=secret)}")').rename(folder / "one.typ")

    with pytest.raises(DrawingError):
        draw(path, {}, at=NOW)


def test_what_goes_wrong_is_told_without_a_word_of_the_sheet(template):
    with pytest.raises(DrawingError) as raised:
        draw(template("#panic(given.title)"), {"title": "Salainen tapaaminen"}, at=NOW)

    assert str(raised.value) == "CalledProcessError"
    assert raised.value.__cause__ is None


def test_no_font_of_the_machine_is_ever_used(template):
    here = draw(template("= Kahvit", fonts='font: "DejaVu Sans"'), {}, at=NOW, form="svg")
    elsewhere = draw(template("= Kahvit", fonts='font: "DejaVu Sans Mono"'), {}, at=NOW, form="svg")
    (pdf,) = draw(template("= Kahvit\nja *teetä*"), {}, at=NOW)

    assert b"<use" in here[0]
    assert b"<use" not in elsewhere[0]
    assert set(re.findall(rb"/BaseFont/[A-Z]{6}\+([\w-]+)", pdf)) == {b"DejaVuSans", b"DejaVuSans-Bold"}


def test_letters_without_a_shape_do_not_keep_a_sheet_from_being_drawn(template):
    given = {"lines": ["🎄 Joulupuuro", {"deep": "漢字 ja kahvit"}], "number": 3, "none": None}
    (pdf,) = draw(template("= #given.lines.at(0)\n= #given.lines.at(1).deep"), given, at=NOW)

    assert headings(pdf) == ["Joulupuuro", "ja kahvit"]
