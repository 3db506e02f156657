"""Writes the golden inputs that nobody can type: a database, packed captures of pages, the repository of an account.

    python3 tests/golden/binaries.py

What they hold is invented, and stands here in readable form. The same call writes the same bytes.
"""

import gzip
import hashlib
import io
import pathlib
import sqlite3
import zipfile

GOLDEN = pathlib.Path(__file__).parent


def write(name, data):
    path = GOLDEN / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


# A group of Telegram, as tg-archive keeps it.

SCHEMA = """
CREATE table messages (
    id INTEGER NOT NULL PRIMARY KEY, type TEXT NOT NULL, date TIMESTAMP NOT NULL, edit_date TIMESTAMP, content TEXT,
    {entities} reply_to INTEGER, user_id INTEGER, media_id INTEGER,
    FOREIGN KEY(user_id) REFERENCES users(id), FOREIGN KEY(media_id) REFERENCES media(id)
);
CREATE table users (id INTEGER NOT NULL PRIMARY KEY, username TEXT, first_name TEXT, last_name TEXT, tags TEXT, avatar TEXT);
CREATE table media (id INTEGER NOT NULL PRIMARY KEY, type TEXT, url TEXT, title TEXT, description TEXT, thumb TEXT);
"""


def database(name, with_entities, more=""):
    path = GOLDEN / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    db = sqlite3.connect(path)
    db.executescript(SCHEMA.format(entities="entities JSON," if with_entities else ""))
    db.executemany("INSERT INTO users VALUES (?,?,?,?,?,?)", [
        (1, "keeper", "The", "Keeper", "", None), (2, "pilot", None, None, "bot", "avatar_2.jpg"), (3, None, None, None, "", None),
    ])
    db.executemany("INSERT INTO media VALUES (?,?,?,?,?,?)", [
        (12, "photo", "12.jpg", "mole.jpg", None, "thumb_12.jpg"), (13, "photo", "13.ogg", "horn.ogg", None, None),
        (14, "poll", None, "Horn at night?", '[{"label": "yes", "count": 5, "correct": false}, {"label": "no", "count": 2}]', None),
        (15, "webpage", "https://tides.example/tables", "Tides", "High water at noon", None),
    ])
    rows = [
        (10, "message", "2024-01-05 10:00:00", "2024-01-05 10:05:00", "Ёж 🦔 says: the ferry is late #ferry https://harbour.example",
         '{"Bold": [{"o": 12, "l": 9}], "TextUrl": [{"o": 25, "l": 4, "url": "https://tides.example"}], "Url": [{"o": 37, "l": 23}],'
         ' "Hashtag": [{"o": 30, "l": 6}], "Spoiler": [{"o": 900, "l": 9}], "BotCommand": [{"o": 0, "l": 2}]}', None, 1, None),
        (11, "message", "2024-01-05 10:01:00", None, "By how much, @keeper?", None, 10, 2, None),
        (12, "message", "2024-01-05 10:02:00", None, None, None, None, 1, 12),
        (13, "message", "2024-01-05 10:03:00", None, "listen", None, None, 3, 13),
        (14, "message", "2024-01-05 10:04:00", None, None, None, None, 1, 14),
        (15, "message", "2024-01-05 10:05:00", None, "see https://tides.example/tables", None, 11, 99, 15),
        (16, "user_joined", "2024-01-05 10:06:00", None, None, None, None, 2, None),
        (17, "message", "soon", None, "a time that is none", None, None, 1, 404),
    ]
    if not with_entities:
        rows = [row[:5] + row[6:] for row in rows]
    db.executemany(f"INSERT INTO messages VALUES ({','.join('?' * len(rows[0]))})", rows)
    db.executescript(more)
    db.commit()
    db.close()


database("tg-archive/input.sqlite", True)
database("tg-archive-old/input.sqlite", False)
# A view in the place of a table would run what its author wrote.
database("tg-archive-view/input.sqlite", False, """
    DROP TABLE media;
    CREATE VIEW media AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
        SELECT i AS id, 'photo' AS type, 'x' AS url, 'x' AS title, 'x' AS description, 'x' AS thumb FROM n;
""")


# Captures of the web.


