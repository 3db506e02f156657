"""A reader for fonds archives, written from docs/FORMAT.md alone; the parts of this file follow its headings.

    python fonds_reader.py ARCHIVE     prints the records of a container or a published folder as lines of JSON
"""
import base64, bisect, hashlib, json, re, sys, zstandard
from itertools import accumulate
from pathlib import Path

SECTIONS = "uids terms postings norms times facet-values facet-columns store-dictionary store numbers".split()

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

    def list(self, item):  # a count and its items
        count = self.varint()
        self.check(count <= len(self.data) - self.at, "a count exceeds the bytes left")
        return [item() for _ in range(count)]

# ---- The FST
COMMON = b"\0te/oasripcnw.hlm-du012g=:bf3y5&_4v9678k%?xCDASFIBEjPTzRNM+LOqHG"

class Fst(Cursor):
    def __init__(self, data, offset):
        super().__init__(data, offset)
        self.num_keys, self.root = int.from_bytes(data[-20:-12], "little"), len(data) - 21
        self.check(len(data) > 36 and self.number(8) == 3, "an FST is malformed")

    def node(self, addr):
        """Whether a node is final, its final output, and its transitions {input: (output, target)} in order."""
        if addr == 0:
            return True, 0, {}
        self.check(addr >= 16, "a node of an FST is malformed")
        at, state, low = addr, self.data[addr], self.data[addr] & 0x3F

        def down(size):  # the number of so many bytes below those read already
            nonlocal at
            at -= size
            self.check(at >= 16, "a node of an FST is malformed")
            return int.from_bytes(self.data[at:at + size], "little")

        final, final_output = state & 0xC0 == 0x40, 0
        if state & 0x80:
            inputs = [COMMON[low] if low else down(1)]
            sizes = 0 if state & 0x40 else down(1)
            deltas = [1] if state & 0x40 else [down(sizes >> 4)]
            outputs = [down(sizes & 15)]
        else:
            count = low or {1: 256}.get(byte := down(1), byte)
            sizes = down(1)
            at -= 256 if count > 32 else 0
            inputs, deltas, outputs = ([down(size) for _ in range(count)] for size in (1, sizes >> 4, sizes & 15))
            final_output = down(sizes & 15) if final else 0
        targets = [at - delta if delta else 0 for delta in deltas]
        return final, final_output, dict(zip(inputs, zip(outputs, targets)))

    def get(self, key):
        addr, value = self.root, 0
        for byte in key:
            output, addr = self.node(addr)[2].get(byte, (0, None))
            if addr is None:
                return None
            value += output
        final, output, _ = self.node(addr)
        return value + output if final else None

# ---- Records, in the JSON form that FORMAT.md describes
TEXTS = {1: "uid", 2: "id", 3: "kind", 5: "author", 6: "channel", 8: "reply_to", 9: "thread", 10: "album", 11: "title",
         12: "text", 21: "edited", 24: "lang", 25: "url", 26: "file"}
LISTS = {13: "spans", 14: "tags", 15: "mentions", 16: "links", 17: "media", 19: "reactions", 22: "flags",
         23: "dates_mentioned"}

def known(**fields):
    return {name: value for name, value in fields.items() if value not in (None, "", [], {})}

