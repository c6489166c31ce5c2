"""Reads what was drawn: a PDF's list of headings, and the pictures of its pages with their codes."""

import re
from collections.abc import Iterator
from io import BytesIO
from itertools import groupby, product

from PIL import Image

from bot.posters.drawing import draw

INCH = 25.4  # mm
DARK = 128
FINDER = (1, 1, 3, 1, 1)  # modules of dark, light, dark ... across the square in three corners of a code


def headings(pdf):
    """The headings that a PDF lists: first that of the page, then those under it in their order."""
    found = re.findall(
        rb"<<(?:/Parent \d+ 0 R)?([^>]*)/Title(?:\((.*?)\)|<FEFF([0-9A-F]*)>)/Dest", pdf, re.DOTALL
    )
    found.sort(key=lambda each: b"/First" not in each[0])  # in the file, a heading follows those under it
    return [
        re.sub(r"\\(.)", r"\1", plain.decode("latin-1"))
        if plain
        else bytes.fromhex(wide.decode()).decode("utf-16be")
        for _, plain, wide in found
    ]


def pictures(sheet, *, at, ppi=100):
    """The pages of a sheet, in greys."""
    pages = draw(sheet.template, sheet.given, at=at, form="png", ppi=ppi)
    return [Image.open(BytesIO(page)).convert("L") for page in pages]


def edge(picture, *, ppi=100):
    """How far from the edge of the page its nearest dark point is, in mm."""
    dark = picture.point(lambda grey: 255 if grey < DARK else 0)
    left, top, right, bottom = dark.getbbox()
    return min(left, top, picture.width - right, picture.height - bottom) / ppi * INCH


def codes(picture):
    """The QR codes of a page, as (modules: rows of True for dark, millimetres across), read from the picture alone."""
    corners = sorted(set(finders(picture)))
    found = []
    for (x, y, size), (right, y2, _), (x3, bottom, _) in product(corners, repeat=3):
        module = size / 7
        near = max(2.0, module)
        square = right > x and bottom > y and abs((right - x) - (bottom - y)) < near
        number = 17 + 4 * round(((right - x) / module + 7 - 17) / 4)  # as codes have: 21, 25, 29 ...
        if not (square and abs(y - y2) < near and abs(x - x3) < near):
            continue
        step = (right - x) / (number - 7)

        def dark(row, column, *, x=x, y=y, step=step):
            at = (round(x + (column - 3) * step), round(y + (row - 3) * step))
            return picture.getpixel(at) < DARK

        # The corners of two codes of a page may make a square too; but around a code nothing is dark.
        ring = range(-4, number + 4)
        quiet = [each for each in product(ring, ring) if not all(0 <= part < number for part in each)]
        if not any(dark(*each) for each in quiet):
            modules = tuple(tuple(dark(row, column) for column in range(number)) for row in range(number))
            found.append((modules, number * step))
    return found


def finders(picture) -> Iterator[tuple[float, float, float]]:
    """The squares in the corners of codes: their middle and their width, in points of the picture."""
    width_of_row = picture.width
    dark = picture.point([1] * DARK + [0] * (256 - DARK)).tobytes()
    for y in range(picture.height):
        for middle, width in fives(dark[y * width_of_row : (y + 1) * width_of_row]):
            for height, tall in fives(dark[round(middle) :: width_of_row]):
                if abs(height - y) <= 1 and abs(tall - width) < width / 4:
                    yield round(middle), round(height), width


def fives(line):
    """Where 1:1:3:1:1 stands in a line of dark (1) and light (0): its middle and its length."""
    if 1 not in line:
        return
    runs = [(dark, len(list(group))) for dark, group in groupby(line)]
    end = 0
    for number, (dark, length) in enumerate(runs):
        end += length
        five = [each for _, each in runs[number - 4 : number + 1]] if number >= 4 and dark else []
        module = sum(five) / 7
        if five and all(
            abs(each - module * wish) < module * 0.7 for each, wish in zip(five, FINDER, strict=True)
        ):
            yield end - sum(five) / 2 - 0.5, sum(five)
