"""Random numbers as lockstep/random.h describes them, in NumPy: Philox4x32-10 of Salmon et al.,
"Parallel random numbers: as easy as 1, 2, 3", SC'11, written from the paper."""

import numpy as np

# What a stream is for, as numbered in lockstep/random.h.
DROPOUT, AUGMENTATION, NOISE, TRANSFORM = 3, 6, 7, 8


def bits(count, seed, purpose, epoch=0, layer=0, sample=0):
    """The first `count` numbers of a stream, uniform over all of 32 bits."""
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    blocks = np.arange((count + 3) // 4, dtype=np.uint64)
    whole = np.ones_like(blocks)
    counter = [blocks, whole * np.uint64(sample), whole * np.uint64(epoch),
               whole * np.uint64(purpose << 16 | layer)]
    keys = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        a, b = np.uint64(0xD2511F53) * counter[0], np.uint64(0xCD9E8D57) * counter[2]
        counter = [b >> half ^ counter[1] ^ np.uint64(keys[0]), b & low,
                   a >> half ^ counter[3] ^ np.uint64(keys[1]), a & low]
        keys = [keys[0] + 0x9E3779B9 & 0xFFFFFFFF, keys[1] + 0xBB67AE85 & 0xFFFFFFFF]
    return np.stack(counter, 1).ravel()[:count]


def uniform(count, *stream):
    """Uniform over [0, 1), of 24 bits each."""
    return (bits(count, *stream) >> np.uint64(8)) / 2.0**24


def normal(count, *stream):
    """Standard normal, by Box and Muller: number i is of the words 2 i and 2 i + 1."""
    words = bits(2 * count, *stream).reshape(-1, 2)
    radius = np.sqrt(-2 * np.log((words[:, 0] + 1.0) / 2.0**32))
    return radius * np.cos(2 * np.pi * words[:, 1] / 2.0**32)


def permutation(count, *stream):
    """Inside-out Fisher-Yates; number i of the stream, times i + 1, over 2^32 is i's place. (A
    product whose low half is below 2^32 mod (i + 1) would be rejected: this must not occur
    here.)"""
    order = []
    for i, word in enumerate(bits(count, *stream).tolist()):
        product = word * (i + 1)
        assert product % 2**32 >= 2**32 % (i + 1)
        j = product >> 32
        order.append(order[j] if j < i else i)
        order[j] = i
    return np.array(order)
