"""Python's `tokenizers` and `sacrebleu` for the same work as `train bench learn`, `encode` and `bleu`.

    pip install tokenizers sacrebleu
    python text_baseline.py learn  --text train.txt --tokenizer tokenizer.json --vocab 8000
    python text_baseline.py encode --text train.txt --tokenizer tokenizer.json
    python text_baseline.py bleu   --hypotheses hypotheses.txt --references references.txt

`tokenizer.json` is what `train bench learn` wrote: it says how a text is cut into words. `learn` forgets its pieces and learns
them anew, and writes nothing. `encode` keeps the ids of a few thousand lines at a time, as `train` does, which writes them down.
One JSON line on standard output; seconds are medians.
"""
import argparse, itertools, json, statistics, time
from pathlib import Path

SPECIAL = ["<pad>", "<bos>", "<eos>", "<unk>"]
# Lines that are encoded at a time.
CHUNK = 4096


def lines(path):
    with path.open(encoding="utf-8") as file:
        for line in file:
            yield line.rstrip("\n")


def learn(a):
    """The number of pieces."""
    from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, trainers

    tokenizer = Tokenizer.from_file(str(a.tokenizer))
    tokenizer.model = models.BPE(unk_token="<unk>")
    trainer = trainers.BpeTrainer(
        vocab_size=a.vocab, show_progress=False, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[AddedToken(token, special=True) for token in SPECIAL],
    )
    tokenizer.train_from_iterator(lines(a.text), trainer)
    return "pieces", tokenizer.get_vocab_size()


def encode(a):
    """The number of tokens, with one that ends each line."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(a.tokenizer))
    tokenizer.encode_special_tokens = True
    rest, tokens = lines(a.text), 0
    while chunk := list(itertools.islice(rest, CHUNK)):
        encodings = tokenizer.encode_batch_fast(chunk, add_special_tokens=False)
        tokens += sum(len(encoding.ids) + 1 for encoding in encodings)
    return "tokens", tokens


def bleu(a):
    """The score."""
    import sacrebleu

    return "score", sacrebleu.corpus_bleu(a.hypotheses, [a.references]).score


def main(argv=None):
    p = argparse.ArgumentParser()
    work = dict(learn=learn, encode=encode, bleu=bleu)
    p.add_argument("what", choices=work)
    for name in ("text", "tokenizer", "hypotheses", "references"):
        p.add_argument("--" + name, type=Path)
    p.add_argument("--vocab", type=int, default=8000)
    p.add_argument("--iters", type=int, default=1)
    a = p.parse_args(argv)
    if a.what == "bleu":
        a.hypotheses, a.references = list(lines(a.hypotheses)), list(lines(a.references))
    count = len(a.references) if a.what == "bleu" else sum(1 for _ in lines(a.text))
    times = []
    for _ in range(a.iters):
        start = time.perf_counter()
        key, found = work[a.what](a)
        times.append(time.perf_counter() - start)
    seconds = statistics.median(times)
    line = {"impl": "python", "what": a.what, "lines": count, "seconds": seconds, "first": times[0], "min": min(times),
            "max": max(times), "lines_per_s": round(count / seconds), key: found}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main()