def record(kind, number, body, uri=None, date="2024-01-05T10:00:00Z", content="application/http; msgtype=response", **more):
    headers = [("WARC-Type", kind), ("WARC-Record-ID", f"<urn:uuid:00000000-0000-4000-8000-{number:012}>"), ("WARC-Date", date)]
    headers += [("WARC-Target-URI", uri)] if uri else []
    headers += [(name.replace("_", "-"), value) for name, value in more.items()]
    headers += [("Content-Type", content), ("Content-Length", str(len(body)))]
    head = "WARC/1.0\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n"
    return head.encode() + body + b"\r\n\r\n"


def answer(body, status="200 OK", content="text/html; charset=utf-8", **more):
    headers = [("Content-Type", content)] + [(name.replace("_", "-"), value) for name, value in more.items()]
    return f"HTTP/1.1 {status}\r\n".encode() + "".join(f"{name}: {value}\r\n" for name, value in headers).encode() + b"\r\n" + body


def packed(data):
    return gzip.compress(data, mtime=0)


def chunked(data, size=40):
    parts = [data[at:at + size] for at in range(0, len(data), size)]
    return b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts) + b"0\r\n\r\n"


HARBOUR = """<!DOCTYPE html><html lang="en-GB"><head><title>Fog and ferries - The Harbour</title>
<meta property="og:site_name" content="The Harbour"><meta property="og:title" content="Fog and ferries">
<meta property="article:published_time" content="2024-01-04T08:00:00+01:00"><link rel="canonical" href="https://harbour.example/fog">
</head><body><nav><a href="/">Home</a></nav><article><h1>Fog and ferries</h1>
<p>The <b>first ferry</b> leaves at six. <a href="https://tides.example/tables">The tables</a> say so.</p>
<script>alert(1)</script><img src="/mole.jpg" alt="The mole"></article><footer>All rights</footer></body></html>""".encode()
MOLE = "<html><head><meta charset=windows-1251><title>Старый мол</title></head><body><p>Мол построен давно.</p></body></html>"
TIDES = b"<html><title>Tides</title><body><p>High water at noon.</p></body></html>"

# Python has no brotli: `brotliCompressSync` of Node, of a page titled "Packed tides".
TIDES_BY_BROTLI = bytes.fromhex(
    "1b8a00e08c9354f9314e3797eae82f0fc5d4e50a174185593c503a3960febe4b10846d01a501461410a5377cfe6d94e2a1148b0640fcabbe74c3863957"
    "07e47f897f55a0343277e09fc1b3baeb608c4a89109a50666547ec590b2ef526")

