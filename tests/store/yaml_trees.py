"""Generated customer trees and the strings that YAML is known to misread."""

from hypothesis import strategies as st

from crmcli.store.yamlscalar import is_name

WORDS = r"""
NO no No nO on On ON y Y n N yes Yes true TRUE True false off ~ null Null NULL nan .nan .NaN inf .inf -.INF
1 0 -1 +1 1.5 .5 5. 1e3 1E3 1.e+3 0123 08 0o17 0O17 0x1F 0b1 1__0 1_000 685_230.15 190:20:30 1:30 12:30:45 1:30.5
2024-05-10 2024-05-10T09:30+08:00 2024-5-1T1:00:00Z 00004 +8613800138000 1E5 685230E15 _1 0_ 0x 3kg 5%
- -- --- ... ? : :: = << <<: > >- | |- % @ ` ! & * # , [ ] { } [] {} [x {x }x a,b 'x' 'x "x" "x \ \n
a:b a: :a a#b #x %x !x !!str &x *x @x `x -a ?a =a C# 5" http://x/y?a=b#c (x) /x _x $x ^x ;x <x >x |x
王芳 价格：100 ３ Ⅷ 😀 a😀 𠮷野家 👨‍👩‍👧 שלום مرحبا
"""
PHRASES = (
    "a: b|a #b|- a|? a|? |: a|a : b| a|a |  |a\t|\ta|a\tb|a: |2024-05-10 10:00:00|2001-12-14 21:59:43.10 -5|x: |a b"
)
BLOCKS = (
    "\n|a\n|a\nb|a\nb\n|a\nb\n\n|\na| a\nb|a\n b|a \nb|a\n\nb|a\n# b|# a\nb|a\n\tb|\ta\nb|a\n |a\n\u3000|a\tb\nc|a\t\nb"
    "|---\na|a\n---\nb|a\n...\n|a: b\nc: d|- a\n- b|%a\nb|a\x85b\nc|<<<<<<< x\n=======\n|a\r\nb|a\rb|\r|a\n\u202eb\n"
)
ODD = "\0 \a \x1b[31m \x7f \x80 \ufeff a\ufeffb \ufdd0 \ufffe \uffff \U0001fffe \U0010ffff \u2066 a\u202eb \u200ba e\u0301"
ODD_SPACES = ["\x85", "\xa0", "a\xa0", "a\xa0b", "\u3000a", "a\u3000b", "\u2028", "a\u2029b"]
LONG = ["x" * 300, "x " * 300 + "x", '"' * 200, "汉 " * 200 + "字"]
MISREAD = ["", *WORDS.split(), *PHRASES.split("|"), *BLOCKS.split("|"), *ODD.split(" "), *ODD_SPACES, *LONG]

characters = st.one_of(
    st.characters(codec="utf-8"), st.sampled_from(" \t\n:#-?'\"\\[]{},&*!|>%@`=~.0123456789eExXnNyYoO_+王\u3000")
)
texts = st.one_of(st.sampled_from(MISREAD), st.text(characters, max_size=30), st.text(max_size=12))
keys = st.one_of(
    st.sampled_from(["id", "on", "at", "tags", "external", "remarks", "王芳", "y", "123", "a b", "a: b"]),
    texts.filter(is_name),
)


def lists(depth: int) -> st.SearchStrategy:
    """Lists that are not empty, of texts or entries (or lists), `depth` levels deep at most."""
    return st.lists(st.one_of(texts, entries(depth - 1)) if depth > 1 else texts, min_size=1, max_size=4)


def entries(depth: int) -> st.SearchStrategy:
    """Tables that are not empty, `depth` levels deep at most."""
    nodes = st.one_of(texts, lists(depth - 1), entries(depth - 1)) if depth > 1 else texts
    return st.dictionaries(keys, nodes, min_size=1, max_size=4)


trees = entries(3)

CUSTOMER = """\
id: C20240510001
uid: 4Z8K2M9QXA7PDR1TVW3BNC5GHJ
kind: individual
name: 王芳
phone: "+8613800138000"
tags:
  - vip
  - "123"
external:
  shop: "00004"
remarks: |-
  第一行

  - third: line
interactions:
  - id: I7K2M9QXA
    at: "2024-05-10T09:30+08:00"
    channel: call
    summary: 询问新品
transactions:
  - id: S7K2M9QXA
    "on": "2024-05-10"
    product: 会员卡
    lines:
      - sku: a
        notes:
          - fragile
    amount: "398.00"
"""
