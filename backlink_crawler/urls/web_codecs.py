"""Python's codecs, made to read and write what the Encoding Standard says where the two differ."""

from __future__ import annotations

import codecs
import re
import tomllib
from functools import cache
from importlib import resources

_UNICODE = frozenset({"utf-8", "utf-16-le", "utf-16-be"})
# What a decoder takes for one character before it knows whether it is one: a lead byte alone, when what follows is ASCII,
# which may be markup (Encoding Standard, 10 to 14).
_UNITS = {
    "cp932": rb"[\x81-\x9f\xe0-\xfc][\x80-\xff]|.",
    "euc_jp": rb"\x8f[\xa1-\xfe][\x80-\xff]?|[\x8e\x8f\xa1-\xfe][\x80-\xff]|.",
    "cp949": rb"[\x81-\xfe][\x80-\xff]|.",
    "gb18030": rb"[\x81-\xfe](?:[\x80-\xff]|[0-9](?:\Z|[\x81-\xfe](?:[0-9]|\Z)))|.",
    "big5hkscs": rb"[\x81-\xfe][\x80-\xff]|.",
}
_UNIT = {codec: re.compile(unit, re.DOTALL) for codec, unit in _UNITS.items()}
# The character that the codec gives → the one of the Standard's index.
_CHARACTERS = {
    "cp932": ("\uf8f0\uf8f1\uf8f2\uf8f3", "����"),
    "euc_jp": ("〜‖−¢£¬", "～∥－￠￡￢"),
    "iso2022_jp": ("〜‖−¢£¬", "～∥－￠￡￢"),
    "big5hkscs": ("•､‾∼♁☉¥¢£", "‧﹑¯～⊕⊙￥￠￡"),
    "gb18030": (
        "\ue5e5\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
        "\u3000︐︒︑︓︔︕︖︗︘︙ḿ龴龵龶龷龸龹龺龻",
    ),
}
_TO_WEB = {codec: str.maketrans(*pair) for codec, pair in _CHARACTERS.items()}
_DIFFERENT = {codec: re.compile(f"[{python}]") for codec, (python, _) in _CHARACTERS.items()}
# Bytes that the codec reads as a character for which there are other bytes too, by what the index says of them.
_MISREAD = {"euc_jp": {b"\x8f\xa2\xb7": "～"}, "big5hkscs": {b"\xa2\x41": "∕", b"\xa2\x42": "﹨"}}
_UP_TO_MISREAD = {
    codec: re.compile(rb"((?:(?!%b)(?:%b))*+)(%b)?" % (misread := b"|".join(read), _UNITS[codec], misread), re.DOTALL)
    for codec, read in _MISREAD.items()
}


def _nec_rows() -> dict[bytes, str]:
    """Rows 13 and 89 to 92 of the Standard's jis0208, which Python's euc_jp lacks: ①, Ⅲ, ㈱, 纊 … cp932 has them."""
    rows = {}
    for row in (13, *range(89, 93)):
        for cell in range(1, 95):
            lead = (row + 1) // 2 + (0x80 if row < 63 else 0xC0)
            trail = cell + (0x9E if row % 2 == 0 else 0x3F + (cell >= 64))
            character = bytes((lead, trail)).decode("cp932", "replace")
            if "�" not in character:
                rows[bytes((row + 0xA0, cell + 0xA0))] = character
    return rows


def _big5_runs() -> dict[bytes, str]:
    text = resources.files(__package__).joinpath("big5.toml").read_text(encoding="utf-8")
    characters = {}
    for first, run in tomllib.loads(text)["runs"].items():
        lead, trail = bytes.fromhex(first)
        start = (lead - 0x81) * 157 + trail - (0x40 if trail < 0x7F else 0x62)
        for pointer, character in enumerate(run, start):
            row, place = divmod(pointer, 157)
            characters[bytes((row + 0x81, place + (0x40 if place < 0x3F else 0x62)))] = character
    return characters


_LACKING = {"euc_jp": _nec_rows(), "big5hkscs": _big5_runs(), "gb18030": {b"\x80": "€"}}
_LARGE = 256 * 1024  # bytes
_MANY = 100_000  # characters
# Of the encodings of one byte a character.
_BYTES = {"cp1255": {0xCA: "\u05ba"}, "koi8-u": {0xAE: "ў", 0xBE: "Ў"}}
# How ISO-2022-JP goes on after each escape sequence (Encoding Standard, 12.2.1): what each byte means, or two bytes.
_TWO_BYTES = "two bytes"
_ASCII = "".join("�" if byte in {0x0E, 0x0F} else chr(byte) for byte in range(0x80)) + "�" * 0x80
_STATES = {
    b"(B": _ASCII,
    b"(J": _ASCII.replace("\\", "¥").replace("~", "‾"),
    b"(I": "�" * 0x21 + "".join(map(chr, range(0xFF61, 0xFFA0))) + "�" * 0xA0,
    b"$@": _TWO_BYTES,
    b"$B": _TWO_BYTES,
}
_ESCAPE_OR_RUN = re.compile(rb"\x1b(\([BIJ]|\$[@B])?|([^\x1b]+)")
_PAIRS_OR_NOT = re.compile(rb"((?:[\x21-\x7e]{2})+)|[\x21-\x7e].?|.", re.DOTALL)
_HIGH = bytes(byte | 0x80 for byte in range(256))

