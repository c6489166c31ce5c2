import pytest

from bot.app import App, open_port
from bot.furnishing import furnish
from bot.i18n import LANGUAGES
from bot.settings import Settings
from bot.store.vault import Vault
from tests.support import CONTENT


@pytest.fixture
def app(tmp_path):
    settings = Settings(
        data_dir=tmp_path, content_dir=CONTENT, web_host="127.0.0.1", web_port=0, _env_file=None
    )
    port = open_port(settings)
    yield App(settings, furnish(settings), Vault(bytes(range(32))), port)
    port.socket.close()


def test_a_platforms_own_menu_offers_only_what_is_built(app):
    built = app.furnished.understanding.router.commands
    texts = app._texts()
    offered = {name for each in texts.values() for name, _ in (*each.commands, *each.group_commands)}

    assert set(texts) == set(LANGUAGES)
    assert {"seuraava", "kysely", "seuraa"} <= offered
    assert offered - built.keys() == set()
