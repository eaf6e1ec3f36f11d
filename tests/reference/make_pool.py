"""Makes pool.txt: pooling, upsampling and batch normalization, computed with PyTorch in float64.

Usage: make_pool.py > pool.txt

Images are [sample, row, column, channel]. Inputs, gradients of outputs and parameters are
numbers(...) and not in the file; tests/conform/pool_test.c computes them in the same way. For each
case the file has the output y and the gradient dx of the input; for normalization also the
gradients of gamma and beta, the running statistics after one step, and the output with the running
statistics before it."""

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
N, HEIGHT, WIDTH, CHANNELS = 2, 5, 3, 2

# name, (rows, columns) of the window, its strides, same padding
WINDOWS = [
    ("2x2", (2, 2), (2, 2), False),
    ("same", (2, 2), (2, 2), True),
    ("overlapping", (3, 2), (1, 2), False),
    ("wide", (3, 3), (2, 3), True),
]


def numbers(shape, first=0):
    """All of them exact in single precision, and different if there are fewer than 1009."""
    count = torch.Size(shape).numel()
    return ((torch.arange(first, first + count) * 7919 % 1009 - 504) / 256).reshape(shape)


def write(name, values):
    """One array: its name and size, then its values, eight to a line."""
    values = values.detach().flatten().tolist()
    print(name, len(values))
    for i in range(0, len(values), 8):
        print(" ".join(f"{value:.10g}" for value in values[i:i + 8]))


def write_gradient(name, function, x):
    """y = function(x), for images with channels first, and dx."""
    x.requires_grad_()
    y = function(x.permute(0, 3, 1, 2))
    y = y.permute(0, 2, 3, 1) if y.dim() == 4 else y
    y.backward(numbers(y.shape, 500))
    write(f"{name}.y", y)
    write(f"{name}.dx", x.grad)


def same(x, size, strides, value):
    """TensorFlow's padding: ceil(extent / stride) windows, the odd pixel at the end."""
    pad = []
    for extent, window, stride in zip(x.shape[:1:-1], size[::-1], strides[::-1]):
        total = max((-(-extent // stride) - 1) * stride + window - extent, 0)
        pad += [total // 2, total - total // 2]
    return F.pad(x, pad, value=value)


def max_pooling(x, size, strides, padded):
    x = same(x, size, strides, float("-inf")) if padded else x
    return F.max_pool2d(x, size, strides)


def average_pooling(x, size, strides, padded):
    """Only pixels of the image count."""
    there = torch.ones_like(x)
    if padded:
        x, there = (same(t, size, strides, 0.0) for t in (x, there))
    return F.avg_pool2d(x, size, strides) / F.avg_pool2d(there, size, strides)


def normalisation():
    """Keras: momentum 0.9, epsilon 0.01; the running variance uses the biased one."""
    momentum, epsilon = 0.9, 0.01
    x = numbers((N, HEIGHT, WIDTH, CHANNELS)).requires_grad_()
    gamma, beta = (numbers((CHANNELS,), first).requires_grad_() for first in (700, 710))
    moving_mean, moving_variance = numbers((CHANNELS,), 720), numbers((CHANNELS,), 730) ** 2
    mean = x.mean((0, 1, 2))
    variance = ((x - mean) ** 2).mean((0, 1, 2))
    y = gamma * (x - mean) / torch.sqrt(variance + epsilon) + beta
    y.backward(numbers(y.shape, 500))
    write("normalisation.y", y)
    write("normalisation.dx", x.grad)
    write("normalisation.gamma", gamma.grad)
    write("normalisation.beta", beta.grad)
    write("normalisation.moving_mean", momentum * moving_mean + (1 - momentum) * mean)
    write("normalisation.moving_variance",
          momentum * moving_variance + (1 - momentum) * variance)
    x.grad = None
    y = F.batch_norm(x.permute(0, 3, 1, 2), moving_mean, moving_variance, gamma, beta, eps=epsilon)
    y = y.permute(0, 2, 3, 1)
    y.backward(numbers(y.shape, 500))
    write("fixed.y", y)
    write("fixed.dx", x.grad)


def main():
    shape = (N, HEIGHT, WIDTH, CHANNELS)
    for name, *window in WINDOWS:
        write_gradient(f"max_{name}", lambda x, w=window: max_pooling(x, *w), numbers(shape))
        write_gradient(f"average_{name}", lambda x, w=window: average_pooling(x, *w),
                       numbers(shape))
    # Integers, many of them equal.
    write_gradient("max_equal", lambda x: max_pooling(x, (3, 3), (1, 1), True),
                   numbers(shape).floor())
    write_gradient("max_global", lambda x: x.amax((2, 3)), numbers(shape))
    write_gradient("average_global", lambda x: x.mean((2, 3)), numbers(shape))
    write_gradient("nearest", lambda x: F.interpolate(x, scale_factor=(2, 3)), numbers(shape))
    write_gradient("bilinear", lambda x: F.interpolate(x, scale_factor=(2, 3), mode="bilinear",
                                                       align_corners=False), numbers(shape))
    normalisation()


if __name__ == "__main__":
    main()
