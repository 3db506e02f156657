"""The reader in Python against the archives of fonds: what docs/FORMAT.md says must be what the bytes are.

    pip install -r tests/python/requirements.txt
    python -m unittest discover -s tests/python
"""
import bisect
import hashlib
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from collections import Counter, namedtuple
from itertools import accumulate
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE))

from fonds_reader import (MALFORMED, NAMES, Archive, Cursor, Damaged, crc32c, date_text, decode_block,  # noqa: E402
                          decode_frame, decode_hidden, read_containers, records as records_of)

SAMPLE = ROOT / "tests/samples/harbour/posts.jsonl"


def program():
    """The built program, or None."""
    candidates = [os.environ.get("FONDS_BIN"), ROOT / "target/release/fonds", ROOT / "target/debug/fonds"]
    return next((str(path) for path in candidates if path and Path(path).is_file()), None)


def lines(text):
    return [json.loads(line) for line in text.splitlines() if line.strip()]


def open_one(path):
    """The one segment of an archive."""
    [container], hidden = read_containers(path)
    assert not hidden
    return Archive(container)


# What the reader leaves out, decoded here so that these parts of the text are tried as well

Entry = namedtuple("Entry", "form lang doc_freq postings weights positions group members")  # the lists as (start, end)


def placed(version, size, end, lengths):
    """Where lists of a stream begin and end, by the size of its blocks."""
    for length in lengths:
        apart = version > 1 and length >= 2048  # long lists have blocks of their own
        end += -end % size if apart or (length >= 2048 and -length % size < end % size) else 0
        yield end, end + length
        end += length + (-(end + length) % size if apart else 0)


def read_leaf(archive, index):
    """The entries of a leaf; the lists of prefixes only spare reading theirs."""
    leaf = archive.block("terms", index)
    count, starts = leaf.varint(), leaf.varints(4)
    shared, lens, form = leaf.take(count), leaf.take(count), b""
    forms = [(form := form[:same] + leaf.take(length)).decode() for same, length in zip(shared, lens)]
    langs, (freqs, postings, positions, groups) = leaf.take(count), [leaf.varints(count) for _ in range(4)]
    members = [leaf.list(leaf.varint) if group == 1 else [] for group in groups]
    lists = [placed(archive.version, archive.stream_block, at, lens)
             for at, lens in zip(starts, (postings, freqs, positions))]
    return list(map(Entry, forms, (archive.languages[lang] for lang in langs), freqs, *lists, groups, members))


def find_form(archive, form):
    """The entries of a folded word, one for each language that has it."""
    first_of = lambda leaf: read_leaf(archive, leaf)[0].form.encode()
    place = bisect.bisect(range(archive.tree[0]), form.encode(), key=first_of) - 1
    return [entry for entry in (read_leaf(archive, place) if place >= 0 else []) if entry.form == form]


