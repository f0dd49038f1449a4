#!/usr/bin/env python3
"""Time of one training step of Lightning Fabric, fused AdamW, one JSON line per case.

    lightning.py [MODEL...] [--precision P...]      # mlp, cnn, transformer; 32-true, bf16-mixed, 16-mixed
    lightning.py ... --world W --scaling weak strong    # DDP on W GPUs; strong: one global batch, of 1 GPU's size
"""
import argparse
import json
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

try:
    from lightning.fabric import Fabric
except ImportError:
    from lightning_fabric import Fabric

PRECISIONS = ["32-true", "bf16-mixed", "16-mixed"]
BLOCKS = 5


class Encoder(nn.Module):
    """Six post-norm layers without dropout, and a projection to the vocabulary."""

    def __init__(self, vocabulary=8192, width=512, tokens=256):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.position = nn.Parameter(torch.zeros(tokens, width))
        layer = nn.TransformerEncoderLayer(width, 8, 2048, dropout=0.0, batch_first=True)
        self.layers = nn.TransformerEncoder(layer, 6, enable_nested_tensor=False)
        self.head = nn.Linear(width, vocabulary)
        self.register_buffer("mask", nn.Transformer.generate_square_subsequent_mask(tokens))

    def forward(self, tokens):
        x = self.embedding(tokens) + self.position
        return self.head(self.layers(x, mask=self.mask, is_causal=True)).flatten(0, 1)


def mlp():
    layers = nn.Sequential(
        nn.Linear(784, 512), nn.ReLU(), nn.Linear(512, 256), nn.ReLU(), nn.Linear(256, 10)
    )
    return layers, torch.rand(64, 784), torch.arange(64) % 10


def cnn():
    layers = nn.Sequential(
        nn.Conv2d(1, 32, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(), nn.Linear(512, 10),
    )  # fmt: skip
    return layers, torch.rand(256, 1, 28, 28), torch.arange(256) % 10


def transformer():
    tokens = torch.randint(8192, (16, 257))
    return Encoder(), tokens[:, :-1].contiguous(), tokens[:, 1:].flatten()


MODELS = {"mlp": (mlp, 200), "cnn": (cnn, 100), "transformer": (transformer, 20)}


def part(fabric, rows):
    """This rank's rows of a batch that all ranks share."""
    return rows.chunk(fabric.world_size)[fabric.global_rank].clone()


def measure(model, precision, world, scaling):
    """Median over blocks of steps of the time per step, the device synchronised after each block."""
    make, steps = MODELS[model]
    torch.manual_seed(1)
    strategy = "ddp" if world > 1 else "auto"
    fabric = Fabric(accelerator="cuda", devices=world, strategy=strategy, precision=precision)
    fabric.launch()
    module, inputs, labels = make()
    if scaling == "strong":
        inputs, labels = part(fabric, inputs), part(fabric, labels)
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-3, weight_decay=0.01, fused=True)
    module, optimizer = fabric.setup(module, optimizer)
    inputs, labels = fabric.to_device(inputs), fabric.to_device(labels)
    times = []
    for block in range(-1, BLOCKS):
        fabric.barrier()
        torch.cuda.synchronize()
        start = time.perf_counter()
        for _ in range(steps):
            optimizer.zero_grad()
            loss = functional.cross_entropy(module(inputs), labels)
            fabric.backward(loss)
            optimizer.step()
        torch.cuda.synchronize()
        if block >= 0:
            times.append((time.perf_counter() - start) / steps * 1e6)
    if fabric.global_rank > 0:
        return None
    return {
        "side": "lightning",
        "model": model,
        "precision": precision,
        "scaling": scaling,
        "world": world,
        "us": round(statistics.median(times), 1),
        "steps": steps * BLOCKS,
        "loss": round(loss.item(), 4),
        "device": torch.cuda.get_device_name(),
        "torch": torch.__version__,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="*", default=list(MODELS))
    parser.add_argument("--precision", nargs="*", default=PRECISIONS, choices=PRECISIONS)
    parser.add_argument("--world", type=int, default=1)
    parser.add_argument("--scaling", nargs="*", default=["weak"], choices=["weak", "strong"])
    arguments = parser.parse_args()
    for model in arguments.models:
        for precision in arguments.precision:
            for scaling in arguments.scaling if arguments.world > 1 else ["weak"]:
                line = measure(model, precision, arguments.world, scaling)
                if line:
                    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
