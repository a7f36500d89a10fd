"""Writes the corpora that fuzzing begins with, from the repository's own files: `python3 fuzz/seeds.py`.

A name that begins with `bad` is of a file that has to be refused, and all others have to be accepted. The graph and the program
are written by `UPDATE_EXPECT=1 cargo test -p lab thrown`. No PyTorch is needed: the checkpoint is pickled as it does that.
"""

import collections
import gzip
import io
import json
import pathlib
import pickle
import struct
import subprocess
import sys
import types
import zipfile

FUZZ = pathlib.Path(__file__).parent
ROOT = FUZZ.parent
CORPUS = FUZZ / 'corpus'
SPEC = {'n_layers': 1, 'd_model': 2, 'd_ff': 3, 'n_heads': 1, 'src_vocab': 4, 'tgt_vocab': 5, 'norm': 'pre', 'eps': 1e-6,
        'pad': 0, 'bos': 1, 'eos': 2}


def write(target, name, content):
    folder = CORPUS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())


def as_json(value):
    return json.dumps(value, ensure_ascii=False, indent=1) + '\n'


def specs():
    write('spec', 'tiny.json', as_json(SPEC))
    write('spec', 'more.json', as_json({**SPEC, 'dropout': 0.1, 'tying': 'none', 'generator_bias': True, 'unknown': [1]}))
    write('spec', 'bad-other-sizes.json', (ROOT / 'crates/train/tests/annotated/spec.json').read_bytes())
    for name, change in [('layers', {'n_layers': 2**63 - 1}), ('layers-32', {'n_layers': 2**32}), ('width', {'d_model': 2**62}),
                         ('heads', {'n_heads': 3}), ('none', {'n_heads': 0}), ('vocab', {'src_vocab': 2**40}),
                         ('eps', {'eps': -1e308}), ('pad', {'pad': 2**64 - 1}), ('norm', {'norm': 'middle'})]:
        write('spec', f'bad-{name}.json', as_json({**SPEC, **change}))
    write('spec', 'bad-deep.json', '[' * 5000)


def shapes():
    """Names and shapes of the tiny model's parameters, as The Annotated Transformer has them."""
    d, ff, source, target = SPEC['d_model'], SPEC['d_ff'], SPEC['src_vocab'], SPEC['tgt_vocab']
    found = collections.OrderedDict()

    def linear(name, inputs, outputs):
        found[f'{name}.weight'], found[f'{name}.bias'] = (outputs, inputs), (outputs,)

    def norm(name):
        found[f'{name}.a_2'], found[f'{name}.b_2'] = (d,), (d,)

    for side, attentions in [('encoder', ['self_attn']), ('decoder', ['self_attn', 'src_attn'])]:
        layer = f'{side}.layers.0'
        for attention in attentions:
            for number in range(4):
                linear(f'{layer}.{attention}.linears.{number}', d, d)
        linear(f'{layer}.feed_forward.w_1', d, ff)
        linear(f'{layer}.feed_forward.w_2', ff, d)
        for number in range(len(attentions) + 1):
            norm(f'{layer}.sublayer.{number}.norm')
        norm(f'{side}.norm')
    found['src_embed.0.lut.weight'], found['tgt_embed.0.lut.weight'] = (source, d), (target, d)
    linear('generator.proj', d, target)
    return found


def values(count, first):
    return struct.pack(f'<{count}f', *[((first + index) % 17 - 8) / 16 for index in range(count)])


def size(shape):
    return shape[0] * (shape[1] if len(shape) > 1 else 1)


