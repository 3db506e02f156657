"""A reader for fonds archives, written from docs/FORMAT.md alone; the parts of this file follow its headings.

    python fonds_reader.py ARCHIVE     prints the records of a container or a published folder as lines of JSON
"""
import base64, bisect, hashlib, json, re, sys, zstandard
from itertools import accumulate
from pathlib import Path
from fonds_records import Cursor, Damaged, crc32c, decode_block

SECTIONS = "uids terms postings norms times facet-values facet-columns store-dictionary store numbers".split()

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
                                          *(meta.varint() for _ in "read merged removed skipped bad_dates".split()),
                                          meta.list(meta.string), meta.list(meta.string), meta.varint()))
        self.num_leaves, self.first_uids = varint(), many(root.bytes)
        self.totals = {name: varint() for name in ("terms", "postings", "tokens")}
        self.first_terms, self.zone = many(root.bytes), (string(), zigzag(), many(lambda: (zigzag(), zigzag())))
        self.num_dated, self.num_coarse, self.months = varint(), varint(), many(lambda: (zigzag(), number(), varint()))
        self.first_seconds = many(zigzag)  # facets: num_values, num_records, first block, first column
        self.facets = dict(many(lambda: (string(), (varint(), varint(), varint(), varint()))))
        self.numbers = dict(many(lambda: (string(), (number(), varint()))))  # name: scale, first_block
        self.num_docs, self.docs_per_block, table = varint(), varint(), many(lambda: (number(), many(varint)))
        root.check([section for section, _ in table] == list(range(1, 11)), "the section table is not of version 0")
        for section, (_, lengths) in zip(SECTIONS, table):
            self.blocks[section] = []
            for length in lengths:
                offset = end + -end % 3  # every block begins at a multiple of 3
                self.blocks[section].append((offset, length))
                end = offset + length
        root.check(end + -end % 3 == len(self.bytes), "the blocks do not fill the container")
        self.num_blocks = -(-self.num_docs // max(self.docs_per_block, 1))  # those of long records follow
        root.check(self.num_blocks <= len(self.blocks["store"]), "the root contradicts its section table")

    def records(self, wanted=None):
        """Every record as a dict, in the order of the archive; or only the one with this DocId."""
        for index in range(self.num_blocks):
            if wanted is None or index == wanted // self.docs_per_block:
                block, first_doc = self.block("store", index), index * self.docs_per_block
                num_docs = min(self.docs_per_block, self.num_docs - first_doc)
                block.check(Cursor(block.data, 0).varint() == num_docs, "the root names other records")
                for doc, record in enumerate(decode_block(block), first_doc):
                    if wanted in (None, doc):
                        yield self.long_record(*record[1:]) if isinstance(record, tuple) else record

    def long_record(self, first, count):
        pieces = [self.block("store", index) for index in range(first, min(first + count, len(self.blocks["store"])))]
        if first < self.num_blocks or len(pieces) != count or not 0 < count <= 512:
            raise Damaged(0, "a long record names blocks that cannot be its own")
        return next(decode_block(Cursor(b"".join(piece.data for piece in pieces), pieces[0].offset)))

    def find(self, uid):
        """The DocId of a uid, or None."""
        key = uid.encode()
        place = bisect.bisect(self.first_uids, key) - 1
        if place >= 0 and self.num_leaves > 64:
            node = self.block("uids", self.num_leaves + place)
            place = place * 512 + bisect.bisect(node.list(node.bytes), key) - 1
        index = self.find_block(self.block("uids", place), key) if place >= 0 else None
        for doc, record in enumerate(decode_block(self.block("store", index)) if index is not None else ()):
            shown = record["uid"] if isinstance(record, dict) else record[0]
            cut = key[:512].decode(errors="ignore") + f"…{crc32c(key)}" if len(key) > 512 else uid
            if shown == (uid if isinstance(record, dict) else cut):
                return index * self.docs_per_block + doc

    def find_block(self, leaf, key):
        """The block of the store that must hold the record of a uid, if any does."""
        count, blocks = leaf.varint(), list(accumulate(leaf.list(leaf.varint)))
        shared, lens, refs = Cursor(leaf.bytes(), leaf.offset), Cursor(leaf.bytes(), leaf.offset), leaf.bytes()
        beginning, found = b"", None
        for number in range(count):
            beginning = beginning[:shared.varint()] + leaf.take(lens.varint())
            if beginning > key:
                break
            found = number
        if found is None:
            return None
        ref = int.from_bytes(refs[found::count][:2], "little")
        leaf.check(found < len(refs) and ref < len(blocks), "a uid names a block that its leaf does not")
        return blocks[ref]

    def facet(self, name):
        """The values of a facet with the number of records that have each, most frequent first."""
        num_values, _, first, _ = self.facets[name]
        blocks = [self.block("facet-values", first + index) for index in range(-(-num_values // 256))]
        return dict(pair for block in blocks for pair in block.list(lambda: (block.string(), block.varint())))

def main():
    try:
        for record in Archive(sys.argv[1] if len(sys.argv) == 2 else sys.exit(__doc__)).records():
            sys.stdout.buffer.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n")
    except Damaged as damaged:
        sys.exit("{}: offset {}: {}".format(sys.argv[1], *damaged.args))

if __name__ == "__main__":
    main()
