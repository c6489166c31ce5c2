from bot.core.series import Series, turn_series


def test_shared_turns_are_told_apart_in_their_order():
    series = [
        Series(id="vesi", name={}, turns_shared=True),
        Series(id="ryhma", name={}),
        Series(id="kahvi", name={}, turns_shared=True),
    ]

    assert turn_series(series) == ("vesi", "kahvi")
