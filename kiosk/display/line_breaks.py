"""Where a line may end: between Chinese characters, but not within a word or before a mark."""

import re

NEVER_FIRST = frozenset("、。，．！？：；）》」』】〉〕…—·～％’”,.!?:;)]}%")
"""Marks that close: no line begins with one."""

NEVER_LAST = frozenset("（《「『【〈〔‘“([{")
"""Marks that open: no line ends with one."""

UNBROKEN = re.compile(
    "采集码|付款码|图像|照片|拍照|拍摄|扫码|识别|核对|采集|学籍|信息"
    "|学信网|工作人员|人工|手机|屏幕|镜头|打开|截图|调亮|轮廓|头发"
    "|眉毛|耳朵|眼镜|眼睛|镜片|镜框|帽子|首饰|容貌|裁剪|规定|检查"
    "|合格|保存|删除|稍候|稍后|清除|重新|需要|退出|联系|咨询|学校"
    "|本人|审定|恢复|服务|暂停|无法|刚才|保持|不动"
)
"""Words of the phrases that no line ends within, where there is another way."""


def cut_pieces(text: str) -> list[str]:
    """Cut a text into what may not be broken: words, and characters with their marks."""
    pieces: list[str] = []
    for char in text:
        if pieces and not _may_break(pieces[-1][-1], char):
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


def join_words(pieces: list[str]) -> list[str]:
    """The pieces, those of a word of UNBROKEN in one, with the mark that closes it."""
    text, joined, place = "".join(pieces), [""], 0
    end = 0
    for piece in pieces:
        if place >= end:
            word = UNBROKEN.match(text, place)
            end = word.end() if word else place + 1
            joined.append("")
        joined[-1] += piece
        place += len(piece)
    return joined[1:]


def _may_break(before: str, after: str) -> bool:
    if after in NEVER_FIRST or before in NEVER_LAST or after == " ":
        return False
    return before == " " or is_wide(before) or is_wide(after)


def is_wide(char: str) -> bool:
    """Whether a character stands for itself, as Chinese ones and their marks do."""
    return char >= "⺀"
