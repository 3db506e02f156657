"""A reader for fonds archives, written from docs/FORMAT.md alone; its parts bear the names of the headings there.

    python fonds_reader.py ARCHIVE     prints the records of a container or a published folder as lines of JSON

What stands in the index, which no record needs, is decoded in test_reader.py.
"""
import base64, functools, hashlib, heapq, itertools, json, re, sys, zstandard
from datetime import datetime, timedelta
from itertools import accumulate
from pathlib import Path
class Damaged(ValueError):  # the offset in the container of the damaged part, and what is wrong with it
    __str__ = lambda self: "offset {}: {}".format(*self.args)
MALFORMED = ValueError, LookupError, zstandard.ZstdError  # what reading a malformed archive raises

# ---- Values
CRC_TABLE = list(range(256))
for _ in range(8):
    CRC_TABLE = [crc >> 1 ^ (0x82F63B78 if crc & 1 else 0) for crc in CRC_TABLE]  # the bits of 0x1EDC6F41, reversed
def crc32c(data):
    return functools.reduce(lambda crc, byte: crc >> 8 ^ CRC_TABLE[crc & 0xFF ^ byte], data, 0xFFFFFFFF) ^ 0xFFFFFFFF
signed = lambda number: -(number + 1) // 2 if number & 1 else number // 2
class Cursor:
    """Reads values one behind the other. `offset` is that of the block that they stand in, for messages."""
    def __init__(self, data, offset):
        self.data, self.offset, self.at = data, offset, 0
    def check(self, good, what):
        if not good:
            raise Damaged(self.offset, what)
    def take(self, length=None):  # so many bytes, or all that are left
        length = len(self.data) - self.at if length is None else length
        self.check(length <= len(self.data) - self.at, "a value runs beyond the end of what holds it")
        self.at += length
        return self.data[self.at - length:self.at]
    number = lambda self, size=1: int.from_bytes(self.take(size), "little")  # u8, u32 and u64
    varints = lambda self, count: [self.varint() for _ in range(count)]
    def varint(self):
        value, shift, byte = 0, 0, 0x80
        while byte >= 0x80:
            byte = self.number()
            value, shift = value | (byte & 0x7F) << shift, shift + 7
            self.check(shift <= 70 and value < 1 << 64, "a varint is too long")
        return value
    rest = lambda self: list(iter(lambda: self.at < len(self.data) and self.varint(), False))  # positive varints
    zigzag = lambda self: signed(self.varint())
    bytes = lambda self: self.take(self.varint())
    string = lambda self: self.bytes().decode()
    opt_varint = lambda self: value - 1 if (value := self.varint()) else None
    opt_string = lambda self: None if (size := self.opt_varint()) is None else self.take(size).decode()
    def until(self, ends):  # bytes up to the first of these, and that
        end = re.compile(b"[%b]" % ends).search(self.data, self.at)
        return self.take(end.end() - self.at if end else len(self.data) + 1)
    def list(self, item):  # a count and its items
        count = self.varint()
        self.check(count <= len(self.data) - self.at, "a count exceeds the bytes left")
        return [item() for _ in range(count)]

# ---- Records, in the JSON form that FORMAT.md describes
TEXTS = "uid id kind date author channel reply_to thread album edited lang url source".split()
LISTS = "tags mentions links flags dates_mentioned".split()
KINDS = "- bold italic strike code quote spoiler link mention hashtag custom_emoji".split()
known = lambda **fields: {name: value for name, value in fields.items() if value not in (None, "", [], {})}
def values(column, default, ends):  # the values of a column, with the bytes that end them, for ever
    value, recent = default, []
    while True:
        if column.at < len(column.data):
            byte = column.data[column.at]
            value = (recent.pop(0xFD - column.number()) if 0xF7 <= byte <= 0xFD else
                     column.take(1) if byte in (0xFE, 0xF5) else column.until(ends))
            recent = [value, *recent[:6]] if value not in (b"\xfe", b"\xf5") else recent
        yield value