def read_stream(archive, section, start, end):
    """A range of a stream, which is cut into blocks of one size."""
    size = archive.stream_block
    blocks = [archive.block(section, index).data for index in range(start // size, -(-end // size))]
    return Cursor(Cursor(b"".join(blocks)[start % size:], start).take(end - start), start)


def read_postings(archive, entry):
    """For each record that holds an entry: its DocId, the weight, the positions."""
    gaps, weights = (read_stream(archive, section, *getattr(entry, section)) for section in ("postings", "weights"))
    places, doc = read_stream(archive, "positions", *entry.positions), -1
    places.take(4 * ((entry.doc_freq - 1) // 128) if places.data else 0)  # lengths of groups
    for weight in weights.data:
        doc, found, more = doc + 1 + gaps.varint(), [0], len(places.data) > 0
        gaps.check(doc < archive.num_docs, "a posting names a record that the archive does not have")
        while more:
            distance, more = divmod(places.varint(), 2)
            found.append(found[-1] + distance)
        yield doc, weight, [place for place in found if place]
    gaps.check(not gaps.take() and not places.take(), "postings do not fill their length")


COMMON = b"\0te/oasripcnw.hlm-du012g=:bf3y5&_4v9678k%?xCDASFIBEjPTzRNM+LOqHG"


def fst_node(fst, addr):
    """Whether a node is final, its final output, and its transitions (input, output, target) in order."""
    if addr == 0:
        return True, 0, []
    at, state = addr, fst.data[addr]
    def down(size):  # the number of so many bytes below those read already
        nonlocal at
        at -= size
        fst.check(at >= 16, "a node of an FST is malformed")
        return int.from_bytes(fst.data[at:at + size], "little")
    low, is_one, final_output = state & 0x3F, state & 0x80, 0
    if is_one:
        inputs, sizes = [COMMON[low] if low else down(1)], 0 if state & 0x40 else down(1)
        deltas, outputs = [1 if state & 0x40 else down(sizes >> 4)], [down(sizes & 15)]
    else:
        count = low or {1: 256}.get(byte := down(1), byte)
        sizes = down(1)
        at -= 256 if count > 32 else 0
        inputs, deltas, outputs = ([down(size) for _ in range(count)] for size in (1, sizes >> 4, sizes & 15))
        final_output = down(sizes & 15) if state & 0x40 else 0
    targets = [at - delta if delta else 0 for delta in deltas]
    fst.check(all(target == 0 or target >= 16 for target in targets), "a node of an FST is malformed")
    return not is_one and state & 0x40 != 0, final_output, list(zip(inputs, outputs, targets))


def fst_keys(fst):
    """The keys of an FST in order, with their values."""
    num_keys, keys, stack = int.from_bytes(fst.data[-20:-12], "little"), [], [(len(fst.data) - 21, b"", 0)]
    fst.check(len(fst.data) > 36 and fst.number(8) == 3, "an FST is malformed")
    while stack and len(keys) <= num_keys:
        addr, key, value = stack.pop()
        final, output, transitions = fst_node(fst, addr)
        keys += [(key, value + output)] if final else []
        stack += [(target, key + bytes([byte]), value + more) for byte, more, target in reversed(transitions)]
    fst.check(len(keys) == num_keys, "an FST has another number of keys than it says")
    return keys


def stream(archive, section):
    """Blocks of a section joined."""
    return b"".join(archive.block(section, index).data for index in range(len(archive.blocks[section])))


def check_contents(archive):
    """Every section holds what the root says."""
    for section in NAMES:
        held = stream(archive, section)
        assert archive.contents[section] == (len(held), hashlib.sha256(held).digest()), section


def terms(archive):
    """Every entry of the dictionary by its form and language, with its postings, in order."""
    num_leaves, found, entries = archive.tree[0], {}, {}
    ends = {"postings": 0, "weights": 0, "positions": 0}
    for index in range(num_leaves):
        leaf = read_leaf(archive, index)
        assert 1 <= len(leaf) <= 512
        for place, entry in enumerate(leaf):
            entries[512 * index + place] = entry
            for section in ends:
                start, ends[section] = getattr(entry, section)
                assert section != "positions" or entry.form[0] not in "#@" or start == ends[section]
                assert start <= ends[section]
            found[entry.form, entry.lang] = list(read_postings(archive, entry))
            check_groups_of_positions(archive, entry, found[entry.form, entry.lang])
    assert ends == {section: len(stream(archive, section)) for section in ends}
    keys = [(entry.form.encode(), entry.lang) for entry in entries.values()]
    assert keys == sorted(set(keys))
    check_separators(archive, num_leaves)
    check_stem_groups(entries)
    return found


def check_separators(archive, num_leaves):
    """The FSTs in the root and in the nodes lead each form to its leaf."""
    separators, levels = fst_keys(Cursor(archive.separators, 0)), [num_leaves]
    crc = crc32c(archive.separators[:-4])
    masked = (crc >> 15 | crc << 17) + 0xA282EAD8 & 0xFFFFFFFF
    assert masked == int.from_bytes(archive.separators[-4:], "little")
    assert [place for _, place in separators] == list(range(len(separators)))
    while levels[-1] > len(separators):
        levels.append(-(-levels[-1] // archive.tree[1]))
    assert len(archive.blocks["terms"]) == sum(levels)
    for level in range(len(levels) - 1, 0, -1):
        nodes = [fst_keys(archive.block("terms", sum(levels[:level]) + node)) for node in range(levels[level])]
        assert [node[-1][0] for node in nodes] == [key for key, _ in separators]
        separators = [(key, index) for index, (key, _) in enumerate(pair for node in nodes for pair in node)]
    for index in range(num_leaves):
        for entry in read_leaf(archive, index):
            assert bisect.bisect_left(separators, (entry.form.encode(),)) == index, entry.form


def check_stem_groups(entries):
    """A first member names the others, all others name it, and all are of one language."""
    groups = {}
    for number, entry in entries.items():
        if entry.group > 1:
            groups.setdefault(number - (entry.group - 1), []).append(number)
        assert entry.group == 1 or not entry.members
    for first, members in groups.items():
        assert list(accumulate(entries[first].members, initial=first))[1:] == members
        assert {entries[member].lang for member in members} == {entries[first].lang} != {""}
    assert {number for number, entry in entries.items() if entry.group == 1} == set(groups)


def check_groups_of_positions(archive, entry, found):
    """The lengths before the positions of a frequent entry lead to each group of 128 postings."""
    if entry.doc_freq > 128 and entry.positions[0] < entry.positions[1]:
        cursor = read_stream(archive, "positions", *entry.positions)
        lens = [cursor.number(4) for _ in range((entry.doc_freq - 1) // 128)]
        for start, end in zip(accumulate(lens, initial=0), accumulate(lens)):
            group, last = Cursor(cursor.data[4 * len(lens) + start:4 * len(lens) + end], 0), 0
            for _, _, positions in found[:128]:
                last = 0
                for position in positions or [0]:
                    last += group.varint() // 2
                    assert last == position
            assert group.at == len(group.data)
            found = found[128:]


def weight(term_freq, length):
    """What a writer takes. Of ties, which need a length of a power of 2 less 16, it takes the one that is further from 80."""
    steps = 2.5 * math.log2(max(term_freq, 1)) - 2.1875 * math.log2(length + 16)
    return min(max(80 + int(math.copysign(math.floor(abs(steps) + 0.5), steps)), 0), 255)


def find_uid(archive, uid):
    """The DocId of a uid, or None."""
    key = uid.encode()
    place = bisect.bisect(archive.first_uids, key) - 1
    if place >= 0 and archive.num_leaves > 64:
        node = archive.block("uids", archive.num_leaves + place)
        place = place * 512 + bisect.bisect(node.list(node.bytes), key) - 1
    index = find_block(archive.block("uids", place), key) if place >= 0 else None
    uids = [record["uid"] for record in archive.records([index])] if index is not None else []
    return index * archive.docs_per_block + uids.index(uid) if uid in uids else None


def find_block(leaf, key):
    """The block of the store that must hold the record of a uid, if any does."""
    count, blocks = leaf.varint(), list(accumulate(leaf.list(leaf.varint)))
    shared, lens, refs = Cursor(leaf.bytes(), leaf.offset), Cursor(leaf.bytes(), leaf.offset), leaf.bytes()
    beginnings, beginning = [], b""
    for _ in range(count):
        beginning = beginning[:shared.varint()] + leaf.take(lens.varint())
        beginnings.append(beginning)
    assert beginnings == sorted(set(beginnings)) and len(refs) == count * (2 if len(blocks) > 256 else 1)
    found = bisect.bisect(beginnings, key) - 1
    return blocks[int.from_bytes(refs[found::count], "little")] if found >= 0 else None


Source = namedtuple("Source", "name size sha256 format read merged removed skipped unreadable_dates notes dropped"
                              " redacted")
Meta = namedtuple("Meta", "title lang dates sources of_dates")


def meta(archive):
    """Title, language, first and last date, accounts of the sources."""
    rest = Cursor(archive.meta.data, 0)
    title, lang, dates = rest.string(), rest.string(), (rest.string(), rest.string()) if rest.number() else None
    sources = rest.list(lambda: Source(rest.string(), rest.varint(), rest.take(32).hex(), rest.string(), *rest.varints(5),
                                       rest.list(rest.string), rest.list(rest.string), rest.varint()))
    of_dates = [list(archive.numbers)[place] for place in (rest.varints(rest.varint()) if rest.at < len(rest.data) else [])]
    assert not rest.take()
    return Meta(title, lang, dates, sources, of_dates)


def facet(archive, name):
    """The values of a facet with the number of records that have each, most frequent first."""
    num_values, _, first, _ = archive.facets[name]
    blocks = [archive.block("facet-values", first + index) for index in range(-(-num_values // 256))]
    return dict(pair for block in blocks for pair in block.list(lambda: (block.string(), block.varint())))


def ascii_terms(record):
    """Terms of a record that is all ASCII, each with its weight and its positions."""
    def tokens(text):
        """Each term, and whether it counts as a word."""
        text = text.lower()
        for found in re.finditer(r"(?<![a-z0-9])[#@]|[a-z0-9]+", text):
            word, behind = found[0], lambda pattern: re.compile(pattern).match(text, found.end())
            if word in "#@":
                plain = behind(r"[a-z0-9_]*")[0]
                joined = behind(r"[a-z0-9_]*([-.@':&+][a-z0-9_]+)*")[0]
                bodies = [body for body in dict.fromkeys([joined, plain]) if re.search("[a-z0-9]", body)]
                yield from (((word + body)[:120], False) for body in bodies)
                continue
            signs = behind(r"(\+\+|#)(?![a-z0-9+#/_])")
            if signs and len(word) <= 2:
                yield word + signs[0], False
            yield word[:120], True

    held, times, words, title_words = {}, Counter(), 0, 0
    for name in ("title", "text"):
        for term, is_word in tokens(record.get(name, "")):
            held.setdefault(term, []).append(words + 1 + (name == "text" and title_words > 0))
            words += is_word
            times[term] += 2 if name == "title" else 1
        title_words = words
    marked = ["#" + re.sub(r"\s", "_", tag) for tag in record.get("tags", [])]
    marked += ["@" + mention for mention in record.get("mentions", [])]
    for term in [term for text in marked for term, is_word in tokens(text) if not is_word]:
        held.setdefault(term, [])
    return {term: (times[term], [] if term[0] in "#@" else found) for term, found in held.items()}, words


def times(archive):
    """Instant and precision of each dated record."""
    num_blocks, firsts = -(-archive.num_dated // 4096), archive.first_seconds
    if len(firsts) < num_blocks:
        nodes = [archive.block("times", num_blocks + node) for node in range(len(firsts))]
        firsts = [first for node in nodes for first in node.list(node.zigzag)]
        assert firsts[::archive.per_node] == archive.first_seconds
    found = list(archive.times())
    assert [seconds for seconds, _ in found[::4096]] == firsts
    return found


def column(archive, name):
    """Values of each record, by the column of a facet."""
    values, found = list(facet(archive, name)), []
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
        return open_one(path)

    def check_archive(self, archive):
        """What holds for every archive: its parts agree with each other. Returns the records."""
        records = list(archive.records())
        self.assertEqual(len(records), archive.num_docs)
        step = max(1, len(records) // 50)
        for doc in sorted({*range(0, len(records), step), len(records) - 1}):
            self.assertEqual(find_uid(archive, records[doc]["uid"]), doc)
        for uid in ("", "!", "no such uid", "~~~~"):
            self.assertIsNone(find_uid(archive, uid))

        check_contents(archive)
        index = terms(archive)
        self.assertEqual(len(index), archive.totals["terms"])
        self.assertEqual(sum(map(len, index.values())), archive.totals["postings"])
        held, langs = [{} for _ in records], [set() for _ in records]
        for (term, lang), found in index.items():
            for doc, code, positions in found:
                self.assertNotIn(term, held[doc])
                self.assertIn(lang, ("", records[doc].get("lang", lang)))
                langs[doc].add(lang)
                held[doc][term] = code, positions
        self.assertTrue(all(len(found) <= 1 for found in langs))
        ascii_only, num_words = True, 0
        for doc, record in enumerate(records):
            marks = record.get("tags", []) + record.get("mentions", [])
            if all(map(str.isascii, [record.get("title", ""), record.get("text", ""), *marks])):
                found, words = ascii_terms(record)
                wanted = {term: (weight(times, words), positions) for term, (times, positions) in found.items()}
                self.assertEqual(held[doc], wanted, record["uid"])
                num_words += words
            else:
                ascii_only = False
        if ascii_only:
            self.assertEqual(archive.totals["tokens"], num_words)
        for form in [form for form, _ in list(index)[::max(1, len(index) // 50)]] + ["no such word", "", "\U0010ffff"]:
            found = [(entry.lang, list(read_postings(archive, entry))) for entry in find_form(archive, form)]
            self.assertEqual(found, [(lang, docs) for (term, lang), docs in index.items() if term == form])

        dated = times(archive)
        self.assertEqual(len(dated), archive.num_dated)
        self.assertEqual(len(dated), sum(count for _, _, count in archive.months))
        self.assertEqual(sorted(dated), dated)
        self.assertEqual(["date" in record for record in records], [doc < len(dated) for doc in range(len(records))])
        lengths = {0: 4, 1: 7, 2: 10}
        for record, (_, precision) in zip(records, dated):
            self.assertEqual(len(record["date"]), lengths.get(precision, len(record["date"])))

        for name, (num_values, num_records, *_) in archive.facets.items():
            values, rows = facet(archive, name), column(archive, name)
            self.assertEqual([num_values, num_records], [len(values), sum(map(bool, rows))])
            self.assertEqual(len(rows), len(records))
            self.assertEqual(values, Counter(value for row in rows for value in row))
            in_order = sorted(values, key=lambda value: (-values[value], value.encode()))
            self.assertEqual(list(values), in_order)
            field = {"tag": "tags", "author": "author", "channel": "channel", "lang": "lang"}.get(name)
            if field:
                given = [record.get(field, []) for record in records]
                given = [[item] if isinstance(item, str) else item for item in given]
                given = [sorted(re.sub(r"\s+", " ", item) for item in items) for items in given]
                self.assertEqual([sorted(row) for row in rows], given)

        if "group" in archive.facets:
            groups, sizes = column(archive, "group"), facet(archive, "group")
            self.assertEqual(numbers(archive, "copies"), [sizes[row[0]] if row else None for row in groups])
            for name in sizes:
                members = [doc for doc, row in enumerate(groups) if row == [name]]
                self.assertIn(name, [records[members[0]]["uid"], name if name.startswith("~") else None])
                places = [records[doc].get("channel") or records[doc].get("author") or records[doc]["source"]["file"]
                          for doc in members]
                self.assertGreater(len(set(places)), 1)
        if records:
            self.assertEqual(numbers(archive, "length"), [len(record.get("text", "")) for record in records])
        if "views" in archive.numbers:
            self.assertEqual(numbers(archive, "views"), [record.get("views") for record in records])
        return records


def kept(pattern):
    return sorted(path for folder in ("golden", "frozen") for path in (ROOT / "tests" / folder).rglob(pattern))


KEPT = kept("*.fonds")
SEGMENTED = [path.parent.parent for path in kept("archive/manifest.js")]


class Golden(Temporary):
    def archives(self):
        self.assertTrue(KEPT)
        return KEPT

    def test_records_are_those_of_the_source_and_of_the_dump(self):
        for path in self.archives():
            with self.subTest(path.relative_to(ROOT)):
                records = self.check_archive(open_one(path))
                source = path.parent / "records.jsonl"
                if source.is_file():
                    dated = lambda record: (record.get("date", ""), record.get("text", ""))
                    self.assertEqual(sorted(map(dated, records)), sorted(map(dated, lines(source.read_text("utf-8")))))
                dump = path.parent / "dump.txt"
                if dump.is_file():
                    told = re.findall(r"^\d+ (\{.*\})$", dump.read_text("utf-8"), re.M)
                    self.assertEqual(records, [json.loads(record) for record in told])

    def test_segments_hold_what_they_say_and_hide_what_is_newer_elsewhere(self):
        self.assertTrue(SEGMENTED)
        for path in SEGMENTED:
            with self.subTest(path.relative_to(ROOT)):
                containers, hidden = read_containers(path)
                self.assertTrue(len(containers) > 1 and hidden)
                segments = [Archive(container) for container in containers]
                every = [self.check_archive(segment) for segment in segments]
                block = Cursor(decode_frame(hidden, 0, "the list"), 0)
                gone = list(decode_hidden(block, segments))
                named = lambda segment, docs: [every[segment][doc]["uid"] for doc in sorted(docs)]
                uids = [named(place, range(len(records))) for place, records in enumerate(every)]
                newer = lambda place, uid: any(uid in later for later in uids[place + 1:])
                wanted = [[uid for uid in uids[place] if newer(place, uid)] for place in range(len(uids))]
                self.assertEqual([named(place, docs) for place, docs in enumerate(gone)], wanted)
                self.assertTrue(any(wanted))
                shown = [record["uid"] for record in records_of(path)]
                self.assertEqual(sorted(shown), sorted({uid for segment in uids for uid in segment}))

    def test_a_bad_list_of_what_is_hidden_is_refused(self):
        segments = [open_one(ROOT / "tests/golden/archive/archive.fonds")] * 2
        last = segments[0].num_docs - 1
        good = bytes([0, 0, 1, last, 0, 0, 0, 1, 0, 1])
        self.assertEqual(list(decode_hidden(Cursor(good, 0), segments)), [{last}, {0, 1}])
        for bad in (bytes([0, 0, 1, last, 1, 0, 0, 0]), bytes([0, 0, 0, 0, 0, 0, 0]), bytes([0, 0, 0])):
            with self.assertRaises(Damaged):
                list(decode_hidden(Cursor(bad, 0), segments))

    def test_damage_to_a_segment_is_noticed(self):
        for number, shard in enumerate(sorted((SEGMENTED[0] / "archive").iterdir())):
            copy = self.folder / str(number)
            shutil.copytree(SEGMENTED[0], copy)
            script = bytearray(shard.read_bytes())
            script[-10] ^= 1
            (copy / "archive" / shard.name).write_bytes(script)
            with self.subTest(shard.name), self.assertRaises((*MALFORMED, OSError)):  # a name in the manifest leads nowhere
                list(records_of(copy))

    def test_index_is_that_of_the_dump(self):
        path = ROOT / "tests/golden/archive/archive.fonds"
        archive, dump = open_one(path), (path.parent / "dump.txt").read_text("utf-8")
        pattern = r'^  \d+ (\S+) "(\w*)" in (\d+): (.*)$'
        told = {(term, lang): [(int(doc), int(code), json.loads(positions))
                               for doc, code, positions in re.findall(r"(\d+)×(\d+)(\[.*?\])", docs)]
                for term, lang, _, docs in re.findall(pattern, dump, re.M)}
        self.assertEqual(terms(archive), told)
        totals = re.search(r"^(\d+) terms, (\d+) postings, (\d+) tokens$", dump, re.M)
        self.assertEqual([*archive.totals.values()], [int(total) for total in totals.groups()])
        title, lang, dates, [account], of_dates = meta(archive)
        self.assertIn(f'title "{title}", language {lang}, dates Some(("{dates[0]}", "{dates[1]}"))', dump)
        account = {**account._asdict(), "sha256": list(bytes.fromhex(account.sha256))}
        account = ", ".join(f"{name}: {json.dumps(value)}" for name, value in account.items())
        self.assertIn(f"source SourceAccount {{ {account} }}", dump)
        self.assertEqual(of_dates, re.findall(r"^dates (\S+), \d+ decimals", dump, re.M))
        self.assertTrue(of_dates)
        for name, scale in re.findall(r"^(?:numbers|dates) (\S+), (\d+) decimals", dump, re.M):
            told = re.search(rf"^(?:numbers|dates) {name}, \d+ decimals: \[(.*)\]$", dump, re.M)[1]
            told = [None if item == "None" else int(item[5:-1]) / 10 ** int(scale) for item in told.split(", ")]
            self.assertEqual(numbers(archive, name), told)
        words = "Year Month Day Second LocalSecond".split()
        told = re.findall(rf"^  (-?\d+) ({'|'.join(words)})$", dump, re.M)
        told = [(int(at), words.index(word)) for at, word in told]
        self.assertEqual(times(archive), told)
        for offset, length, raw in re.findall(r"^  \S+ \d+: (\d+) (\d+) (\d+)$", dump, re.M):
            self.assertTrue(any((int(offset), int(length)) in blocks for blocks in archive.blocks.values()), offset)
        name, first, changes = archive.zone
        self.assertIn(f"time zone {name}, first {first}, then {changes}\n", dump)

    def test_every_flipped_byte_of_a_copy_is_noticed(self):
        data = (ROOT / "tests/golden/archive/archive.fonds").read_bytes()
        whole = open_one(ROOT / "tests/golden/archive/archive.fonds")
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
        self.assertEqual(sorted(parts), ["root", "terms"])
        for section, content in parts.items():
            self.assertEqual(archive.block(section).data, content)
        self.assertEqual(meta(archive), ("Quay", "en", ("1963", "2024-06-24T09:30:00Z"), [], []))
        self.assertEqual(archive.zone, ("UTC", 0, []))
        source = lambda line: {"file": "log.txt", "lines": [line, line]}
        self.assertEqual(self.check_archive(archive), [
            {"uid": "log/2", "id": "2", "kind": "post", "date": "1963", "text": "Bell cast", "source": source(2)},
            {"uid": "log/1", "id": "1", "kind": "post", "date": "2024-06-24T09:30:00Z", "text": "Fog bell at #dawn",
             "spans": [{"start": 12, "end": 17, "kind": "hashtag"}], "tags": ["dawn"], "source": source(1)},
            {"uid": "~4d6ebf95a9e04791", "kind": "post", "text": "Ёлка", "source": source(3)}])
        self.assertEqual(list(read_postings(archive, find_form(archive, "bell")[0])), [(0, 71, [1]), (1, 71, [2])])
        self.assertEqual(times(archive), [(-220924800, 0), (1719221400, 3)])
        self.assertEqual(facet(archive, "year"), {"1963": 1, "2024": 1})

    def test_values(self):
        self.assertEqual(crc32c(b"123456789"), 0xE3069283)
        self.assertEqual([weight(*counts) for counts in ((1, 0), (1, 16), (2, 16), (4, 16), (5, 60))], [71, 69, 72, 74, 72])
        for data in (b"\x80" * 9 + b"\x02", b"\x80" * 10 + b"\x00", b"\x80"):
            with self.assertRaises(Damaged):
                Cursor(data, 0).varint()

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
            with self.assertRaises(MALFORMED):
                next(decode_block(block(texts, uid, bad)))
        with self.assertRaises(Damaged):
            next(decode_block(block(b"\xfecut", uid)))

    def test_dates_are_printed_from_their_instants(self):
        for form, seconds, text in (("0", -220924800, "1963"), ("1+01:00", -3600, "1970-01"), ("2", -62167219200, "0000-01-01"),
                                    ("3-03:30", 1719225015, "2024-06-24T07:00:15-03:30"), ("4", 951782400, "2000-02-29T00:00:00"),
                                    ("3Z", 253402300799, "9999-12-31T23:59:59Z"), ("2=soon", 0, "soon")):
            self.assertEqual(date_text(form, seconds, self.assertTrue), text)

    def test_the_reader_is_short(self):
        readers = [path for path in HERE.glob("*.py") if not path.name.startswith("test_")]
        self.assertLessEqual(sum(len(path.read_text("utf-8").splitlines()) for path in readers), 300)


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
        self.compare_archive(out)
        return out

    def compare_archive(self, out):
        run = subprocess.run([sys.executable, HERE / "fonds_reader.py", out], capture_output=True, encoding="utf-8")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        told = lines(self.run_program("extract", out, "--format", "jsonl"))
        self.assertEqual(len(lines(run.stdout)), len(told))
        for got, want in zip(lines(run.stdout), told):
            self.assertEqual(got, want)

    def test_every_archive_that_is_kept(self):
        for path in KEPT + SEGMENTED:
            with self.subTest(path.relative_to(ROOT)):
                self.compare_archive(path)

    def test_an_archive_that_was_added_to(self):
        """Some posts of the sample come later, some are corrected, some are as they were."""
        sample, out = lines(SAMPLE.read_text("utf-8")), self.folder / "added"
        parts = [sample[::3], [{**record, "text": record.get("text", "") + " (corrected)"} for record in sample[::4]], sample]
        for number, part in enumerate(parts):
            source = self.folder / f"part-{number}.jsonl"
            source.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in part), "utf-8")
            self.run_program(*(["build", source, "-o", out] if number == 0 else ["add", out, source]), "--quiet")
        containers, hidden = read_containers(out)
        self.assertTrue(len(containers) == len(parts) and hidden)
        self.compare_archive(out)

    def test_an_archive_of_every_golden_input(self):
        """Those that need to be told what they are, or are there to be refused, are none."""
        num_built = 0
        for number, source in enumerate(sorted((ROOT / "tests/golden").glob("*/input*"))):
            out = self.folder / f"{number}.fonds"
            if subprocess.run([self.program, "build", source, "-o", out, "--quiet"], capture_output=True).returncode == 0:
                num_built += 1
                with self.subTest(source.relative_to(ROOT)):
                    self.compare_archive(out)
        self.assertGreater(num_built, 40)

    def test_sample_as_a_container(self):
        archive = open_one(self.compare(SAMPLE, "harbour.fonds"))
        self.check_archive(archive)
        told = json.loads(self.run_program("inspect", "--json", self.folder / "harbour.fonds"))
        self.assertEqual({facet["name"]: facet["values"] for facet in told["facets"]},
                         {name: len(facet(archive, name)) for name in archive.facets})
        self.assertEqual(archive.totals, {name: told[name] for name in ("terms", "postings", "tokens")})
        self.assertEqual([meta(archive).title, archive.zone[0], meta(archive).dates],
                         [told["title"], told["time_zone"], (told["first_date"], told["last_date"])])

    def test_sample_as_a_folder(self):
        folder = self.compare(SAMPLE, "harbour")
        container = self.compare(SAMPLE, "harbour.fonds")
        self.assertEqual(open_one(folder).bytes, container.read_bytes())

    def test_damage_in_a_folder_is_noticed(self):
        folder = self.compare(SAMPLE, "harbour")
        shards = open_one(folder) and sorted((folder / "archive").glob("store-0*.js"))
        whole = shards[0].read_bytes()
        manifest = (folder / "archive/manifest.js").read_text("utf-8")
        manifest = json.loads(re.fullmatch(r'fondsShard\("manifest",(.*)\);\n?', manifest)[1])
        names = [name for name, _ in manifest["shards"]]
        offset = sum(size for _, size in manifest["shards"][:names.index(shards[0].stem)])
        for bad in (whole[:200] + b"?" + whole[201:], whole[:200] + bytes([whole[200] ^ 1]) + whole[201:], whole[:-9],
                    whole[:5000], b""):
            shards[0].write_bytes(bad)
            with self.assertRaises(Damaged) as caught:
                open_one(folder)
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
        archive = open_one(self.compare(source, "fields.fonds"))
        first = list(archive.records())[find_uid(archive, "Quay ⚓/1")]
        self.assertEqual({name: first.get(name) for name in record}, record)

    def test_terms_of_tags(self):
        source = self.folder / "tags.jsonl"
        items = [{"text": "harbour", "tags": ["harbour_day"]},
                 {"text": "x", "tags": ["qa_b", "qa_c", "two words", "qz qz"]},
                 {"text": "x #qd_e", "tags": ["qd_f", "qd_e"], "mentions": ["qd_e"]},
                 {"text": "x", "tags": ["#qg", "@qh", "--", "_", "a#qi"]},
                 {"title": "a#b", "text": "#_ ##c #-d _#e @#f #g#h " + "long" * 40 + "#" + "_long" * 40},
                 {"title": "C++, C# x### i++j #", "text": "#v1.2 @a@host.org #a_-b. #&c d+ #it's +#e++ f# C++"},
                 {"tags": ["c++", "r&d -x", "two\u00a0words"], "mentions": ["a.b", "#"]}]
        source.write_text("".join(json.dumps({"id": str(i), **item}) + "\n" for i, item in enumerate(items)))
        self.check_archive(open_one(self.compare(source, "tags.fonds")))

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
        archive = open_one(self.compare(source, "many.fonds"))
        self.assertEqual(len(archive.blocks["store-dictionary"]), 1)
        self.assertGreater(len(archive.blocks["store"]), archive.num_blocks)
        for section in ("uids", "terms", "postings", "times", "store"):
            self.assertGreater(len(archive.blocks[section]), 1, section)
        self.assertGreater(archive.facets["author"][0], 256)
        self.check_archive(archive)


if __name__ == "__main__":
    unittest.main()
