"""Makes the fixture in this folder: a PyTorch checkpoint as The Annotated Transformer saves it, and what its model
gives out.

    pip install torch numpy && python make.py

Written from that project's description of itself: pre-norm, layer normalisation by the unbiased deviation with eps added
to it, buffers of positional encodings among the weights. Any PyTorch will do; the files here came from 1.12.1.
"""

import json
import math
from collections import OrderedDict

import torch

N, D, FF, H, SRC, TGT, PAD, BOS, EPS = 2, 16, 24, 2, 11, 13, 2, 0, 1e-6
SOURCES = [[5, 3, 9, 10, 4], [7, 6, 8]]
TARGETS = [[BOS, 4, 11, 12, 5, 1], [BOS, 9, 3]]

torch.manual_seed(20)
weights = OrderedDict()


def matrix(name, rows, columns):
    bound = math.sqrt(6 / (rows + columns))
    weights[name] = torch.empty(rows, columns).uniform_(-bound, bound)


def linear(name, inputs, outputs):
    matrix(name + ".weight", outputs, inputs)
    weights[name + ".bias"] = torch.empty(outputs).uniform_(-0.2, 0.2)


def norm(name):
    weights[name + ".a_2"] = torch.empty(D).uniform_(0.5, 1.5)
    weights[name + ".b_2"] = torch.empty(D).uniform_(-0.5, 0.5)


def layer(name, attentions):
    for attention in attentions:
        for i in range(4):
            linear(f"{name}.{attention}.linears.{i}", D, D)
    linear(name + ".feed_forward.w_1", D, FF)
    linear(name + ".feed_forward.w_2", FF, D)
    for i in range(len(attentions) + 1):
        norm(f"{name}.sublayer.{i}.norm")


def positions(length=40):
    position, pe = torch.arange(length).unsqueeze(1), torch.zeros(length, D)
    rate = torch.exp(torch.arange(0, D, 2) * -(math.log(10000.0) / D))
    pe[:, 0::2], pe[:, 1::2] = torch.sin(position * rate), torch.cos(position * rate)
    return pe.unsqueeze(0)


for n in range(N):
    layer(f"encoder.layers.{n}", ["self_attn"])
norm("encoder.norm")
for n in range(N):
    layer(f"decoder.layers.{n}", ["self_attn", "src_attn"])
norm("decoder.norm")
for side, vocab in ("src", SRC), ("tgt", TGT):
    matrix(f"{side}_embed.0.lut.weight", vocab, D)
    weights[f"{side}_embed.1.pe"] = positions()
linear("generator.proj", D, TGT)
w = {name: value.double() for name, value in weights.items()}


def apply_linear(name, x):
    return x @ w[name + ".weight"].T + w[name + ".bias"]


def apply_norm(name, x):
    mean, std = x.mean(-1, keepdim=True), x.std(-1, keepdim=True)  # std: unbiased
    return w[name + ".a_2"] * (x - mean) / (std + EPS) + w[name + ".b_2"]


def attend(name, x, source, visible):
    split = lambda i, y: apply_linear(f"{name}.linears.{i}", y).view(-1, H, D // H).transpose(0, 1)
    q, k, v = split(0, x), split(1, source), split(2, source)
    scores = (q @ k.transpose(1, 2) / math.sqrt(D // H)).masked_fill(~visible, -1e9)
    return apply_linear(f"{name}.linears.3", (scores.softmax(-1) @ v).transpose(0, 1).reshape(-1, D))


def feed(name, x):
    return apply_linear(name + ".w_2", torch.relu(apply_linear(name + ".w_1", x)))


def embed(side, ids):
    return w[f"{side}_embed.0.lut.weight"][torch.tensor(ids)] * math.sqrt(D) + w[f"{side}_embed.1.pe"][0, : len(ids)]


def log_probs(src, tgt):
    x, all_seen = embed("src", src), torch.ones(1, len(src), dtype=torch.bool)
    for n in range(N):
        name = f"encoder.layers.{n}"
        y = apply_norm(name + ".sublayer.0.norm", x)
        x = x + attend(name + ".self_attn", y, y, all_seen)
        x = x + feed(name + ".feed_forward", apply_norm(name + ".sublayer.1.norm", x))
    memory = apply_norm("encoder.norm", x)
    x, past = embed("tgt", tgt[:-1]), torch.ones(len(tgt) - 1, len(tgt) - 1).tril().bool()
    for n in range(N):
        name = f"decoder.layers.{n}"
        y = apply_norm(name + ".sublayer.0.norm", x)
        x = x + attend(name + ".self_attn", y, y, past)
        x = x + attend(name + ".src_attn", apply_norm(name + ".sublayer.1.norm", x), memory, all_seen)
        x = x + feed(name + ".feed_forward", apply_norm(name + ".sublayer.2.norm", x))
    logits = apply_linear("generator.proj", apply_norm("decoder.norm", x))
    return logits.log_softmax(-1).gather(1, torch.tensor(tgt[1:]).unsqueeze(1)).squeeze(1).tolist()


torch.save(weights, "model.pt")
spec = dict(n_layers=N, d_model=D, d_ff=FF, n_heads=H, src_vocab=SRC, tgt_vocab=TGT, norm="pre", eps=EPS, pad=PAD, bos=BOS, eos=1)
json.dump(spec, open("spec.json", "w"), indent=1)
pairs = [dict(src=s, tgt=t, log_probs=log_probs(s, t)) for s, t in zip(SOURCES, TARGETS)]
json.dump(pairs, open("expected.json", "w"), indent=1)
