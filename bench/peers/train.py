"""PyTorch peer of bench/train.ts: the same networks, weights, batches and optimiser, one process per network.

The first line on stdin is a JSON object: {"network": "conv"|"mlp"|"dcgan"|"autoencoder", "batch": int, "threads": int,
"folder": str, "weights": [parameter names], "latentDim": int, "learningRate": float, "beta1": float}. The folder holds
weights.f32 (those parameters, one after the other), images.u8 [rows, pixels] and noise.f32 [rows, latentDim]. Each
further line {"steps": int} trains on and is answered by one line:
{"seconds": float, "losses": {name: [float]}, "peakMemory": bytes}.
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

    def __init__(self, latent):
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

    def step(self, x, noise):
        return vae_step(self, x, noise)


class MlpVae(nn.Module):
    """784-512-256-16-256-512-784, ReLU between."""

    def __init__(self, latent):
        super().__init__()
        self.enc1, self.enc2, self.moments = nn.Linear(784, 512), nn.Linear(512, 256), nn.Linear(256, 2 * latent)
        self.dec1, self.dec2, self.dec3 = nn.Linear(latent, 256), nn.Linear(256, 512), nn.Linear(512, 784)

    def encode(self, x):
        return self.moments(functional.relu(self.enc2(functional.relu(self.enc1(x))))).chunk(2, 1)

    def decode(self, z):
        return self.dec3(functional.relu(self.dec2(functional.relu(self.dec1(z)))))

    def step(self, x, noise):
        return vae_step(self, x, noise)


class Autoencoder(nn.Module):
    """29-64-32-16-32-64-29, ReLU between."""

    def __init__(self, _latent):
        super().__init__()
        widths = [29, 64, 32, 16, 32, 64, 29]
        self.layers = nn.ModuleList(nn.Linear(i, o) for i, o in zip(widths, widths[1:]))

    def step(self, x, _noise):
        h = x
        for layer in self.layers[:-1]:
            h = functional.relu(layer(h))
        loss = functional.mse_loss(self.layers[-1](h), x, reduction="sum") / len(x)
        update(self.optimisers[0], loss)
        return {"reconstruction": loss.item()}


class Dcgan(nn.Module):
    """Latent -> 7x7x64 -> transposed conv 32, 1 (4x4, stride 2), ReLU between, tanh; the adversary mirrors it.

    Measured faster than the alternatives: default memory format, real and fake images one after the other, and no
    gradients for the adversary's weights while the generator learns.
    """

    def __init__(self, latent):
        super().__init__()
        self.generator = nn.Sequential(
            nn.Linear(latent, 3136),
            nn.ReLU(True),
            nn.Unflatten(1, (64, 7, 7)),
            nn.ConvTranspose2d(64, 32, 4, 2, 1),
            nn.ReLU(True),
            nn.ConvTranspose2d(32, 1, 4, 2, 1),
            nn.Tanh(),
        )
        self.adversary = nn.Sequential(
            nn.Conv2d(1, 32, 4, 2, 1),
            nn.LeakyReLU(0.2, True),
            nn.Conv2d(32, 64, 4, 2, 1),
            nn.LeakyReLU(0.2, True),
            nn.Flatten(),
            nn.Linear(3136, 1),
        )

    def networks(self):
        return self.generator, self.adversary

    def step(self, x, noise):
        """The adversary first; the generator then learns from what became of it."""
        generator, adversary = self.optimisers
        ones, zeros = torch.ones(len(x), 1), torch.zeros(len(x), 1)
        judge, entropy = self.adversary, functional.binary_cross_entropy_with_logits
        fake = self.generator(noise)
        real_loss = entropy(judge(x.view(-1, 1, 28, 28) * 2 - 1), ones)
        adversary_loss = real_loss + entropy(judge(fake.detach()), zeros)
        update(adversary, adversary_loss)
        generator_loss = entropy(judge(fake), ones)
        update(generator, generator_loss)
        return {"adversary": adversary_loss.item(), "generator": generator_loss.item()}


def vae_step(model, x, noise):
    """Reconstruction and divergence, in nats per row."""
    mean, log_var = model.encode(x)
    logits = model.decode(mean + torch.exp(0.5 * log_var) * noise)
    reconstruction = functional.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
    divergence = -0.5 * torch.sum(1 + log_var - mean * mean - log_var.exp()) / len(x)
    update(model.optimisers[0], reconstruction + divergence)
    return {"reconstruction": reconstruction.item(), "divergence": divergence.item()}


def update(optimiser, loss):
    """One step of an optimiser, for the parameters that it owns."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward(inputs=[each for group in optimiser.param_groups for each in group["params"]])
    optimiser.step()


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
    model = {"conv": ConvVae, "mlp": MlpVae, "dcgan": Dcgan, "autoencoder": Autoencoder}[task["network"]](task["latentDim"])
    load_weights(model, task["weights"], numpy.fromfile(f"{task['folder']}/weights.f32", numpy.float32))
    noise = torch.from_numpy(numpy.fromfile(f"{task['folder']}/noise.f32", numpy.float32))
    noise = noise.view(-1, task["batch"], task["latentDim"])
    pixels = numpy.fromfile(f"{task['folder']}/images.u8", numpy.uint8).reshape(len(noise), task["batch"], -1)
    images = torch.from_numpy(pixels.astype(numpy.float32) / 255)
    rates = {"lr": task["learningRate"], "betas": (task["beta1"], 0.999)}
    trained = model.networks() if hasattr(model, "networks") else [model]
    model.optimisers = [torch.optim.Adam(each.parameters(), **rates) for each in trained]
    done = 0
    for line in sys.stdin:
        losses = {}
        start = time.perf_counter()
        for _ in range(json.loads(line)["steps"]):
            for name, value in model.step(images[done % len(images)], noise[done % len(noise)]).items():
                losses.setdefault(name, []).append(value)
            done += 1
        seconds = time.perf_counter() - start
        print(json.dumps({"seconds": seconds, "losses": losses, "peakMemory": peak_memory()}), flush=True)


main()
