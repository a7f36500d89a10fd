#!/usr/bin/env python3
"""Imports a deck of `cargo xtask cards` with Anki's own importer, and fails if anything is lost on the way.

    cargo xtask cards
    python3 -m venv /tmp/anki && /tmp/anki/bin/pip install anki
    /tmp/anki/bin/python xtask/tests/anki/import.py target/cards
"""

import csv
import re
import shutil
import sys
import tempfile
from pathlib import Path

from anki.collection import Collection, ImportCsvRequest

HEAD = 7  # lines above the rows


def rows(deck: Path) -> dict[str, list[str]]:
    """The deck as another reader of such tables sees it: by id the fields front, back and tags."""
    with deck.open(encoding="utf-8", newline="") as file:
        for _ in range(HEAD):
            next(file)
        table = list(csv.reader(file, delimiter="\t", quotechar='"', doublequote=True, strict=True))
    assert all(len(row) == 4 for row in table), "a row has another number of fields than 4"
    return {row[0]: row[1:] for row in table}


def imported(collection: Collection, deck: Path):
    metadata = collection.get_csv_metadata(str(deck), None)
    assert metadata.is_html and metadata.guid_column == 1 and metadata.tags_column == 4, metadata
    assert list(metadata.column_labels) == ["id", "Front", "Back", "Tags"], metadata.column_labels
    return collection.import_csv(ImportCsvRequest(path=str(deck), metadata=metadata)).log


def main(folder: Path) -> None:
    (deck,) = folder.glob("*.tsv")
    expected = rows(deck)
    with tempfile.TemporaryDirectory() as temporary:
        collection = Collection(str(Path(temporary) / "collection.anki2"))
        for picture in folder.glob("*.svg"):
            shutil.copy(picture, collection.media.dir())

        log = imported(collection, deck)
        for fault in ("conflicting", "missing_notetype", "missing_deck", "empty_first_field", "first_field_match", "duplicate"):
            assert not getattr(log, fault), f"{fault}: {[note.fields for note in getattr(log, fault)][:3]}"
        assert len(log.new) == log.found_notes == len(expected), (len(log.new), log.found_notes, len(expected))

        name = next(line for line in deck.read_text(encoding="utf-8").split("\n") if line.startswith("#deck:"))[6:]
        ids = collection.find_notes(f'"deck:{name}"')
        assert len(ids) == len(expected), (len(ids), len(expected))
        for note in map(collection.get_note, ids):
            front, back, tags = expected[note.guid]
            assert note.note_type()["name"] == "Basic"
            assert note.fields == [front, back], f"{note.guid} was changed: {note.fields}"
            assert sorted(note.tags) == sorted(tags.split()), f"{note.guid}: {note.tags}"
            (card,) = note.cards()
            shown = card.question() + card.answer()
            assert "{{" not in re.sub(r"<style>.*?</style>", "", shown, flags=re.S), f"{note.guid} has a field of Anki's in it"

        media = collection.media.check()
        assert not media.missing and not media.unused, (list(media.missing)[:5], list(media.unused)[:5])

        # A newer deck with a new text on a card changes that card, and adds none.
        text = deck.read_text(encoding="utf-8")
        guid = next(id for id, (front, _, _) in expected.items() if f"\n{id}\t{front}\t" in text)
        newer = Path(temporary) / "newer.tsv"
        newer.write_text(text.replace(f"\n{guid}\t", f"\n{guid}\tnew "), encoding="utf-8")
        log = imported(collection, newer)
        assert not log.new and not log.conflicting, "the second import adds notes"
        notes = map(collection.get_note, collection.find_notes(""))
        changed = [note.guid for note in notes if note.fields[0] != expected[note.guid][0]]
        assert changed == [guid], f"changed: {changed}, expected {guid}"
        collection.close()
    print(f"Anki imports {len(expected)} cards and {len(list(folder.glob('*.svg')))} pictures, and nothing is lost")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
