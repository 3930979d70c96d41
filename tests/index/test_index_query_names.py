"""What a query says that it looks at: the fields it names, by the catalogue's names, and whether it searches all text."""

import pytest
from index_world import CODES, FIELDS, NOW

from crmcli.index.query import compile_query


@pytest.mark.parametrize(
    ("query", "fields", "bare"),
    [
        ("", (), False),
        ("*", (), False),
        ("spend:>=20000", ("spend",), False),
        ("spend:[1 TO 5} OR (orders:>=2 -spend:>9)", ("spend", "orders"), False),
        ("tier:(gold diamond) NOT 姓名:王芳", ("tier", "name"), False),
        ("编号:C2024* 标签:vip", ("number", "tag"), False),
        ("external.SHOP:00004", ("external.shop",), False),
        ("external:*", ("external",), False),
        ("interaction:* interaction.at:>2024", ("interaction", "interaction.at"), False),
        ("王芳 spend:>1", ("spend",), True),
        ('-"上门 拜访"', (), True),
    ],
)
def test_a_query_tells_the_fields_it_names(query: str, fields: tuple[str, ...], bare: bool) -> None:
    compiled = compile_query(query, FIELDS, CODES, now=NOW)
    assert (compiled.fields, compiled.bare) == (fields, bare)
