"""An independent float64 reference of the Transformer (Vaswani et al. 2017) in plain PyTorch functions.

Written from the paper; parameter names follow The Annotated Transformer's state dict. It makes the fixtures beside it,
each from its folder's spec.json:

    python generator.py            compares what it computes with what is there
    python generator.py --write    writes it
"""
import json
import math
import sys
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file

FIXTURES = ["pre-norm", "post-norm"]
# Expected values depend a little on the processor and on PyTorch's version; parameters are drawn, and don't.
TOLERANCE = 1e-6

torch.set_default_dtype(torch.float64)


def init(spec, g):
    d, ff = spec["d_model"], spec["d_ff"]
    p = {}

    def mat(name, o, i):
        a = math.sqrt(6 / (i + o))
        p[name] = (torch.rand(o, i, generator=g) * 2 - 1) * a

    def vec(name, n, mean=0.0, spread=0.1):
        p[name] = mean + (torch.rand(n, generator=g) * 2 - 1) * spread

    def linear(name, o, i):
        mat(name + ".weight", o, i)
        vec(name + ".bias", o)

    def norm(name):
        vec(name + ".a_2", d, 1.0)
        vec(name + ".b_2", d)

    for side, atts in (("encoder", ["self_attn"]), ("decoder", ["self_attn", "src_attn"])):
        for n in range(spec["n_layers"]):
            base = f"{side}.layers.{n}"
            for att in atts:
                for k in range(4):
                    linear(f"{base}.{att}.linears.{k}", d, d)
            linear(f"{base}.feed_forward.w_1", ff, d)
            linear(f"{base}.feed_forward.w_2", d, ff)
            for k in range(len(atts) + 1):
                norm(f"{base}.sublayer.{k}.norm")
        if spec["norm"] == "pre":
            norm(f"{side}.norm")
    p["src_embed.0.lut.weight"] = torch.randn(spec["src_vocab"], d, generator=g) * d ** -0.5
    p["tgt_embed.0.lut.weight"] = torch.randn(spec["tgt_vocab"], d, generator=g) * d ** -0.5
    linear("generator.proj", spec["tgt_vocab"], d)
    return p


def positional(length, d):
    pos = torch.arange(length)[:, None]
    rate = torch.exp(torch.arange(0, d, 2) * (-math.log(10000.0) / d))
    pe = torch.zeros(length, d)
    pe[:, 0::2], pe[:, 1::2] = torch.sin(pos * rate), torch.cos(pos * rate)
    return pe


