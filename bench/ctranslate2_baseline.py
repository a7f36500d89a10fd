"""CTranslate2 for the same work as `train bench decode`: writing with a Transformer of the same size and random weights.

    pip install ctranslate2 numpy
    python ctranslate2_baseline.py --layers 3 --d-model 256 --d-ff 1024 --heads 4 --vocab 8000 --batch 32 --length 24 --new 60 --beam 4

Every sentence gets exactly `--new` tokens: none may end sooner (`min_decoding_length`), nor be longer. So no hypothesis is
longer than another, and the length penalty changes no choice.

`--types` are the kinds of numbers that weights are computed with, and `--settings` how the processor's cores are divided:
`2x1` is two translators of one thread each, which share a batch. By default, one core alone, all cores for one translator, and
a translator for each. One JSON line on standard output for each type and setting; seconds are medians, `first` is the first
round of all.
"""
import argparse, json, os, statistics, tempfile, time
import ctranslate2
import numpy as np
from ctranslate2.specs import transformer_spec

# What a vocabulary must begin with; sources have none of it.
SPECIAL = ["<blank>", "<s>", "</s>", "<unk>"]


def linear(layer, outputs, inputs, rng):
    layer.weight = (rng.standard_normal((outputs, inputs)) * 0.05).astype(np.float32)
    layer.bias = np.zeros(outputs, np.float32)


def norm(layer, width):
    layer.gamma, layer.beta = np.ones(width, np.float32), np.zeros(width, np.float32)


def attention(layer, width, rng, own):
    """Queries, keys and values of the same text (`own`) are one product; otherwise keys and values are one."""
    norm(layer.layer_norm, width)
    for part, widths in zip(layer.linear, (3, 1) if own else (1, 2, 1)):
        linear(part, widths * width, width, rng)


def feed_forward(layer, width, inner, rng):
    norm(layer.layer_norm, width)
    linear(layer.linear_0, inner, width, rng)
    linear(layer.linear_1, width, inner, rng)


def model(a, rng):
    """A model of random weights: pre-norm, nothing tied, a bias at the output."""
    spec = transformer_spec.TransformerSpec.from_config((a.layers, a.layers), a.heads, pre_norm=True)
    table = lambda rows: (rng.standard_normal((rows, a.d_model)) * 0.06).astype(np.float32)
    encoder, decoder = spec.encoder, spec.decoder
    sources = encoder.embeddings if isinstance(encoder.embeddings, list) else [encoder.embeddings]
    for embeddings in [*sources, decoder.embeddings]:
        embeddings.weight = table(a.vocab)
    for side in (encoder, decoder):
        side.position_encodings.encodings = table(512)
        norm(side.layer_norm, a.d_model)
        for layer in side.layer:
            attention(layer.self_attention, a.d_model, rng, own=True)
            feed_forward(layer.ffn, a.d_model, a.d_ff, rng)
    for layer in decoder.layer:
        attention(layer.attention, a.d_model, rng, own=False)
    linear(decoder.projection, a.vocab, a.d_model, rng)
    tokens = vocabulary(a.vocab)
    spec.register_source_vocabulary(tokens)
    spec.register_target_vocabulary(tokens)
    spec.config.add_source_eos = False
    spec.validate()
    return spec


def vocabulary(size):
    return SPECIAL + [f"t{n}" for n in range(size - len(SPECIAL))]


def sources(a, rng):
    """Sentences of `length` tokens."""
    tokens = vocabulary(a.vocab)
    return [[tokens[id] for id in rng.integers(len(SPECIAL), a.vocab, a.length)] for _ in range(a.batch)]


def write(translator, a, translators, rng):
    """Seconds that a batch of new sentences took."""
    batch = sources(a, rng)
    how = dict(beam_size=a.beam, length_penalty=a.alpha, max_decoding_length=a.new, min_decoding_length=a.new)
    # 0 is the whole batch. Otherwise, it is divided among the translators.
    how["max_batch_size"] = -(-a.batch // translators) if translators > 1 else 0
    start = time.perf_counter()
    written = translator.translate_batch(batch, **how)
    seconds = time.perf_counter() - start
    lengths = {len(result.hypotheses[0]) for result in written}
    assert len(written) == a.batch and lengths == {a.new}, f"expected {a.new} tokens a sentence, found {lengths}"
    return seconds


def measure(folder, a, kind, setting):
    """What it takes with one type and one setting, as a line of JSON."""
    translators, threads = (int(number) for number in setting.split("x"))
    translator = ctranslate2.Translator(
        folder, device="cpu", compute_type=kind, inter_threads=translators, intra_threads=threads
    )
    rng = np.random.default_rng(a.seed)
    times = [write(translator, a, translators, rng) for _ in range(a.iters + a.warm_up)]
    counted = times[a.warm_up :]
    seconds = statistics.median(counted)
    return {
        "impl": "ctranslate2", "what": "decode", "type": kind, "setting": setting, "batch": a.batch, "beam": a.beam,
        "seconds": round(seconds, 6), "first": round(times[0], 4), "min": round(min(counted), 6),
        "max": round(max(counted), 6), "tokens_per_s": round(a.batch * a.new / seconds),
    }


def arguments(argv=None):
    p = argparse.ArgumentParser()
    numbers = dict(layers=3, d_model=256, d_ff=1024, heads=4, vocab=8000, batch=32, length=24, new=60, beam=1, iters=7, warm_up=2, seed=0)
    for name, default in numbers.items():
        p.add_argument("--" + name.replace("_", "-"), type=int, default=default)
    p.add_argument("--alpha", type=float, default=0.6, help="length penalty of the beam")
    p.add_argument("--types", nargs="+", default=["float32", "int8"])
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    settings = list(dict.fromkeys(["1x1", f"1x{cores}", f"{cores}x1"]))
    p.add_argument("--settings", nargs="+", default=settings, help="translators x threads of each")
    return p.parse_args(argv)


def main():
    a = arguments()
    with tempfile.TemporaryDirectory() as folder:
        model(a, np.random.default_rng(a.seed)).save(folder)
        for kind in a.types:
            for setting in a.settings:
                print(json.dumps(measure(folder, a, kind, setting)), flush=True)


if __name__ == "__main__":
    main()
