"""The methods that ask about chats and who is in them."""

from typing import TYPE_CHECKING, Any

from .chats import Chat, Group, Person
from .errors import refuse
from .message_methods import chat_named
from .methods import method
from .parameters import Parameters

if TYPE_CHECKING:
    from .server import BotApi

ADMIN_RIGHTS = (
    *("can_manage_chat", "can_delete_messages", "can_manage_video_chats", "can_restrict_members"),
    *("can_promote_members", "can_change_info", "can_invite_users", "can_post_stories"),
    *("can_edit_stories", "can_delete_stories", "can_post_messages", "can_edit_messages", "can_pin_messages"),
)
MEMBER_RIGHTS = (
    *("can_change_info", "can_invite_users", "can_pin_messages", "can_send_messages", "can_send_polls"),
    *("can_send_other_messages", "can_add_web_page_previews", "can_manage_topics", "can_send_audios"),
    *("can_send_documents", "can_send_photos", "can_send_videos", "can_send_video_notes"),
    *("can_send_voice_notes", "can_edit_tag", "can_react_to_messages"),
)
HEADS = {"creator", "administrator"}


def membership(user: dict[str, Any], status: str, rights: dict[str, bool]) -> dict[str, Any]:
    """Describe somebody's standing as a ChatMember; ``rights`` are an administrator's."""
    described = {"user": user, "status": status}
    if status == "creator":
        return {**described, "is_anonymous": False}
    if status == "administrator":
        granted = {right: rights.get(right, True) for right in ADMIN_RIGHTS}
        return {**described, "can_be_edited": False, "is_anonymous": False, **granted}
    if status == "restricted":
        return {**described, "is_member": True, "until_date": 0, **dict.fromkeys(MEMBER_RIGHTS, False)}
    return {**described, "until_date": 0} if status == "kicked" else described


def visible_group(api: "BotApi", parameters: Parameters) -> Group:
    """Find a group the bot may ask about."""
    chat = chat_named(api, parameters)
    if not isinstance(chat, Group):
        refuse("there are no administrators in the private chat")
    check_visible(chat)
    return chat


def check_visible(chat: Chat) -> None:
    if isinstance(chat, Group) and (absence := chat.absence()):
        raise absence


def members(api: "BotApi", group: Group) -> list[dict[str, Any]]:
    people = [
        membership(api.person(number).user, status, dict.fromkeys(ADMIN_RIGHTS, True))
        for number, status in group.members.items()
    ]
    return [*people, membership(api.user, group.status, group.rights)]


@method("getChat", "chat_id")
def get_chat(api: "BotApi", parameters: Parameters) -> dict[str, Any]:
    chat = chat_named(api, parameters)
    check_visible(chat)
    gifts = dict.fromkeys(
        ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels"),
        False,
    )
    details = chat.details if isinstance(chat, Group) else {}
    full = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": gifts}
    return {**chat.described(), **full, **details}


@method("getChatMember", "chat_id", "user_id")
def get_chat_member(api: "BotApi", parameters: Parameters) -> dict[str, Any]:
    chat = chat_named(api, parameters)
    check_visible(chat)
    number = parameters.integer("user_id", 0) or 0
    if number == api.user["id"]:
        status, rights = (chat.status, chat.rights) if isinstance(chat, Group) else ("member", {})
        return membership(api.user, status, rights)
    person = api.chats.get(number)
    if not isinstance(person, Person):
        refuse("user not found")
    here = chat.members.get(number, "left") if isinstance(chat, Group) else "member"
    return membership(person.user, here, {})


@method("getChatAdministrators", "chat_id")
def get_chat_administrators(api: "BotApi", parameters: Parameters) -> list[dict[str, Any]]:
    group = visible_group(api, parameters)
    return [each for each in members(api, group) if each["status"] in HEADS]


@method("getChatMemberCount", "chat_id")
def get_chat_member_count(api: "BotApi", parameters: Parameters) -> int:
    chat = chat_named(api, parameters)
    check_visible(chat)
    return len(members(api, chat)) if isinstance(chat, Group) else 2


@method("leaveChat", "chat_id")
def leave_chat(api: "BotApi", parameters: Parameters) -> bool:
    group = chat_named(api, parameters)
    if not isinstance(group, Group):
        refuse("chat member status can't be changed in private chats")
    check_visible(group)
    group.bot_leaves()
    api.ledger.changed()
    return True