RECORDS = [
    record("warcinfo", 1, b"software: an invention\r\n", content="application/warc-fields"),
    record("request", 2, b"GET /fog HTTP/1.1\r\n\r\n", "https://harbour.example/fog", content="application/http; msgtype=request"),
    record("response", 3, answer(HARBOUR), "https://harbour.example/fog"),
    record("response", 4, answer(MOLE.encode("windows-1251"), content="text/html"), "http://mol.example/"),
    record("response", 5, answer(chunked(packed(TIDES)), Transfer_Encoding="chunked", Content_Encoding="gzip"),
           "<https://tides.example/tables>", "2024-01-06T00:00:00.123Z"),
    record("response", 6, answer(TIDES, Transfer_Encoding="chunked", Content_Encoding="gzip"), "https://tides.example/put-together"),
    record("response", 7, answer(b"\x89PNG\r\n", content="image/png"), "https://harbour.example/mole.jpg"),
    record("response", 8, answer(b"gone", status="404 Not Found"), "https://harbour.example/gone"),
    record("response", 9, answer(b"\x0b\x02\x80ab", Content_Encoding="br"), "https://harbour.example/packed"),
    record("revisit", 10, b"HTTP/1.1 200 OK\r\n\r\n", "https://harbour.example/fog", "2024-02-05T10:00:00Z"),
    record("resource", 11, TIDES, "https://tides.example/saved", content="text/html"),
    record("response", 12, b"20240105100000\nharbour.example. 300 IN A 192.0.2.1\n", "dns:harbour.example", content="text/dns"),
    record("conversion", 13, "Текст страницы https://harbour.example".encode(), "https://harbour.example/text", content="text/plain"),
    record("response", 14, answer(b"<html><body> </body></html>"), "https://harbour.example/empty"),
    record("response", 15, answer(packed(TIDES)[:20] + b"damaged" * 4, Content_Encoding="gzip"), "https://tides.example/damaged"),
    record("response", 17, answer(TIDES_BY_BROTLI, Content_Encoding="br"), "https://tides.example/as-browsers-ask"),
    record("metadata", 16, b"fetchTimeMs: 7\r\n", "https://harbour.example/fog", content="application/warc-fields"),
]
write("warc/input.warc", b"".join(RECORDS))
# Each record packed by itself, and the last one cut.
write("warc-packed/input.gz", b"".join(map(packed, RECORDS[:5])) + packed(RECORDS[10])[:-30])
wacz = io.BytesIO()
with zipfile.ZipFile(wacz, "w") as archive:
    for name, data in [
        ("archive/data.warc.gz", b"".join(map(packed, RECORDS[:3]))),
        ("indexes/index.cdx", b"example,harbour)/fog 20240105100000 {\"url\": \"https://harbour.example/fog\"}\n"),
        ("pages/pages.jsonl", b'{"format": "json-pages-1.0", "id": "pages", "title": "All Pages"}\n'
         b'{"id": "1", "url": "https://harbour.example/fog", "title": "Fog and ferries", "ts": "2024-01-05T10:00:00Z"}\n'),
        ("logs/crawl.log", b'{"timestamp":"2024-01-05T10:00:00Z","logLevel":"info","context":"general","message":"begun"}\n'
         b'{"timestamp":"2024-01-05T10:00:01Z","logLevel":"info","context":"general","message":"done"}\n'),
        ("datapackage.json", b'{"profile": "data-package", "resources": [{"name": "data.warc.gz", "path": "archive/data.warc.gz"}]}'),
    ]:
        archive.writestr(zipfile.ZipInfo(name, (2024, 1, 5, 10, 0, 0)), data)
with zipfile.ZipFile(wacz) as archive:
    for name in archive.namelist():
        write(f"warc-wacz/input/{name}", archive.read(name))
write("../fuzz/seeds/pages.zip", wacz.getvalue())


# The repository of an account of Bluesky.


class Link(bytes):
    """The name of a block."""


def head(kind, number):
    if number < 24:
        return bytes([kind << 5 | number])
    for info, size in [(24, 1), (25, 2), (26, 4), (27, 8)]:
        if number < 1 << 8 * size:
            return bytes([kind << 5 | info]) + number.to_bytes(size, "big")


def cbor(value):
    match value:
        case None: return b"\xf6"
        case bool(): return b"\xf5" if value else b"\xf4"
        case int(): return head(0, value) if value >= 0 else head(1, -1 - value)
        case Link(): return b"\xd8\x2a" + head(2, len(value) + 1) + b"\0" + value
        case bytes(): return head(2, len(value)) + value
        case str(): return head(3, len(value.encode())) + value.encode()
        case list(): return head(4, len(value)) + b"".join(map(cbor, value))
        case dict():
            members = sorted(value.items(), key=lambda member: (len(member[0]), member[0]))
            return head(5, len(members)) + b"".join(cbor(name) + cbor(member) for name, member in members)


def varint(number):
    data = b""
    while number > 127:
        data, number = data + bytes([number & 127 | 128]), number >> 7
    return data + bytes([number])


def block(value):
    data = cbor(value)
    return Link(b"\x01\x71\x12\x20" + hashlib.sha256(data).digest()), data


DID = "did:plc:harbour"
OTHER = "did:plc:pilot"


def ref(did, rkey):
    return {"uri": f"at://{did}/app.bsky.feed.post/{rkey}", "cid": "bafyinvented"}


def facet(text, part, feature, **more):
    start = text.encode().index(part.encode())
    return {"index": {"byteStart": start, "byteEnd": start + len(part.encode())},
            "features": [{"$type": f"app.bsky.richtext.facet#{feature}", **more}]}


def post(text, date, **more):
    return {"$type": "app.bsky.feed.post", "text": text, "createdAt": date, **more}


def image(alt, size):
    return {"alt": alt, "image": {"$type": "blob", "ref": Link(b"\x01\x55\x12\x20" + bytes(32)), "mimeType": "image/jpeg", "size": size}}


