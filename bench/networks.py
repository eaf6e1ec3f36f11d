"""The three networks that predictions are made for, as jobs, and reading what the program prints of
them."""
import pathlib
import re

LAYERS = {
    "784-64-64-10": """
  - dense: {units: 64, activation: relu}
  - dense: {units: 64, activation: relu}
""",
    "784-500-300-10": """
  - dense: {units: 500, activation: relu}
  - dense: {units: 300, activation: relu}
""",
    "CNN 32-64-128": """
  - conv2d: {filters: 32, kernel_size: 3, activation: relu}
  - conv2d: {filters: 64, kernel_size: 3, activation: relu}
  - max_pooling2d
  - flatten
  - dense: {units: 128, activation: relu}
""",
}


def write_job(folder, name, dataset, batch):
    """The job of a network as a file in the folder, and its path."""
    path = pathlib.Path(folder) / (re.sub(r"\W+", "_", name) + ".yaml")
    path.write_text(
        "name: network\n"
        f"dataset: {{{dataset}, validation: 0.01}}\n"
        f"model:{LAYERS[name]}  - dense: {{units: 10, activation: softmax}}\n"
        "train:\n"
        "  epochs: 1000\n"
        f"  batch_size: {batch}\n"
        "  optimizer: {sgd: {learning_rate: 0.01, momentum: 0.9}}\n"
        "  loss: categorical_crossentropy\n", encoding="utf-8")
    return path
