"""Python's codecs, made to read and write what the Encoding Standard says where the two differ."""

from __future__ import annotations

import codecs

# The character that the codec gives → the one of the Standard's index.
_CHARACTERS = {
    "euc_jp": ("〜‖−¢£¬", "～∥－￠￡￢"),
    "iso2022_jp": ("〜‖−¢£¬", "～∥－￠￡￢"),
    "big5hkscs": ("•､‾∼♁☉¥¢£", "‧﹑¯～⊕⊙￥￠￡"),
    "gb18030": (
        "\ue5e5\ue78d\ue78e\ue78f\ue790\ue791\ue792\ue793\ue794\ue795\ue796\ue7c7\ue81e\ue826\ue82b\ue82c\ue832\ue843\ue854\ue864",
        "\u3000︐︒︑︓︔︕︖︗︘︙ḿ龴龵龶龷龸龹龺龻",
    ),
    "koi8-u": ("╝╬", "ўЎ"),
}
_CHARACTERS["gbk"] = _CHARACTERS["gb18030"]
_TO_WEB = {codec: str.maketrans(*pair) for codec, pair in _CHARACTERS.items()}


def _nec_rows() -> dict[bytes, str]:
    """Rows 13 and 89 to 92 of the Standard's jis0208, which Python's euc_jp lacks: ①, Ⅲ, ㈱, 纊 … cp932 has them."""
    rows = {}
    for row in (13, *range(89, 93)):
        for cell in range(1, 95):
            lead = (row + 1) // 2 + (0x80 if row < 63 else 0xC0)
            trail = cell + (0x9E if row % 2 == 0 else 0x3F + (cell >= 64))
            character = bytes((lead, trail)).decode("cp932", "ignore")
            if character:
                rows[bytes((row + 0xA0, cell + 0xA0))] = character
    return rows


_NEC_ROWS = _nec_rows()
_LARGE = 256 * 1024  # bytes
_MANY = 100_000  # characters
_FROM_WEB: dict[str, dict[str, bytes]] = {
    codec: {web: python.encode(codec, "ignore") for python, web in zip(*_CHARACTERS[codec], strict=True)}
    for codec in ("euc_jp", "big5hkscs")
}
_FROM_WEB["euc_jp"] = {character: code for code, character in reversed(_NEC_ROWS.items())} | _FROM_WEB["euc_jp"]
_FROM_WEB["gbk"] = {"€": b"\x80"}
_FROM_WEB["cp932"] = {"¥": b"\\", "‾": b"~"}


def decode(body: bytes, codec: str) -> str:
    """Never fails for the codec of an encoding of the web: what does not decode is U+FFFD."""
    if codec == "utf-8":
        return body.decode(codec, "replace")  # as the Standard does, and without a call for each wrong byte
    python = "gb18030" if codec == "gbk" else codec
    text = body.decode(python, "replace") if len(body) > _LARGE else ""
    if text.count("�") <= _MANY:  # else nobody can read it, and each wrong byte below takes its time
        text = body.decode(python, "web_decode")
    return text.translate(_TO_WEB[codec]) if codec in _TO_WEB else text


def encode_query(query: str, codec: str) -> str:
    """Non-ASCII characters as percent-escapes of their bytes, ASCII bytes as they are (URL Standard, 1.3
    "percent-encode after encoding"); `&#N;`, escaped, for what the encoding lacks.
    """
    encoded = query.encode(codec, "web_encode")
    return "".join(chr(byte) if byte < 0x80 and byte != ord("#") else f"%{byte:02X}" for byte in encoded)


def _web_decode(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    byte = error.object[error.start]
    if 0x80 <= byte < 0xA0 and error.encoding == "charmap":
        return chr(byte), error.start + 1  # undefined in windows-125x: the C1 control of the same number
    if byte == 0x80 and error.encoding == "gb18030":
        return "€", error.start + 1
    if error.encoding == "euc_jp" and (character := _NEC_ROWS.get(error.object[error.start : error.start + 2])):
        return character, error.start + 2
    return "�", error.end


def _web_encode(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    character = error.object[error.start]
    if "\x80" <= character < "\xa0" and error.encoding == "charmap":
        return bytes((ord(character),)), error.start + 1
    if code := _FROM_WEB.get(error.encoding, {}).get(character):
        return code, error.start + 1
    return f"%26%23{ord(character)}%3B", error.start + 1


codecs.register_error("web_decode", _web_decode)
codecs.register_error("web_encode", _web_encode)
