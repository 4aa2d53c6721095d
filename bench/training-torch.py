"""One row of the training benchmark: prints the median images a second of PyTorch on the same network.

Usage: training-torch.py NETWORK THREADS
"""

import statistics
import sys
import time

import torch
from torch import nn

network, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.manual_seed(1)



def convolution(channels, filters, size=3, stride=1):
    return nn.Sequential(
        nn.Conv2d(channels, filters, size, stride, padding=size // 2, bias=False), nn.BatchNorm2d(filters),
    )


class Block(nn.Module):
    """The basic block of src/training/models/residual.ts."""

    def __init__(self, channels, filters, stride):
        super().__init__()
        self.branch = nn.Sequential(
            convolution(channels, filters, stride=stride), nn.ReLU(inplace=True), convolution(filters, filters),
        )
        is_same = stride == 1 and channels == filters
        self.shortcut = nn.Identity() if is_same else convolution(channels, filters, 1, stride)

    def forward(self, x):
        return nn.functional.relu(self.branch(x) + self.shortcut(x), inplace=True)


def resnet20():
    shapes = [(16, 16, 1)] * 3 + [(16, 32, 2)] + [(32, 32, 1)] * 2 + [(32, 64, 2)] + [(64, 64, 1)] * 2
    return nn.Sequential(
        convolution(3, 16), nn.ReLU(inplace=True), *(Block(*shape) for shape in shapes),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10),
    )


networks = {
    "resnet20": resnet20,
    "cnn": lambda: nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(7 * 7 * 32, 64), nn.ReLU(), nn.Linear(64, 10),
    ),
    "cnn-small": lambda: nn.Sequential(
        nn.Conv2d(1, 16, 6, stride=4, padding=1), nn.ReLU(),
        nn.Flatten(), nn.Linear(7 * 7 * 16, 96), nn.ReLU(), nn.Linear(96, 10),
    ),
}

count = 128
model = networks[network]()
if network == "resnet20":
    shape, scale = (3, 32, 32), (3, 1, 1)
    mean, std = (torch.tensor(v).reshape(scale) for v in ((0.491, 0.482, 0.447), (0.247, 0.243, 0.262)))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.001, momentum=0.9, weight_decay=5e-4)
else:
    shape, mean, std = (1, 28, 28), 0.286, 0.353
    optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
batches = [
    (torch.randint(0, 256, (count, *shape), dtype=torch.uint8), torch.randint(0, 10, (count,)))
    for _ in range(16)
]
steps = 0


def speed_over(seconds):
    """Steps for at least that many seconds; returns images a second."""
    global steps
    start, images, elapsed = time.perf_counter(), 0, 0.0
    while elapsed < seconds:
        pixels, labels = batches[steps % len(batches)]
        steps += 1
        logits = model((pixels.float() / 255 - mean) / std)
        loss = nn.functional.cross_entropy(logits, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
        images += count
        elapsed = time.perf_counter() - start
    return images / elapsed


speed_over(2)
print(statistics.median(speed_over(1) for _ in range(7)))
