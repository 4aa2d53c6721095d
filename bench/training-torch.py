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

networks = {
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
optimizer = torch.optim.Adam(model.parameters(), lr=0.001)
batches = [
    (torch.randint(0, 256, (count, 1, 28, 28), dtype=torch.uint8), torch.randint(0, 10, (count,)))
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
        logits = model((pixels.float() / 255 - 0.286) / 0.353)
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
