"""lockstep bench: its output agrees with the job and with itself, on one rank and on two; it leaves
no files; invalid input is one error."""

import os
import re

import common
from common import dense, make_job

NUMBER = r"(-?[\d.]+(?:e[+-]?\d+)?)"
CNN = [{"conv2d": {"filters": 8, "kernel_size": 3, "activation": "relu"}}, "max_pooling2d",
       {"conv2d": {"filters": 8, "kernel_size": 3}}, "flatten",
       dense(10, activation="softmax")]


class BenchTest(common.ProgramTest):
    def bench(self, job, ranks, *arguments):
        self.write_job(job)
        return self.lockstep("bench", "job.yaml", "--seconds", "0.02", *arguments,
                             ranks=ranks).stdout

    def numbers(self, text, pattern):
        match = re.search(pattern.replace("#", NUMBER), text)
        self.assertTrue(match, f"no {pattern} in\n{text}")
        return [float(number) for number in match.groups()]

    def products(self, text):
        """[(layer and direction, m, n, k, times, ms)]"""
        rows = re.findall(rf"^(\S+ (?:forward|backward)) +(\d+) +(\d+) +(\d+) +(\d+) +{NUMBER} ",
                          text, re.M)
        return [(name, *map(int, sizes), float(ms)) for name, *sizes, ms in rows]

    def check_sums(self, text, batch, operations=None):
        """The last lines follow from the lines above them. `operations`: floating-point operations
        of the plain products, by default those of the products that are computed."""
        step, rate = self.numbers(text, r"on a rank: # ms, # samples/s")
        possible, products, reduction, reached = self.numbers(
            text, r"possible: # ms \(products #, reduction #\); reached: # %")
        plain, all_plain, same, reached_plain = self.numbers(
            text, r"by plain products: # ms \(products #, reduction #\); reached: # %")
        least, fraction = self.numbers(text, r"plain products at peak: # ms; reached: # %")
        peak, = self.numbers(text, r"peak +# GFLOP/s per rank")
        predicted, compute, reduce, update, off = self.numbers(
            text, r"predicted: # ms \(compute #, reduction #, update #\), \+?# % of the step")
        self.assertAlmostEqual(rate, batch / step * 1e3, delta=rate / 20)
        self.assertAlmostEqual(products, sum(row[-1] for row in self.products(text)),
                               delta=0.001 + products / 50)
        self.assertAlmostEqual(possible, products + reduction, delta=0.0002)
        self.assertAlmostEqual(reached, 100 * possible / step, delta=0.1 + reached / 50)
        self.assertGreater(reached, 0)
        self.assertEqual(same, reduction)
        self.assertAlmostEqual(plain, all_plain + reduction, delta=0.0002)
        self.assertAlmostEqual(reached_plain, 100 * plain / step, delta=0.1 + reached_plain / 50)
        if operations is None:
            operations = sum(2 * m * n * k * times for _, m, n, k, times, _ in self.products(text))
        self.assertAlmostEqual(least, operations / peak * 1e-6, delta=0.0001 + least / 50)
        self.assertAlmostEqual(fraction, 100 * least / step, delta=0.1 + fraction / 50)
        self.assertAlmostEqual(predicted, compute + reduce + update, delta=0.0003)
        self.assertAlmostEqual(off, 100 * (predicted / step - 1), delta=1 + abs(off) / 20)
        for pattern in (r"peak +# GFLOP/s per rank", r"memory +# GB/s per rank"):
            self.assertGreater(self.numbers(text, pattern)[0], 0)
        return reached

    def test_share(self):
        """The fraction of peak is below 100 %, except for noise. On a busy machine times vary: one
        of several attempts must be in range."""
        model = ["flatten", dense(300, activation="relu"), dense(10, activation="softmax")]
        job = make_job(model=model, train={"batch_size": 300})
        shares = []
        while not any(10 < share < 120 for share in shares):
            self.assertLess(len(shares), 5, f"shares of {shares} %")
            shares.append(self.check_sums(self.bench(job, 2), 300))

    def test_dense(self):
        """The products of each layer have the batch of a shard as rows: one in forward; in backward
        one for the kernel and, except in the first layer, one for the input."""
        for ranks, rows in ((None, 300), (2, 150)):
            with self.subTest(ranks):
                text = self.bench(make_job(train={"batch_size": 300}), ranks)
                self.assertEqual([row[:5] for row in self.products(text)], [
                    ("dense forward", rows, 16, 784, 1),
                    ("dense_1 forward", rows, 10, 16, 1),
                    ("dense_1 backward", 16, 10, rows, 1),
                    ("dense_1 backward", rows, 16, 10, 1),
                    ("dense backward", 784, 16, rows, 1)])
                self.check_sums(text, 300)
                self.assertRegex(text, f"(?m)^ranks +{ranks or 1} on 1 node, ")
                self.assertRegex(text, "(?m)^machine +" + re.escape(os.uname().nodename) + ", ")
                self.assertRegex(text, "(?m)^products of matrices by +(x86-64-v|aarch64|portable)")
                for line in ("shared memory +# +# +#", "MPI_Allreduce +# +# +#",
                             "messages between ranks +# us latency, # us each of many, # GB/s"):
                    found = re.findall(f"^{line}$".replace("#", NUMBER), text, re.M)
                    self.assertEqual(len(found), int(ranks == 2), line)
                    for numbers in found:
                        self.assertTrue(all(float(number) > 0 for number in numbers), line)
        self.assertEqual(os.listdir(self.folder), ["job.yaml"])

    def test_shards(self):
        """Two shards on each of two ranks, reduced by messages."""
        job = make_job(train={"batch_size": 300, "shards": 4, "reduction": "exchange"})
        text = self.bench(job, 2)
        self.assertTrue(all(row[4] == 1 for row in self.products(text)), text)
        self.assertEqual(self.products(text)[0][1:5], (150, 16, 784, 1))
        self.assertIn("step of 300 samples in 4 shards, 150 on a rank", text)
        self.assertRegex(text, "(?m)^messages  +")
        self.check_sums(text, 300)

    def test_convolution(self):
        """The products that are computed: for one channel, patches of 3 x 3, sample by sample; for
        eight channels, by Winograd's method, a vector times an 8 x 8 matrix for each of 36 points
        and 3 x 3 tiles of a sample. Each gradient takes as many multiplications as forward; the
        first layer has no gradient of its input."""
        text = self.bench(make_job(model=CNN), 2)
        work = {}
        for name, m, n, k, times, _ in self.products(text):
            work[name] = work.get(name, 0) + m * n * k * times
        samples = 39  # of the rank with more
        self.assertEqual(work, {
            "conv2d forward": 26 * 26 * 9 * 8 * samples,
            "conv2d backward": 26 * 26 * 9 * 8 * samples,
            "conv2d_1 forward": 36 * 9 * 8 * 8 * samples,
            "conv2d_1 backward": 2 * 36 * 9 * 8 * 8 * samples,
            "dense forward": 11 * 11 * 8 * 10 * samples,
            "dense backward": 2 * 11 * 11 * 8 * 10 * samples})
        plain = 2 * 26 * 26 * 9 * 8 + 3 * 11 * 11 * 9 * 8 * 8 + 3 * 11 * 11 * 8 * 10
        self.check_sums(text, 77, operations=2 * samples * plain)

    def test_few_steps(self):
        """Epochs of a single step."""
        self.check_sums(self.bench(make_job(train={"batch_size": 3000, "epochs": 1}), None), 3000)

    def test_refused(self):
        self.write_job(make_job())
        cases = {
            (): "no job given",
            ("nothing.yaml",): "nothing.yaml: cannot open: No such file",
            ("job.yaml", "--seconds", "0"): "--seconds: '0' (expected a number above 0",
            ("job.yaml", "--seconds", "nan"): "--seconds: 'nan'",
            ("job.yaml", "--secnds", "1"): "did you mean '--seconds'?",
            ("job.yaml", "--set", "train.sead=1"): "did you mean 'seed'?",
            ("job.yaml", "--set", "dataset.file=gone.h5"): "gone.h5",
        }
        for ranks in (None, 2):
            for arguments, says in cases.items():
                with self.subTest((ranks, arguments)):
                    done = self.lockstep("bench", *arguments, ranks=ranks, status=2)
                    self.assertEqual(done.stdout, "")
                    lines = self.complaints(done)
                    self.assertEqual(len(lines), 1, done.stderr)
                    self.assertIn(says, lines[0])

    def test_diverged(self):
        job = make_job(train={"optimizer": {"sgd": {"learning_rate": 1e30}}})
        self.write_job(job)
        done = self.lockstep("bench", "job.yaml", "--seconds", "0.02", ranks=2, status=1)
        self.assertIn("the loss is not finite", done.stderr)
        self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    common.main()
