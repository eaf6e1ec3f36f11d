"""Makes conv.txt: expected results of conv2d and conv2d_transpose, computed with PyTorch in
float64.

Usage: make_conv.py > conv.txt

Each case passes two samples forward (y) and backward (dx, d_kernel, d_bias) through one layer, with
x, kernel, bias and dy from a formula that tests/conform/conv_test.c uses as well. Each array has
one line: the case, the array, its size, some elements, and the dot product of the whole array with
numbers of that formula. Images are [sample, height, width, channel], kernels [height, width, in,
out] and, transposed, [height, width, out, in]. Padding is TensorFlow's."""

import math

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

SAMPLES, SPREAD = 2, 10
CASES = [
    # name, transposed, (height, width, channels), filters, kernel, strides, dilation, padding, bias
    ("valid", False, (7, 8, 2), 3, (3, 3), (1, 1), (1, 1), "valid", True),
    ("same", False, (7, 8, 2), 3, (3, 3), (1, 1), (1, 1), "same", True),
    ("strides", False, (8, 9, 2), 3, (3, 3), (2, 2), (1, 1), "valid", True),
    ("same_strides", False, (8, 9, 3), 2, (3, 4), (2, 3), (1, 1), "same", True),
    ("dilation", False, (8, 9, 2), 3, (3, 2), (1, 1), (2, 3), "valid", True),
    ("same_dilation", False, (8, 9, 1), 3, (3, 2), (1, 1), (2, 3), "same", True),
    ("pointwise", False, (5, 4, 3), 4, (1, 1), (1, 1), (1, 1), "valid", False),
    ("whole", False, (6, 5, 2), 3, (6, 5), (1, 1), (1, 1), "valid", True),
    ("larger", False, (3, 4, 2), 3, (5, 7), (1, 1), (1, 1), "same", True),
    ("tiles_3", False, (11, 9, 8), 9, (3, 3), (1, 1), (1, 1), "valid", True),
    ("tiles_5", False, (9, 10, 9), 8, (5, 5), (1, 1), (1, 1), "same", True),
    ("tiles_2_4", False, (9, 8, 8), 8, (2, 4), (1, 1), (1, 1), "same", False),
    ("many_rows", False, (60, 60, 1), 2, (5, 5), (1, 1), (1, 1), "same", True),
    ("many_tiles", False, (32, 33, 32), 32, (3, 3), (1, 1), (1, 1), "same", True),
    ("up", True, (4, 3, 2), 3, (3, 3), (1, 1), (1, 1), "valid", True),
    ("up_strides", True, (4, 3, 2), 3, (3, 4), (2, 2), (1, 1), "valid", True),
    ("up_same", True, (4, 5, 3), 2, (4, 3), (3, 2), (1, 1), "same", True),
    ("up_gaps", True, (4, 3, 2), 3, (2, 1), (3, 2), (1, 1), "valid", True),
    ("up_dilation", True, (4, 3, 2), 3, (3, 2), (1, 1), (2, 2), "same", False),
    ("up_tiles", True, (7, 6, 8), 8, (3, 4), (1, 1), (1, 1), "valid", True),
]


def some_number(i):
    """As in tests/conform/fragment.h."""
    wave = math.sin(12.9898 * (i + 1))
    return wave - 0.01 if wave < 0 else wave + 0.01


def some_numbers(first, *shape):
    count = math.prod(shape)
    return torch.tensor([some_number(first + i) for i in range(count)]).reshape(shape)


def same_padding(size, kernel, stride, dilation):
    """Before and after, for ceil(size / stride) outputs."""
    total = (-(-size // stride) - 1) * stride + (kernel - 1) * dilation + 1 - size
    return max(total, 0) // 2, max(total, 0) - max(total, 0) // 2


def conv2d(x, kernel, bias, strides, dilation, padding):
    x = x.permute(0, 3, 1, 2)
    if padding == "same":
        sizes = zip(x.shape[2:], kernel.shape[:2], strides, dilation)
        high, wide = (same_padding(*size) for size in sizes)
        x = F.pad(x, (*wide, *high))
    y = F.conv2d(x, kernel.permute(3, 2, 0, 1), bias, strides, dilation=dilation)
    return y.permute(0, 2, 3, 1)


def conv2d_transpose(x, kernel, bias, strides, dilation, padding):
    """Everything that the kernel contributes, cropped or padded with zeros to Keras's size."""
    y = F.conv_transpose2d(x.permute(0, 3, 1, 2), kernel.permute(3, 2, 0, 1), None, strides,
                           dilation=dilation)
    for d in range(2):
        reach, stride = (kernel.shape[d] - 1) * dilation[d] + 1, strides[d]
        size, before = x.shape[1 + d] * stride, 0
        if padding == "valid":
            size += max(reach - stride, 0)
        else:
            before = same_padding(size, kernel.shape[d], stride, dilation[d])[0]
        y = y.narrow(2 + d, before, min(size, y.shape[2 + d] - before))
        lacking = size - y.shape[2 + d]
        y = F.pad(y, (0, 0, 0, lacking) if d == 0 else (0, lacking))
    return y.permute(0, 2, 3, 1) + (0 if bias is None else bias)


def write(case, name, values):
    values = values.flatten().tolist()
    spread = [values[len(values) * i // SPREAD] for i in range(SPREAD)]
    dot = sum(value * some_number(i) for i, value in enumerate(values))
    print(case, name, len(values), *(repr(value) for value in [*spread, dot]))


def main():
    for name, transposed, image, filters, size, strides, dilation, padding, biased in CASES:
        shape = (*size, filters, image[2]) if transposed else (*size, image[2], filters)
        x = some_numbers(0, SAMPLES, *image).requires_grad_()
        kernel = some_numbers(10000, *shape).requires_grad_()
        bias = some_numbers(20000, filters).requires_grad_() if biased else None
        layer = conv2d_transpose if transposed else conv2d
        y = layer(x, kernel, bias, strides, dilation, padding)
        y.backward(some_numbers(30000, *y.shape))
        write(name, "y", y)
        write(name, "dx", x.grad)
        write(name, "d_kernel", kernel.grad)
        if biased:
            write(name, "d_bias", bias.grad)


if __name__ == "__main__":
    main()
