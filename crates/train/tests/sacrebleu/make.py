"""Makes expected.json in this folder: corpora, and their BLEU according to sacreBLEU with its default settings.

    pip install sacrebleu==2.6.0 && python make.py

A corpus is a list of pairs (hypothesis, reference). `text` is the score as sacreBLEU displays it.
"""

import json
from pathlib import Path

from sacrebleu.metrics import BLEU

MAT = "The cat sat on the mat."

CASES = {
    "identical": [(MAT, MAT), ("It rained all night.", "It rained all night.")],
    "one empty hypothesis": [("", MAT), ("It rained all night long.", "It rained all night long.")],
    "one empty reference": [(MAT, ""), ("It rained all night long.", "It rained all night.")],
    "all hypotheses empty": [("", MAT), ("   ", "It rained all night.")],
    "all references empty": [(MAT, ""), ("It rained.", " \t")],
    "everything empty": [("", ""), ("", "")],
    "brevity": [("The cat sat on", MAT), ("It rained all", "It rained all night, and the street was wet.")],
    "too long": [("The cat sat on the mat and then on the chair and the bed.", MAT)],
    "no hypothesis of four words": [("The cat", MAT), ("It rained.", "It rained all night.")],
    "one word": [("cat", "cat")],
    "no 4-gram matches": [("The cat sat quietly on the mat", MAT)],
    "no 3-gram and no 4-gram matches": [("The cat was sat at on the rug", MAT)],
    "only single words match": [("mat the on sat cat The", "The cat sat on the mat")],
    "no word matches": [("Yesterday we bought six apples", MAT)],
    "a tie in the rounding of 6.25": [
        ("a b c d e f g h i j k l m n o p", "a B C D E F G H I J K L M N O P"),
    ],
    "case counts": [("the Cat sat ON the mat.", MAT)],
    "clipping": [
        ("the the the the the the the", "the cat is on the mat"),
        ("on the mat on the mat on the mat", "on the mat and on the mat"),
    ],
    "matches stay within their sentence": [("a b c d", "e f g h"), ("e f g h", "a b c d"), ("a b c d x", "a b c d y")],
    "punctuation": [
        ("Well ; she asked : \"Why (not) now?\" , didn't she ?!", "Well; she asked: \"Why (not) now?\", didn't she?!"),
        ("Wait... what?", "Wait ... what ?"),
        ("a/b c\\d e_f g^h i`j k{l}m|n~o p@q #r $s %t &u *v +w =x <y> [z]",
         "a / b c \\ d e _ f g ^ h i ` j k { l } m | n ~ o p @ q # r $ s % t & u * v + w = x < y > [ z ]"),
        ("e.g. this,that.", "e . g . this , that ."),
        (",,..,", ", , . . ,"),
        (".", "."),
    ],
    "numbers": [
        ("It cost 1,000.5 euros, not 3.-4 or 1,000.", "It cost 1,000.5 euros , not 3 . - 4 or 1,000 ."),
        ("From 9-5, 10 -- 12, 1990-2000 and .5 or 5.", "From 9 - 5 , 10 -- 12 , 1990 - 2000 and . 5 or 5 ."),
        ("7,x x,7 7.x x.7 1.2.3 1,,2 -3", "7 , x x , 7 7 . x x . 7 1.2.3 1 , , 2 -3"),
        ("50% of $3.20 at 12:30", "50 % of $ 3.20 at 12 : 30"),
        ("٣.٤ and ３,４ and 3.4", "٣ . ٤ and ３ , ４ and 3.4"),
        ("٣.4 and 3.٤ and ٣-4 and 3-٤", "٣ . 4 and 3 . ٤ and ٣-4 and 3 - ٤"),
    ],
    "entities": [
        ("&quot;Tom &amp; Ann&quot; say 1 &lt; 2 &gt; 0", "\"Tom & Ann\" say 1 < 2 > 0"),
        ("&amp;lt; &amp;quot; &amp;amp; &apos; &#39; &QUOT;", "< &quot; &amp; ' ' \""),
        ("&lt;skipped&gt; &amp;amp;lt;", "<skipped> & lt ;"),
    ],
    "skipped": [
        ("<skipped>The cat <skipped> sat on<skipped>the mat.", "The cat sat onthe mat."),
        ("<skip<skipped>ped> it rained all night", "< skipped > it rained all night"),
        ("<SKIPPED> it rained all night", "< SKIPPED > it rained all night"),
    ],
    "letters beyond ASCII": [
        ("Die Straße führt über den Fluß, größer als süße Äpfel.",
         "Die Straße führt über den Fluss, größer als süße Apfel."),
        ("Čeština, ελληνικά и русский.", "Čeština , ελληνικά и русский ."),
        ("fu\u0308r café cafe\u0301 only", "für café café only"),
    ],
    "quotes": [
        ("„Komm“, sagte er, ‚jetzt‘ – sofort…", "„ Komm “ , sagte er , ‚ jetzt ‘ – sofort …"),
        ("«Viens», dit-elle; l'eau d’ici", "« Viens » , dit-elle ; l'eau d’ici"),
        ("'single' \"double\" ``back''", "' single ' \" double \" ` ` back ''"),
    ],
    "Chinese, Japanese and full width": [
        ("今天 天气 很 好。", "今天 天气 很 好 。"),
        ("猫は マット の 上に いた、 と 言った", "猫は マット の 上に いた、 と 言う"),
        ("Ｆｕｌｌ　ｗｉｄｔｈ　ａｎｄ　１，０００．５", "Ｆｕｌｌ ｗｉｄｔｈ ａｎｄ １，０００．５"),
        ("好,不好.好", "好 , 不好 . 好"),
    ],
    "spaces": [
        ("10\u00a0000\u00a0km, \u202f«\u00a0oui\u00a0»", "10 000 km , « oui »"),
        ("  a\tb\u2003c\u3000d \u0085e\u2028f \r\n", "a b c d e f"),
        ("g\x1ch\x1di\x1ej\x1fk\x0bl\x0cm\x1f", "g h i j k l m"),
        ("n\u200bo \u2060p \ufeffq \u180er s", "no p q r s"),
        ("\x00t \x1bu v w x", "t u v w x"),
    ],
    "line breaks": [
        ("a hyphen-\nated word and\nanother line", "a hyphenated word and another line"),
        ("it ends in a hyphen-\n", "it ends in a hyphen-"),
        ("a 9-\n5 job and 9-\r\n5 hours", "a 95 job and 9 - 5 hours"),
    ],
    "hyphens": [
        ("a well-known mother-in-law — in-between – 3-year-old",
         "a well-known mother-in-law — in-between – 3 - year-old"),
        ("--option - x- -x 5- -5 5--5 non‑breaking", "--option - x- -x 5 - -5 5 - -5 non‑breaking"),
    ],
    "characters outside the basic plane": [("a 😀 b. 𝟑.𝟒 c,😀.", "a 😀 b . 𝟑 . 𝟒 c , 😀 .")],
}