_FROM_WEB: dict[str, dict[str, bytes]] = {
    codec: {web: python.encode(codec, "ignore") for python, web in zip(*_CHARACTERS[codec], strict=True)}
    for codec in ("euc_jp", "big5hkscs")
}
_FROM_WEB["euc_jp"] = {character: code for code, character in reversed(_LACKING["euc_jp"].items())} | _FROM_WEB[
    "euc_jp"
]
_FROM_WEB["gbk"] = {"€": b"\x80"}
_FROM_WEB["cp932"] = {"¥": b"\\", "‾": b"~"}


def decode(body: bytes, codec: str) -> str:
    """Never fails for the codec of an encoding of the web: what does not decode is U+FFFD."""
    if codec in _UNICODE:
        return body.decode(codec, "replace")  # as the Standard does, and without a call for each wrong byte
    if codec == "iso2022_jp":
        return _decode_iso_2022_jp(body)
    codec = "gb18030" if codec == "gbk" else codec
    if codec not in _UNITS:
        return codecs.charmap_decode(body, "strict", _table(codec))[0]
    misread = _MISREAD.get(codec, {})
    if not any(each in body for each in misread):
        return _decode_units(body, codec)
    parts = _UP_TO_MISREAD[codec].finditer(body)
    return "".join(_decode_units(part[1], codec) + misread.get(part[2], "") for part in parts)


def encode_query(query: str, codec: str) -> str:
    """Non-ASCII characters as percent-escapes of their bytes, ASCII bytes as they are (URL Standard, 1.3
    "percent-encode after encoding"); `&#N;`, escaped, for what the encoding lacks.
    """
    encoded = query.encode(codec, "web_encode")
    return "".join(chr(byte) if byte < 0x80 and byte != ord("#") else f"%{byte:02X}" for byte in encoded)


@cache
def _table(codec: str) -> str:
    """What each byte means."""
    characters = [bytes((byte,)).decode(codec, "replace") for byte in range(256)]
    if codec.startswith("cp"):
        for byte in range(0x80, 0xA0):
            if characters[byte] == "�":
                characters[byte] = chr(byte)  # undefined in windows-125x: the C1 control of the same number
    for byte, character in _BYTES.get(codec, {}).items():
        characters[byte] = character
    return "".join(characters)


def _decode_units(body: bytes, codec: str) -> str:
    text = body.decode(codec, "replace") if len(body) > _LARGE else ""
    if text.count("�") <= _MANY:  # else nobody can read it, and each wrong byte below takes its time
        text = body.decode(codec, "web_decode")
    return text.translate(_TO_WEB[codec]) if codec in _TO_WEB and _DIFFERENT[codec].search(text) else text


def _decode_iso_2022_jp(body: bytes) -> str:
    parts, state, after_escape = [], _ASCII, False
    for match in _ESCAPE_OR_RUN.finditer(body):
        escape, run = match.groups()
        if run is None:
            if escape is None or after_escape:
                parts.append("�")
            state = _STATES.get(escape, state)
        elif state is not _TWO_BYTES:
            parts.append(codecs.charmap_decode(run, "strict", state)[0])
        else:
            units = _PAIRS_OR_NOT.finditer(run)
            parts.extend(decode(each[1].translate(_HIGH), "euc_jp") if each[1] else "�" for each in units)
        after_escape = escape is not None
    return "".join(parts)


def _web_decode(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    body, codec = error.object, error.encoding
    for length in (1, 2):
        if character := _LACKING.get(codec, {}).get(body[error.start : error.start + length]):
            return character, error.start + length
    unit = _UNIT[codec].match(body, error.start)
    assert unit
    return "�", unit.end()


def _web_encode(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    if "\x80" <= character < "\xa0" and error.encoding == "charmap":
        return bytes((ord(character),)), error.start + 1
    if code := _FROM_WEB.get(error.encoding, {}).get(character):
        return code, error.start + 1
    return f"%26%23{ord(character)}%3B", error.start + 1


def _user_defined(name: str) -> codecs.CodecInfo | None:
    """x-user-defined, which Python has not (Encoding Standard, 14.5)."""
    if name != "x_user_defined":
        return None
    table = bytes(range(0x80)).decode() + "".join(map(chr, range(0xF780, 0xF800)))
    mapping = codecs.charmap_build(table)
    return codecs.CodecInfo(
        name=name,
        encode=lambda text, errors="strict": codecs.charmap_encode(text, errors, mapping),
        decode=lambda data, errors="strict": codecs.charmap_decode(bytes(data), errors, table),
    )


codecs.register(_user_defined)
codecs.register_error("web_decode", _web_decode)
codecs.register_error("web_encode", _web_encode)
