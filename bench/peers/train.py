"""PyTorch peer of bench/train.ts: the same networks, batch and optimiser, timed the same way.

Reads one JSON object from stdin: {"network": "conv"|"mlp", "batch": int, "threads": int, "warmup": int,
"steps": int, "weights": {name: flat list}?, "images": flat list of batch*784 bytes?, "noise": flat list?}.
Prints {"samplesPerSecond": float, "losses": [float]} on stdout.
"""
import json
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional


class ConvVae(nn.Module):
    """28x28 -> conv 32, 64 (4x4, stride 2) -> latent 16 -> the mirror image, ReLU between."""

    def __init__(self, latent=16):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 32, 4, 2, 1), nn.Conv2d(32, 64, 4, 2, 1)
        self.moments, self.expand = nn.Linear(3136, 2 * latent), nn.Linear(latent, 3136)
        self.up1, self.up2 = nn.ConvTranspose2d(64, 32, 4, 2, 1), nn.ConvTranspose2d(32, 1, 4, 2, 1)

    def encode(self, x):
        h = functional.relu(self.conv2(functional.relu(self.conv1(x.view(-1, 1, 28, 28)))))
        return self.moments(h.flatten(1)).chunk(2, 1)

    def decode(self, z):
        h = functional.relu(self.expand(z)).view(-1, 64, 7, 7)
        return self.up2(functional.relu(self.up1(h))).flatten(1)


class MlpVae(nn.Module):
    """784-512-256-16-256-512-784, ReLU between."""

    def __init__(self, latent=16):
        super().__init__()
        self.enc1, self.enc2, self.moments = nn.Linear(784, 512), nn.Linear(512, 256), nn.Linear(256, 2 * latent)
        self.dec1, self.dec2, self.dec3 = nn.Linear(latent, 256), nn.Linear(256, 512), nn.Linear(512, 784)

    def encode(self, x):
        return self.moments(functional.relu(self.enc2(functional.relu(self.enc1(x))))).chunk(2, 1)

    def decode(self, z):
        return self.dec3(functional.relu(self.dec2(functional.relu(self.dec1(z)))))


def main():
    task = json.load(sys.stdin)
    torch.set_num_threads(task["threads"])
    torch.manual_seed(0)
    batch = task["batch"]
    model = ConvVae() if task["network"] == "conv" else MlpVae()
    if "weights" in task:
        with torch.no_grad():
            for name, parameter in model.named_parameters():
                parameter.copy_(torch.tensor(task["weights"][name]).view_as(parameter))
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    if "images" in task:
        images = torch.tensor(task["images"], dtype=torch.float32).view(-1, batch, 784) / 255
        noise = torch.tensor(task["noise"], dtype=torch.float32).view(-1, batch, 16)
    else:
        images, noise = torch.rand(8, batch, 784), torch.randn(8, batch, 16)
    losses = []

    def step(i):
        x = images[i % len(images)]
        mean, log_var = model.encode(x)
        logits = model.decode(mean + torch.exp(0.5 * log_var) * noise[i % len(noise)])
        reconstruction = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
        divergence = -0.5 * torch.sum(1 + log_var - mean * mean - log_var.exp())
        loss = (reconstruction + divergence) / batch
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        return loss.item()

    for i in range(task["warmup"]):
        losses.append(step(i))
    start = time.perf_counter()
    for i in range(task["steps"]):
        losses.append(step(task["warmup"] + i))
    seconds = time.perf_counter() - start
    json.dump({"samplesPerSecond": batch * task["steps"] / max(seconds, 1e-9), "losses": losses[:50]}, sys.stdout)


main()