DAILY = """\
My sister bakes bread every Sunday morning.
The bus was late again, so we walked to school.
Could you close the window, please?
He forgot his umbrella and got soaked.
There are three apples and a pear in the basket.
We watered the tomatoes before it got too hot.
"Dinner is ready," called our father from the kitchen.
The shop on the corner opens at 8:30.
She paid 4.50 euros for two cups of coffee.
The neighbours' dog barks whenever the bell rings.
I have lost my keys; have you seen them?
Our train leaves from platform 9 in ten minutes.
The children built a snowman with a carrot for a nose.
It was too dark to read, so he lit a candle.
Please put the milk back into the fridge.
They painted the fence green last summer.
A well-known singer lives at the end of our street.
The soup needs a little more salt, I think.
Grandmother knits socks for the whole family.
We have been waiting for the plumber since noon.
The baby finally fell asleep in the car.
You can borrow my bicycle until Friday.
The library lends out about 1,200 books a month.
Why did nobody tell me about the party?
He cut his finger while slicing an onion.
The leaves turned red, orange and yellow.
She learned to swim when she was five years old.
There is a hole in my left shoe.
The post office is closed on Saturdays, isn't it?
We cycled along the river as far as the old mill.
My brother always sings in the shower.
The cake was so good that nothing was left of it.
Turn left after the bridge, then go straight on.
The washing is still hanging on the line.
He wrote a long letter to his friend in Norway.
The film starts at a quarter past seven.
A cat was sleeping on the warm bonnet of the car.
We ran out of butter, eggs and flour.
The doctor told her to stay in bed for a week.
Somebody has left the lights on in the cellar.
The market sells fresh fish on Thursdays.
I would rather stay at home tonight.
The old clock in the hall is 20 minutes slow.
They planted a cherry tree behind the house.
The teacher lent me her red pen.
It snowed in the mountains, but only rained here.
She hung the picture above the sofa (a bit crookedly).
The bees came back when the lavender bloomed.
He drinks his tea without sugar or milk.
We will meet in front of the station at 6 o'clock.
The carpet still smells of paint.
After supper they played cards until midnight.""".splitlines()


def perturbed(index, sentence):
    """A sentence like this one, worse in one of seven ways or in none."""
    words = sentence.split()
    place = index * 5 % (len(words) - 1)
    match index % 8:
        case 0:
            pass
        case 1:
            del words[place]
        case 2:
            words[place], words[place + 1] = words[place + 1], words[place]
        case 3:
            words.insert(place, words[place])
        case 4:
            words[place] = DAILY[index - 1].split()[0]
        case 5:
            words = words[: len(words) // 2]
        case 6:
            words = words[::-1]
        case 7:
            words[-1] = words[-1].rstrip(".?") + " !"
    return " ".join(words)


CASES["daily life"] = [(perturbed(index, sentence), sentence) for index, sentence in enumerate(DAILY)]
CASES["daily life, cut short"] = [(" ".join(sentence.split()[:-2]), sentence) for sentence in DAILY]
CASES["daily life, shifted by one"] = list(zip(DAILY[1:] + DAILY[:1], DAILY))


def case(name, pairs):
    hypotheses, references = map(list, zip(*pairs))
    bleu = BLEU().corpus_score(hypotheses, [references])
    return {
        "name": name,
        "hypotheses": hypotheses,
        "references": references,
        "score": bleu.score,
        "precisions": bleu.precisions,
        "bp": bleu.bp,
        "sys_len": bleu.sys_len,
        "ref_len": bleu.ref_len,
        "text": str(bleu),
    }


# The odder texts one by one as well, for a failure then names the sentence.
ODD = ["punctuation", "numbers", "entities", "skipped", "quotes", "spaces", "line breaks", "hyphens"]
for name in ODD:
    for number, pair in enumerate(CASES[name], 1):
        CASES[f"{name} {number}"] = [pair]

cases = [case(name, pairs) for name, pairs in CASES.items()]
path = Path(__file__).with_name("expected.json")
path.write_text(json.dumps(cases, indent=1) + "\n", encoding="utf-8")
