"""The bags of fonds against the Library of Congress's own validator: what `fonds build --bag` writes is a valid bag.

    pip install -r tests/python/requirements.txt
    python -m unittest discover -s tests/python
"""
import subprocess
import tempfile
import unittest
from pathlib import Path

import bagit

from test_reader import SAMPLE, program


@unittest.skipUnless(program(), "the program is not built")
class Bags(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.bag = Path(folder.name) / "bag"
        subprocess.run([program(), "build", SAMPLE, "-o", self.bag, "--bag", "--quiet"], check=True)

    def test_a_bag_is_valid(self):
        bag = bagit.Bag(str(self.bag))
        bag.validate()
        self.assertEqual(bag.version, "1.0")
        self.assertEqual(set(bag.algorithms), {"sha256"})
        files = [path for path in (self.bag / "data").rglob("*") if path.is_file()]
        self.assertEqual(bag.info["Payload-Oxum"], f"{sum(path.stat().st_size for path in files)}.{len(files)}")
        self.assertIn("data/posts.jsonl.gz", bag.payload_entries())

    def test_a_damaged_bag_is_not(self):
        for name in ["data/index.html", "bag-info.txt", "manifest-sha256.txt"]:
            path = self.bag / name
            whole = path.read_bytes()
            path.write_bytes(whole[:-2] + bytes([whole[-2] ^ 1]) + whole[-1:])
            with self.assertRaises(bagit.BagError):
                bagit.Bag(str(self.bag)).validate()
            path.write_bytes(whole)
        bagit.Bag(str(self.bag)).validate()


if __name__ == "__main__":
    unittest.main()
