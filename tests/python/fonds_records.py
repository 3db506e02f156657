"""Values and records of fonds archives, written from docs/FORMAT.md alone: the lower half of the reader."""
import json, re
from datetime import date
from itertools import accumulate

class Damaged(Exception):
    """The offset in the container of the damaged part, and what is wrong with it."""

# ---- Values
CRC_TABLE = list(range(256))
for _ in range(8):
    CRC_TABLE = [crc >> 1 ^ (0x82F63B78 if crc & 1 else 0) for crc in CRC_TABLE]  # the bits of 0x1EDC6F41, reversed

def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[crc & 0xFF ^ byte]
    return crc ^ 0xFFFFFFFF

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

    def number(self, size=1):  # u8, u32 and u64
        return int.from_bytes(self.take(size), "little")

    def varint(self):
        value, shift, byte = 0, 0, 0x80
        while byte >= 0x80:
            byte = self.number()
            value |= (byte & 0x7F) << shift
            shift += 7
            self.check(shift <= 70 and value < 1 << 64, "a varint is too long")
        return value

    def zigzag(self):
        value = self.varint()
        return -(value + 1) // 2 if value & 1 else value // 2

    def opt_varint(self):
        value = self.varint()
        return value - 1 if value else None

    def bytes(self):
        return self.take(self.varint())

    def utf8(self, data):
        try:
            return data.decode()
        except UnicodeDecodeError:
            raise Damaged(self.offset, "a text is not UTF-8, or is cut within a character") from None

    def string(self):
        return self.utf8(self.bytes())

    def opt_string(self):
        length = self.opt_varint()
        return None if length is None else self.utf8(self.take(length))

    def until(self, ends):  # bytes up to the first of these, and that
        return self.take(next((at for at in range(self.at, len(self.data)) if self.data[at] in ends), len(self.data))
                         + 1 - self.at)

    def list(self, item):  # a count and its items
        count = self.varint()
        self.check(count <= len(self.data) - self.at, "a count exceeds the bytes left")
        return [item() for _ in range(count)]

# ---- Records, in the JSON form that FORMAT.md describes
TEXTS = "uid id kind date author channel reply_to thread album edited lang url source".split()
LISTS = "tags mentions links flags dates_mentioned".split()
KINDS = "- bold italic strike code quote spoiler link mention hashtag custom_emoji".split()
ORDER = ("uid id kind date author channel forwarded_from reply_to thread album title text spans tags mentions links media"
         " poll reactions views edited flags dates_mentioned lang url source").split()

def known(**fields):
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}

def values(column, default, ends):
    """The values of a column, with the bytes that end them, for ever."""
    value, recent = default, []
    while True:
        if column.at < len(column.data):
            byte = column.data[column.at]
            if 0xF7 <= byte <= 0xFD:
                column.check(0xFD - column.number() < len(recent), "a column repeats a value that it did not have")
                value = recent.pop(0xFD - byte)
            else:
                value = column.take(1) if byte in (0xFE, 0xF5) else column.until(ends)
            if len(value) > 1 or value[0] not in (0xFE, 0xF5):
                recent = [value, *recent[:6]]
        yield value

def numbers(column, number=0):
    while True:
        number = column.varint() if column.at < len(column.data) else number
        yield number

def blobs(column):
    while True:
        yield Cursor(column.bytes() if column.at < len(column.data) else b"", column.offset)

def signed(number):
    return -(number + 1) // 2 if number & 1 else number // 2

def date_text(form, seconds, check):
    check(form[:1] in set("01234"), "a date is of an unknown precision")
    if form[1:2] == "=":
        return form[2:]
    good = re.fullmatch("|Z|([+-])([0-9]{2}):([0-9]{2})", form[1:])
    check(good and abs(seconds) <= 400_000_000_000, "a date has an unknown form")
    ahead = int(f"{good[1]}1") * (int(good[2]) * 3600 + int(good[3]) * 60) if good[1] else 0
    days, second = divmod(seconds + ahead, 86_400)
    cycles, days = divmod(days + 719_468, 146_097)  # of 400 years, from 0000-03-01 on
    day = date.fromordinal(days + 145_792)  # the same day of the next cycle: Python's calendar has no year 0
    day, year = f"{day.month:02}-{day.day:02}", day.year - 400 + 400 * cycles
    text = [f"{year:04}", f"{year:04}-{day[:2]}", f"{year:04}-{day}"][min(int(form[0]), 2)]
    clock = f"T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}" if form[0] in "34" else ""
    return text + clock + (form[1:] if form[0] == "3" else "")

def decode_spans(value, text):
    sizes = (len(character.encode()) for character in text)
    ends = {byte: index for index, byte in enumerate(accumulate(sizes, initial=0))}
    start = 0
    while value.at < len(value.data):
        start, length = start + value.varint(), value.varint()
        value.check(start in ends and start + length in ends, "a span is not a stretch of its text")
        target, kind = divmod(value.number(), 16)
        value.check(kind < len(KINDS) and target < 4, "a span is of an unknown kind")
        kind, covered = KINDS[kind] if kind else value.string(), text[ends[start]:ends[start + length]]
        href = [None, covered, "https://" + covered][target] if target < 3 else value.string()
        yield {"start": ends[start], "end": ends[start + length], "kind": kind, **known(href=href)}

