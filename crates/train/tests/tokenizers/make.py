"""Makes expected.json in this folder: texts, and what the Python package `tokenizers` makes of them with the
tokenizer.json of each model in `models`.

    pip install tokenizers==0.22.2 && python make.py

A tokenizer.json from before there was a normalizer gets one by

    python make.py --add ../../../../models/*/tokenizer.json

and stays the same otherwise.
"""

import json
import sys
import unicodedata
from pathlib import Path

from tokenizers import Regex, Tokenizer
from tokenizers.normalizers import NFC, Replace, Sequence, Strip

MODELS = Path(__file__).parents[4] / "models"

TEXTS = [
    "",
    "Die Bücher müssen zurückgegeben werden.",
    "Ångström, Čeština, Tiếng Việt, ελληνικά, русский й, 한국어, がぎぐ",
    "10\u00a0km,\u202f\u20095\u3000m",
    "  zwei   Räume\tund\u00a0 einer ",
    "eins\u2028zwei\u2029drei\u0085vier\rfünf\u000b\u000csechs",
    "\ufeffHallo \ufeffWelt",
    "Bü\u00adcher\u200bwurm \u2060ab",
    "u\u00ad\u0308ber \u0308 \u00a0\u0308",
    " \u200b \ufeff",
    "\u1680\u2000\u2001\u2002a\u2003\u2004\u2005b\u2006\u2007\u2008c\u200a\u205f",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \u2764\ufe0f \U0001f1e9\U0001f1ea",
    "می\u200cخواهم क्\u200dष",
    "ﬁ ² Ⅳ ｆｕｌｌ … „Ja“ – ½ \u2011",
    "a\u001cb\u180ec",
    "<pad> <unk><eos> a < b",
    "She was very glad; 'tis \"true\" — so they said.",
]


def normalizer():
    return Sequence([
        Replace(Regex(r"[\u00AD\u200B\u2060\uFEFF]"), ""),
        NFC(),
        Replace(Regex(r"\s{2,}|[^\S ]"), " "),
        Strip(),
    ])


def add(path):
    tokenizer = Tokenizer.from_file(path)
    if tokenizer.normalizer is None:
        tokenizer.normalizer = normalizer()
        tokenizer.save(path)


def encoded(tokenizer, text):
    return {"text": text, "normal": tokenizer.normalizer.normalize_str(text), "ids": tokenizer.encode(text).ids}


def cases(name):
    tokenizer = Tokenizer.from_file(str(MODELS / name / "tokenizer.json"))
    tokenizer.encode_special_tokens = True
    found = []
    for text in TEXTS:
        found.append(encoded(tokenizer, text))
        apart = unicodedata.normalize("NFD", text)
        if apart != text:
            found.append(encoded(tokenizer, apart))
            assert found[-1]["ids"] == found[-2]["ids"], text
    return found


if sys.argv[1:2] == ["--add"]:
    for path in sys.argv[2:]:
        add(path)
else:
    expected = {name: cases(name) for name in ["austen", "ding"]}
    path = Path(__file__).with_name("expected.json")
    lines = {name: ",\n".join(map(json.dumps, cases)) for name, cases in expected.items()}
    models = ",\n".join(f"{json.dumps(name)}: [\n{cases}\n]" for name, cases in lines.items())
    path.write_text(f"{{\n{models}\n}}\n", encoding="utf-8")
