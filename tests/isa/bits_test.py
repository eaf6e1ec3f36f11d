"""The arithmetic has the same bits for every instruction set: bits.c prints hashes of what each part
computes, here as a program of this build with all kernels that this processor has, for plain
x86-64, and for aarch64 in an emulator. bits.txt has the hashes, which are those of any processor."""
import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILT, RANDOM123 = sys.argv[1:3]
del sys.argv[1:3]
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def sources():
    """What the program consists of, without the parts that need other libraries."""
    left_out = {"openblas.c", "compute.c", "activity.c"}
    found = [path for folder in ("nn", "optim", "base") for path in (ROOT / "src" / folder).rglob("*.c")]
    return [HERE / "bits.c", *(path for path in found if path.name not in left_out)]


class BitsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.expected = (HERE / "bits.txt").read_text()

    def check(self, *command, isa=None):
        environment = {key: value for key, value in os.environ.items() if key != "LOCKSTEP_ISA"}
        if isa:
            environment["LOCKSTEP_ISA"] = isa
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout, self.expected)

    def build(self, compiler, *options):
        """Random123's headers are taken out of their folder, which may hold those of C's library
        for this processor, too."""
        headers = self.folder / "include"
        headers.mkdir()
        (headers / "Random123").symlink_to(pathlib.Path(RANDOM123) / "Random123")
        program = self.folder / "bits"
        subprocess.run([compiler, *options, "-O2", "-std=c11", "-ffp-contract=off", "-D_GNU_SOURCE",
                        '-DLS_VERSION=""', f"-I{ROOT}/include", f"-I{ROOT}/src", "-isystem", headers,
                        *sources(), "-o", program, "-lm", "-lpthread"], check=True)
        return program

    def test_this_processor(self):
        self.check(BUILT)
        flags = pathlib.Path("/proc/cpuinfo").read_text().split()
        if "avx2" in flags and "fma" in flags:
            self.check(BUILT, isa="x86-64-v3")
        if "avx512vl" in flags and "avx512dq" in flags:
            self.check(BUILT, isa="x86-64-v4")

    def test_plain_x86_64(self):
        """Fused multiply-adds by the C library."""
        if platform.machine() != "x86_64":
            self.skipTest("this is another processor")
        self.check(self.build("gcc", "-march=x86-64"))

    def test_aarch64(self):
        compiler, emulator = "aarch64-linux-gnu-gcc", "qemu-aarch64-static"
        for program in (compiler, emulator):
            self.assertTrue(shutil.which(program), program)
        program = self.build(compiler, "-static")
        self.check(emulator, program)


if __name__ == "__main__":
    unittest.main()