def others(column, item, value):  # the same of a column of numbers or of bytes
    while True:
        value = item() if column.at < len(column.data) else value if item == column.varint else b""
        yield value
def date_text(form, seconds, check):
    good = re.fullmatch("[0-4](?:=(.*)|Z?|([+-])([0-9]{2}):([0-9]{2}))", form, re.S)
    check(good and (good[1] or abs(seconds) <= 400_000_000_000), "a date has an unknown form")
    if form[1:2] == "=":
        return good[1]
    ahead = int(f"{good[2]}1") * (int(good[3]) * 3600 + int(good[4]) * 60) if good[2] else 0
    cycles, rest = divmod(seconds + ahead - 946_684_800, 12_622_780_800)  # of 400 years, from 2000 on
    moment = datetime(2000, 1, 1) + timedelta(seconds=rest)
    text = f"{moment.year + 400 * cycles:04}{moment:-%m-%dT%H:%M:%S}"
    return text[:{"0": -15, "1": -12, "2": -9}.get(form[0])] + (form[1:] if form[0] == "3" else "")
def decode_spans(value, text):
    raw, start = text.encode(), 0
    while value.at < len(value.data):
        start, length = start + value.varint(), value.varint()
        value.check(start + length <= len(raw), "a span is not a stretch of its text")
        first, covered = len(raw[:start].decode()), raw[start:start + length].decode()
        target, kind = divmod(value.number(), 16)
        kind = KINDS[kind] if kind else value.string()
        href = value.string() if target == 3 else [None, covered, "https://" + covered][target]
        yield {"start": first, "end": first + len(covered), "kind": kind, **known(href=href)}
def decode_rare(fields):  # lists of values by the numbers of their fields
    found = {number: [] for number in range(256)}
    while fields.at < len(fields.data):
        number, value = fields.number(), Cursor(fields.bytes(), fields.offset)
        string, text, varint, opt = value.string, value.opt_string, value.varint, value.opt_varint
        read = {1: lambda: {"name": string(), **known(id=text(), url=text())},
                2: lambda: {"kind": string(), **known(name=text(), size=opt(), duration=opt(), path=text())},
                3: lambda: {"question": string(), **known(
                    voters=opt(), answers=value.list(lambda: {"text": string(), **known(votes=opt())}))},
                4: lambda: {"emoji": string(), "count": varint()},
                5: lambda: {["lines", "bytes"][value.number()]: [varint(), varint()]},
                6: lambda: (string(), string())}
        found[number].append(read.get(number, value.take)())
    return found