def decode_rare(fields, record, source, extra):
    while fields.at < len(fields.data):
        number, value = fields.number(), Cursor(fields.bytes(), fields.offset)
        string, opt_string, varint, opt_int = value.string, value.opt_string, value.varint, value.opt_varint
        if number == 1:
            record["forwarded_from"] = {"name": string(), **known(id=opt_string(), url=opt_string())}
        elif number == 2:
            item = {"kind": string(), **known(name=opt_string(), size=opt_int(), duration=opt_int(), path=opt_string())}
            record.setdefault("media", []).append(item)
        elif number == 3:
            record["poll"] = {"question": string(), **known(voters=opt_int(), answers=value.list(
                lambda: {"text": string(), **known(votes=opt_int())}))}
        elif number == 4:
            record.setdefault("reactions", []).append({"emoji": string(), "count": varint()})
        elif number == 5:
            kind = {0: "lines", 1: "bytes"}.get(value.number())
            value.check(kind, "a place is of an unknown kind")
            source.setdefault("copies", []).append({kind: [varint(), varint()]})
        elif number == 6:
            extra.append((string(), string()))

def decode_block(block):
    """The records of a block; of one that stands elsewhere its uid, its first block and the number of them."""
    count, flags, columns, extras = block.varint(), block.varint(), {}, []
    while number := block.number():
        columns[number] = column = Cursor(block.bytes(), block.offset)
        if number == 51:
            extras.append((column.string(), values(column, b"\xfe", b"\xff")))
    of = lambda number: columns.get(number, Cursor(b"", block.offset))
    texts = [(name, values(of(number), b"\xfe", b"\xff\xf6")) for number, name in enumerate(TEXTS, 1)]
    lists = [(name, values(of(n), b"\xf5" if n < 17 else b"\xfe", b"\xfe")) for n, name in enumerate(LISTS, 14)]
    counts = [numbers(of(number)) for number in range(32, 40)]
    hashes, spans, rare, text_of = of(48), blobs(of(49)), blobs(of(50)), lambda value: block.utf8(value[:-1])
    id_number = seconds = end = 0
    for _ in range(count):
        row = {name: next(column) for name, column in texts}
        has = {name for name, value in row.items() if value[-1] != 0xFE}
        record, source, extra, before = {name: text_of(row[name]) for name in has}, {}, [], id_number
        number, instant, kind, start, length, seen, first, pieces = map(next, counts)
        if row["id"][-1] == 0xF6:
            id_number = (id_number + (~(number // 8) if number % 8 == 7 else number - number // 8)) % (1 << 64)
            record["id"] += str(id_number)
        for name in ("thread", "url"):
            record[name] = record.get(name, "") + (record.get("id", "") if row[name][-1] == 0xF6 else "")
        if "uid" not in has:
            stem = record.get("source", "").rpartition("/")[2]
            record["uid"] = (f"{record.get('channel', stem.partition('.')[0] or stem)}/{record['id']}" if "id" in has
                             else "~" + hashes.take(8).hex())
        if "date" in has:
            seconds += signed(instant)
            record["date"] = date_text(record["date"], seconds, block.check)
        if "source" in has:
            source["file"] = record.pop("source")
        if kind:
            block.check(kind <= 2, "a place is of an unknown kind")
            start = (end + signed(start) + (id_number - before if flags & 1 else 0)) % (1 << 64)
            end = (start + signed(length)) % (1 << 64)
            source[["lines", "bytes"][kind - 1]] = [start, end]
        record["views"] = seen - 1 if seen else None
        title = block.until(b"\xfe\xff")
        record["title"], record["text"] = text_of(title), text_of(block.until(b"\xff"))
        record["spans"] = list(decode_spans(next(spans), record["text"]))
        given = lambda kind, of: list(dict.fromkeys(of(span) for span in record["spans"][:256] if span["kind"] == kind))
        name_of = lambda span: record["text"][span["start"] + 1:span["end"]]
        shown = {"tags": ("hashtag", name_of), "mentions": ("mention", name_of), "links": ("link", lambda s: s.get("href"))}
        for name, column in lists:
            value = next(column)
            record[name] = (given(*shown[name]) if value == b"\xf5"
                            else [block.utf8(item) for item in value[:-1].split(b"\xff")[:-1]])
        for name, column in extras:
            value = next(column)
            extra += [(name, text_of(value))] if value[-1] == 0xFF else []
        decode_rare(next(rare), record, source, extra)
        record["source"] = source
        yield (record["uid"], first - 1, pieces) if first else with_extra({n: record.get(n) for n in ORDER}, extra)

def with_extra(record, extra):
    record = known(**record)
    for name, content in extra:
        while name in record:
            name += "_"
        try:
            record[name] = json.loads(content)
        except ValueError:
            record[name] = content
    return record
