"""Writes reference.json: what PyTorch computes for the cases of convolution.test.ts and optimizer.test.ts.

Run: python3 test/nn/reference.py. Inputs follow from formulas that the tests repeat.
"""
import json
import pathlib

import numpy
import torch
from torch.nn import functional

# height, width, kernel, stride, padding, channels in, channels out
STRAIGHT = [
    (5, 5, 4, 2, 1, 2, 3), (7, 6, 3, 2, 1, 1, 2), (6, 7, 3, 1, 0, 2, 2), (6, 6, 5, 3, 2, 1, 2), (5, 4, 3, 1, 1, 2, 1),
    (7, 7, 2, 3, 0, 1, 2), (5, 6, 1, 2, 0, 2, 2), (4, 4, 2, 1, 2, 1, 1), (4, 5, 3, 1, 1, 8, 2), (3, 3, 2, 1, 0, 4, 1),
]
TRANSPOSED = [
    (3, 3, 4, 2, 1, 2, 1), (3, 2, 3, 2, 1, 1, 2), (2, 3, 5, 3, 1, 2, 1), (3, 3, 3, 1, 1, 1, 2), (2, 2, 2, 3, 0, 1, 2),
    (3, 3, 5, 2, 2, 1, 1), (3, 2, 4, 2, 1, 16, 1), (4, 3, 3, 1, 0, 8, 2),
]
# learning rate, weight decay, clipping norm, epsilon, beta1, beta2
OPTIMISERS = [(0.01, 0, 0, 1e-8, 0.9, 0.999), (0.01, 0.1, 1.5, 1e-8, 0.5, 0.99), (0.01, 0, 0, 1e-3, 0.9, 0.999)]


def wave(shape, slope, offset):
    return torch.tensor(numpy.cos(numpy.arange(numpy.prod(shape)) * slope + offset)).view(*shape)


def numbers(tensor):
    return [round(value, 5) for value in tensor.detach().reshape(-1).tolist()]


def convolution(case, transposed):
    height, width, kernel, stride, padding, inputs, outputs = case
    x = wave((1, height, width, inputs), 1.3, 0.2).requires_grad_()
    weight = wave((kernel, kernel, inputs, outputs), 0.7, 0.5).requires_grad_()
    if transposed:
        operation, order = functional.conv_transpose2d, (2, 3, 0, 1)
    else:
        operation, order = functional.conv2d, (3, 2, 0, 1)
    images, kernels = x.permute(0, 3, 1, 2).contiguous(), weight.permute(*order).contiguous()
    y = operation(images, kernels, stride=stride, padding=padding).permute(0, 2, 3, 1)
    (y * wave(y.shape, 0.4, 0.1)).sum().backward()
    return {
        "case": case, "shape": list(y.shape), "y": numbers(y),
        "gradientOfInput": numbers(x.grad), "gradientOfKernel": numbers(weight.grad),
    }


def adam(rate, decay, clip, epsilon, beta1, beta2, steps=6, average_decay=0.3):
    weights = wave((5,), 0.9, 0.1).requires_grad_()
    kind = torch.optim.AdamW if decay > 0 else torch.optim.Adam
    optimiser = kind([weights], lr=rate, betas=(beta1, beta2), eps=epsilon, weight_decay=decay)
    average = weights.detach().clone()
    for step in range(1, steps + 1):
        weights.grad = 2 * wave((5,), 1.7, 0.9 * step)
        if clip > 0:
            torch.nn.utils.clip_grad_norm_([weights], clip)
        optimiser.step()
        share = max(1 - average_decay, 9 / (9 + step))
        average = (1 - share) * average + share * weights.detach()
    return {
        "rate": rate, "weightDecay": decay, "clipNorm": clip, "epsilon": epsilon, "beta1": beta1, "beta2": beta2,
        "averageDecay": average_decay, "steps": steps,
        "weights": [round(w, 8) for w in weights.tolist()], "average": [round(a, 8) for a in average.tolist()],
    }


reference = {
    "convolve": [convolution(case, False) for case in STRAIGHT],
    "convolveTransposed": [convolution(case, True) for case in TRANSPOSED],
    "adam": [adam(*options) for options in OPTIMISERS],
}
lines = [f'"{name}": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]" for name, rows in reference.items()]
pathlib.Path(__file__).with_name("reference.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")
