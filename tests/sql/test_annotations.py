"""Notes about days."""

import asyncio
from datetime import date

import psycopg
import pytest

from sql.annotations import AnnotationError, add_annotation, delete_annotation, list_annotations
from sql.sites import create_site

MONDAY, TUESDAY, FRIDAY = date(2026, 3, 9), date(2026, 3, 10), date(2026, 3, 13)


def test_notes_belong_to_a_site_and_its_days(database_url: str) -> None:
    async def scenario() -> None:
        async with await psycopg.AsyncConnection.connect(database_url) as conn:
            shop = await create_site(conn, {"slug": "shop"})
            blog = await create_site(conn, {"slug": "blog"})
            assert shop is not None
            assert blog is not None
            await add_annotation(conn, shop.site_id, FRIDAY, "later")
            await add_annotation(conn, shop.site_id, MONDAY, "  sale\n\0begins ")
            found = await list_annotations(conn, shop.site_id)
            assert [(note.day, note.text) for note in found] == [
                (MONDAY, "sale begins"),
                (FRIDAY, "later"),
            ]
            assert await list_annotations(conn, shop.site_id, MONDAY, TUESDAY) == found[:1]
            assert await list_annotations(conn, blog.site_id) == []
            assert not await delete_annotation(conn, blog.site_id, found[0].annotation_id)
            assert await delete_annotation(conn, shop.site_id, found[0].annotation_id)
            assert await list_annotations(conn, shop.site_id) == found[1:]
            for text in (" ", "x" * 201):
                with pytest.raises(AnnotationError, match="1 to 200 characters"):
                    await add_annotation(conn, shop.site_id, MONDAY, text)

    asyncio.run(scenario())
