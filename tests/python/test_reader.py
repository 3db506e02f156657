"""The reader in Python against the archives of fonds: what docs/FORMAT.md says must be what the bytes are.

    pip install -r tests/python/requirements.txt
    python -m unittest discover -s tests/python
"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import unittest
from collections import Counter
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

from fonds_reader import Archive, Fst  # noqa: E402
from fonds_records import Cursor, Damaged, crc32c, date_text, decode_block  # noqa: E402

SAMPLE = ROOT / "tests/samples/harbour/posts.jsonl"


def program():
    """The built program, or None."""
    candidates = [os.environ.get("FONDS_BIN"), ROOT / "target/release/fonds", ROOT / "target/debug/fonds"]
    return next((str(path) for path in candidates if path and Path(path).is_file()), None)


def lines(text):
    return [json.loads(line) for line in text.splitlines() if line.strip()]


# What the reader leaves out, decoded here so that these parts of the text are tried as well

def walk(fst):
    """Keys of an FST in order, with their values."""
    stack, keys = [(fst.root, b"", 0)], []
    while stack and len(keys) <= fst.num_keys:
        addr, key, value = stack.pop()
        final, output, transitions = fst.node(addr)
        if final:
            keys.append((key, value + output))
        stack += [(target, key + bytes([byte]), value + out) for byte, (out, target) in reversed(transitions.items())]
    assert len(keys) == fst.num_keys
    return keys


def stream(archive, section):
    """Blocks of a section joined."""
    return b"".join(archive.block(section, index).data for index in range(len(archive.blocks[section])))


def postings(data, doc_freq):
    """DocIds and frequencies of one term."""
    cursor, found, following = Cursor(data, 0), [], 0
    while doc_freq - len(found) >= 128:
        widths = cursor.number(), cursor.number()
        gaps, counts = ([int.from_bytes(packed, "little") >> i * width & (1 << width) - 1 for i in range(128)]
                        for width in widths for packed in [cursor.take(16 * width)])
        for gap, count in zip(gaps, counts):
            found.append((following + gap, count + 1))
            following += gap + 1
    while len(found) < doc_freq:
        gap, once = divmod(cursor.varint(), 2)
        found.append((following + gap, 1 if once else cursor.varint()))
        following += gap + 1
    assert not cursor.take(), "postings do not fill their length"
    return found


def terms(archive):
    """Every term with its postings, in order."""
    data, found = stream(archive, "postings"), {}
    for index, first in enumerate(archive.first_terms):
        block = archive.block("terms", index)
        keys, at = walk(Fst(block.bytes(), block.offset)), block.varint()
        assert keys[0][0] == first and [value for _, value in keys] == list(range(len(keys)))
        for key, _ in keys:
            doc_freq, length = block.varint(), block.varint()
            found[key.decode()] = postings(data[at:at + length], doc_freq)
            at += length
    return found


def ascii_terms(record):
    """Terms of a record that is all ASCII, with their frequencies, and its length in words."""
    def tokens(text):
        sigil_or_word = r"(?<![A-Za-z0-9])([#@])(?=_*[A-Za-z0-9])([A-Za-z0-9_]+)|([A-Za-z0-9]+)"
        for sigil, body, word in re.findall(sigil_or_word, text):
            words = [word] if word else re.findall("[A-Za-z0-9]+", body)
            yield from [(sigil + body).lower()[:120]] * bool(sigil) + [word.lower()[:120] for word in words]

    counts = Counter(token for name in ("title", "text") for token in tokens(record.get(name, "")))
    length = sum(count for term, count in counts.items() if term[0] not in "#@")
    marked = ["#" + tag for tag in record.get("tags", [])] + ["@" + mention for mention in record.get("mentions", [])]
    for term in [term for text in marked for term in tokens(text)]:
        counts.setdefault(term, 1)
    return counts, length


def length_of(code):
    return code if code < 40 else (8 + (code - 40) % 8 << (code - 40) // 8 + 2) + 8


def times(archive):
    """Instant and precision of each dated record."""
    found = []
    for index, first in enumerate(archive.first_seconds):
        block, seconds, instants = archive.block("times", index), 0, []
        for difference in block.list(block.zigzag):
            seconds += difference
            instants.append(seconds)
        assert instants[0] == first
        found += zip(instants, block.take())
    return found


def column(archive, name):
    """Values of each record, by the column of a facet."""
    values, found = list(archive.facet(name)), []
    first_block = archive.facets[name][3]
    for index in range((archive.num_docs + 8191) // 8192):
        block = archive.block("facet-columns", first_block + index)
        while block.at < len(block.data):
            found.append([values[number] for number in block.list(block.varint)])
    return found


def numbers(archive, name):
    """The number of each record in a column, or None."""
    scale, first_block = archive.numbers[name]
    found = []
    for index in range((archive.num_docs + 8191) // 8192):
        block = archive.block("numbers", first_block + index)
        smallest = block.zigzag()
        while block.at < len(block.data):
            above = block.opt_varint()
            found.append(None if above is None else (above + smallest) / 10 ** scale)
    return found


class Temporary(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def open_bytes(self, data):
        path = self.folder / "copy.fonds"
        path.write_bytes(data)
        return Archive(path)

    def check_archive(self, archive):
        """What holds for every archive: its parts agree with each other. Returns the records."""
        records = list(archive.records())
        self.assertEqual(len(records), archive.num_docs)
        step = max(1, len(records) // 50)
        for doc in sorted({*range(0, len(records), step), len(records) - 1}):
            self.assertEqual(archive.find(records[doc]["uid"]), doc)
        for doc in sorted({0, len(records) // 2, len(records) - 1}):
            self.assertEqual(list(archive.records(doc)), [records[doc]])
        for uid in ("", "!", "no such uid", "~~~~"):
            self.assertIsNone(archive.find(uid))

        index = terms(archive)
        self.assertEqual(len(index), archive.totals["terms"])
        self.assertEqual(sum(map(len, index.values())), archive.totals["postings"])
        self.assertEqual(len(stream(archive, "norms")), len(records))
        held = [{} for _ in records]
        for term, found in index.items():
            for doc, count in found:
                held[doc][term] = count
        norms = stream(archive, "norms")
        for doc, record in enumerate(records):
            marks = record.get("tags", []) + record.get("mentions", [])
            if all(map(str.isascii, [record.get("title", ""), record.get("text", ""), *marks])):
                counts, length = ascii_terms(record)
                self.assertEqual(held[doc], counts, record["uid"])
                self.assertTrue(length_of(norms[doc]) <= length < length_of(norms[doc] + 1), record["uid"])

        dated = times(archive)
        self.assertEqual(len(dated), archive.num_dated)
        self.assertEqual(len(dated), sum(count for _, _, count in archive.months))
        self.assertEqual(sorted(dated), dated)
        self.assertEqual(["date" in record for record in records], [doc < len(dated) for doc in range(len(records))])
        lengths = {0: 4, 1: 7, 2: 10}
        for record, (_, precision) in zip(records, dated):
            self.assertEqual(len(record["date"]), lengths.get(precision, len(record["date"])))

        for name, (num_values, num_records, *_) in archive.facets.items():
            values, rows = archive.facet(name), column(archive, name)
            self.assertEqual([num_values, num_records], [len(values), sum(map(bool, rows))])
            self.assertEqual(len(rows), len(records))
            self.assertEqual(values, Counter(value for row in rows for value in row))
            in_order = sorted(values, key=lambda value: (-values[value], value.encode()))
            self.assertEqual(list(values), in_order)
            field = {"tag": "tags", "author": "author", "channel": "channel", "lang": "lang"}.get(name)
            if field:
                given = [record.get(field, []) for record in records]
                given = [[item] if isinstance(item, str) else sorted(item) for item in given]
                self.assertEqual([sorted(row) for row in rows], given)

        if records:
            self.assertEqual(numbers(archive, "length"), [len(record.get("text", "")) for record in records])
        if "views" in archive.numbers:
            self.assertEqual(numbers(archive, "views"), [record.get("views") for record in records])
        return records


class Golden(Temporary):
    def archives(self):
        found = sorted((ROOT / "tests/golden").rglob("*.fonds"))
        self.assertTrue(found)
        return found

    def test_records_are_those_of_the_source_and_of_the_dump(self):
        for path in self.archives():
            with self.subTest(path.relative_to(ROOT)):
                records = self.check_archive(Archive(path))
                source = path.parent / "records.jsonl"
                if source.is_file():
                    dated = lambda record: (record.get("date", ""), record.get("text", ""))
                    self.assertEqual(sorted(map(dated, records)), sorted(map(dated, lines(source.read_text("utf-8")))))
                dump = path.parent / "dump.txt"
                if dump.is_file():
                    told = re.findall(r"^\d+ (\{.*\})$", dump.read_text("utf-8"), re.M)
                    self.assertEqual(records, [json.loads(record) for record in told])

    def test_index_is_that_of_the_dump(self):
        path = ROOT / "tests/golden/archive/archive.fonds"
        archive, dump = Archive(path), (path.parent / "dump.txt").read_text("utf-8")
        told = {term: [tuple(map(int, pair.split("×"))) for pair in pairs.split()]
                for term, pairs in re.findall(r"^  (\S+) in \d+: (.*)$", dump, re.M)}
        self.assertEqual(terms(archive), told)
        lengths = json.loads(re.search(r"^lengths: (.*)$", dump, re.M)[1])
        self.assertEqual([length_of(code) for code in stream(archive, "norms")], lengths)
        words = "Year Month Day Second LocalSecond".split()
        told = re.findall(rf"^  (-?\d+) ({'|'.join(words)})$", dump, re.M)
        told = [(int(at), words.index(word)) for at, word in told]
        self.assertEqual(times(archive), told)
        for offset, length, raw in re.findall(r"^  \S+ \d+: (\d+) (\d+) (\d+)$", dump, re.M):
            self.assertTrue(any((int(offset), int(length)) in blocks for blocks in archive.blocks.values()))
        name, first, changes = archive.zone
        self.assertIn(f"time zone {name}, first {first}, then {changes}\n", dump)

    def test_every_flipped_byte_of_a_copy_is_noticed(self):
        data = (ROOT / "tests/golden/archive/archive.fonds").read_bytes()
        whole = Archive(ROOT / "tests/golden/archive/archive.fonds")
        spans = [(0, 48)] + [place for blocks in whole.blocks.values() for place in blocks]
        for at in range(0, len(data), 7):
            span = next(((offset, length) for offset, length in spans if offset <= at < offset + length), None)
            if span is None:
                continue  # padding
            with self.subTest(at):
                copy = bytearray(data)
                copy[at] ^= 1 << at % 8
                with self.assertRaises(Damaged) as caught:
                    archive = self.open_bytes(copy)
                    for section, blocks in archive.blocks.items():
                        for index in range(len(blocks)):
                            archive.block(section, index)
                self.assertEqual(caught.exception.args[0], span[0])

    def test_a_cut_or_longer_file_is_noticed(self):
        data = (ROOT / "tests/golden/archive/archive.fonds").read_bytes()
        for length in (*range(0, len(data), 50), len(data) - 1):
            with self.subTest(length), self.assertRaises(Damaged) as caught:
                self.open_bytes(data[:length])
            self.assertEqual(caught.exception.args[0], length if length >= 48 else 0)
        with self.assertRaises(Damaged):
            self.open_bytes(data + b"\0\0\0")

    def test_the_command_names_the_offset(self):
        path = self.folder / "cut.fonds"
        path.write_bytes((ROOT / "tests/golden/archive/archive.fonds").read_bytes()[:1000])
        run = subprocess.run([sys.executable, HERE / "fonds_reader.py", path], capture_output=True, encoding="utf-8")
        self.assertEqual((run.returncode, run.stdout), (1, ""))
        self.assertIn("offset 1000: ", run.stderr)


class Text(Temporary):
    """The examples in docs/FORMAT.md."""

    text = (ROOT / "docs/FORMAT.md").read_text("utf-8")

    def example(self):
        """The worked example: the container, and the content of its compressed blocks by section."""
        parts, name = {"": b""}, ""
        for line in re.search(r"<!-- example -->\n```text\n(.*?)```", self.text, re.S)[1].splitlines():
            heading = re.fullmatch(r"decoded (\S+)", line)
            row = re.match(r"([0-9a-f]{6})  ((?:[0-9a-f]{2} ?)+)", line[:56])
            if heading:
                name = heading[1]
                parts[name] = b""
            elif row:
                self.assertEqual(int(row[1], 16), len(parts[name]), line)
                parts[name] += bytes.fromhex(row[2])
        return parts

    def test_worked_example(self):
        parts = self.example()
        archive = self.open_bytes(parts.pop(""))
        self.assertGreater(len(parts), 2)
        for section, content in parts.items():
            self.assertEqual(archive.block(section).data, content)
        self.assertEqual(archive.title, "Quay")
        self.assertEqual(archive.zone, ("UTC", 0, []))
        source = lambda line: {"file": "log.txt", "lines": [line, line]}
        self.assertEqual(self.check_archive(archive), [
            {"uid": "log/2", "id": "2", "kind": "post", "date": "1963", "text": "Bell cast", "source": source(2)},
            {"uid": "log/1", "id": "1", "kind": "post", "date": "2024-06-24T09:30:00Z", "text": "Fog bell at #dawn",
             "spans": [{"start": 12, "end": 17, "kind": "hashtag"}], "tags": ["dawn"], "source": source(1)},
            {"uid": "~4d6ebf95a9e04791", "kind": "post", "text": "Ёлка", "source": source(3)}])
        self.assertEqual(terms(archive)["bell"], [(0, 1), (1, 1)])
        self.assertEqual(times(archive), [(-220924800, 0), (1719221400, 3)])
        self.assertEqual(archive.facet("year"), {"1963": 1, "2024": 1})

    def test_values(self):
        self.assertEqual(crc32c(b"123456789"), 0xE3069283)
        self.assertEqual(length_of(255), 4026531848)
        self.assertEqual([length_of(code) for code in (39, 40, 41, 47, 48, 49, 56)], [39, 40, 44, 68, 72, 80, 136])
        for data in (b"\x80" * 9 + b"\x02", b"\x80" * 10 + b"\x00", b"\x80"):
            with self.assertRaises(Damaged):
                Cursor(data, 0).varint()
        packed = int.from_bytes(bytes.fromhex("41f581"), "little")
        self.assertEqual([packed >> 3 * i & 7 for i in range(8)], [1, 0, 5, 2, 7, 3, 0, 4])

    def test_a_malformed_record_is_refused(self):
        column = lambda number, value: bytes([number, len(value)]) + value
        block = lambda texts, *columns: Cursor(b"\1\0" + b"".join(columns) + b"\0" + texts, 0)
        uid, texts = column(1, b"u\xff"), b"\xfe" + "aб".encode() + b"\xff"
        good = block(texts, uid, column(49, b"\3\1\2\1"), column(200, b"later"))
        self.assertEqual(next(decode_block(good))["spans"], [{"start": 1, "end": 2, "kind": "bold"}])
        extras = [column(51, b"\3uid1.0\xff"), column(51, b"\1a1\xff"),
                  column(50, b"\x08\6\6\1a\3not")]
        found = next(decode_block(block(texts, uid, *extras)))
        self.assertEqual(found, {"uid": "u", "text": "aб", "uid_": 1.0, "a": 1, "a_": "not"})
        for bad in (column(2, b"\xc3\xff"), column(49, b"\3\2\1\1"), column(49, b"\3\1\3\1"), column(4, b"5\xff"),
                    column(34, b"\3"), column(3, b"open"), column(3, b"\xfd"), b"\3\x7f"):
            with self.assertRaises(Damaged):
                next(decode_block(block(texts, uid, bad)))
        with self.assertRaises(Damaged):
            next(decode_block(block(b"\xfecut", uid)))

    def test_dates_are_printed_from_their_instants(self):
        for form, seconds, text in (("0", -220924800, "1963"), ("1+01:00", -3600, "1970-01"), ("2", -62167219200, "0000-01-01"),
                                    ("3-03:30", 1719225015, "2024-06-24T07:00:15-03:30"), ("4", 951782400, "2000-02-29T00:00:00"),
                                    ("3Z", 253402300799, "9999-12-31T23:59:59Z"), ("2=soon", 0, "soon")):
            self.assertEqual(date_text(form, seconds, self.assertTrue), text)

    def test_the_reader_is_short(self):
        for name in ("fonds_reader.py", "fonds_records.py"):
            self.assertLessEqual(len((HERE / name).read_text("utf-8").splitlines()), 300)


class Built(Temporary):
    """Archives that the program builds now."""

    def setUp(self):
        super().setUp()
        self.program = program()
        if self.program is None:
            self.skipTest("the program is not built: cargo build, or name it in FONDS_BIN")

    def run_program(self, *arguments):
        run = subprocess.run([self.program, *map(str, arguments)], capture_output=True, encoding="utf-8")
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def compare(self, source, name):
        """Builds an archive and compares what the command prints with what the program extracts."""
        out = self.folder / name
        self.run_program("build", source, "-o", out, "--quiet")
        run = subprocess.run([sys.executable, HERE / "fonds_reader.py", out], capture_output=True, encoding="utf-8")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        told = lines(self.run_program("extract", out))
        self.assertEqual(len(lines(run.stdout)), len(told))
        for got, want in zip(lines(run.stdout), told):
            self.assertEqual(got, want)
        return out

    def test_sample_as_a_container(self):
        archive = Archive(self.compare(SAMPLE, "harbour.fonds"))
        self.check_archive(archive)
        told = json.loads(self.run_program("inspect", "--json", self.folder / "harbour.fonds"))
        self.assertEqual({facet["name"]: facet["values"] for facet in told["facets"]},
                         {name: len(archive.facet(name)) for name in archive.facets})
        self.assertEqual(archive.totals, {name: told[name] for name in ("terms", "postings", "tokens")})
        self.assertEqual([archive.title, archive.zone[0], archive.dates],
                         [told["title"], told["time_zone"], (told["first_date"], told["last_date"])])

    def test_sample_as_a_folder(self):
        folder = self.compare(SAMPLE, "harbour")
        container = self.compare(SAMPLE, "harbour.fonds")
        self.assertEqual(Archive(folder).bytes, container.read_bytes())

    def test_damage_in_a_folder_is_noticed(self):
        folder = self.compare(SAMPLE, "harbour")
        shards = Archive(folder) and sorted((folder / "archive").glob("store-0*.js"))
        whole = shards[0].read_bytes()
        manifest = (folder / "archive/manifest.js").read_text("utf-8")
        manifest = json.loads(re.fullmatch(r'fondsShard\("manifest",(.*)\);\n?', manifest)[1])
        names = [name for name, _ in manifest["shards"]]
        offset = sum(size for _, size in manifest["shards"][:names.index(shards[0].stem)])
        for bad in (whole[:200] + b"?" + whole[201:], whole[:200] + bytes([whole[200] ^ 1]) + whole[201:], whole[:-9],
                    whole[:5000], b""):
            shards[0].write_bytes(bad)
            with self.assertRaises(Damaged) as caught:
                Archive(folder)
            self.assertEqual(caught.exception.args[0], offset)

    def test_every_field(self):
        source = self.folder / "fields.jsonl"
        record = {
            "id": "1", "kind": "message", "date": "2024-06-24T09:30:00+05:45", "author": "Öznur", "channel": "Quay ⚓",
            "forwarded_from": {"name": "Radio", "id": "9", "url": "https://radio.example/9"}, "reply_to": "7",
            "thread": "t", "album": "a", "title": "Fog 🌫", "text": "a 🧤b mid #dawn", "tags": ["dawn"],
            "spans": [{"start": 2, "end": 4, "kind": "bold"},
                      {"start": 5, "end": 8, "kind": "link", "href": "https://e.example"}],
            "mentions": ["marta"], "links": ["https://e.example"], "views": 0, "edited": "later", "flags": ["elided"],
            "media": [{"kind": "photo", "name": "p.jpg", "size": 0, "duration": 3, "path": "m/p.jpg"},
                      {"kind": "file"}],
            "poll": {"question": "Open?", "answers": [{"text": "yes", "votes": 0}, {"text": "no"}], "voters": 2},
            "reactions": [{"emoji": "❤", "count": 3}], "dates_mentioned": ["1962-12"], "lang": "en",
            "url": "https://quay.example/1", "price": 1.10, "nested": {"b": [1, {"c": None}]}, "doc": 5, "empty": ""}
        odd = {"id": "2", "text": "y", "source": "a", "source_": "b", "poll": {"question": "", "answers": []}}
        source.write_text("".join(json.dumps(item) + "\n" for item in (record, odd, {"text": ""}, {"id": "3"})))
        archive = Archive(self.compare(source, "fields.fonds"))
        first = next(archive.records(archive.find("Quay ⚓/1")))
        self.assertEqual({name: first.get(name) for name in record}, record)

    def test_terms_of_tags(self):
        source = self.folder / "tags.jsonl"
        items = [{"text": "harbour", "tags": ["harbour_day"]},
                 {"text": "x", "tags": ["qa_b", "qa_c", "two words", "qz qz"]},
                 {"text": "x #qd_e", "tags": ["qd_f", "qd_e"], "mentions": ["qd_e"]},
                 {"text": "x", "tags": ["#qg", "@qh", "--", "_", "a#qi"]},
                 {"title": "a#b", "text": "#_ ##c #-d _#e @#f #g#h " + "long" * 40 + "#" + "_long" * 40}]
        source.write_text("".join(json.dumps({"id": str(i), **item}) + "\n" for i, item in enumerate(items)))
        self.check_archive(Archive(self.compare(source, "tags.fonds")))

    def test_many_records_and_long_ones(self):
        """More than one block of everything, a dictionary, and records in pieces."""
        chance, sample = random.Random(7), lines(SAMPLE.read_text("utf-8"))
        words = [word for record in sample for word in record.get("text", "").split()]
        source = self.folder / "many.jsonl"
        with source.open("w", encoding="utf-8") as out:
            for number in range(8500):
                record = {**sample[number % len(sample)], "id": str(number + 1)}
                record.update(author=f"Pilot {number // 2}", spans=[])
                length = {100: 200_000, 101: 80_000}.get(number, 12)  # the longest take several blocks
                record["text"] = " ".join(chance.choices(words, k=length))
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
        archive = Archive(self.compare(source, "many.fonds"))
        self.assertEqual(len(archive.blocks["store-dictionary"]), 1)
        self.assertGreater(len(archive.blocks["store"]), archive.num_blocks)
        for section in ("uids", "terms", "postings", "times", "store"):
            self.assertGreater(len(archive.blocks[section]), 1, section)
        self.assertGreater(archive.facets["author"][0], 256)
        self.check_archive(archive)


if __name__ == "__main__":
    unittest.main()
