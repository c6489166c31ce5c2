from schedules.calendars.content_lines import Line, cut, unfolded


def test_folded_lines_are_joined_and_keep_the_number_of_their_first_piece():
    lines, is_utf8 = unfolded("SUMMARY:Ryh\r\n mä\r\n\r\nUID:a\r\n".encode())

    assert (lines, is_utf8) == ([Line(1, "SUMMARY:Ryhmä"), Line(4, "UID:a")], True)


def test_a_fold_may_stand_inside_a_letter():
    whole = "SUMMARY:Ryhmä".encode()

    assert unfolded(whole[:-1] + b"\r\n " + whole[-1:]) == ([Line(1, "SUMMARY:Ryhmä")], True)


def test_every_kind_of_line_end_and_a_byte_order_mark_are_read():
    lines, _ = unfolded(b"\xef\xbb\xbfA:1\nB:2\rC:3\r\nD:4")

    assert [(line.number, line.name, line.value) for line in lines] == [
        (1, "A", "1"),
        (2, "B", "2"),
        (3, "C", "3"),
        (4, "D", "4"),
    ]


def test_letters_that_are_not_utf_8_are_replaced_and_told():
    assert unfolded("SUMMARY:Ryhmä".encode("latin-1")) == (
        [Line(1, "SUMMARY:Ryhm\N{REPLACEMENT CHARACTER}")],
        False,
    )


def test_an_event_is_set_apart_from_its_alarms():
    layout = cut(
        b"BEGIN:VCALENDAR\nX-WR-TIMEZONE:Europe/Helsinki\nBEGIN:VEVENT\nUID:a\nBEGIN:VALARM\nTRIGGER:-PT2H\n"
        b"UID:alarm\nEND:VALARM\nSUMMARY:A\nEND:VEVENT\nBEGIN:VTODO\nUID:todo\nEND:VTODO\nEND:VCALENDAR\n"
    )

    (event,) = layout.blocks
    assert (layout.is_calendar, layout.zone_name, event.complete, event.line) == (
        True,
        "Europe/Helsinki",
        True,
        3,
    )
    assert event.text.split("\r\n") == ["BEGIN:VEVENT", "UID:a", "SUMMARY:A", "END:VEVENT"]
    assert event.triggers == (Line(6, "TRIGGER:-PT2H"),)


def test_an_event_that_never_ends_ends_where_the_next_begins():
    layout = cut(
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:a\nBEGIN:VEVENT\nUID:b\nEND:VEVENT\nBEGIN:VEVENT\nUID:c\n"
        b"END:VCALENDAR\nBEGIN:VEVENT\nUID:d"
    )

    assert [(block.value("UID"), block.complete) for block in layout.blocks] == [
        ("a", False),
        ("b", True),
        ("c", False),
        ("d", False),
    ]


def test_a_time_zone_keeps_all_its_parts():
    lines = [
        "BEGIN:VTIMEZONE",
        "TZID:X",
        "BEGIN:STANDARD",
        "TZOFFSETTO:+0200",
        "END:STANDARD",
        "END:VTIMEZONE",
    ]

    (zone,) = cut("\r\n".join(["BEGIN:VCALENDAR", *lines, "END:VCALENDAR"]).encode()).blocks

    assert zone.text.split("\r\n") == lines


def test_a_page_is_no_calendar():
    layout = cut(b"<!doctype html>\n<title>Log in</title>")

    assert (layout.is_calendar, layout.blocks) == (False, ())
