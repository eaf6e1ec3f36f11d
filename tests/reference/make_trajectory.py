"""Makes trajectory.txt: expected results of training, computed with PyTorch in float64.

Usage: make_trajectory.py > trajectory.txt

Small networks are trained on a small synthetic dataset for 20 steps, one epoch in a fixed order
with a smaller last batch. The file has the dataset, in the order of training, and for each case the
initial and final weights, the mean loss with penalties and the accuracy over the epoch. Kernels are
[in, out], inputs are bytes / 255. Penalties are those of Keras: l2 * sum of squares of each kernel,
added to the mean loss of every step."""

import torch

torch.manual_seed(20)
torch.set_default_dtype(torch.float64)

INPUTS, CLASSES, BATCH, SAMPLES = 20, 5, 8, 157
CASES = [
    # name, widths, activation, rate, momentum, nesterov, l2
    ("plain", [16, 12], "relu", 0.1, 0.0, False, 0.0),
    ("momentum", [16, 12], "relu", 0.05, 0.9, False, 0.01),
    ("nesterov", [16, 12], "tanh", 0.05, 0.9, True, 0.003),
    ("sigmoid", [10], "sigmoid", 0.5, 0.5, False, 0.001),
]


def write(name, values):
    """One array: its name and size, then its values, eight to a line."""
    values = values.flatten().tolist()
    print(name, len(values))
    for i in range(0, len(values), 8):
        print(" ".join(repr(value) for value in values[i:i + 8]))


def make_data():
    """Blurred centres, one per class."""
    centres = torch.randint(40, 216, (CLASSES, INPUTS))
    labels = torch.randint(CLASSES, (SAMPLES,))
    x = centres[labels] + torch.randint(-60, 61, (SAMPLES, INPUTS))
    return x.clamp(0, 255), labels


def make_weights(widths):
    """Kernels and biases alternately, none of them 0."""
    sizes = [INPUTS, *widths, CLASSES]
    weights = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        weights.append(torch.randn(inputs, outputs) / inputs**0.5)
        weights.append(torch.randn(outputs) * 0.1)
    return [w.requires_grad_() for w in weights]


def forward(weights, activation, x):
    for kernel, bias in zip(weights[:-2:2], weights[1:-2:2]):
        x = getattr(torch, activation)(x @ kernel + bias)
    return x @ weights[-2] + weights[-1]


def train(weights, x, labels, activation, rate, momentum, nesterov, l2):
    """One epoch; the means over samples of the loss with penalties and of the accuracy."""
    optimizer = torch.optim.SGD(weights, lr=rate, momentum=momentum, nesterov=nesterov)
    total = right = 0.0
    for at in range(0, SAMPLES, BATCH):
        inputs, targets = x[at:at + BATCH] / 255, labels[at:at + BATCH]
        optimizer.zero_grad()
        logits = forward(weights, activation, inputs)
        loss = torch.nn.functional.cross_entropy(logits, targets)
        loss = loss + l2 * sum((kernel**2).sum() for kernel in weights[::2])
        loss.backward()
        optimizer.step()
        total += loss.item() * len(targets)
        right += (logits.argmax(1) == targets).sum().item()
    return total / SAMPLES, right / SAMPLES


def main():
    x, labels = make_data()
    write("x", x)
    write("labels", labels)
    for name, widths, activation, *settings in CASES:
        weights = make_weights(widths)
        write(f"{name}.initial", torch.cat([w.detach().flatten() for w in weights]))
        means = train(weights, x, labels, activation, *settings)
        write(f"{name}.final", torch.cat([w.detach().flatten() for w in weights]))
        write(f"{name}.means", torch.tensor(means))


if __name__ == "__main__":
    main()