def safetensors(kind='F32'):
    header, data = {}, b''
    for name, shape in shapes().items():
        content = values(size(shape), len(data))
        header[name] = {'dtype': kind, 'shape': list(shape), 'data_offsets': [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header, separators=(',', ':')).encode()
    text += b' ' * (-len(text) % 8)
    return struct.pack('<Q', len(text)) + text + data


def pytorch():
    """A state_dict as `torch.save` writes it: an archive of a pickle and of the numbers that it names."""
    def module(name, **entries):
        made = sys.modules[name] = types.ModuleType(name)
        for key, entry in entries.items():
            entry.__module__, entry.__qualname__, entry.__name__ = name, key, key
            setattr(made, key, entry)

    class Storage:
        pass

    def rebuild(*_):
        pass

    module('torch', FloatStorage=Storage)
    module('torch._utils', _rebuild_tensor_v2=rebuild)

    class Tensor:
        def __init__(self, key, shape):
            self.key, self.shape = key, shape

        def __reduce__(self):
            strides = (self.shape[1], 1) if len(self.shape) > 1 else (1,)
            place = Place(self.key, size(self.shape))
            return rebuild, (place, 0, self.shape, strides, False, collections.OrderedDict())

    class Place:
        def __init__(self, key, count):
            self.key, self.count = key, count

    class Pickler(pickle.Pickler):
        def persistent_id(self, thing):
            return ('storage', Storage, thing.key, 'cpu', thing.count) if isinstance(thing, Place) else None

    tensors = collections.OrderedDict((name, Tensor(str(key), shape)) for key, (name, shape) in enumerate(shapes().items()))
    text = io.BytesIO()
    Pickler(text, protocol=2).dump(tensors)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, 'w') as file:
        def add(name, content):
            file.writestr(zipfile.ZipInfo(f'archive/{name}', (1980, 1, 1, 0, 0, 0)), content)
        add('data.pkl', text.getvalue())
        add('byteorder', 'little')
        for key, shape in enumerate(shapes().values()):
            add(f'data/{key}', values(size(shape), key))
        add('version', '3\n')
    return archive.getvalue(), text.getvalue()