FIRST = "Ёж 🦔 at the mole, with @pilot.example: tides.example #fog"
SELF = {"app.bsky.feed.post/3k1": post(FIRST, "2024-01-05T10:00:00.000Z", langs=["en-GB"], tags=["harbour"], facets=[
            facet(FIRST, "@pilot.example", "mention", did=OTHER), facet(FIRST, "tides.example", "link", uri="https://tides.example/tables"),
            facet(FIRST, "#fog", "tag", tag="fog"),
            {"index": {"byteStart": 1, "byteEnd": 4}, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": "https://x.example"}]},
            {"index": {"byteStart": 5, "byteEnd": 900}, "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": "x"}]}]),
        "app.bsky.feed.post/3k2": post("And again", "2024-01-05T10:01:00+01:00", reply={"root": ref(DID, "3k1"), "parent": ref(DID, "3k1")},
            embed={"$type": "app.bsky.embed.images", "images": [image("The mole in fog", 120034), image("", 7)]}),
        "app.bsky.feed.post/3k3": post("To a pilot", "2024-01-05T10:02:00Z", reply={"root": ref(OTHER, "9a"), "parent": ref(OTHER, "9b")},
            embed={"$type": "app.bsky.embed.external", "external":
                   {"uri": "https://harbour.example/fog", "title": "Fog and ferries", "description": "At six"}}),
        "app.bsky.feed.post/3k4": post("Look at this", "2024-01-05T10:03:00Z", labels={"$type": "com.atproto.label.defs#selfLabels",
            "values": [{"val": "graphic-media"}]}, embed={"$type": "app.bsky.embed.recordWithMedia",
            "record": {"$type": "app.bsky.embed.record", "record": ref(OTHER, "9c")},
            "media": {"$type": "app.bsky.embed.video", "alt": "The launch", "video":
                      {"$type": "blob", "ref": Link(b"\x01\x55\x12\x20" + bytes(32)), "mimeType": "video/mp4", "size": 9000000}}}),
        "app.bsky.feed.post/3k5": post("Quoted", "no date", langs=["en", "de"], via="Tide app", seen={"by": [1, True, None]}, embed={"$type": "app.bsky.embed.record", "record": ref(OTHER, "9d")}),
        "app.bsky.feed.repost/3k6": {"$type": "app.bsky.feed.repost", "subject": ref(OTHER, "9e"), "createdAt": "2024-01-05T10:05:00Z"},
        "app.bsky.feed.like/3k7": {"$type": "app.bsky.feed.like", "subject": ref(OTHER, "9e"), "createdAt": "2024-01-05T10:06:00Z"},
        "app.bsky.graph.block/3k8": {"$type": "app.bsky.graph.block", "subject": "did:plc:secret", "createdAt": "2024-01-05T10:06:00Z"},
        "app.bsky.actor.profile/self": {"$type": "app.bsky.actor.profile", "displayName": "The Harbour Keeper", "description": "Notes"}}


def repository(lost=()):
    blocks = {}

    def put(value):
        link, data = block(value)
        blocks[link] = data
        return link

    entries, before, links = [], b"", []
    for key in sorted(SELF):
        link = put(SELF[key])
        links.append(link)
        shared = next((at for at, (a, b) in enumerate(zip(before, key.encode())) if a != b), min(len(before), len(key)))
        entries.append({"p": shared, "k": key.encode()[shared:], "v": link, "t": None})
        before = key.encode()
    # The last entries stand in a tree of their own, whose keys begin anew.
    under = put({"l": None, "e": [{"p": 0, "k": sorted(SELF)[-1].encode(), "v": links[-1], "t": None}]})
    entries[-2]["t"] = under
    tree = put({"l": None, "e": entries[:-1]})
    root = put({"did": DID, "version": 3, "data": tree, "rev": "3k", "prev": None, "sig": bytes(64)})
    put(post("deleted words", "2024-01-01T00:00:00Z"))
    header = cbor({"roots": [root], "version": 1})
    sections = [link + data for link, data in blocks.items() if link not in lost]
    return varint(len(header)) + header + b"".join(varint(len(section)) + section for section in sections)


write("bluesky/input.car", repository())
write("bluesky-cut/input.car", repository()[:1600])