def decode_block(block):
    """The records of a block; of one that stands elsewhere its uid, its first block and the number of them."""
    count, flags, columns, extras, nothing = block.varint(), block.varint(), {}, [], Cursor(b"", block.offset)
    while number := block.number():
        columns[number] = column = Cursor(block.bytes(), block.offset)
        if number == 51:
            extras.append((column.string(), values(column, b"\xfe", b"\xff")))
    of = lambda number: columns.get(number, nothing)
    texts = [(name, values(of(number), b"\xfe", b"\xff\xf6")) for number, name in enumerate(TEXTS, 1)]
    lists = [(name, values(of(n), b"\xf5" if n < 17 else b"\xfe", b"\xfe")) for n, name in enumerate(LISTS, 14)]
    counts = [others(of(number), of(number).varint, 0) for number in range(32, 40)]
    spans, rare = (others(of(number), of(number).bytes, b"") for number in (49, 50))
    id_number, seconds, end, text_of = 0, 0, 0, lambda value: value[:-1].decode()
    for _ in range(count):
        row = {name: value for name, column in texts if (value := next(column))[-1] != 0xFE}
        record, before = {name: text_of(value) for name, value in row.items()}, id_number
        step, instant, kind, start, length, seen, first, pieces = map(next, counts)
        if row.get("id", b"-")[-1] == 0xF6:
            id_number = (id_number + (~(step // 8) if step % 8 == 7 else step - step // 8)) % (1 << 64)
            record["id"] += str(id_number)
        for name in (name for name in ("thread", "url") if row.get(name, b"-")[-1] == 0xF6):
            record[name] += record.get("id", "")
        if "uid" not in row:
            stem = record.get("source", "").rpartition("/")[2]
            record["uid"] = (f"{record.get('channel', stem.partition('.')[0] or stem)}/{record['id']}" if "id" in row
                             else "~" + of(48).take(8).hex())
        if "date" in row:
            seconds += signed(instant)
            record["date"] = date_text(record["date"], seconds, block.check)
        source = known(file=record.pop("source", None))
        if kind:
            start = (end + signed(start) + (id_number - before if flags & 1 else 0)) % (1 << 64)
            end = (start + signed(length)) % (1 << 64)
            source[["", "lines", "bytes"][kind]] = [start, end]
        title, text = text_of(block.until(b"\xfe\xff")), text_of(block.until(b"\xff"))
        marks = list(decode_spans(Cursor(next(spans), block.offset), text))
        given = lambda kind, of: list(dict.fromkeys(of(m) for m in marks[:256] if m["kind"] == kind and of(m) != None))
        cut = lambda m: text[m["start"] + 1:m["end"]]
        shown = {"tags": ("hashtag", cut), "mentions": ("mention", cut), "links": ("link", lambda m: m.get("href"))}
        record.update(title=title, text=text, spans=marks, views=seen - 1 if seen else None)
        for name, column in lists:
            value = next(column)
            record[name] = (given(*shown[name]) if value == b"\xf5"
                            else [item.decode() for item in value[:-1].split(b"\xff")[:-1]])
        extra = [(name, text_of(value)) for name, column in extras if (value := next(column))[-1] == 0xFF]
        found = decode_rare(Cursor(next(rare), block.offset))
        record.update(forwarded_from=found[1] and found[1][-1], media=found[2], poll=found[3] and found[3][-1])
        record.update(reactions=found[4], source={**source, **known(copies=found[5])})
        record = known(**record)
        for name, content in extra + found[6]:
            while name in record:
                name += "_"
            try:
                record[name] = json.loads(content)
            except ValueError:
                record[name] = content
        yield (record["uid"], first - 1, pieces) if first else record

# ---- Shards, header, blocks, root, sections
NAMES = "uids terms postings prefixes weights positions times facet-values facet-columns store-dictionary store numbers table".split()
def read_containers(path):
    """The bytes of each segment, from a container's file or a published folder's shards; the list of hidden records."""
    if not Path(path).is_dir():
        return [Path(path).read_bytes()], b""
    joined, check = bytearray(), lambda good, what: Cursor(b"", len(joined)).check(good, what)
    def argument(name):  # of the call that is the whole script
        check(re.fullmatch("[a-z0-9-]+", name), "a name of a script is malformed")
        return Path(path, "archive", f"{name}.js").read_bytes().rstrip()[len(f'fondsShard("{name}",'):-len(");")]
    def payload(name, size=None):
        good = re.fullmatch(rb'"((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}[A-Za-z0-9+/=]=)?)"', argument(name))
        found = base64.b64decode(good[1]) if good else b""
        check(hashlib.sha256(found).hexdigest()[:8] == name[-8:] and size in (None, len(found)), f"{name} is damaged")
        return found
    manifest = json.loads(argument("manifest"))
    check(manifest["version"] in (1, 2), "the manifest is of an unknown version")
    for page, start in [["manifest", 0], *manifest["pages"]]:
        listed = json.loads(argument(page))
        check((listed["archive"], start) == (manifest["archive"], len(joined)), f"{page} is of another archive")
        for name, size in listed["shards"]:
            joined += payload(name, size)
    ends = list(accumulate(length for _, length, _ in manifest.get("segments", [("", manifest["len"], "")])))
    check({len(joined)} == {manifest["len"], *ends[-1:]}, "the shards are not as long as the manifest says")
    hidden = manifest.get("hidden")
    return [bytes(joined[start:end]) for start, end in zip([0, *ends], ends)], payload(hidden) if hidden else b""
def decode_hidden(block, segments):
    """For each segment the DocIds of the records that newer ones have anew."""
    for segment in segments:
        hidden, end, _ = [], 0, block.varints(2)
        for gap, more in block.list(lambda: block.varints(2)):
            start, end = end + gap, end + gap + more + 1
            hidden.append(range(start, end))
        block.check(end <= segment.num_docs, "a record is hidden that its segment does not have")
        yield {doc for run in hidden for doc in run}
    block.check(not block.take(), "more segments hide records than there are")
def decode_frame(data, offset, name, dictionary=None):
    """The content of the block that stands at an offset."""
    block = Cursor(data, offset)
    block.check(len(data) <= 256 << 10, f"{name} is too long")
    block.check(block.number(4) == crc32c(offset.to_bytes(8, "little") + data[4:]), f"{name} is damaged")
    codec, raw_len, content = block.number(), block.varint(), block.take()
    block.check(codec <= (2 if dictionary else 1) and raw_len <= 1 << 20, f"{name} is coded in an unknown way")
    size = zstandard.frame_content_size(content) if codec else len(content)
    block.check(size == raw_len, f"{name} has another length than it says")
    unpack = zstandard.ZstdDecompressor(dictionary() if codec == 2 else None).decompress
    return unpack(content, allow_extra_data=False) if codec else content
def follow(at, lengths):  # places of blocks one behind the other: every block begins at a multiple of 3
    return list(zip(accumulate((length + -length % 3 for length in lengths), initial=at), lengths))
class Archive:
    """A container, or a segment: its `title`, `sources`, `zone`, `months`, `facets` and so on, and what one asks it."""
    def __init__(self, container):
        self.bytes = container
        header, end = Cursor(self.bytes[:48], 0), Cursor(b"", len(self.bytes))
        header.check(header.take(8) == b"FONDS\r\n\x1a", "this is no fonds archive")
        self.version, root_len, container_len, root_offset, _, checksum = map(header.number, (4, 4, 8, 8, 12, 4))
        header.check(self.version in (1, 2), f"the format has version {self.version}, this reader knows 1 and 2")
        header.check(checksum == crc32c(header.data[:44]), "the header is damaged")
        header.check(48 <= root_offset <= container_len - root_len and root_offset % 3 == 0, "the root is misplaced")
        end.check(container_len == end.offset, f"the archive ends here, not at {container_len}: is it cut?")
        self.blocks, self.contents = {"root": [(root_offset, root_len)]}, {}  # of sections: length, SHA-256
        self.read_root(self.block("root"), root_offset + root_len)
    block = lambda self, section, index=0: Cursor(*self.content(section, index))
    @functools.lru_cache(64)
    def content(self, section, index):  # of a block, and where it stands
        (offset, length), name = self.blocks[section][index], f"block {index} of {section}"
        dictionary = lambda: zstandard.ZstdCompressionDict(self.block("store-dictionary").data)
        return decode_frame(self.bytes[offset:offset + length], offset, name, dictionary), offset
    def read_root(self, root, end):
        string, number, varint, zigzag, many = root.string, root.number, root.varint, root.zigzag, root.list
        self.meta = Cursor(root.bytes(), root.offset)
        self.num_leaves, self.first_uids = varint(), many(root.bytes)
        self.totals = {name: varint() for name in ("terms", "postings", "tokens")}
        self.languages, self.tree, self.separators = ["", *many(string)], root.varints(2), root.bytes()
        self.zone = string(), zigzag(), many(lambda: (zigzag(), zigzag()))
        self.num_dated, self.num_coarse, self.months = varint(), varint(), many(lambda: (zigzag(), number(), varint()))
        self.per_node, self.first_seconds = varint(), many(zigzag)
        self.facets = dict(many(lambda: (string(), root.varints(4))))  # values, records, first blocks of values, column
        self.numbers = dict(many(lambda: (string(), (number(), varint()))))  # scale, first_block
        self.num_docs, self.docs_per_block = varint(), varint()
        table, _, lengths = many(lambda: (number(), number(), root.varints(3), root.take(32))), varint(), many(varint)
        self.stream_block = varint() if self.version > 1 else 16384
        root.check(self.stream_block in [1 << bits for bits in range(10, 17)], "streams are cut into unknown blocks")
        listed, names = [section for section, *_ in table], dict(zip([*range(1, 13), 255], NAMES))
        root.check(all(section in names or not flags & 1 for section, flags, *_ in table), "a section is not known")
        root.check(listed == sorted({*listed, *names}), "the table lacks a section")
        start, total, fresh = end + -end % 3, sum(counts[0] for _, _, counts, _ in table), len(lengths)
        places = follow(len(self.bytes) - sum(length + -length % 3 for length in lengths), lengths)
        while fresh and len(places) < total:  # the first of them are pages, which list the level below
            level = self.blocks[len(places) - total] = places[:fresh]
            pages = [self.block(len(places) - total, index) for index in range(len(level))]
            listed = [place for page in pages for place in follow(start + page.varint(), page.rest())]
            places, fresh = listed + places, len(listed)
        root.check(places == follow(start, [length for _, length in places][:total]), "the blocks do not fill the container")
        for section, _, (count, length, content_len), digest in table:
            found, places, name = places[:count], places[count:], names.get(section, section)
            root.check(length == (sum(found[-1]) - found[0][0] if found else 0), f"{name} has another length")
            self.blocks[name], self.contents[name] = found, (content_len, digest)
        self.num_blocks = -(-self.num_docs // max(self.docs_per_block, 1))  # those of long records follow
        root.check(self.num_blocks <= len(self.blocks["store"]), "the root contradicts its section table")
    def records(self, blocks=None):
        """Every record as a dict, in the order of the archive; or only those of some blocks of `store`."""
        for index in range(self.num_blocks) if blocks is None else blocks:
            block, size = self.block("store", index), min(self.docs_per_block, self.num_docs - index * self.docs_per_block)
            block.check(Cursor(block.data, 0).varint() == size, "the root names other records")
            for record in decode_block(block):
                yield record if isinstance(record, dict) else self.long_record(*record[1:])
    def long_record(self, first, count):
        self.block("store", first).check(first >= self.num_blocks and 0 < count <= 512, "a long record is misplaced")
        pieces = [self.block("store", index) for index in range(first, first + count)]
        return next(decode_block(Cursor(b"".join(piece.data for piece in pieces), pieces[0].offset)))
    def times(self):  # instant and precision of each dated record
        for index in range(-(-self.num_dated // 4096)):
            block = self.block("times", index)
            yield from zip(accumulate(block.list(block.zigzag)), block.take())
def records(path):
    """The records of all segments in order, but for those that a newer segment has anew."""
    containers, hidden = read_containers(path)
    segments = list(map(Archive, containers))
    nothing = bytes(3 * len(segments))  # a list that hides no record of any
    block = Cursor(decode_frame(hidden, 0, "the list of hidden records") if hidden else nothing, 0)
    def shown(segment, hidden):  # those of a segment, each with its place in time; the undated behind all
        whens = itertools.chain(((0, *when) for when in segment.times()), itertools.repeat((1,)))
        return (pair for doc, pair in enumerate(zip(whens, segment.records())) if doc not in hidden)
    streams = map(shown, segments, list(decode_hidden(block, segments)))
    return (record for _, record in heapq.merge(*streams, key=lambda pair: pair[0]))
if __name__ == "__main__":
    try:
        for record in records(sys.argv[1]):
            print(json.dumps(record))
    except MALFORMED as error:
        sys.exit(f"{sys.argv[1]}: {error}")