def weights():
    tiny = safetensors()
    write('safetensors', 'tiny.safetensors', tiny)
    write('safetensors', 'bad-kind.safetensors', safetensors('I32'))
    write('safetensors', 'bad-header.safetensors', struct.pack('<Q', 2**63) + tiny[8:])
    write('safetensors', 'bad-cut.safetensors', tiny[:200])
    write('safetensors', 'bad-shape.safetensors', tiny.replace(b'"shape":[2,2]', b'"shape":[2,9]', 1))
    write('safetensors', 'bad-nothing.safetensors', struct.pack('<Q', 2) + b'{}')
    archive, text = pytorch()
    write('pytorch', 'tiny.pt', archive)
    write('pytorch', 'bad-pickle-alone.pt', text)
    write('pytorch', 'bad-call.pt', b"\x80\x02cos\nsystem\nX\x04\x00\x00\x00trueq\x00\x85R.")
    write('pytorch', 'bad-cut.pt', archive[:len(archive) // 2])


def configs():
    """A run folder of the tiny model, of which the weights stay as they are."""
    folder = FUZZ / 'target/seeds'
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'tiny.safetensors').write_bytes(safetensors())
    (folder / 'spec.json').write_text(as_json(SPEC))
    train = [sys.argv[1]] if len(sys.argv) > 1 else ['cargo', 'run', '--quiet', '-p', 'train', '--']
    run = folder / 'run'
    subprocess.run([*train, 'import', folder / 'tiny.safetensors', '--config', folder / 'spec.json', '--out', run, '--force'],
                   check=True, cwd=ROOT)
    text = (run / 'config.json').read_text()
    write('config', 'imported.json', text)
    (FUZZ / 'with').mkdir(exist_ok=True)
    (FUZZ / 'with/run.safetensors').write_bytes((run / 'model.safetensors').read_bytes())
    config = json.loads(text)
    for name, change in [('layers', {'n_layers': 2**63 - 1}), ('width', {'d_model': 2**40, 'n_heads': 2**40})]:
        write('config', f'bad-{name}.json', as_json({**config, 'model': {**config['model'], **change}}))
    write('config', 'bad-lm.json', (ROOT / 'models/austen/config.json').read_bytes())
    write('config', 'bad-translate.json', (ROOT / 'models/ding/config.json').read_bytes())
    write('config', 'bad-task.json', as_json({**config, 'task': {'average': {'of': 'x', 'steps': [2**63], 'task': config['task']}},
                                              'training': {}}))
    for command in ['copy', 'lm', 'translate']:
        done = subprocess.run([*train, command, '--print-config', '--out', 'x'], check=True, capture_output=True, cwd=ROOT)
        write('settings', f'{command}.toml', done.stdout)
    for name, line in [('colour', 'colour = 1'), ('layers', 'layers = 9223372036854775808'), ('nan', 'dropout = nan'),
                       ('list', 'd_model = [[[1]]]'), ('twice', 'steps = 1\nsteps = 2'), ('date', 'steps = 1979-05-27')]:
        write('settings', f'bad-{name}.toml', line + '\n')


def tokenizers():
    for run, first in [('ding', 300), ('austen', 290)]:
        whole = json.loads((ROOT / f'models/{run}/tokenizer.json').read_text())
        model = whole['model']
        model['vocab'] = {piece: number for piece, number in model['vocab'].items() if number < first}
        model['merges'] = [pair for pair in model['merges'] if all(part in model['vocab'] for part in [*pair, ''.join(pair)])]
        write('tokenizer', f'{run}.json', json.dumps(whole, ensure_ascii=False))
        whole['decoder'] = {'type': 'Fuse'}
        write('tokenizer', f'{run}-fuse.json', json.dumps(whole, ensure_ascii=False))
    del whole['added_tokens'][0]
    vocab = whole['model']['vocab']
    vocab['<pad>'], vocab['!'] = vocab['!'], vocab['<pad>']
    write('tokenizer', 'bad-pad.json', json.dumps(whole, ensure_ascii=False))
    write('tokenizer', 'bad-empty.json', '{}')


def rows():
    pairs = [f'Das ist der {number}. Bär.\tThis is bear no. {number}.' for number in range(8)]
    text = '\n'.join(pairs) + '\n'
    write('tsv', 'pairs.tsv', text)
    write('tsv', 'columns.tsv', ''.join(f'{pair}\tCC-BY\tid{number}\r\n' for number, pair in enumerate(pairs)))
    write('tsv', 'marks.tsv', '\ufeff' + text.replace('ä', 'a\u0308').replace(' ', '\u00a0', 3))
    write('tsv', 'gzipped.tsv', gzip.compress(text.encode(), mtime=0))
    write('tsv', 'bad-no-tab.tsv', text.replace('\t', ' '))
    write('tsv', 'bad-latin.tsv', text.encode('latin-1'))
    write('tsv', 'bad-cut.tsv', gzip.compress(text.encode(), mtime=0)[:-9])
    write('tsv', 'bad-empty.tsv', '')


def images():
    pictures = struct.pack('>4I', 0x803, 3, 2, 2) + bytes(range(12))
    labels = struct.pack('>2I', 0x801, 3) + bytes([0, 1, 2])
    for name, content in [('images', pictures), ('labels', labels)]:
        (FUZZ / 'with').mkdir(exist_ok=True)
        (FUZZ / f'with/{name}.idx').write_bytes(content)
        write('idx', f'{name}.idx', content)
        write('idx', f'{name}-gzipped.idx', gzip.compress(content, mtime=0))
    write('idx', 'bad-many.idx', struct.pack('>4I', 0x803, 2**32 - 1, 2**32 - 1, 2**32 - 1) + bytes(9))
    write('idx', 'bad-nothing.idx', struct.pack('>4I', 0x803, 3, 0, 2))
    write('idx', 'bad-label.idx', labels[:-1] + bytes([3]))
    write('idx', 'bad-magic.idx', struct.pack('>4I', 0x803 << 8, 3, 2, 2) + bytes(12))


def drawings():
    for name, text in [
            ('small', 'digraph { x -> inside -> Add; x -> Add -> "Norm" -> y }'),
            ('frames', 'digraph { subgraph cluster_x { label="A frame"; a -> b } -> c; subgraph { d } }'),
            ('records', 'digraph { a [label="{<f0> Add|<f1> \\& Norm}", shape=record] b [label=<<b>x</b><br/>y>] }'),
            ('words', 'strict DIGRAPH g { Node [shape=box]; EDGE [color=red] graph [x=y][z=w]; a:p:n -> b:"q r" -> {c d} }'),
            ('comments', 'digraph { a [fixed, label = "x" + " y";] // end\n# a -> c\n /* a -> b */ 1.5 -> -2; ünï -> "a\\"b" }'),
            ('empty', 'digraph{}'),
            ('many', 'digraph { {' + ' '.join(f'a{n}' for n in range(60)) + '} -> {' + ' '.join(f'b{n}' for n in range(60)) + '} }')]:
        write('dot', f'{name}.dot', text + '\n')
    for name, text in [('graph', 'graph { a -- b }'), ('open', 'digraph { a -> '), ('string', 'digraph { "a'),
                       ('deep', 'digraph ' + '{' * 20000), ('comment', 'digraph { /* a'), ('html', 'digraph { a [label=<' + '<b>' * 5000)]:
        write('dot', f'bad-{name}.dot', text + '\n')


def refused():
    for target in ['graph', 'program']:
        write(target, 'bad-cut.json', '{"format": "')
        write(target, 'bad-deep.json', '{"a":' * 5000)
        write(target, 'bad-empty.json', '{}')
        write(target, 'bad-list.json', '[]')


for make in [specs, weights, configs, tokenizers, rows, images, drawings, refused]:
    make()
