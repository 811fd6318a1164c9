"""The language of pages that declare none, by their words: py3langid (BSD-3-Clause), of the extra `rank`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

UNDETERMINED = "und"  # ISO 639-2: the words do not tell
MOST_CHARACTERS = 1_000  # that are read: more tell no more
# Below it, half of the answers are wrong; from it on, one in fifty (docs/methods.md).
LEAST_CONFIDENCE = 0.5
_NO_LANGUAGE = "zxx"  # what it calls code and numbers


def detector() -> Callable[[str], str] | None:
    """Text → ISO 639-1 code, or 639-3 where there is none, or UNDETERMINED. None: py3langid is not installed."""
    try:
        from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415  it loads NumPy and a model
    except ImportError:
        return None
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

    def detect(text: str) -> str:
        language, confidence = identifier.classify(text[:MOST_CHARACTERS])
        return UNDETERMINED if confidence < LEAST_CONFIDENCE or language == _NO_LANGUAGE else language

    return detect