def decode_record(fields):
    record, source, extra, ends = {}, {}, [], {}
    while fields.at < len(fields.data):
        number, value = fields.number(), Cursor(fields.bytes(), fields.offset)
        string, opt_string, varint, opt_int = value.string, value.opt_string, value.varint, value.opt_varint
        if number in TEXTS:
            (source if number == 26 else record)[TEXTS[number]] = value.utf8(value.data)
        elif number == 4:
            precision, _seconds, record["date"] = value.number(), value.zigzag(), value.utf8(value.take())
            value.check(precision <= 4, "a date is of an unknown precision")
        elif number == 7:
            record["forwarded_from"] = {"name": string(), **known(id=opt_string(), url=opt_string())}
        elif number == 18:
            record["poll"] = {"question": string(), **known(voters=opt_int(), answers=value.list(
                lambda: {"text": string(), **known(votes=opt_int())}))}
        elif number == 20:
            record["views"] = varint()
        elif number in (27, 28):
            kind = {0: "lines", 1: "bytes"}.get(value.number())
            value.check(kind, "a place is of an unknown kind")
            item = {kind: [varint(), varint()]}
            source.update(item) if number == 27 else source.setdefault("copies", []).append(item)
        elif number == 29:
            extra.append((string(), string()))
        elif number == 13:  # counts bytes, JSON counts characters
            sizes = (len(character.encode()) for character in record.get("text", ""))
            ends = ends or {byte: index for index, byte in enumerate(accumulate(sizes, initial=0))}
            start, length = varint(), varint()
            value.check(start in ends and start + length in ends, "a span is not a stretch of its text")
            item = {"start": ends[start], "end": ends[start + length], "kind": string(), **known(href=opt_string())}
        elif number == 17:
            item = {"kind": string(), **known(name=opt_string(), size=opt_int(), duration=opt_int(), path=opt_string())}
        elif number == 19:
            item = {"emoji": string(), "count": varint()}
        elif number in LISTS:
            item = value.utf8(value.data)
        if number in LISTS:
            record.setdefault(LISTS[number], []).append(item)
    record = known(**record, source=source)
    for name, content in extra:
        while name in record:
            name += "_"
        try:
            record[name] = json.loads(content)
        except ValueError:
            record[name] = content
    return record

# ---- Shards, header, blocks, root, sections
def read_container(path):
    """The bytes of a container, from its file or from the shards of a published folder."""
    if not Path(path).is_dir():
        return Path(path).read_bytes()

    def argument(name):  # of the call that is the whole script
        script = Path(path, "archive", f"{name}.js").read_bytes().rstrip()
        return script.removeprefix(f'fondsShard("{name}",'.encode()).removesuffix(b");")

    manifest, container = json.loads(argument("manifest")), bytearray()
    for part in ["manifest"] + [page for page, _ in manifest["pages"]]:
        listed = json.loads(argument(part)) if re.fullmatch("[a-z0-9-]+", part) else manifest
        if part != "manifest" and listed["archive"] != manifest["archive"] or manifest["version"] != 0:
            raise Damaged(len(container), f"{part} is of another archive or version")
        for name, size in listed["shards"]:
            good = re.fullmatch("[a-z0-9-]+", name) and re.fullmatch(rb'"((?:[A-Za-z0-9+/]{4})*)"', argument(name))
            payload = base64.b64decode(good[1]) if good else b""
            if hashlib.sha256(payload).hexdigest()[:8] != name[-8:] or len(payload) != size:
                raise Damaged(len(container), f"the shard {name} is damaged or misplaced")
            container += payload
    return bytes(container)

