"""Texts are stored once, and never stand for one another."""

from uuid import UUID

from sql.database import connect
from sql.labels import label_hash, store_labels

SAME_MD5 = [
    f"TEXTCOLLBYfGiJUETHQ4h{letter}cKSMd5zYpgqf1YRDhkmxHkhPWptrkoyz28wnI9V0aHeAuaKnak"
    for letter in "AE"
]
"""A collision that Marc Stevens published in 2024."""


def test_texts_with_one_md5_have_labels_of_their_own(database_url: str) -> None:
    with connect(database_url) as conn:
        first = store_labels(conn, 1, ["/", *SAME_MD5])
        assert len(set(first.values())) == 3
        assert store_labels(conn, 1, SAME_MD5) == {text: first[text] for text in SAME_MD5}


def test_the_database_hashes_as_the_writer_does(database_url: str) -> None:
    with connect(database_url) as conn:
        for text in ("", "Größe \\ \U0001f600", SAME_MD5[0]):
            row = conn.execute("SELECT label_hash(%s)", (text,)).fetchone()
            assert row == (label_hash(text),)
    assert label_hash("") == UUID("e3b0c442-98fc-1c14-9afb-f4c8996fb924")  # SHA-256 of nothing
