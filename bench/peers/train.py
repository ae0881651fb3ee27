"""PyTorch peer of bench/train.ts: the same networks, weights, batches and optimiser, one process per network.

The first line on stdin is a JSON object: {"network": "conv"|"mlp"|"autoencoder", "batch": int, "threads": int,
"folder": str, "weights": [parameter names]}. The folder holds weights.f32 (those parameters, one after the other),
images.u8 [rows, pixels] and noise.f32 [rows, 16]. Each further line {"steps": int} trains on and is answered
by one line: {"seconds": float, "losses": [float], "peakMemory": bytes}.
"""
import json
import resource
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

    def loss(self, x, noise):
        return vae_loss(self, x, noise)


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

    def loss(self, x, noise):
        return vae_loss(self, x, noise)


class Autoencoder(nn.Module):
    """29-64-32-16-32-64-29, ReLU between."""

    def __init__(self):
        super().__init__()
        widths = [29, 64, 32, 16, 32, 64, 29]
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(widths, widths[1:]))

    def loss(self, x, _noise):
        h = x
        for layer in self.layers[:-1]:
            h = functional.relu(layer(h))
        return functional.mse_loss(self.layers[-1](h), x, reduction="sum") / len(x)


def vae_loss(model, x, noise):
    """Reconstruction and divergence, in nats per row."""
    mean, log_var = model.encode(x)
    logits = model.decode(mean + torch.exp(0.5 * log_var) * noise)
    reconstruction = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum")
    divergence = -0.5 * torch.sum(1 + log_var - mean * mean - log_var.exp())
    return (reconstruction + divergence) / len(x)


def load_weights(model, names, values):
    """Fills the parameters from one flat array."""
    parameters = dict(model.named_parameters())
    assert list(parameters) == names, f"expected the parameters {list(parameters)}, got {names}"
    with torch.no_grad():
        for parameter in parameters.values():
            parameter.copy_(torch.from_numpy(values[: parameter.numel()]).view_as(parameter))
            values = values[parameter.numel() :]


def peak_memory():
    """Of this process since its start, in bytes."""
    try:
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM"))
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def main():
    task = json.loads(sys.stdin.readline())
    torch.set_num_threads(task["threads"])
    torch.set_flush_denormal(True)
    model = {"conv": ConvVae, "mlp": MlpVae, "autoencoder": Autoencoder}[task["network"]]()
    load_weights(model, task["weights"], numpy.fromfile(f"{task['folder']}/weights.f32", numpy.float32))
    noise = torch.from_numpy(numpy.fromfile(f"{task['folder']}/noise.f32", numpy.float32)).view(-1, task["batch"], 16)
    pixels = numpy.fromfile(f"{task['folder']}/images.u8", numpy.uint8).reshape(len(noise), task["batch"], -1)
    images = torch.from_numpy(pixels.astype(numpy.float32) / 255)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    done = 0
    for line in sys.stdin:
        losses = []
        start = time.perf_counter()
        for _ in range(json.loads(line)["steps"]):
            loss = model.loss(images[done % len(images)], noise[done % len(noise)])
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            optimiser.step()
            losses.append(loss.item())
            done += 1
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "losses": losses, "peakMemory": peak_memory()}), flush=True)


main()