class Archive:
    """An open archive: its `title`, `sources`, `zone`, `months`, `facets` and so on, and what one asks it."""

    def __init__(self, path):
        self.bytes, self.dictionary = read_container(path), None
        header = Cursor(self.bytes[:48], 0)
        header.check(header.take(8) == b"FONDS\r\n\x1a", "this is no fonds archive")
        version, root_len, container_len, root_offset, _, checksum = map(header.number, (4, 4, 8, 8, 12, 4))
        header.check(version == 0, f"the format has version {version}, this reader knows 0")
        header.check(checksum == crc32c(header.data[:44]), "the header is damaged")
        header.check(48 <= root_offset <= container_len - root_len and root_offset % 3 == 0, "the root is misplaced")
        if container_len != len(self.bytes):
            raise Damaged(len(self.bytes), f"the archive ends here, not at {container_len}: is it cut?")
        self.blocks = {"root": [(root_offset, root_len)]}
        self.read_root(self.block("root"), root_offset + root_len)

    def block(self, section, index=0):
        """A cursor over the content of a block."""
        (offset, length), name = self.blocks[section][index], f"block {index} of {section}"
        block = Cursor(self.bytes[offset:offset + length], offset)
        block.check(length <= 256 << 10, f"{name} is too long")
        block.check(block.number(4) == crc32c(offset.to_bytes(8, "little") + block.data[4:]), f"{name} is damaged")
        codec, raw_len, content = block.number(), block.varint(), block.take()
        block.check(codec <= 2 and raw_len <= 1 << 20, f"{name} is coded in an unknown way")
        if codec == 2 and self.dictionary is None:
            self.dictionary = zstandard.ZstdCompressionDict(self.block("store-dictionary").data)
        try:
            if codec:
                block.check(zstandard.frame_content_size(content) == raw_len, f"{name} has another length than it says")
                decompressor = zstandard.ZstdDecompressor(dict_data=self.dictionary if codec == 2 else None)
                content = decompressor.decompress(content, allow_extra_data=False)
        except zstandard.ZstdError as error:
            block.check(False, f"{name} cannot be decompressed: {error}")
        block.check(len(content) == raw_len, f"{name} has another length than it says")
        return Cursor(content, offset)

    def read_root(self, root, end):
        string, number, varint, zigzag, many = root.string, root.number, root.varint, root.zigzag, root.list
        meta = Cursor(root.bytes(), root.offset)
        self.title, self.lang = meta.string(), meta.string()
        self.dates = (meta.string(), meta.string()) if meta.number() else None
        self.sources = meta.list(lambda: (meta.string(), meta.varint(), meta.take(32).hex(), meta.string(),
                                          *(meta.varint() for _ in "read merged removed skipped".split()),
                                          meta.list(meta.string), meta.list(meta.string), meta.varint()))
        self.first_uids, self.totals = many(root.bytes), {name: varint() for name in ("terms", "postings", "tokens")}
        self.first_terms, self.zone = many(root.bytes), (string(), zigzag(), many(lambda: (zigzag(), zigzag())))
        self.num_dated, self.num_coarse, self.months = varint(), varint(), many(lambda: (zigzag(), number(), varint()))
        self.first_seconds = many(zigzag)  # facets: num_values, num_records, first block, block lengths, first column
        self.facets = dict(many(lambda: (string(), (varint(), varint(), varint(), many(varint), varint()))))
        self.numbers = dict(many(lambda: (string(), (number(), varint()))))  # name: scale, first_block
        self.store_docs, table = many(varint), many(lambda: (number(), many(varint)))
        root.check([section for section, _ in table] == list(range(1, 11)), "the section table is not of version 0")
        for section, (_, lengths) in zip(SECTIONS, table):
            self.blocks[section] = []
            for length in lengths:
                offset = end + -end % 3  # every block begins at a multiple of 3
                self.blocks[section].append((offset, length))
                end = offset + length
        root.check(end + -end % 3 == len(self.bytes), "the blocks do not fill the container")
        root.check(len(self.store_docs) == len(self.blocks["store"]), "the root contradicts its section table")

    def records(self, wanted=None):
        """Every record as a dict, in the order of the archive; or only the one with this DocId."""
        doc, pieces = 0, []
        for index, docs in enumerate(self.store_docs):  # a block that ends no record has a piece of `doc`
            if wanted is None or doc <= wanted < doc + max(docs, 1):
                block = self.block("store", index)
                count = block.varint()
                block.check(count == docs and not pieces or count == 0 and docs <= 1, "the root names other records")
                pieces += [] if count else [block.take()]
                found = [block.bytes() for _ in range(count)] or [b"".join(pieces)][:docs]
                pieces = [] if docs else pieces
                yield from (decode_record(Cursor(fields, block.offset)) for number, fields in enumerate(found, doc)
                            if wanted in (None, number))
            doc += docs

    def find(self, uid):
        """The DocId of a uid, or None."""
        index = bisect.bisect(self.first_uids, uid.encode()) - 1
        block = self.block("uids", max(index, 0)) if self.first_uids else None
        return Fst(block.bytes(), block.offset).get(uid.encode()) if block else None

    def facet(self, name):
        """The values of a facet with the number of records that have each, most frequent first."""
        _, _, first, counts, _ = self.facets[name]
        blocks = (self.block("facet-values", index) for index in range(first, first + len(counts)))
        return dict(pair for block in blocks for pair in block.list(lambda: (block.string(), block.varint())))

def main():
    try:
        for record in Archive(sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)).records():
            sys.stdout.buffer.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    except Damaged as damaged:
        sys.exit("{}: offset {}: {}".format(sys.argv[1], *damaged.args))

if __name__ == "__main__":
    main()
