"""What the killings share: two stages, each copied for every telling."""

import pytest
import pytest_asyncio

from tests.crash import crowd, small_story
from tests.crash.story import Stage, build_stage


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The house of the small story, before it begins."""
    return await build_stage(tmp_path_factory.mktemp("small"), small_story.SUBSCRIBERS)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def square(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    """The house of the crowd."""
    return await build_stage(tmp_path_factory.mktemp("crowd"), crowd.SUBSCRIBERS)