class Model:
    def __init__(self, spec, params):
        self.s, self.p, self.attention = spec, params, {}

    def norm(self, name, x):
        a, b = self.p[name + ".a_2"], self.p[name + ".b_2"]
        if self.s.get("bessel", False):  # The Annotated Transformer's own: unbiased std, eps outside the root
            return a * (x - x.mean(-1, keepdim=True)) / (x.std(-1, keepdim=True) + self.s["eps"]) + b
        return F.layer_norm(x, x.shape[-1:], a, b, self.s["eps"])

    def linear(self, name, x):
        return F.linear(x, self.p[name + ".weight"], self.p[name + ".bias"])

    def mha(self, name, q, k, v, keep):
        h = self.s["n_heads"]
        split = lambda x: x.view(x.shape[0], -1, h, x.shape[-1] // h).transpose(1, 2)
        q, k, v = (split(self.linear(f"{name}.linears.{i}", x)) for i, x in enumerate((q, k, v)))
        scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
        w = scores.masked_fill(~keep.unsqueeze(1), float("-inf")).softmax(-1)
        self.attention[name] = w
        x = (w @ v).transpose(1, 2).reshape(q.shape[0], -1, h * q.shape[-1])
        return self.linear(f"{name}.linears.3", x)

    def sublayer(self, name, x, f):
        if self.s["norm"] == "pre":
            return x + f(self.norm(name + ".norm", x))
        return self.norm(name + ".norm", x + f(x))

    def ffn(self, name, x):
        return self.linear(name + ".w_2", F.relu(self.linear(name + ".w_1", x)))

    def embed(self, side, ids):
        d = self.s["d_model"]
        return self.p[f"{side}_embed.0.lut.weight"][ids] * math.sqrt(d) + positional(ids.shape[1], d)

    def encode(self, src, src_keep):
        x = self.embed("src", src)
        for n in range(self.s["n_layers"]):
            b = f"encoder.layers.{n}"
            x = self.sublayer(b + ".sublayer.0", x, lambda y: self.mha(b + ".self_attn", y, y, y, src_keep))
            x = self.sublayer(b + ".sublayer.1", x, lambda y: self.ffn(b + ".feed_forward", y))
        return self.norm("encoder.norm", x) if self.s["norm"] == "pre" else x

    def decode(self, memory, src_keep, tgt, tgt_keep):
        x = self.embed("tgt", tgt)
        for n in range(self.s["n_layers"]):
            b = f"decoder.layers.{n}"
            x = self.sublayer(b + ".sublayer.0", x, lambda y: self.mha(b + ".self_attn", y, y, y, tgt_keep))
            x = self.sublayer(b + ".sublayer.1", x, lambda y: self.mha(b + ".src_attn", y, memory, memory, src_keep))
            x = self.sublayer(b + ".sublayer.2", x, lambda y: self.ffn(b + ".feed_forward", y))
        return self.norm("decoder.norm", x) if self.s["norm"] == "pre" else x

    def log_probs(self, x):
        return self.linear("generator.proj", x).log_softmax(-1)


def keeps(src, tgt, pad):
    t = tgt.shape[1]
    return (src != pad)[:, None, :], (tgt != pad)[:, None, :] & torch.ones(t, t, dtype=torch.bool).tril()[None]


def smoothed_kl(log_probs, target, pad, eps):
    """KL(q || p) summed over non-pad targets / their number; q = 1-eps on the target, eps/(V-2) elsewhere, 0 on pad."""
    v = log_probs.shape[-1]
    q = torch.full_like(log_probs, eps / (v - 2))
    q.scatter_(-1, target[..., None], 1 - eps)
    q[..., pad] = 0
    mask = target != pad
    kl = torch.where(q > 0, q * (q.clamp_min(1e-300).log() - log_probs), torch.zeros_like(q)).sum(-1)
    return (kl * mask).sum() / mask.sum(), (-log_probs.gather(-1, target[..., None])[..., 0] * mask).sum() / mask.sum()


def rate(step, d, factor, warmup):
    return factor * d ** -0.5 * min(step ** -0.5, step * warmup ** -1.5)


def sentences(spec, g):
    """Source and target ids, padded."""
    ids = []
    for vocab, lengths in ((spec["src_vocab"], spec["src_lengths"]), (spec["tgt_vocab"], spec["tgt_lengths"])):
        x = torch.full((len(lengths), max(lengths)), spec["pad"])
        for i, length in enumerate(lengths):
            x[i, :length] = torch.randint(3, vocab, (length,), generator=g)
        ids.append(x)
    src, tgt = ids
    tgt[:, 0] = spec["bos"]
    return src, tgt


def train(spec, params, src, tgt):
    """A few steps of Adam: what the first one computed, what it led to, and loss, NLL and rate of each."""
    m, pad = Model(spec, params), spec["pad"]
    src_keep, tgt_keep = keeps(src, tgt[:, :-1], pad)
    opt = torch.optim.Adam(params.values(), lr=1.0, betas=(0.9, 0.98), eps=1e-9)
    tensors, steps = {}, []
    for step in range(1, spec["steps"] + 1):
        memory = m.encode(src, src_keep)
        x = m.decode(memory, src_keep, tgt[:, :-1], tgt_keep)
        lp = m.log_probs(x)
        loss, nll = smoothed_kl(lp, tgt[:, 1:], pad, spec["label_smoothing"])
        opt.zero_grad()
        loss.backward()
        if step == 1:
            tensors.update(memory=memory, decoder_output=x, log_probs=lp)
            tensors.update({"attention." + k: w for k, w in m.attention.items()})
            tensors.update({"grad." + k: v.grad.clone() for k, v in params.items()})
        lr = rate(step, spec["d_model"], spec["factor"], spec["warmup"])
        steps.append({"step": step, "loss": loss.item(), "nll": nll.item(), "lr": lr})
        for group in opt.param_groups:
            group["lr"] = lr
        opt.step()
    tensors.update({"after." + k: v for k, v in params.items()})
    return tensors, steps


@torch.no_grad()
def greedy(spec, params, src):
    """Greedy decoding, which masks the future and nothing else of the target."""
    m = Model(spec, params)
    src_keep, _ = keeps(src, src, spec["pad"])
    memory = m.encode(src, src_keep)
    ys = torch.full((src.shape[0], 1), spec["bos"])
    for _ in range(spec["greedy_len"]):
        _, keep = keeps(src, ys, -1)
        best = m.log_probs(m.decode(memory, src_keep, ys, keep)[:, -1]).argmax(-1, keepdim=True)
        ys = torch.cat([ys, best], 1)
    return ys


def make(spec):
    """Initial parameters, expected tensors, and the trace."""
    g = torch.Generator().manual_seed(spec["seed"])
    params = init(spec, g)
    src, tgt = sentences(spec, g)
    initial = {k: v.clone() for k, v in params.items()}
    tensors, steps = train(spec, {k: v.requires_grad_() for k, v in params.items()}, src, tgt)
    ys = greedy(spec, initial, src)
    trace = {"steps": steps, "src": src.tolist(), "tgt": tgt.tolist(), "greedy": ys.tolist()}
    single = lambda d: {k: v.detach().to(torch.float32).contiguous() for k, v in d.items()}
    return single(initial), single(tensors), trace


def write(folder, params, expected, trace):
    (folder / "trace.json").write_text(json.dumps(trace))
    save_file(params, folder / "params.safetensors")
    save_file(expected, folder / "expected.safetensors")


def compare(folder, params, expected, trace):
    """Parameters and ids must be the same, everything else to the tolerance. Returns the largest difference."""
    old_params, old = load_file(folder / "params.safetensors"), load_file(folder / "expected.safetensors")
    old_trace = json.loads((folder / "trace.json").read_text())
    assert params.keys() == old_params.keys() and expected.keys() == old.keys(), "other tensors"
    assert all(torch.equal(v, old_params[k]) for k, v in params.items()), "other parameters"
    assert all(trace[k] == old_trace[k] for k in ("src", "tgt", "greedy")), "other ids"
    worst = max((v - old[k]).abs().max().item() for k, v in expected.items())
    pairs = list(zip(trace["steps"], old_trace["steps"], strict=True))
    worst = max([worst, *(abs(new[k] - was[k]) for new, was in pairs for k in was)])
    assert worst <= TOLERANCE, f"the largest difference is {worst:.1e}"
    return worst


def main(arguments):
    if arguments not in ([], ["--write"]):
        sys.exit(__doc__)
    for name in FIXTURES:
        folder = Path(__file__).parent / name
        made = make(json.loads((folder / "spec.json").read_text()))
        if arguments:
            write(folder, *made)
            print(f"{name}: written")
        else:
            print(f"{name}: the largest difference is {compare(folder, *made):.1e}")


if __name__ == "__main__":
    main(sys.argv[1:])
